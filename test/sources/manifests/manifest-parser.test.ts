import { execFileSync } from "node:child_process";
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

test("small files go before large ones, and one large file leaves room for others", async () => {
  const done: string[] = [];
  const parse = async (name: string, count: number): Promise<void> => {
    const path = join(root, `${name}.json`);
    fs.writeFileSync(path, manifest(count));
    await parser.parse({ path, namespace: "n", roots: [] }, fs.statSync(path).size);
    done.push(name);
  };
  await Promise.all([parse("large-1", 30_000), parse("large-2", 30_001), parse("small-1", 300), parse("small-2", 200)]);
  expect(done.slice(0, 2).toSorted()).toEqual(["small-1", "small-2"]);
  expect(done.slice(2)).toEqual(["large-1", "large-2"]);
});

test("the budget of a zone file counts what it includes", async () => {
  const path = join(root, "example.org.zone");
  fs.writeFileSync(path, "$TTL 1h\n@ SOA ns admin 1 1h 10m 7d 5m\n@ NS ns\nns A 192.0.2.1\n$INCLUDE hosts.txt\n");
  const hosts = Array.from({ length: 150_000 }, (_, i) => `h${i} A 10.${i >> 16}.${(i >> 8) & 255}.${i & 255}\n`);
  fs.writeFileSync(join(root, "hosts.txt"), hosts.join(""));
  const outcome = await parser.parse({ path, namespace: "n", roots: [root] }, fs.statSync(path).size);
  expect(outcome).toMatchObject({ kind: "parsed", parsed: { isBroken: false, problems: [] } });
}, 60_000);

test("a file that takes too long to parse is refused, and the next one is read", async () => {
  // The budget of a small file.
  const hostile = `a: [${"[],".repeat(900_000)}[]]`;
  const path = join(root, "hostile.yaml");
  fs.writeFileSync(path, hostile);
  const outcome = parser.parse({ path, namespace: "n", roots: [] }, 9_000);
  const good = join(root, "good.json");
  fs.writeFileSync(good, manifest(200));
  const [found, next] = await Promise.all([outcome, parser.parse({ path: good, namespace: "n", roots: [] }, 1e6)]);
  expect(found).toMatchObject({ kind: "refused", problem: { code: "file-too-large" } });
  expect(next).toMatchObject({ kind: "parsed" });
}, 60_000);

/** Uses up the descriptors of its process, has a file parsed, and frees them when it is told of the shortage. */
const STARVED = `
  import { closeSync, openSync } from "node:fs";
  import { ManifestParser } from "${new URL("../../../src/sources/manifests/manifest-parser.ts", import.meta.url).href}";
  const taken = [];
  const told = [];
  const parser = new ManifestParser((problems) => {
    told.push(problems.map(({ code }) => code));
    for (const fd of taken.splice(0)) closeSync(fd);
  });
  try { for (;;) taken.push(openSync("/dev/null")); } catch {}
  const outcome = await parser.parse({ path: process.argv[2], namespace: "n", roots: [] }, Number(process.argv[3]));
  await parser.close();
  console.log(JSON.stringify({ told, objects: outcome.parsed.objects.length }));`;

test.each([
  ["large", 1e6],
  ["small", 100],
])("a %s file waits while the system lacks a thread or descriptor, and is read when it has one", (_size, bytes) => {
  const path = join(root, "a.json");
  fs.writeFileSync(path, manifest(1));
  const program = join(root, "starved.mjs");
  fs.writeFileSync(program, STARVED);
  const command = 'ulimit -n 60 && exec "$@"';
  const out = execFileSync("/bin/sh", ["-c", command, "sh", process.execPath, program, path, String(bytes)], {
    encoding: "utf8",
    timeout: 60_000,
  });
  expect(JSON.parse(out)).toEqual({ told: [["no-resources"], []], objects: 1 });
});
