// Makes `dist/`, which the package and the image hold: bundled JavaScript, the declarations that programs need, and the
// man pages. docs/decisions/0012-bundles.md says why bundles. Run it with `npm run build`; an argument names another
// folder.
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { rolldown } from "rolldown";
import type { Plugin } from "rolldown";
import { describeCommands, EXIT_CODES } from "../src/cli/cli.ts";
import { readAssets } from "../src/status-page/assets.ts";
import { formatManPages } from "./man-pages.ts";
import type { ProgramTexts } from "./man-pages.ts";

const ROOT = fileURLToPath(new URL("../", import.meta.url));
const DIST = resolve(process.argv[2] ?? join(ROOT, "dist"));

/** Files that are imported or started by name, and their sources. */
const ENTRIES = {
  main: "src/main.ts",
  cli: "src/cli/start.ts",
  worker: "src/planes/worker.ts",
  "parse-worker": "src/sources/manifests/parse-worker.ts",
};

/** The import of a file beside the importing one. */
const RELATIVE_IMPORT = /((?:from |import\()")(\.[^"]+)\.ts"/g;

/** Small files that nearly all parts load, or several commands: one chunk for each kind instead of dozens. */
const SHARED = [
  { name: "base", test: /src\/(?:std|net|dns)\// },
  { name: "commands", test: /src\/cli\//, minShareCount: 2 },
];

/** Dependencies that `require()` can't load where modules can't be required. */
const ESM_ONLY = ["chokidar", "readdirp"];

/** Puts the files of the status page into the code: the package and the image need no path to them. */
const INLINE_ASSETS: Plugin = {
  name: "inline-assets",
  load: (id) =>
    id === join(ROOT, "src/status-page/assets.ts")
      ? `export const readAssets = () => new Map(${JSON.stringify([...readAssets()])});`
      : null,
};

rmSync(DIST, { recursive: true, force: true });
await bundle();
await bundleCommonJs();
writeDeclarations();
writeCommonJsTypes();
await writeManPages();

/** Dependencies stay packages of their own. */
function isExternal(id: string): boolean {
  return !id.startsWith(".") && !id.startsWith("/");
}

async function bundle(): Promise<void> {
  const build = await rolldown({
    cwd: ROOT,
    input: ENTRIES,
    platform: "node",
    plugins: [INLINE_ASSETS],
    external: isExternal,
  });
  await build.write({
    dir: DIST,
    // The sources have them.
    comments: false,
    // Names of functions and classes stay: errors can be read without source maps, which would be as large as the code.
    minify: { mangle: { keepNames: true } },
    codeSplitting: { groups: SHARED },
    entryFileNames: "[name].js",
    // Beside the entries: the code looks there for the files of its threads.
    chunkFileNames: "[name].js",
  });
  await build.close();
}

/**
 * The library for `require()`, in one file. Node.js could load the modules, but test runners such as Jest load files
 * themselves and can not.
 */
async function bundleCommonJs(): Promise<void> {
  const build = await rolldown({
    cwd: ROOT,
    input: { main: ENTRIES.main },
    platform: "node",
    plugins: [INLINE_ASSETS],
    external: (id) => isExternal(id) && !ESM_ONLY.includes(id),
  });
  await build.write({
    dir: DIST,
    format: "cjs",
    codeSplitting: false,
    minify: { mangle: { keepNames: true } },
    entryFileNames: "[name].cjs",
  });
  await build.close();
}

/** Compiles all declarations, and keeps those that the library's lead to. */
function writeDeclarations(): void {
  const compiled = mkdtempSync(join(tmpdir(), "cluster-dns-types-"));
  const project = join(ROOT, "tsconfig.build.json");
  execFileSync(join(ROOT, "node_modules/.bin/tsc"), ["-p", project, "--outDir", compiled], { stdio: "inherit" });
  const kept = new Set<string>();
  const keep = (file: string): void => {
    if (kept.has(file)) return;
    kept.add(file);
    const text = readFileSync(join(compiled, file), "utf8");
    const target = join(DIST, "types", file);
    mkdirSync(dirname(target), { recursive: true });
    writeFileSync(target, text.replaceAll(RELATIVE_IMPORT, '$1$2.js"'));
    for (const [, , path] of text.matchAll(RELATIVE_IMPORT)) keep(join(dirname(file), `${path}.d.ts`));
  };
  keep("main.d.ts");
  rmSync(compiled, { recursive: true });
}

function writeCommonJsTypes(): void {
  const types = readFileSync(join(DIST, "types/main.d.ts"), "utf8");
  const values = exportedNames(types, /^export (?:declare )?(?:function|class|const) (\w+)|^export \{([^}]+)\}/gm);
  const names = exportedNames(types, /^export (?:declare )?(?:interface|type|class) (\w+)|^export type \{([^}]+)\}/gm);
  const from = 'import("./main.js", { with: { "resolution-mode": "import" } })';
  const lines = [
    `declare const library: typeof ${from};`,
    ...names.filter((name) => !values.includes(name)).map((name) => `export type ${name} = ${from}.${name};`),
    ...values.map((name) => `export declare const ${name}: typeof library.${name};`),
    ...values.filter((name) => /^[A-Z]/.test(name)).map((name) => `export type ${name} = ${from}.${name};`),
  ];
  writeFileSync(join(DIST, "types/main.d.cts"), `${lines.join("\n")}\n`);
}

function exportedNames(types: string, pattern: RegExp): readonly string[] {
  return [...types.matchAll(pattern)].flatMap(([, one, list]) => one ?? list!.split(",").map((name) => name.trim()));
}

/** Their date is SOURCE_DATE_EPOCH where it is set, so that a build can be repeated byte for byte. */
async function writeManPages(): Promise<void> {
  const { version, description } = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8")) as ProgramTexts;
  const seconds = process.env["SOURCE_DATE_EPOCH"];
  const date = new Date(seconds === undefined ? Date.now() : Number(seconds) * 1000).toISOString().slice(0, 10);
  mkdirSync(join(DIST, "man"));
  const texts = { version, description, exitCodes: EXIT_CODES, date };
  for (const [name, page] of formatManPages(await describeCommands(), texts))
    writeFileSync(join(DIST, "man", name), page);
}
