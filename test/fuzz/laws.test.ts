// Checks the targets' laws on generated inputs: arbitrary bytes, samples changed at random, and queries built from parts
// that do not fit together.
import fc from "fast-check";
import { describe, test } from "vitest";
import { writeHeader, writeName, writeOpt, writeQuery } from "../support/wire.ts";
import { mutate } from "./mutate.ts";
import { Random } from "./random.ts";
import { NAME_PIECES } from "./sample-messages.ts";
import { loadTarget, targetNames } from "./target.ts";
import type { Target } from "./target.ts";

/** How many inputs of each kind; a manifest takes a millisecond, and an answer is one of many. */
const RUNS: Readonly<Record<string, number>> = { manifest: 150, answer: 400 };
const OTHER_RUNS = 2_000;

const targets = await Promise.all(targetNames().map(async (name) => [name, await loadTarget(name)] as const));

function holds(name: string, target: Target, inputs: fc.Arbitrary<Uint8Array>): void {
  const numRuns = RUNS[name] ?? OTHER_RUNS;
  fc.assert(
    fc.property(inputs, (input) => void target.run(input)),
    { numRuns },
  );
}

describe.each(targets)("%s", (name, target) => {
  test("any bytes", () => {
    holds(name, target, fc.uint8Array({ maxLength: Math.min(target.sizeMax, 600) }));
  });

  test("changed samples", () => {
    const { seeds, dictionary, input, sizeMax } = target;
    const changed = fc.tuple(fc.constantFrom(...seeds), fc.nat()).map(([seed, number]) => {
      return mutate(seed, input, sizeMax, { random: new Random(number), dictionary, others: seeds });
    });
    holds(name, target, changed);
  });
});

const word = fc.oneof(fc.constantFrom(0, 1, 12, 41, 250, 255, 512, 1232, 65_535), fc.nat(65_535));
const count = fc.constantFrom(0, 0, 1, 1, 1, 2, 65_535);
const owner = fc.oneof(
  fc.constantFrom(...NAME_PIECES),
  fc.constantFrom([0], [0xc0, 12], [0xc0, 0], [0xff, 0xff], [1, 0x61, 0xc0, 12], [0x40], [0x80, 0], [63], [3, 1]),
);
const options = fc
  .array(fc.tuple(fc.constantFrom(3, 8, 10, 11, 12, 15, 65_001), fc.uint8Array({ maxLength: 45 }), fc.constant(0)), {
    maxLength: 3,
  })
  .map((list) => Buffer.concat(list.map(([code, data]) => Buffer.from([code >> 8, code, 0, data.length, ...data]))));
const opt = fc
  .tuple(word, fc.constantFrom(0, 0, 0, 1, 255), word, options, fc.constantFrom(0, 0, 0, -1, 1))
  .map(([size, version, flags, data, off]) => {
    const bytes = writeOpt({ size, version, flags, options: data });
    bytes.writeUInt16BE(Math.max(0, data.length + off), 9);
    return bytes;
  });
const record = fc.tuple(owner, word, word, fc.uint8Array({ maxLength: 40 })).map(([name, type, each, rdata]) => {
  return Buffer.from([...name, type >> 8, type, each >> 8, each, 0, 0, 0, 0, 0, rdata.length, ...rdata]);
});
const question = fc.tuple(owner, word, fc.constantFrom(1, 1, 1, 3, 255)).map(([name, type, each]) => {
  return Buffer.from([...name, type >> 8, type, each >> 8, each]);
});
/** Parts in any number and order behind counts that may be others. */
const oddQueries = fc
  .tuple(
    fc.constantFrom(0, 0x0100, 0x0110, 0x0040, 0x7fff, 0x2800),
    fc.tuple(count, count, count, count),
    fc.boolean(),
    fc.array(question, { minLength: 0, maxLength: 2 }),
    fc.array(fc.oneof(opt, record), { maxLength: 4 }),
  )
  .map(([flags, counts, areRight, questions, beside]) => {
    const right = [questions.length, 0, 0, beside.length];
    return Buffer.concat([writeHeader(0xabcd, flags, ...(areRight ? right : counts)), ...questions, ...beside]);
  });
const longNames = fc
  .array(fc.uint8Array({ minLength: 1, maxLength: 63 }), { minLength: 1, maxLength: 10 })
  .map((labels) => {
    const name = writeName(labels.map((label) => Buffer.from(label)));
    return Buffer.concat([writeHeader(0xabcd, 0x0100, 1, 0, 0, 0), name, Buffer.from([0, 1, 0, 1])]);
  });

describe.each(targets.filter(([, { input }]) => input === "message"))("%s", (name, target) => {
  test("queries of parts that do not fit together", () => holds(name, target, oddQueries));
  test("names of any labels and length", () => holds(name, target, longNames));
});

test("answer: sets that just fit, by every size of a datagram", async () => {
  const target = await loadTarget("answer");
  for (const [name, type] of [
    ["few.z.", "SRV"],
    ["few.alias.z.", "SRV"],
    ["many.z.", "A"],
  ] as const) {
    for (let size = 512; size <= 1232; size++) target.run(writeQuery({ id: 1, name, type, opt: { size } }));
  }
});

test("message-reader: three messages cut at any two places", async () => {
  const target = await loadTarget("message-reader");
  const stream = [12, 13, 14].flatMap((size) => [0, size, ...Array<number>(size).fill(size)]);
  for (let first = 1; first < stream.length; first++) {
    for (let second = 1; first + second <= stream.length; second++)
      target.run(Uint8Array.from([first - 1, second - 1, 255, 255, ...stream]));
  }
});
