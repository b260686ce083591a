import { expect, test } from "vitest";
import type { KubeObject } from "../../src/objects/kube-object.ts";
import { objectKey } from "../../src/objects/kube-object.ts";

const other = { kind: "Other", namespace: "n", name: "x", apiVersion: "apps/v1", otherKind: "Deployment" } as const;

test.each<[KubeObject, string]>([
  [{ kind: "Namespace", namespace: "", name: "a" }, "Namespace /a"],
  [{ kind: "Endpoints", namespace: "n", name: "a", subsets: [] }, "Endpoints n/a"],
  [other, "Deployment.apps/v1 n/x"],
  [{ ...other, apiVersion: "example.com/v1" }, "Deployment.example.com/v1 n/x"],
])("%j", (object, key) => {
  expect(objectKey(object)).toBe(key);
});
