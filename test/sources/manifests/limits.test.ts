// The limits on input, each met for real: files on a disk, loaded as `serve` and `check` load them. What is refused must
// leave its neighbour alone, and hold up the main thread for less than 50 ms and 10 MB.
import { execFileSync } from "node:child_process";
import * as fs from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { monitorEventLoopDelay } from "node:perf_hooks";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { objectKey } from "../../../src/objects/kube-object.ts";
import type { LoadedManifests } from "../../support/load-manifests.ts";
import { loadManifests } from "../../support/load-manifests.ts";
import { parseManifest } from "../../../src/sources/manifests/parse-manifest.ts";
import { FILE_BYTES_MAX } from "../../../src/files/file-status.ts";
import { expectMsBelow, isTimed } from "../../support/timing.ts";

const MAX_BLOCKED_MS = 50;
const MAX_GROWTH_BYTES = 10 * 1024 * 1024;
const GOOD = namespace("good");

let root: string;

beforeEach(() => (root = fs.realpathSync(fs.mkdtempSync(join(tmpdir(), "limits-")))));
afterEach(() => fs.rmSync(root, { recursive: true }));

function namespace(name: string): string {
  return `apiVersion: v1\nkind: Namespace\nmetadata:\n  name: ${name}\n`;
}

function write(files: Readonly<Record<string, string | Uint8Array>>, folder = root): void {
  fs.mkdirSync(folder, { recursive: true });
  for (const [name, content] of Object.entries(files)) fs.writeFileSync(join(folder, name), content);
}

async function load(...paths: string[]): Promise<LoadedManifests> {
  return loadManifests(paths.length === 0 ? [root] : paths, { namespace: "default" });
}

function keys({ objects }: LoadedManifests): string[] {
  return objects.map(objectKey).sort();
}

/** `file line:column code`, files relative to the test's folder. */
function faults({ problems }: LoadedManifests): string[] {
  return problems
    .map(({ code, place }) => `${place?.file.slice(root.length + 1)} ${place?.line}:${place?.column} ${code}`)
    .sort();
}

const ten = (item: string): string => Array(10).fill(item).join(", ");
const lines = (count: number, line: (index: number) => string): string =>
  Array.from({ length: count }, (_, i) => line(i)).join("");

/** What is small to write and large to read, and where it is refused. */
const BOMBS: readonly [title: string, text: string, fault: string][] = [
  ["aliases of aliases", lines(9, (i) => `m${i}: &m${i} [${ten(i === 0 ? "x" : `*m${i - 1}`)}]\n`), "5:55 yaml-syntax"],
  [
    "mappings that take in others",
    lines(9, (i) => `m${i}: &m${i} {${i === 0 ? "k: v" : `<<: [${ten(`*m${i - 1}`)}]`}}\n`),
    "6:25 yaml-syntax",
  ],
  ["an alias of what it is in", "a: &a [*a, *a]\n", "1:8 yaml-syntax"],
  ["a list of itself", `kind: List\nitems: &i [${ten("{kind: List, items: *i}")}]\n`, "2:32 yaml-syntax"],
  [
    "aliases of a large list",
    `a: &a [${"x,".repeat(20_000)}]\n${lines(5_000, (i) => `k${i}: *a\n`)}`,
    "149:7 yaml-syntax",
  ],
  ["open brackets", `a: ${"[".repeat(60_000)}`, "1:105 yaml-syntax"],
  ["brackets, closed", `a: ${"[".repeat(30_000)}${"]".repeat(30_000)}`, "1:105 yaml-syntax"],
  ["brackets of JSON", `${"[".repeat(30_000)}${"]".repeat(30_000)}`, "1:103 yaml-syntax"],
  ["objects of JSON", `${'{"a":'.repeat(10_000)}1${"}".repeat(10_000)}`, "1:507 yaml-syntax"],
  ["lists on a line", `${"- ".repeat(30_000)}x`, "1:204 yaml-syntax"],
  ["keys on a line", "? ".repeat(30_000), "1:204 yaml-syntax"],
  ["mappings on a line", `${"a: ".repeat(20_000)}x`, "1:305 yaml-syntax"],
  ["mappings in mappings", lines(340, (i) => `${" ".repeat(i)}a:\n`), "102:103 yaml-syntax"],
  ["small items, block", "-\n".repeat(1_000_001), "1:1 yaml-syntax"],
  ["small items, flow", `a: [${"x,".repeat(1_000_001)}]`, "1:1 yaml-syntax"],
  ["small items, JSON", `{"a": [${"[],".repeat(1_000_001)}[]]}`, "1:1 yaml-syntax"],
  ["errors, one a character", `a: [${",".repeat(60_000)}]`, "1:6 yaml-syntax"],
  ["errors, few enough for the main thread", "]".repeat(8_000), "1:1 yaml-syntax"],
  ["tags", `a: ${"! ".repeat(30_000)}`, "1:6 yaml-syntax"],
];

