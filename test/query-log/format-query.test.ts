import { describe, expect, test } from "vitest";
import { formatCoreDns, formatText, newJsonFormat } from "../../src/query-log/format-query.ts";
import type { QueryFormat } from "../../src/query-log/format-query.ts";
import { writeHeader, writeQuery } from "../support/wire.ts";
import { withRecord } from "../support/query-log/recorded.ts";
import type { AnsweredQuery } from "../support/query-log/recorded.ts";

const DETAILS = { pod: "shop/web-0", cause: "service" };
const OPT = { size: 4096, flags: 0x8000 };
const PLAIN: AnsweredQuery = {
  query: writeQuery({ name: "Web.shop.svc.cluster.local.", type: "A", id: 4660, flags: 0x0120, opt: OPT }),
  reply: writeHeader(4660, 0x8580, 1, 2, 0, 0),
  durationMs: 0.0123,
};
const BARE: AnsweredQuery = {
  query: writeHeader(7, 0x2000, 0, 0, 0, 0),
  reply: writeHeader(7, 0xa004, 0, 0, 0, 0),
  address: "fd00::7",
  transport: "tls",
  durationMs: 1500,
};
const ODD: AnsweredQuery = {
  query: writeQuery({ name: '\\"a\\010.example.', type: "TYPE65280", class: 4, id: 1 }),
  reply: writeHeader(1, 0x8785, 1, 0, 0, 0),
  note: { ede: 20, rcode: 0x0f5 },
  transport: "tcp",
  durationMs: 0,
};

function line(format: QueryFormat, answered: AnsweredQuery, details: Partial<typeof DETAILS> = DETAILS): string {
  return withRecord(answered, (record) => format(record, { pod: details.pod, cause: details.cause ?? "other" }));
}

describe("JSON", () => {
  test("has all of an ordinary query", () => {
    expect(line(newJsonFormat(), PLAIN)).toBe(
      '{"level":30,"time":"2023-11-14T22:13:20.123Z","client":"10.244.1.7","port":40000,"pod":"shop/web-0",' +
        '"transport":"udp","id":4660,"name":"web.shop.svc.cluster.local.","type":"A","flags":"rd,ad","udpSize":4096,' +
        '"dnssecOk":true,"querySize":55,"rcode":"NOERROR","replyFlags":"qr,aa,rd,ra","answers":2,"replySize":12,' +
        '"cause":"service","durationMs":0.012,"msg":"query"}\n',
    );
  });

  test("leaves out what a query has not", () => {
    const { level: _, time: __, ...shown } = JSON.parse(line(newJsonFormat(), BARE, {})) as Record<string, unknown>;
    expect(shown).toEqual({
      client: "fd00::7",
      port: 40_000,
      transport: "tls",
      id: 7,
      opcode: 4,
      flags: "",
      querySize: 12,
      rcode: "NOTIMP",
      replyFlags: "qr",
      answers: 0,
      replySize: 12,
      cause: "other",
      durationMs: 1500,
      msg: "query",
    });
  });

  test("is JSON whatever the names are", () => {
    const shown = JSON.parse(line(newJsonFormat(), ODD, { pod: 'a/"\n', cause: "x" })) as Record<string, unknown>;
    expect(shown).toMatchObject({
      name: '\\"a\\010.example.',
      type: "TYPE65280",
      class: "CLASS4",
      rcode: "245",
      ede: 20,
      pod: 'a/"\n',
    });
  });
});

describe("CoreDNS's common log format", () => {
  test.each([
    [
      "an ordinary query",
      PLAIN,
      '[INFO] 10.244.1.7:40000 - 4660 "A IN web.shop.svc.cluster.local. udp 55 true 4096" NOERROR qr,aa,rd,ra 12 0.0000123s\n',
    ],
    ["no question", BARE, '[INFO] [fd00::7]:40000 - 7 "- CLASS0 . tcp 12 false 65535" NOTIMP qr 12 1.5s\n'],
    [
      "numbers without names",
      ODD,
      '[INFO] 10.244.1.7:40000 - 1 "TYPE65280 CLASS4 \\"a\\010.example. tcp 29 false 65535" 245 qr,aa,tc,rd,ra 12 0s\n',
    ],
    [
      "the shortest time, and no OPT",
      { ...PLAIN, query: writeQuery({ name: "a.", type: "A", id: 1 }), durationMs: 0.000_123 },
      '[INFO] 10.244.1.7:40000 - 1 "A IN a. udp 19 false 512" NOERROR qr,aa,rd,ra 12 0.000000123s\n',
    ],
  ])("%s", (_, answered, expected) => {
    expect(line(formatCoreDns, answered)).toBe(expected);
  });
});

describe("for people", () => {
  test.each([
    [PLAIN, DETAILS, "10.244.1.7 shop/web-0: A web.shop.svc.cluster.local. NOERROR 2 (service, udp, 0.012 ms)\n"],
    [BARE, { cause: "unsupported" }, "fd00::7: no question NOTIMP (unsupported, tls, 1500 ms)\n"],
    [PLAIN, { pod: "a/\u001b[31m", cause: "x" }, expect.stringContaining("10.244.1.7 a/\\u{1b}[31m: A")],
  ])("%#", (answered, details, expected) => {
    const text = line(formatText, answered, details);
    expect(text.slice(0, 11)).toMatch(/^\[\d\d:\d\d:\d\d\] $/);
    expect(text.slice(11)).toEqual(expected);
  });
});
