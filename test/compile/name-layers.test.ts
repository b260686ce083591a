import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { nameKey } from "../../src/dns/name.ts";
import { NameLayers } from "../../src/compile/name-layers.ts";
import type { NamedEntry } from "../../src/compile/name-layers.ts";
import { EntryBuffer } from "../../src/table/entry-buffer.ts";
import { ZONE_KIND } from "../../src/table/layout.ts";
import { TableWriter } from "../../src/table/writer.ts";
import { snapshot, wire } from "../support/core/table.ts";

function entry(name: string, text: string): NamedEntry {
  const answers = new TextEncoder().encode(text);
  const set = { type: 1, stride: 0, answerCount: 1, answers, additionalCount: 0, additional: new Uint8Array(0) };
  return { name: wire(name), content: { flags: 0, apexSize: 3, zone: 0, kind: ZONE_KIND.FILE, sets: [set] } };
}

const layer = (names: Readonly<Record<string, string>>): ReadonlyMap<string, NamedEntry> =>
  new Map(Object.entries(names).map(([name, text]) => [nameKey(wire(name)), entry(name, text)]));

/** Makes the lower layer these names, of those that are in it and those that it had. */
function replaceLower(
  layers: NameLayers,
  names: Readonly<Record<string, string>>,
  before: readonly string[] = [],
): void {
  const next = layer(names);
  for (const key of [...next.keys(), ...before.map((name) => nameKey(wire(name)))]) layers.setLower(key, next.get(key));
}

function newLayers(): { layers: NameLayers; writer: TableWriter } {
  const writer = new TableWriter([1, 2], () => undefined);
  return { layers: new NameLayers(writer), writer };
}

/** Puts a name of the upper layer. */
function put(layers: NameLayers, { name, content }: NamedEntry): void {
  const buffer = new EntryBuffer();
  buffer.fill(name, { ...content, kind: ZONE_KIND.CLUSTER });
  layers.put(buffer);
}

const NAMES = ["a.z.", "b.z.", "x.b.z.", "c."] as const;

describe("NameLayers", () => {
  test("the table holds the upper layer's names, and the lower one's that it lacks, after any changes", () => {
    const text = fc.constantFrom("1", "2");
    const step = fc.oneof(
      fc.record({ put: fc.constantFrom(...NAMES), text }),
      fc.record({ remove: fc.constantFrom(...NAMES) }),
      fc.record({ lower: fc.dictionary(fc.constantFrom(...NAMES), text) }),
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 20 }), (steps) => {
        const { layers, writer } = newLayers();
        const upper = new Map<string, string>();
        let lower: Readonly<Record<string, string>> = {};
        for (const each of steps) {
          if ("put" in each) {
            put(layers, entry(each.put, `upper ${each.text}`));
            upper.set(each.put, `upper ${each.text}`);
          } else if ("remove" in each) {
            layers.remove(wire(each.remove));
            upper.delete(each.remove);
          } else {
            replaceLower(layers, each.lower, Object.keys(lower));
            lower = each.lower;
          }
        }
        const whole = new TableWriter([1, 2], () => undefined);
        for (const { name, content } of layer(lower).values()) whole.put(name, content);
        for (const { name, content } of layer(Object.fromEntries(upper)).values())
          whole.put(name, { ...content, kind: ZONE_KIND.CLUSTER });
        expect(snapshot(writer)).toEqual(snapshot(whole));
      }),
      { numRuns: 500 },
    );
  });

  test("a watched name is contested while the upper layer has names at or below it", () => {
    const { layers } = newLayers();
    const key = nameKey(wire("b.z."));
    put(layers, entry("x.b.z.", "upper"));
    replaceLower(layers, { "b.z.": "lower", "y.b.z.": "lower" });
    layers.watch([key]);
    const state = (): boolean[] => [layers.isContested(key), layers.takeContestChange()];
    expect(state()).toEqual([true, false]);
    put(layers, entry("b.z.", "upper"));
    layers.remove(wire("x.b.z."));
    expect(state()).toEqual([true, false]);
    layers.remove(wire("b.z."));
    expect(state()).toEqual([false, true]);
    expect(state()).toEqual([false, false]);
    put(layers, entry("xb.z.", "upper"));
    put(layers, entry("z.", "upper"));
    expect(state()).toEqual([false, false]);
    put(layers, entry("y.b.z.", "upper"));
    expect(state()).toEqual([true, true]);
    expect(layers.isContested(nameKey(wire("y.b.z.")))).toBe(false);
  });

  test("names that are watched later, or again, are known with what is there by then", () => {
    const { layers } = newLayers();
    const key = nameKey(wire("b.z."));
    replaceLower(layers, { "b.z.": "lower", "y.b.z.": "lower" });
    layers.watch([key]);
    expect(layers.isContested(key)).toBe(false);
    layers.watch([]);
    put(layers, entry("y.b.z.", "upper"));
    layers.watch([key]);
    expect(layers.isContested(key)).toBe(true);
  });
});