interface Cost {
  readonly loaded: LoadedManifests;
  readonly blockedMs: number;
  readonly grownBytes: number;
}

const collectGarbage = ((): (() => void) => {
  setFlagsFromString("--expose-gc");
  return runInNewContext("gc") as () => void;
})();

/** Loads the folder and measures what that costs this process, its threads included. */
async function measure(): Promise<Cost> {
  collectGarbage();
  const before = process.memoryUsage.rss();
  let most = before;
  const sampler = setInterval(() => (most = Math.max(most, process.memoryUsage.rss())), 2);
  const delay = monitorEventLoopDelay({ resolution: 1 });
  delay.enable();
  // Named, as in a folder it would be taken for a data file.
  const loaded = await load(join(root, "bomb.yaml"), root);
  delay.disable();
  clearInterval(sampler);
  return { loaded, blockedMs: delay.max / 1e6, grownBytes: most - before };
}

/** The cheapest of several loads: what else runs on the machine only ever adds. */
async function measureBest(isEnough: (cost: Cost) => boolean): Promise<Cost> {
  let best = await measure();
  for (let attempt = 1; attempt < 6 && !isEnough(best); attempt++) {
    const { loaded, blockedMs, grownBytes } = await measure();
    best = {
      loaded,
      blockedMs: Math.min(best.blockedMs, blockedMs),
      grownBytes: Math.min(best.grownBytes, grownBytes),
    };
  }
  return best;
}

describe("bombs are refused where they begin, soon, and in little memory", () => {
  test.each(BOMBS)("%s", async (_title, text, fault) => {
    // A harmless text of the same size starts the thread that large files are parsed in, and reads as much.
    write({ "bomb.yaml": `# ${"x".repeat(text.length)}\n`, "good.yaml": GOOD });
    await load();
    const harmless = await measure();
    write({ "bomb.yaml": text });
    const allowed = harmless.grownBytes + MAX_GROWTH_BYTES;
    const isShort = (seen: Cost): boolean => !isTimed || seen.blockedMs < MAX_BLOCKED_MS;
    const cost = await measureBest((seen) => isShort(seen) && seen.grownBytes < allowed);
    expect(keys(cost.loaded)).toEqual(["Namespace /good"]);
    expect(faults(cost.loaded)).toEqual([`bomb.yaml ${fault}`]);
    expectMsBelow(cost.blockedMs, MAX_BLOCKED_MS);
    expect(cost.grownBytes).toBeLessThan(allowed);
  });

  test("a document of the same file that comes before counts, in its place one after it too", async () => {
    write({
      "a.yaml": `${namespace("a")}---\n${BOMBS[0]![1]}---\n${namespace("b")}---\n${BOMBS[5]![1]}\n---\n${namespace("c")}`,
    });
    expect(keys(await load())).toEqual(["Namespace /a", "Namespace /b", "Namespace /c"]);
  });

  test("what just fits is read", async () => {
    const deep = `${"[".repeat(98)}${"]".repeat(98)}`;
    const wide = "1,".repeat(400_000);
    const head = '"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name":';
    write({
      "a.json": `{${head} "a", "annotations": {"x": ${deep.slice(2, -2)}}}, "y": [${wide}1]}`,
      "b.yaml": `${namespace("b").replace("Namespace", "ConfigMap")}x: &x ${deep}\ny: [${Array(100).fill("*x").join()}]\n`,
    });
    const loaded = await load();
    expect([keys(loaded), faults(loaded)]).toEqual([["ConfigMap.v1 default/a", "ConfigMap.v1 default/b"], []]);
  });
});

