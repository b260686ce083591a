import { describe, expect, test } from "vitest";
import { ControlLoop } from "../../../src/cluster/controllers/control-loop.ts";
import type { Controller } from "../../../src/cluster/controllers/control-loop.ts";
import { Registry } from "../../../src/cluster/registry.ts";
import { namespace, service } from "../../support/core/objects.ts";

describe("ControlLoop", () => {
  test("each controller is told what came before it, and what it does is told to the next", () => {
    const told: string[][] = [];
    const controller = (adds: string): Controller => ({
      reconcile: (differences) => {
        told.push(differences.map(({ after }) => after!.name));
        return [{ type: "put", origin: adds, rank: "z", object: namespace(adds) }];
      },
    });
    const loop = new ControlLoop(new Registry(), [controller("one"), controller("two")]);
    const differences = loop.apply([{ type: "put", origin: "a", rank: "a", object: service("a/web") }]);
    expect(told).toEqual([["web"], ["web", "one"]]);
    expect(differences.map(({ after }) => after!.name)).toEqual(["web", "one", "two"]);
  });

  test("problems are those of all controllers", () => {
    const problem = { code: "c", severity: "error", message: "m", advice: "a" } as const;
    const controllers = [{ reconcile: () => [], problems: () => [problem] }, { reconcile: () => [] }];
    expect(new ControlLoop(new Registry(), controllers).problems()).toEqual([problem]);
  });
});
