import { expect, test } from "vitest";
import { itemsOf, withItems } from "../../../src/sources/manifests/parsed-items.ts";
import type { ParsedManifest } from "../../../src/sources/manifests/parse-manifest.ts";
import { parseManifest } from "../../../src/sources/manifests/parse-manifest.ts";
import { parseZoneText } from "../../../src/sources/manifests/zone-text.ts";

const NAMESPACES = [1, 2].map((i) => `apiVersion: v1\nkind: Namespace\nmetadata: { name: n${i} }\n`).join("---\n");
const OBJECTS = parseManifest(NAMESPACES, { file: "a.yaml", namespace: "n" });

function parsedZone(path: string, text: string): ParsedManifest {
  const { content } = parseZoneText(text, { path, roots: [], nowMs: 0 });
  return { ...OBJECTS, objects: [], zone: content! };
}

test("the lines of a hosts file are one block, which is posted with the rest", () => {
  const parsed = parsedZone("hosts", "10.0.0.1 a\n10.0.0.2 b\n");
  expect([itemsOf(parsed), withItems(parsed, [])]).toEqual([[], parsed]);
});

test.each<[what: string, parsed: ParsedManifest]>([
  ["objects", OBJECTS],
  ["records", parsedZone("example.org.zone", "$TTL 60\n@ SOA . . 1 2 3 4 5\n@ NS ns.example.net.\n")],
])("%s are taken apart and put together", (_what, parsed) => {
  const items = itemsOf(parsed);
  expect(items).toHaveLength(2);
  const rest = withItems(parsed, []);
  expect(itemsOf(rest)).toEqual([]);
  expect(withItems(rest, items)).toEqual(parsed);
});
