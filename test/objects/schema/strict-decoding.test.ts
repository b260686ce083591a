import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { Field, ProblemSink } from "../../../src/objects/field.ts";
import type { Problem } from "../../../src/objects/problem.ts";
import { schemaOf } from "../../../src/objects/schema/schema.ts";
import { decodeStrictly } from "../../../src/objects/schema/strict-decoding.ts";

type Json = Readonly<Record<string, unknown>>;

function decode(
  kind: string,
  input: Json,
  { isLive = false, isOld = false } = {},
): { problems: readonly Problem[]; hasRightTypes: boolean } {
  const sink = new ProblemSink(() => undefined);
  const hasRightTypes = decodeStrictly(new Field(input, sink), schemaOf(kind)!, sink, { isLive, isOld });
  return { problems: sink.problems, hasRightTypes };
}

const messages = (kind: string, input: Json): string[] =>
  decode(kind, input).problems.map(({ message, advice }) => `${message}; ${advice}`);

const service = (spec: Json, more: Json = {}): Json => ({ metadata: { name: "a" }, spec, ...more });
const container = (fields: Json): Json => ({ metadata: {}, spec: { containers: [{ name: "c", ...fields }] } });

describe("unknown fields", () => {
  test.each<[kind: string, input: Json, path: string, advice: string]>([
    ["Service", service({ clusterIp: "None" }), "spec.clusterIp", "write clusterIP instead of clusterIp"],
    ["Service", service({ selectors: {} }), "spec.selectors", "write selector instead of selectors"],
    ["Service", service({ "cluster-ip": "x" }), "spec.cluster-ip", "write clusterIP instead of cluster-ip"],
    ["Service", service({ publishNotReadyAdresses: true }), "spec.publishNotReadyAdresses", "write publishNotReadyA"],
    ["Service", service({}, { ports: [] }), "ports", "move it to spec.ports"],
    ["Service", service({ labels: {} }), "spec.labels", "move it to metadata.labels"],
    ["Service", service({ qqqqqqqq: 1 }), "spec.qqqqqqqq", "remove it, or correct the name"],
    ["Pod", container({ port: 80 }), "spec.containers[0].port", "write ports instead of port"],
    ["Pod", container({ volumes: [] }), "spec.containers[0].volumes", "move it to spec.volumes"],
    ["Deployment", { metadata: {}, Spec: {} }, "Spec", "write spec instead of Spec"],
    ["Service", service({ "\u001b[31m": 1 }), 'spec."\\u001b[31m"', "remove it"],
    ["Service", service({ ["x".repeat(1000)]: 1 }), `spec.${"x".repeat(80)}…`, "remove it"],
  ])("%s: %j", (kind, input, path, advice) => {
    expect(messages(kind, input)[0]).toContain(`${path}: Kubernetes has no such field; ${advice}`);
  });

  test("of an object of a live cluster are hints", () => {
    const { problems, hasRightTypes } = decode("Service", service({ fromTheFuture: 1 }), { isLive: true });
    expect(problems).toMatchObject([{ code: "unknown-field", severity: "hint" }]);
    expect(hasRightTypes).toBe(true);
  });

  test("so many that more would not help are left out, and the object is refused", () => {
    const fields = Object.fromEntries(Array.from({ length: 200_000 }, (_, index) => [`field${index}`, 1]));
    const { problems, hasRightTypes } = decode("Service", service(fields));
    expect(problems).toHaveLength(1_000);
    expect(hasRightTypes).toBe(false);
  });

  test("names of Object.prototype are unknown, too", () => {
    const spec = JSON.parse('{"__proto__": {}, "constructor": 1}') as Json;
    expect(messages("Service", service(spec))).toHaveLength(2);
  });
});

describe("types", () => {
  const ports = (port: unknown): Json => service({ ports: [{ port }] });
  test.each<[title: string, kind: string, input: Json, message: string]>([
    [
      "a number in quotes",
      "Service",
      ports("80"),
      'spec.ports[0].port: expected an integer, got "80"; write the number',
    ],
    ["a fraction", "Service", ports(80.5), "spec.ports[0].port: expected an integer, got 80.5"],
    ["more than int32", "Service", ports(2 ** 31), "spec.ports[0].port: expected an integer from -2147483648 to 2147"],
    ["a list for a mapping", "Service", { metadata: {}, spec: [] }, "spec: expected a mapping, got a list"],
    ["a mapping for a list", "Service", service({ ports: {} }), "spec.ports: expected a list, got a mapping"],
    [
      "a number for a text",
      "Service",
      service({ clusterIP: 1 }),
      "spec.clusterIP: expected text, got 1; put it in quot",
    ],
    ["a text for a boolean", "Service", service({ publishNotReadyAddresses: "yes" }), "expected true or false, got"],
    ["a label of a number", "Service", { metadata: { labels: { a: 1 } } }, "metadata.labels.a: expected text, got 1"],
    ["a quantity", "Pod", container({ resources: { limits: { cpu: "1 core" } } }), "limits.cpu: expected a quantity"],
    ["a time", "Pod", { metadata: { creationTimestamp: "today" } }, "metadata.creationTimestamp: expected a time"],
    ["a target port", "Service", service({ ports: [{ port: 1, targetPort: true }] }), "expected an integer or text"],
    ["a choice", "Service", service({ type: "Nodeport" }), "spec.type: expected one of ClusterIP, ExternalName"],
    ["a required field", "Service", service({ ports: [{}] }), "spec.ports[0].port: expected a value, got nothing"],
    ["a null item", "Service", service({ ports: [null] }), "spec.ports[0].port: expected a value, got nothing"],
  ])("%s", (_, kind, input, message) => {
    expect(messages(kind, input)[0]).toContain(message);
  });

  test.each<[kind: string, input: Json]>([
    ["Service", service({ ports: null, selector: { a: null }, type: "", clusterIP: null })],
    ["Service", ports(80.0)],
    ["Service", service({}, { status: { loadBalancer: null, conditions: [] } })],
    ["Pod", { metadata: {}, status: { phase: "Odd", conditions: [{ type: "x" }] } }],
    ["Deployment", { metadata: { managedFields: [{ fieldsV1: { "f:a": {} } }] } }],
  ])("%s takes %j", (kind, input) => {
    expect(decode(kind, input)).toEqual({ problems: [], hasRightTypes: true });
  });

  test("required fields are for current versions of objects that are not live", () => {
    const input = { metadata: {}, spec: { template: {} } };
    expect(messages("Deployment", input)).toHaveLength(1);
    for (const strictness of [{ isOld: true }, { isLive: true }])
      expect(decode("Deployment", input, strictness).problems).toEqual([]);
  });

  test("any value of any field has an answer", () => {
    const kinds = fc.constantFrom("Service", "Pod", "Deployment", "EndpointSlice", "CronJob");
    const input = fc.dictionary(fc.constantFrom("metadata", "spec", "status", "endpoints"), fc.jsonValue());
    fc.assert(
      fc.property(kinds, input, (kind, object) => {
        expect(typeof decode(kind, object).hasRightTypes).toBe("boolean");
      }),
    );
  });
});
