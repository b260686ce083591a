import { expect, test } from "vitest";
import { mutate } from "./mutate.ts";
import type { InputKind } from "./mutate.ts";
import { Random } from "./random.ts";
import { readWhole } from "./reply-laws.ts";
import { NAME_PIECES, SAMPLE_QUERIES } from "./sample-messages.ts";

const ROUNDS = 20_000;
const KINDS: readonly InputKind[] = ["bytes", "text", "message"];

function mutations(kind: InputKind, seed: number, rounds = ROUNDS): Uint8Array[] {
  const random = new Random(seed);
  const material = { random, dictionary: NAME_PIECES, others: SAMPLE_QUERIES };
  return Array.from({ length: rounds }, () => mutate(random.pick(SAMPLE_QUERIES), kind, 300, material));
}

test.each(KINDS)("%s: any input can be changed, none grows too long, and the originals stay", (kind) => {
  const before = SAMPLE_QUERIES.map((query) => query.toString("hex"));
  const changed = mutations(kind, 1);
  expect(Math.max(...changed.map(({ length }) => length))).toBeLessThanOrEqual(300);
  expect(SAMPLE_QUERIES.map((query) => query.toString("hex"))).toEqual(before);
  const random = new Random(1);
  const material = { random, dictionary: [], others: [new Uint8Array(0)] };
  for (let i = 0; i < 1_000; i++)
    mutate(
      Uint8Array.from({ length: i % 20 }, () => 1),
      kind,
      300,
      material,
    );
});

test.each(KINDS)("%s: the same seed makes the same changes, another one others", (kind) => {
  const hex = (seed: number): string[] => mutations(kind, seed, 200).map((bytes) => Buffer.from(bytes).toString("hex"));
  expect(hex(5)).toEqual(hex(5));
  expect(hex(5)).not.toEqual(hex(6));
});

test("changed messages are whole ones often enough, and broken ones too", () => {
  const whole = mutations("message", 1).filter((bytes) => readWhole(bytes) !== undefined).length;
  expect(whole).toBeGreaterThan(ROUNDS * 0.1);
  expect(whole).toBeLessThan(ROUNDS * 0.6);
});

test("numbers are spread over their range", () => {
  const random = new Random(1);
  const counts = new Uint32Array(10);
  for (let i = 0; i < ROUNDS; i++) counts[random.below(10)]!++;
  for (const count of counts) expect(Math.abs(count - ROUNDS / 10)).toBeLessThan(ROUNDS / 50);
});
