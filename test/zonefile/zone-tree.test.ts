import { TYPE } from "../../src/dns/constants.ts";
import { expect, test } from "vitest";
import { formatName, parseName } from "../../src/dns/name.ts";
import { parseZoneFile } from "../../src/zonefile/parse-zone-file.ts";
import type { ZoneNode } from "../../src/zonefile/zone-tree.ts";
import { ZoneTree } from "../../src/zonefile/zone-tree.ts";
import { settingsFor } from "./zone-text.ts";

function treeOf(text: string): ZoneTree {
  const { origin, records } = parseZoneFile(`$TTL 60\n${text}`, settingsFor());
  const tree = new ZoneTree(origin);
  for (const record of records) tree.add(record);
  return tree;
}

const ownerOf = (node: ZoneNode | undefined): string | undefined => node && formatName(node.owner);
const nameOf = (text: string): Uint8Array => parseName(text)!;

test("equal records are kept once, names in their data in any letter case", () => {
  const tree = treeOf("a A 10.0.0.1\nA 7 A 10.0.0.1\na A 10.0.0.2\na MX 1 b\na MX 1 B\na MX 2 b\na TXT b\na TXT B");
  const [node, ...others] = tree.nodes();
  expect(others).toEqual([]);
  expect([...node!.types()].map((type) => node!.of(type).length)).toEqual([2, 2, 2]);
  expect(node!.of(TYPE.A)[0]!.ttl).toBe(60);
  expect(node!.of(TYPE.AAAA)).toEqual([]);
});

test.each<[string, boolean]>([
  ["example.org.", true],
  ["EXAMPLE.org.", true],
  ["a.b.example.org.", true],
  ["org.", false],
  [".", false],
  ["example.com.", false],
  ["xexample.org.", false],
  ["\\007example.org.", false],
])("%s is in the zone: %j", (name, isInside) => {
  const tree = treeOf("");
  expect(tree.contains(nameOf(name))).toBe(isInside);
  expect(tree.add({ owner: nameOf(name), type: 1, ttl: 1, rdata: new Uint8Array(4), file: "", line: 1 })).toBe(
    isInside,
  );
});

test("the root holds all names", () => {
  expect(new ZoneTree(nameOf(".")).contains(nameOf("a.b."))).toBe(true);
});

test.each<[name: string, found: string | undefined]>([
  ["a.example.org.", "a.example.org."],
  ["A.EXAMPLE.ORG.", "a.example.org."],
  ["b.example.org.", "\\*.example.org."],
  ["c.b.example.org.", "\\*.example.org."],
  ["x.a.example.org.", undefined],
  ["ent.example.org.", undefined],
  ["x.ent.example.org.", undefined],
  ["leaf.ent.example.org.", "leaf.ent.example.org."],
  ["*.example.org.", "\\*.example.org."],
  ["b.example.com.", undefined],
])("what stands for %s", (name, found) => {
  const tree = treeOf("a A 10.0.0.1\n* A 10.0.0.1\nleaf.ent A 10.0.0.1");
  expect(ownerOf(tree.find(nameOf(name)))).toBe(found);
});

test.each<[name: string, above: string | undefined]>([
  ["example.org.", undefined],
  ["a.example.org.", undefined],
  ["sub.example.org.", undefined],
  ["x.sub.example.org.", "sub.example.org."],
  ["x.deeper.sub.example.org.", "sub.example.org."],
  ["x.moved.example.org.", "moved.example.org."],
])("what interrupts the zone above %s", (name, above) => {
  const tree = treeOf("@ NS ns\nsub NS ns\ndeeper.sub NS ns\nmoved DNAME other.\na A 10.0.0.1");
  expect(ownerOf(tree.interruptionAbove(nameOf(name)))).toBe(above);
});

test("a DNAME at the apex interrupts, its name servers do not", () => {
  const tree = treeOf("@ NS ns\n@ DNAME other.");
  expect(ownerOf(tree.interruptionAbove(nameOf("a.example.org.")))).toBe("example.org.");
  expect(tree.isDelegation(tree.apex!)).toBe(false);
});
