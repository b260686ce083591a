import { expect, test } from "vitest";
import { NODE, NODE_LEVELS, NODE_LEVELS_BELOW, NODES } from "../../src/compile/node-kind.ts";
import { LEVEL } from "../../src/table/reason-texts.ts";

test("namespaces and services may be told as nearest names, and nothing else", () => {
  const namesOf = (levels: Uint8Array, level: number): readonly string[] =>
    Object.entries(NODE).flatMap(([name, node]) => (levels[node] === level ? [name] : []));
  expect([NODE_LEVELS.length, NODE_LEVELS_BELOW.length]).toEqual([NODES, NODES]);
  expect(namesOf(NODE_LEVELS, LEVEL.GROUP)).toEqual(["SERVICES", "ANY_PODS", "RUNNING_PODS", "NO_PODS"]);
  expect(namesOf(NODE_LEVELS, LEVEL.MEMBER)).toEqual(["SERVICE", "SERVICE_WITHOUT_ADDRESS"]);
  expect(namesOf(NODE_LEVELS_BELOW, LEVEL.GROUP)).toEqual(["NAMESPACES"]);
  expect(namesOf(NODE_LEVELS_BELOW, LEVEL.MEMBER)).toEqual(["SERVICES"]);
});
