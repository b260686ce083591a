import { describe, expect, test } from "vitest";
import { parseCustomWorkload } from "../../src/objects/parse-custom.ts";
import { objectKey } from "../../src/objects/kube-object.ts";

const HEAD = { namespace: "a", name: "x" };
const LABELS = { app: "x" };
const TEMPLATE = { metadata: { labels: LABELS }, spec: { containers: [{ name: "x" }] } };
const SPEC = { replicas: 3, selector: { matchLabels: LABELS }, template: TEMPLATE };
const parse = (spec: object, kind = "Rollout", apiVersion = "argoproj.io/v1alpha1") =>
  parseCustomWorkload({ apiVersion, kind, metadata: { name: "x" }, spec }, HEAD, apiVersion, kind);

describe("the form of a workload", () => {
  test.each([
    ["a Rollout", "Rollout", "argoproj.io/v1alpha1", "Deployment", "Rollout.argoproj.io a/x"],
    ["a set", "StatefulSet", "apps.kruise.io/v1beta1", "StatefulSet", "StatefulSet.apps.kruise.io a/x"],
    ["a daemon", "AdvancedDaemonSet", "example.org/v1", "DaemonSet", "AdvancedDaemonSet.example.org a/x"],
    ["an old version", "DeploymentConfig", "v1", "Deployment", "DeploymentConfig a/x"],
  ])("%s", (_, kind, apiVersion, workloadKind, key) => {
    const workload = parse(SPEC, kind, apiVersion)!;
    expect(workload).toMatchObject({ workloadKind, selector: new Map([["app", "x"]]) });
    expect(objectKey(workload)).toBe(key);
  });

  test("plain labels are a selector", () => {
    expect(parse({ ...SPEC, selector: LABELS })).toMatchObject({ selector: new Map([["app", "x"]]), replicas: 3 });
  });

  test.each<[what: string, spec: object]>([
    ["no template", { selector: SPEC.selector }],
    ["no containers", { ...SPEC, template: { spec: { containers: [] } } }],
    ["no selector", { template: TEMPLATE }],
    ["a template of something else", { ...SPEC, template: { spec: { clusterName: "x" } } }],
    ["a selector of other labels", { ...SPEC, selector: { matchLabels: { app: "y" } } }],
    ["a field of the wrong type", { ...SPEC, replicas: "three" }],
    ["text", { selector: "x", template: "y" }],
  ])("%s: no workload, and no problem", (_, spec) => {
    expect(parse(spec)).toBeUndefined();
  });
});
