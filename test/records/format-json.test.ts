import { expect, test } from "vitest";
import { formatJson } from "../../src/records/format-json.ts";
import { smallZone } from "../support/core/static-zone.ts";
import { wire } from "../support/core/table.ts";

test("a list as JSON", () => {
  const { records } = smallZone("a.example", "*.w MX 10 mail");
  const zone = {
    apex: wire("a.example."),
    origin: "file",
    records,
    notes: ["a note"],
    ofCluster: [],
    empty: [],
    isBare: false,
  } as const;
  const host = { owner: wire("nas."), type: 65280, ttl: 30, rdata: Uint8Array.of(1) };
  expect(JSON.parse(formatJson({ zones: [zone], hosts: [host] }))).toEqual({
    zones: [
      {
        zone: "a.example.",
        origin: "file",
        records: [
          { name: "a.example.", ttl: 60, type: "SOA", data: "ns.a.example. admin.a.example. 1 2 3 4 10" },
          { name: "a.example.", ttl: 60, type: "NS", data: "ns.elsewhere.example." },
          { name: "*.w.a.example.", ttl: 60, type: "MX", data: "10 mail.a.example." },
        ],
        notes: ["a note"],
      },
    ],
    hosts: [{ name: "nas.", ttl: 30, type: "TYPE65280", data: "\\# 1 01" }],
  });
});
