// What is taken from a record to a line: the filter, the cause in one word, and lines that find no place.
import { describe, expect, test } from "vitest";
import { CAUSE } from "../../src/answer/answer-note.ts";
import { parseCidr } from "../../src/net/ip.ts";
import { causeWord } from "../../src/query-log/query-details.ts";
import { QueryFilter } from "../../src/query-log/query-filter.ts";
import type { QueryFilterSettings } from "../../src/query-log/query-filter.ts";
import { QueryLog } from "../../src/query-log/query-log.ts";
import { wire } from "../support/core/table.ts";
import { writeHeader, writeQuery } from "../support/wire.ts";
import { withRecord } from "../support/query-log/recorded.ts";
import type { AnsweredQuery } from "../support/query-log/recorded.ts";

const QUERY = writeQuery({ name: "Web.Shop.example.", type: "A" });
const YES: AnsweredQuery = { query: QUERY, reply: writeHeader(1, 0x8400, 1, 1, 0, 0), address: "10.244.1.7" };
const NO_NAME: AnsweredQuery = { query: QUERY, reply: writeHeader(1, 0x8403, 1, 0, 1, 0) };
const NO_TYPE: AnsweredQuery = { query: QUERY, reply: writeHeader(1, 0x8400, 1, 0, 1, 0) };

describe("a filter", () => {
  test.each<[what: string, settings: Partial<QueryFilterSettings>, answered: AnsweredQuery, passes: boolean]>([
    ["nothing", {}, YES, true],
    ["the name", { names: [wire("web.shop.example.")] }, YES, true],
    ["a domain above, or another", { names: [wire("other."), wire("example.")] }, YES, true],
    ["the root", { names: [wire(".")] }, YES, true],
    ["a name below", { names: [wire("a.web.shop.example.")] }, YES, false],
    ["a name that ends alike", { names: [wire("op.example.")] }, YES, false],
    [
      "a name, for a query without one",
      { names: [wire(".")] },
      { ...YES, query: writeHeader(1, 0, 0, 0, 0, 0) },
      false,
    ],
    ["the client", { clients: [parseCidr("10.244.1.7/32")!] }, YES, true],
    ["other clients", { clients: [parseCidr("10.244.2.0/24")!, parseCidr("fd00::/8")!] }, YES, false],
    ["the rcode", { rcodes: [2, 0] }, YES, true],
    ["other rcodes", { rcodes: [2] }, YES, false],
    ["a rcode and a name", { rcodes: [3], names: [wire("example.")] }, NO_NAME, true],
    ["a rcode, and another name", { rcodes: [3], names: [wire("example.org.")] }, NO_NAME, false],
  ])("for %s: %#", (_, settings, answered, passes) => {
    const filter = new QueryFilter({ names: [], clients: [], rcodes: [], ...settings });
    expect(withRecord(answered, (record) => filter.passes(record))).toBe(passes);
  });
});

describe("the cause in one word", () => {
  test.each([
    [YES, "kind of web.shop.example"],
    [NO_NAME, "no-name"],
    [NO_TYPE, "no-type"],
    [{ ...NO_NAME, note: { cause: CAUSE.CACHE } }, "cache"],
    [{ ...YES, note: { cause: CAUSE.RATE_LIMITED } }, "rate-limited"],
  ])("%#: %s", (answered, word) => {
    const kindOf = (name: Uint8Array): string =>
      `kind of ${Buffer.from(name).equals(Buffer.from(wire("web.shop.example."))) ? "web.shop.example" : "another name"}`;
    expect(withRecord(answered, (record) => causeWord(record, { kindOf }))).toBe(word);
  });
});

test("lines that find no place are counted", () => {
  const written: string[] = [];
  const log = new QueryLog({
    wish: { success: 1, denial: 1, error: 1 },
    filter: new QueryFilter({ names: [], clients: [], rcodes: [0] }),
    format: ({ address }, { pod, cause }) => `${address} ${pod} ${cause}\n`,
    cluster: { podAt: (address) => `pod at ${address}`, kindOf: () => "service" },
    write: (line) => {
      written.push(line);
      return written.length < 2;
    },
  });
  for (const answered of [YES, NO_NAME, YES, YES]) withRecord(answered, (record) => log.take(record));
  expect(written[0]).toBe("10.244.1.7 pod at 10.244.1.7 service\n");
  expect([written.length, log.lost]).toEqual([3, 2]);
});
