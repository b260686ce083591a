import { expect, test } from "vitest";
import { readZone } from "../../src/zonefile/check-zone.ts";
import { settingsFor } from "./zone-text.ts";

const APEX = "$TTL 60\n@ SOA ns admin 1 2 3 4 5\n@ NS ns\nns A 10.0.0.1\n";

function warningsOf(text: string): string[] {
  const { zone, problems } = readZone(APEX + text, settingsFor());
  expect(zone).toBeDefined();
  return problems.map(({ severity, place, message }) => `${severity} ${place?.line} ${message}`);
}

test.each<[title: string, text: string]>([
  ["targets with addresses", "@ MX 1 ns\n_a._tcp SRV 1 1 1 NS\nsub NS ns"],
  ["targets elsewhere", "@ MX 1 mail.example.com.\nsub NS ns.example.com."],
  ["no target", "@ MX 0 .\n_a._tcp SRV 0 0 0 ."],
  ["a target that a wildcard stands for", "*.w AAAA ::1\n@ MX 1 mail.w"],
  ["a target in a zone that is delegated", "sub NS ns\n@ MX 1 mail.sub\n@ MX 2 sub\nother NS ns.sub"],
  ["a target below a DNAME", "moved DNAME a.\n@ MX 1 mail.moved"],
  ["addresses of a delegation's own servers", "sub NS sub\nsub NS a.sub\nsub A 10.0.0.1\na.sub A 10.0.0.1"],
  ["what a delegation may have", "sub NS ns\nsub DS 1 13 2 00"],
])("nothing is odd about %s", (_title, text) => {
  expect(warningsOf(text)).toEqual([]);
});

test.each<[title: string, text: string, warning: string]>([
  ["an alias", "@ MX 1 mail\nmail CNAME ns", "5 the target mail.example.org. of the MX is an alias"],
  ["an alias of a wildcard", "@ MX 1 a.w\n*.w CNAME ns", "5 the target a.w.example.org. of the MX is an alias"],
  ["nothing", "_a._tcp SRV 1 1 1 nothing", "5 the target nothing.example.org. of the SRV has no address"],
  ["other records", "@ MX 1 a\na TXT b", "5 the target a.example.org. of the MX has no address"],
  ["a name above others", "@ MX 1 a\nb.a A 10.0.0.1", "5 the target a.example.org. of the MX has no address"],
  ["a server without glue", "sub NS a.sub", "5 the target a.sub.example.org. of the NS has no address"],
  ["the delegated name itself", "sub NS sub", "5 the target sub.example.org. of the NS has no address"],
])("a target that is %s", (_title, text, warning) => {
  expect(warningsOf(text)).toEqual([`warning ${warning}`]);
});

test.each<[title: string, text: string, warning: string]>([
  [
    "at a delegation",
    "sub NS ns\nsub TXT a",
    "6 the TXT of sub.example.org. is never served, because sub.example.org. is delegated",
  ],
  [
    "below one",
    "sub NS ns\na.sub MX 1 b.sub",
    "6 the MX of a.sub.example.org. is never served, because sub.example.org. is delegated",
  ],
  [
    "a delegation below one",
    "sub NS ns\na.sub NS b.sub",
    "6 the NS of a.sub.example.org. is never served, because sub.example.org. is delegated",
  ],
])("a record %s", (_title, text, warning) => {
  expect(warningsOf(text)).toEqual([`warning ${warning}`]);
});
