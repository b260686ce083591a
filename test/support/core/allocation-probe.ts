// Run by test/answer/no-allocation.test.ts in a process of its own, with --expose-gc and room for a young generation
// that nothing here fills: asks each kind of question over and over, and prints what the heap grew by, as JSON.
import { ENTRY_FLAG } from "../../../src/table/layout.ts";
import { printAllocations } from "./measure-allocation.ts";
import type { Kind } from "./measure-allocation.ts";
import { fillNames } from "./sample-zone.ts";
import { newTable, records } from "./table.ts";
import { ZonesOnly } from "./zones-only.ts";

const table = newTable();
table.put("z.", [records("NS", ["ns.z."], { 0: ["10.0.0.53"] })]);
fillNames(table);
const addresses = Array.from({ length: 100 }, (_, i) => `10.1.0.${i}`);
table.put("many.z.", [records("A", addresses)]);
const targets = addresses.slice(0, 20);
const few = records(
  "SRV",
  targets.map((_, i) => `0 1 80 t${i}.z.`),
  Object.fromEntries(targets.map((at, i) => [i, [at]])),
);
table.put("few.z.", [few]);
table.put("w.z.", [], ENTRY_FLAG.WILDCARD);
table.put("*.w.z.", [records("A", ["10.0.0.7"])]);
table.put("x.empty-above.w.z.", [records("A", ["10.0.0.7"])]);
table.put("cut.z.", [records("NS", ["ns.cut.z."], { 0: ["10.0.0.8"] })], ENTRY_FLAG.CUT);
table.put("to-cut.z.", [records("CNAME", ["a.cut.z."])]);
table.put("d.z.", [records("TYPE39", ["w.z."])], ENTRY_FLAG.REDIRECTS);
table.put("dd.z.", [records("TYPE39", ["d.z."])], ENTRY_FLAG.REDIRECTS);
table.put("loop.z.", [records("TYPE39", ["loop.z."])], ENTRY_FLAG.REDIRECTS);
table.put("denied.", [], ENTRY_FLAG.HIDDEN, "denied.");
table.put("others.z.", [], ENTRY_FLAG.FOREIGN);
table.writer.setZonesKnown(true);
const answerer = new ZonesOnly(table.reader, { ednsSize: 1232, recursion: false }, 12_345);

const OPTIONS = Buffer.from([0, 10, 0, 8, 1, 2, 3, 4, 5, 6, 7, 8, 0, 12, 0, 4, 0, 0, 0, 0]);
const KINDS: readonly Kind[] = [
  ["A", { name: "a.z.", type: "A" }],
  ["A in capitals", { name: "A.Z.", type: "A" }],
  ["A, rotated", { name: "many.z.", type: "A", opt: { size: 1232 } }, "tcp"],
  ["AAAA", { name: "a.z.", type: "AAAA" }],
  ["SRV", { name: "s.z.", type: "SRV" }],
  ["PTR", { name: "5.1.10.arpa.", type: "PTR" }],
  ["TXT", { name: "deep.ent.z.", type: "TXT" }],
  ["CNAME", { name: "in.alias.z.", type: "CNAME" }],
  ["a CNAME to an address", { name: "in.alias.z.", type: "A" }],
  ["two CNAMEs", { name: "twice.alias.z.", type: "A" }],
  ["a CNAME to SRV", { name: "srv.alias.z.", type: "SRV" }],
  ["a CNAME to nothing", { name: "missing.alias.z.", type: "A" }],
  ["a CNAME to outside", { name: "outside.alias.z.", type: "A" }],
  ["SOA", { name: "z.", type: "SOA" }],
  ["NS", { name: "z.", type: "NS" }],
  ["ANY", { name: "a.z.", type: "ANY" }],
  ["NODATA", { name: "v4.z.", type: "AAAA" }],
  ["NODATA of an empty non-terminal", { name: "ent.z.", type: "A" }],
  ["NODATA of an unknown type", { name: "a.z.", type: "TYPE65280" }],
  ["NXDOMAIN", { name: "none.z.", type: "A" }],
  ["NXDOMAIN far below", { name: "a.b.c.d.e.f.none.z.", type: "A" }],
  ["NXDOMAIN in a reverse zone", { name: "9.9.10.arpa.", type: "PTR" }],
  ["truncated", { name: "many.z.", type: "A" }],
  ["truncated, with EDNS", { name: "many.z.", type: "A", opt: { size: 1232 } }],
  ["additional records cut", { name: "few.z.", type: "SRV", opt: { size: 700 } }],
  ["EDNS", { name: "a.z.", type: "A", opt: { size: 4096 } }],
  ["EDNS with options and DO", { name: "a.z.", type: "A", opt: { size: 1232, flags: 0x8000, options: OPTIONS } }],
  ["a pod's name", { name: "10-9-8-7.pod.z.", type: "A" }],
  ["a pod's name of IPv6", { name: "fd00--5.pod.z.", type: "AAAA" }],
  ["a known pod's name", { name: "10-244-1-5.known.z.", type: "A" }],
  ["an unknown pod's name", { name: "10-244-1-6.known.z.", type: "A" }],
  ["a wildcard's", { name: "a.b.w.z.", type: "A" }],
  ["NODATA of a wildcard", { name: "a.w.z.", type: "TXT" }],
  ["NXDOMAIN below an empty non-terminal", { name: "a.empty-above.w.z.", type: "A" }],
  ["a referral", { name: "a.b.cut.z.", type: "A" }],
  ["DS at a cut", { name: "cut.z.", type: "DS" }],
  ["a CNAME to a referral", { name: "to-cut.z.", type: "A" }],
  ["a DNAME", { name: "a.d.z.", type: "A" }],
  ["two DNAMEs", { name: "a.dd.z.", type: "A" }],
  ["SERVFAIL of DNAMEs in a circle", { name: "a.name.in.loop.z.", type: "A" }],
  ["NXDOMAIN of a zone without names", { name: "denied.", type: "A" }],
  ["handed over: somebody else's", { name: "a.others.z.", type: "A" }],
  ["over TCP", { name: "s.z.", type: "SRV" }, "tcp"],
  ["handed over: outside", { name: "www.example.com.", type: "A" }],
  ["handed over: another class", { name: "a.z.", type: "A", class: 3 }],
];

await printAllocations(answerer, KINDS, { warmUpQueries: 60_000, queries: 200_000 });
