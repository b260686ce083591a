import { expect, test } from "vitest";
import { ZONE_SOA } from "../../src/table/layout.ts";
import { formatZoneSoa, readSoaRdata, zoneSoaWords } from "../../src/table/zone-soa.ts";
import { wire } from "../support/core/table.ts";

const TIMES = {
  ttlSeconds: 30,
  negativeTtlSeconds: 5,
  refreshSeconds: 7200,
  retrySeconds: 0x0102_0304,
  expireSeconds: 0x7fff_ffff,
  minimumSeconds: 9,
};

test.each<[mname: string, rname: string, kept: readonly number[], tail: number]>([
  // What RNAME keeps before its pointer, and where in MNAME that leads.
  ["ns.dns.z.", "hostmaster.z.", [10, ...Buffer.from("hostmaster")], 7],
  ["ns.z.", "admin.ns.z.", [5, ...Buffer.from("admin")], 0],
  ["ns.z.", "ns.z.", [], 0],
  ["z.", "a.b.z.", [1, 97, 1, 98], 0],
  ["ns.z.", "admin.example.", [...wire("admin.example.")], -1],
  ["ns.z.", ".", [0], -1],
  // The same bytes, but inside a label of MNAME: no label begins there.
  ["a\\001z.", "b.z.", [...wire("b.z.")], -1],
])("MNAME %s, RNAME %s", (mname, rname, kept, tail) => {
  const bytes = formatZoneSoa({ ...TIMES, mname: wire(mname), rname: wire(rname) });
  const words = new Int32Array(bytes.buffer);
  expect([words[ZONE_SOA.TTL], words[ZONE_SOA.NEGATIVE_TTL], words[ZONE_SOA.RNAME_TAIL]]).toEqual([30, 5, tail]);
  expect([words[ZONE_SOA.MNAME_SIZE], words[ZONE_SOA.RNAME_SIZE]]).toEqual([wire(mname).length, kept.length]);
  const times = [0, 0, 28, 32, 1, 2, 3, 4, 0x7f, 255, 255, 255, 0, 0, 0, 9];
  const written = [...wire(mname), ...kept, ...times];
  expect([...bytes.subarray(ZONE_SOA.BYTES * 4, ZONE_SOA.BYTES * 4 + written.length)]).toEqual(written);
  expect(bytes.length % 8).toBe(0);
  expect(zoneSoaWords(words, 0)).toBe(bytes.length / 4);
  const read = readSoaRdata(words, bytes, 0, 0xfedc_ba98);
  expect([...read]).toEqual([...wire(mname), ...wire(rname), 0xfe, 0xdc, 0xba, 0x98, ...times]);
});