test("many problems are cut short, and the good objects beside them stay", async () => {
  const item = (index: number): object => ({ apiVersion: "v1", kind: "Namespace", metadata: { name: `N${index}` } });
  const good = { apiVersion: "v1", kind: "Namespace", metadata: { name: "n" } };
  write({
    "a.json": JSON.stringify({ kind: "List", items: [...Array.from({ length: 5_000 }, (_, i) => item(i)), good] }),
  });
  const loaded = await load();
  expect(keys(loaded)).toEqual(["Namespace /n"]);
  expect(loaded.problems).toHaveLength(1_001);
  expect(loaded.problems.at(-1)).toMatchObject({ code: "too-many-problems", severity: "error", message: /4000/ });
});

describe("files only", () => {
  test("pipes, sockets and devices are not opened", async () => {
    write({ "good.yaml": GOOD });
    execFileSync("mkfifo", [join(root, "pipe.yaml")]);
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(join(root, "socket.yaml"), resolve));
    fs.symlinkSync("/dev/zero", join(root, "zero.yaml"));
    const loaded = await load();
    await new Promise((resolve) => server.close(resolve));
    expect(keys(loaded)).toEqual(["Namespace /good"]);
    expect(faults(loaded)).toEqual([
      "pipe.yaml 1:1 not-a-file",
      "socket.yaml 1:1 not-a-file",
      "zero.yaml 1:1 outside-folder",
    ]);
  });

  test.each([
    ["a pipe", "pipe"],
    ["a device", "/dev/zero"],
  ])("%s as an argument", async (_title, target) => {
    if (target === "pipe") execFileSync("mkfifo", [join(root, target)]);
    await expect(load(join(target === "pipe" ? root : "/", target))).rejects.toMatchObject({
      name: "SourceError",
      message: expect.stringContaining("neither a file nor a folder") as string,
    });
  });

  test("64 MB, and a byte more", async () => {
    const fits = Buffer.alloc(FILE_BYTES_MAX, " ");
    fits.write(GOOD);
    write({ "fits.yaml": fits, "more.yaml": "" });
    fs.truncateSync(join(root, "more.yaml"), FILE_BYTES_MAX + 1);
    const loaded = await load();
    expect([keys(loaded), faults(loaded)]).toEqual([["Namespace /good"], ["more.yaml 1:1 file-too-large"]]);
  });
});

