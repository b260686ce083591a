import { expect, test } from "vitest";
import { nameKey } from "../../src/dns/name.ts";
import { RecordedWriter } from "../../src/table/recorded-writer.ts";
import { wire } from "../support/core/table.ts";

const CONTENT = { flags: 0, apexSize: 1, zone: 0, kind: 0, sets: [] };
const key = (name: string): string => nameKey(wire(name));

test("names that change are told once", () => {
  const writer = new RecordedWriter([1, 2], () => undefined);
  writer.put(wire("a.example."), CONTENT);
  writer.put(wire("b.example."), CONTENT);
  expect(writer.takeChanged()).toEqual(new Set([key("a.example."), key("b.example.")]));
  expect(writer.takeChanged()).toEqual(new Set());
  // The same again is no change.
  writer.put(wire("a.example."), CONTENT);
  writer.remove(wire("c.example."));
  expect(writer.takeChanged()).toEqual(new Set());
  writer.remove(wire("a.example."));
  writer.put(wire("b.example."), { ...CONTENT, kind: 1 });
  expect(writer.takeChanged()).toEqual(new Set([key("a.example."), key("b.example.")]));
});
