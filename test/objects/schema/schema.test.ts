import { expect, test } from "vitest";
import { schemaOf } from "../../../src/objects/schema/schema.ts";
import type { ObjectType } from "../../../src/objects/schema/schema.ts";

const KINDS = [
  "Service",
  "Endpoints",
  "EndpointSlice",
  "Pod",
  "Namespace",
  "Node",
  "Deployment",
  "StatefulSet",
  "ReplicaSet",
  "DaemonSet",
  "ReplicationController",
  "Job",
  "CronJob",
];

/** The types that can be reached from `type`. */
function reached(type: ObjectType, seen: Set<ObjectType> = new Set()): Set<ObjectType> {
  if (seen.has(type)) return seen;
  seen.add(type);
  for (const field of type.fields.values()) {
    let value = field;
    while (value.item !== undefined) value = value.item;
    if (value.type !== undefined) reached(value.type, seen);
  }
  return seen;
}

test.each(KINDS)("%s has its fields, and every type below it has some", (kind) => {
  const schema = schemaOf(kind)!;
  expect([...schema.fields.keys()]).toEqual(expect.arrayContaining(["apiVersion", "kind", "metadata"]));
  expect([...reached(schema)].filter(({ fields }) => fields.size === 0)).toEqual([]);
});

test("fields have the types of the API", () => {
  const port = schemaOf("Service")!.fields.get("spec")!.type!.fields.get("ports")!.item!.type!;
  expect(Object.fromEntries(port.fields)).toEqual({
    appProtocol: { decoding: "s" },
    name: { decoding: "s" },
    nodePort: { decoding: "i" },
    port: { decoding: "i", isRequired: true },
    protocol: { decoding: "s", values: ["SCTP", "TCP", "UDP"] },
    targetPort: { decoding: "x" },
  });
  const meta = schemaOf("Pod")!.fields.get("metadata")!.type!;
  expect(meta.fields.get("labels")).toEqual({ decoding: "map", item: { decoding: "s" } });
  expect(meta.fields.get("generation")).toEqual({ decoding: "l" });
});

test("kinds of others have no schema", () => {
  for (const kind of ["ConfigMap", "constructor", "ServiceSpec ", ""]) expect(schemaOf(kind)).toBeUndefined();
});
