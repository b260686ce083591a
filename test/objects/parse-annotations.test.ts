import { describe, expect, test } from "vitest";
import { Field, ProblemSink } from "../../src/objects/field.ts";
import { parseAddressesAnnotation, parseReadyAnnotation } from "../../src/objects/parse-annotations.ts";

function metadata(annotations: unknown): { field: Field; sink: ProblemSink } {
  const sink = new ProblemSink(() => undefined);
  return { field: new Field({ annotations }, sink), sink };
}

describe("cluster-dns/addresses", () => {
  test.each<[annotation: unknown, addresses: readonly string[] | undefined]>([
    ["192.0.2.10", ["192.0.2.10"]],
    ["192.0.2.11, 192.0.2.10", ["192.0.2.11", "192.0.2.10"]],
    [" FD00:0::1 ,192.0.2.10,fd00::1", ["fd00::1", "192.0.2.10"]],
    ["", undefined],
    [" ", undefined],
    [undefined, undefined],
  ])("%j", (annotation, addresses) => {
    const { field, sink } = metadata({ "cluster-dns/addresses": annotation });
    expect(parseAddressesAnnotation(field)).toEqual(addresses);
    expect(sink.problems).toEqual([]);
  });

  test.each<[annotation: unknown, advice: string]>([
    ["192.0.2.10,192.0.2.300", 'correct "192.0.2.300", or remove it'],
    ["192.0.2.10,", 'correct "", or remove it'],
    ["db.example.com", 'correct "db.example.com", or remove it'],
    [10.5, 'put it in quotes: "10.5"'],
  ])("not valid: %j", (annotation, advice) => {
    const { field, sink } = metadata({ "cluster-dns/addresses": annotation });
    expect(parseAddressesAnnotation(field)).toBeUndefined();
    expect(sink.problems).toMatchObject([{ code: "invalid-field", severity: "error", advice }]);
  });
});

describe("cluster-dns/ready", () => {
  test.each<[annotations: unknown, ready: boolean]>([
    [{ "cluster-dns/ready": "false" }, false],
    [{ "cluster-dns/ready": "true" }, true],
    [{}, true],
    [undefined, true],
  ])("%j", (annotations, ready) => {
    const { field, sink } = metadata(annotations);
    expect(parseReadyAnnotation(field)).toBe(ready);
    expect(sink.problems).toEqual([]);
  });

  test.each<[annotation: unknown, message: string, advice: string]>([
    [false, 'expected "true" or "false", got false', 'put it in quotes: "false"'],
    ["no", 'expected "true" or "false", got "no"', "correct the field; an API server would reject the object too"],
  ])("not valid: %j", (annotation, message, advice) => {
    const { field, sink } = metadata({ "cluster-dns/ready": annotation });
    parseReadyAnnotation(field);
    expect(sink.problems).toMatchObject([{ message: `annotations.cluster-dns/ready: ${message}`, advice }]);
  });
});
