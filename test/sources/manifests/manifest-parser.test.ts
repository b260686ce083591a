import * as fs from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { ManifestParser } from "../../../src/sources/manifests/manifest-parser.ts";

let root: string;
let parser: ManifestParser;

beforeEach(() => {
  root = fs.mkdtempSync(join(tmpdir(), "parser-"));
  parser = new ManifestParser();
});
afterEach(async () => {
  await parser.close();
  fs.rmSync(root, { recursive: true });
});

function manifest(count: number): string {
  const item = (index: number): unknown => ({ apiVersion: "v1", kind: "Namespace", metadata: { name: `n${index}` } });
  return JSON.stringify({
    kind: "List",
    items: [...Array.from({ length: count }, (_, index) => item(index)), { kind: "Pod" }],
  });
}

test("a large file gives the same as a small one, in the worker", async () => {
  const path = join(root, "a.json");
  fs.writeFileSync(path, manifest(1_001));
  const [here, there] = await Promise.all([
    parser.parse({ path, namespace: "n", roots: [] }, 1),
    parser.parse({ path, namespace: "n", roots: [] }, fs.statSync(path).size),
  ]);
  expect(here).toMatchObject({ kind: "parsed", parsed: { isBroken: true } });
  expect(there).toEqual(here);
});

test("more files than may be open at once, large and small", async () => {
  const found = await Promise.all(
    Array.from({ length: 60 }, async (_, index) => {
      const path = join(root, `${index}.json`);
      fs.writeFileSync(path, manifest(index));
      const content = await parser.parse({ path, namespace: "n", roots: [] }, index % 2 === 0 ? 1 : 1e6);
      return content.kind === "parsed" ? content.parsed.objects.length : undefined;
    }),
  );
  expect(found).toEqual(Array.from({ length: 60 }, (_, index) => index));
});

test("close answers what is under way", async () => {
  const text = manifest(50_000);
  const pending = parser.parse({ path: "-", namespace: "n", roots: [], text }, text.length);
  await parser.close();
  expect(await pending).toMatchObject({ kind: "refused", problem: { code: "closed" } });
});

test("after close nothing is read, neither what waits for its turn nor what comes later", async () => {
  const text = manifest(1);
  const pending = Array.from({ length: 40 }, () => parser.parse({ path: "-", namespace: "n", roots: [], text }, 1e6));
  await parser.close();
  pending.push(parser.parse({ path: "-", namespace: "n", roots: [], text }, 1));
  for (const content of await Promise.all(pending)) {
    expect(content).toMatchObject({ kind: "refused", problem: { code: "closed" } });
  }
});