describe("links are followed inside the given paths only", () => {
  beforeEach(() => {
    write({ "a.yaml": namespace("a") }, join(root, "one"));
    write({ "b.yaml": namespace("b"), "c.txt": namespace("c") }, join(root, "two"));
    write({ "d.yaml": namespace("d") }, join(root, "three"));
  });
  const link = (target: string, path: string): void => fs.symlinkSync(target, join(root, path));

  test("out: a file, a folder, over a link that is inside", async () => {
    link("../three/d.yaml", "one/d.yaml");
    link("../three", "one/three");
    link("d.yaml", "one/e.yaml");
    link("three/d.yaml", "one/f.yaml");
    const loaded = await load(join(root, "one"));
    expect(keys(loaded)).toEqual(["Namespace /a"]);
    expect(faults(loaded)).toEqual([
      "one/d.yaml 1:1 outside-folder",
      "one/e.yaml 1:1 outside-folder",
      "one/f.yaml 1:1 outside-folder",
      "one/three 1:1 outside-folder",
    ]);
  });

  test("a folder whose name begins as the given one's is outside", async () => {
    write({ "x.yaml": namespace("x") }, join(root, "one-more"));
    link("../one-more/x.yaml", "one/x.yaml");
    expect(faults(await load(join(root, "one")))).toEqual(["one/x.yaml 1:1 outside-folder"]);
  });

  test("into another of the paths, a file of any name or a folder", async () => {
    link("../two/c.txt", "one/c.yaml");
    link("../three/d.yaml", "one/d.yaml");
    const loaded = await load(join(root, "one"), join(root, "two"), join(root, "three", "d.yaml"));
    expect(keys(loaded)).toEqual(["Namespace /a", "Namespace /b", "Namespace /c", "Namespace /d"]);
    expect(faults(loaded)).toEqual([]);
  });

  test("the given path may itself be a link", async () => {
    link("one", "link");
    link("two/b.yaml", "b.yaml");
    const loaded = await load(join(root, "link"), join(root, "b.yaml"));
    expect([keys(loaded), faults(loaded)]).toEqual([["Namespace /a", "Namespace /b"], []]);
  });

  test("folders that all lead to each other end", async () => {
    const names = Array.from({ length: 9 }, (_, index) => `d${index}`);
    for (const name of names) fs.mkdirSync(join(root, "one", name));
    for (const name of names)
      for (const other of names) if (name !== other) link(`../${other}`, `one/${name}/to-${other}`);
    const loaded = await load(join(root, "one"));
    expect(keys(loaded)).toEqual(["Namespace /a"]);
    expect(new Set(loaded.problems.map(({ code }) => code))).toEqual(new Set(["link-loop", "too-many-links"]));
  });
});

describe("names that every object of the language has are names like any other", () => {
  const names = ["constructor", "tostring", "valueof", "hasownproperty"];
  const labels = { __proto__x: "1", ["__proto__"]: "p", constructor: "c", toString: "t" };
  const service = (name: string): object => ({
    apiVersion: "v1",
    kind: "Service",
    // Of a live cluster, because an API server takes no such labels.
    metadata: { name, namespace: "constructor", labels, annotations: labels, uid: "1" },
    spec: {
      clusterIP: "None",
      selector: labels,
      ports: [{ name: "constructor", port: 80, targetPort: "constructor" }],
    },
  });

  test.each(["json", "yaml"])("%s", async (format) => {
    const text = names.map((name) => JSON.stringify(service(name)));
    write({
      [`a.${format}`]: format === "json" ? `{"kind": "List", "items": [${text.join()}]}` : text.join("\n---\n"),
    });
    const loaded = await load();
    expect(keys(loaded)).toEqual(names.map((name) => `Service constructor/${name}`).sort());
    expect(loaded.problems).toEqual([]);
    expect(loaded.objects[0]).toMatchObject({ selector: new Map(Object.entries(labels)) });
    expect(({} as Record<string, unknown>)["p"]).toBeUndefined();
  });

  test("a merge of such keys, and such a kind", async () => {
    write({
      "a.yaml": `${GOOD}---\n__proto__: &p {kind: Service, metadata: {name: bad}}\nconstructor:\n  <<: *p\n---\nkind: constructor\n`,
    });
    const loaded = await load();
    expect([keys(loaded), faults(loaded)]).toEqual([["Namespace /good"], []]);
    expect(loaded.counts.otherKinds).toEqual(new Map([["constructor", 1]]));
  });
});

describe("text that editors and shells leave behind", () => {
  const utf16 = (text: string): Buffer => Buffer.from(`\ufeff${text}`, "utf16le");
  const rows: [title: string, content: string | Uint8Array, keys: string[], fault?: string, advice?: RegExp][] = [
    ["a byte order mark", `\ufeff${GOOD}`, ["Namespace /good"]],
    [
      "a byte order mark and JSON",
      `\ufeff${JSON.stringify({ apiVersion: "v1", kind: "Namespace", metadata: { name: "good" } })}`,
      ["Namespace /good"],
    ],
    ["CRLF", GOOD.replaceAll("\n", "\r\n"), ["Namespace /good"]],
    ["UTF-16", utf16(GOOD), ["Namespace /good"]],
    ["UTF-16, the other order", utf16(GOOD).swap16(), ["Namespace /good"]],
    ["UTF-16 without its mark", utf16(GOOD).subarray(2), [], "1:1 not-utf8", /save the file as UTF-8/],
    ["Latin-1", Buffer.from(`${GOOD}  labels: {a: caf\xe9}\n`, "latin1"), [], "5:18 not-utf8", /UTF-8/],
    ["half a character", Buffer.from(`${GOOD}# \u20ac`).subarray(0, -1), [], "5:3 not-utf8", /UTF-8/],
    ["NUL", GOOD.replace("good", "go\0od"), [], "4:11 yaml-syntax"],
    [
      "a file that a crash filled up with NUL",
      `${namespace("a")}---\n${GOOD}${"\0".repeat(64)}`,
      ["Namespace /a"],
      "10:1 yaml-syntax",
    ],
    ["an escape of a terminal", `${GOOD}# \x1b[31m\n`, [], "5:3 yaml-syntax"],
    ["NUL in JSON", '{"a": "\0"}', [], "1:8 yaml-syntax"],
    ["a key twice in JSON", '{\n "kind": "Pod",\n "kind": "Config"\n}', [], "3:2 duplicate-key"],
    ["a key twice in data", '{\n "x": "Pod",\n "x": "Service"\n}', []],
    ["a key twice in a list of JSON", `{"kind": "List", "items": [{"a": 1,\n"a": 2}]}`, [], "2:1 duplicate-key"],
    [
      "numbers too large for any field",
      '{"apiVersion":"v1","kind":"Service","metadata":{"name":"a"},"spec":{"clusterIP":"None","ports":[{"port":1e999}]}}',
      [],
      "1:105 invalid-field",
    ],
    [
      "a number of many digits",
      `apiVersion: v1\nkind: Service\nmetadata: {name: a}\nspec: {clusterIP: None, ports: [{port: ${"9".repeat(5_000)}}]}\n`,
      [],
      "4:40 invalid-field",
    ],
    [
      "half a surrogate pair in JSON",
      '{"apiVersion":"v1","kind":"Namespace","metadata":{"name":"\\ud800"}}',
      [],
      "1:58 invalid-field",
    ],
  ];
  test.each(rows)("%s", async (_title, content, expected, fault, advice = /./) => {
    write({ "a.yaml": content, "z.yaml": namespace("z") });
    const loaded = await load(join(root, "a.yaml"), root);
    expect(keys(loaded)).toEqual([...expected, "Namespace /z"]);
    expect(faults(loaded)).toEqual(fault === undefined ? [] : [`a.yaml ${fault}`]);
    for (const problem of loaded.problems) expect(problem.advice).toMatch(advice);
  });
});

test("no text at all makes the parser throw, and every problem has a place", () => {
  const pieces = [
    ..."a|b: |- |? |: |[|]|{|}|,|&x |*x|<<: |!t |!!set |!!omap |'|\"|\n|\n  |\n    |#|---\n|...\n|%YAML 1.1\n|\t|\\".split(
      "|",
    ),
    ..."kind: List\n|items:\n|apiVersion: v1\n|kind: Service\n|metadata: |name: a\n|spec: |ports: |port: |1e999".split(
      "|",
    ),
    ...["|\n", ">\n", '"\\ud800"', "\0", "\ufeff", "__proto__: ", "constructor: "],
  ];
  const texts = fc.array(fc.constantFrom(...pieces), { maxLength: 60 }).map((parts) => parts.join(""));
  fc.assert(
    fc.property(texts, (text) => {
      for (const { place } of parseManifest(text, { file: "a.yaml", namespace: "default" }).problems) {
        if (place === undefined || place.line < 1 || place.column < 1) return false;
      }
      return true;
    }),
    { numRuns: 3_000 },
  );
});
