// The pages keep their word: commands and answers in the README are run as they stand (installed.test.ts runs its
// program); tables agree with the code; npm scripts exist. Only the port is another one, so that a test finds it free.
import { spawnSync } from "node:child_process";
import { cpSync, existsSync, mkdtempSync, readFileSync, readdirSync, rmSync } from "node:fs";
import { isIPv6 } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PassThrough, Readable } from "node:stream";
import { text } from "node:stream/consumers";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { run as runQuery } from "../src/cli/query.ts";
import { flagName, OPTION_NAMES, optionRow } from "../src/config/option-names.ts";
import { optionHelpRows } from "../src/config/options-page.ts";
import { whyNot } from "./support/optional-programs.ts";
import { freePort, ROOT, ServerProcess } from "./support/process.ts";

const README_PORT = /\b5300\b/g;
const TOUR_NAME = "web.default.svc.cluster.local";

interface Step {
  readonly command: string;
  readonly output: readonly string[];
}

/** The fenced blocks of one language. */
function blocksOf(page: string, language: string): string[] {
  return [...page.matchAll(/^```(\w+)\n(.*?)^```$/gms)].filter((m) => m[1] === language).map((m) => m[2]!);
}

/** `$ command`, then what it prints. */
function stepsOf(block: string): Step[] {
  const parts = block.split(/^\$ /m);
  if (parts.shift() !== "") throw new Error(`a console block starts with "$ ": ${block}`);
  return parts.map((part) => {
    const [command = "", ...output] = part.trimEnd().split("\n");
    return { command, output };
  });
}

/** Lines as a set, whitespace and spelling of addresses aside: the order of records is not promised. */
function comparable(lines: readonly string[]): string[] {
  return lines
    .map((line) => line.split(/\s+/).filter(Boolean).map(canonicalWord).join(" "))
    .filter((line) => line !== "")
    .toSorted();
}

function canonicalWord(word: string): string {
  return isIPv6(word) ? new URL(`http://[${word}]`).hostname.slice(1, -1) : word;
}

const readme = readFileSync(`${ROOT}README.md`, "utf8");
const steps = blocksOf(readme, "console").flatMap(stepsOf);
const digSteps = steps.filter(({ command }) => command.startsWith("dig "));
const shellBlocks = blocksOf(readme, "sh").map((block) => block.trim());

/** A server that the README starts, the port that it has there, and the steps that ask it. */
const tours = shellBlocks.flatMap((block) => {
  const readmePort = /^bin\/cluster-dns serve [a-z/]+ --listen 127\.0\.0\.1:(\d+)$/.exec(block)?.[1];
  if (readmePort === undefined) return [];
  const own = digSteps.filter(({ command }) => command.includes(` -p ${readmePort} `));
  const folder = block.split(" ")[2]!;
  const others = steps.filter((step) => !digSteps.includes(step) && step.command.includes(` ${folder} `));
  return [{ serveCommand: block, readmePort, digs: own, others, name: own[0]!.command.split(" ")[4]! }];
});

test("the README's tours have a step for each kind of service, and each step a tour", () => {
  expect(tours[0]!.digs.length).toBeGreaterThanOrEqual(18);
  expect(new Set(tours.flatMap(({ digs, others }) => [...digs, ...others]))).toEqual(new Set(steps));
});

describe.each(tours)("the README's tour: $serveCommand", ({ serveCommand, readmePort, digs, others, name }) => {
  let port = 0;
  let server: ServerProcess | undefined;

  beforeAll(async () => {
    port = await freePort();
    const command = `exec ${serveCommand.replace(readmePort, String(port))}`;
    server = await ServerProcess.start(["/bin/sh", "-c", command], { port, name });
  });
  afterAll(async () => {
    await server?.stop();
  });

  test.for([...digs, ...others])("$command", ({ command, output }, { skip }) => {
    const missing = command.startsWith("dig ") ? whyNot("dig") : undefined;
    if (missing !== undefined) skip(`${missing}; our own client asks the same below`);
    const ran = spawnSync("/bin/sh", ["-c", command.replace(` -p ${readmePort} `, ` -p ${port} `)], {
      cwd: ROOT,
      encoding: "utf8",
      timeout: 40_000,
      // Not the user's ~/.digrc.
      env: { ...process.env, HOME: tmpdir() },
    });
    expect(ran.stderr).toBe("");
    expect(ran.status).toBe(0);
    expect(comparable(ran.stdout.split("\n"))).toEqual(comparable(output));
  });

  test.each(digs)("by our own client: $command", async ({ command, output }) => {
    const printed = await query(command, port);
    for (const line of comparable(output)) {
      const wanted = line.replace("status:", ";");
      expect(printed.some((each) => each === wanted || each.endsWith(` ${wanted}`) || each.startsWith(wanted))).toBe(
        true,
      );
    }
  });

  test("ends with exit code 0 on SIGTERM", async () => {
    expect(await server?.stop()).toBe(0);
  });
});

/** Asks what a `dig` command line asks, by `cluster-dns query`. */
async function query(digCommand: string, port: number): Promise<string[]> {
  const words = digCommand
    .replace(/ \|.*$/, "")
    .split(" ")
    .slice(1)
    .filter((word) => !/^[@+]/.test(word));
  const operands = words.filter((word, i) => word !== "-p" && words[i - 1] !== "-p");
  const reverse = operands[0] === "-x" ? `${operands[1]!.split(".").toReversed().join(".")}.in-addr.arpa` : undefined;
  const question = reverse === undefined ? operands : [reverse, "PTR"];
  const stdout = new PassThrough();
  const stderr = new PassThrough();
  const io = { stdin: Readable.from([]), stdout, stderr, env: {} };
  await runQuery([...question, "--server", `127.0.0.1:${port}`], io);
  stdout.end();
  return comparable((await text(stdout)).split("\n")).map((line) => line.replace(/^(; [A-Z]+),.*$/, "$1"));
}

describe("the README's commands", () => {
  /** How each shell block is run here; a block that none of them knows fails. */
  const runs: readonly { what: string; pattern: RegExp; run: (block: string) => Promise<void> | void }[] = [
    { what: "npm start", pattern: /^npm ci && npm start$/, run: runNpmStart },
    { what: "npm test", pattern: /^npm ci && npm test$/, run: runNpmTest },
    { what: "serve (run by the tours)", pattern: /^bin\/cluster-dns serve \S+ --listen/, run: () => {} },
    {
      what: "a pipe into serve",
      pattern: /^helm template my-chart -n shop \| bin\/cluster-dns serve - /,
      run: runPipe,
    },
    { what: "docker run (its flags)", pattern: /^docker run /, run: checkDockerRun },
  ];

  test.each(runs)("$what", async ({ pattern, run }) => {
    const block = shellBlocks.find((each) => pattern.test(each));
    expect(block).toBeDefined();
    await run(block!);
  });

  test("are all run", () => {
    expect(shellBlocks.filter((block) => !runs.some(({ pattern }) => pattern.test(block)))).toEqual([]);
  });

  test("npm ci would install from the lock file as it is", () => {
    const folder = mkdtempSync(join(tmpdir(), "cluster-dns-npm-"));
    try {
      for (const file of ["package.json", "package-lock.json", ".npmrc"]) cpSync(ROOT + file, join(folder, file));
      const ran = spawnSync("npm", ["ci", "--dry-run", "--offline"], { cwd: folder, encoding: "utf8" });
      expect(ran.stderr).not.toMatch(/npm error/);
      expect(ran.status).toBe(0);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});

async function runNpmStart(): Promise<void> {
  const port = await freePort();
  const command = ["npm", "start", "--", "--listen", `127.0.0.1:${port}`] as const;
  // Another port, because another server on this machine may have that one.
  const env = { ...process.env, CLUSTER_DNS_ADMIN: "0" };
  const server = await ServerProcess.start(command, { port, name: TOUR_NAME, env });
  await expect.poll(() => server.output).toMatch(/"admin":\["http:\/\/127\.0\.0\.1:\d+"\]/);
  await server.stop();
}

function runNpmTest(): void {
  // The whole suite is what runs this: one of its files is enough.
  const ran = spawnSync("npm", ["test", "--", "test/std/nearest.test.ts"], { cwd: ROOT, encoding: "utf8" });
  expect(ran.stdout).toMatch(/[1-9]\d* passed/);
  expect(ran.status).toBe(0);
}

async function runPipe(block: string): Promise<void> {
  const port = await freePort();
  const command = block.replace(/^.*\| /, "exec ").replace(README_PORT, String(port));
  const files = readdirSync(`${ROOT}zones`).map((name) => readFileSync(`${ROOT}zones/${name}`, "utf8"));
  const stdin = files.join("\n---\n");
  const server = await ServerProcess.start(["/bin/sh", "-c", command], { port, name: TOUR_NAME, stdin });
  expect(await server.stop()).toBe(0);
}

/** Its flags say what the generated resolv.conf says. */
function checkDockerRun(block: string): void {
  const given = (flag: string): string =>
    [...block.matchAll(new RegExp(`--${flag} (\\S+)`, "g"))].map((m) => m[1]).join(" ");
  const resolvConf = steps.find(({ command }) => command.startsWith("bin/cluster-dns resolv-conf"))?.output;
  expect([`nameserver ${given("dns")}`, `search ${given("dns-search")}`, `options ${given("dns-option")}`]).toEqual(
    resolvConf,
  );
}

describe("the pages", () => {
  const pages = [
    ...readdirSync(ROOT),
    ...readdirSync(`${ROOT}docs`, { recursive: true, encoding: "utf8" }).map((p) => `docs/${p}`),
  ]
    .filter((path) => path.endsWith(".md"))
    .map((path) => ({ path, page: readFileSync(ROOT + path, "utf8") }));
  const manifest = JSON.parse(readFileSync(`${ROOT}package.json`, "utf8")) as Record<string, Record<string, string>>;

  test.each(pages)("$path: npm scripts exist", ({ page }) => {
    const scripts = [...page.matchAll(/npm (?:run )?(start|test|(?<=run )[\w:-]+)/g)].map((m) => m[1]!);
    expect(scripts.filter((script) => manifest["scripts"]?.[script] === undefined)).toEqual([]);
  });

  test("the README's options are those of the program: flags, values and defaults", () => {
    const rows = [...readme.matchAll(/^\| `(--[^`]*)` \| (?:`([^`]*)`|[^|`]*) \|/gm)];
    expect(rows.length).toBeGreaterThan(5);
    const flags = optionHelpRows().map(({ flag }) => flag);
    for (const [, flag = "", initial] of rows) {
      expect(flags).toContain(flag);
      const name = OPTION_NAMES.find((each) => flagName(each) === flag.split(" ", 1)[0]);
      // A default too long for the table is paraphrased.
      if (name !== "allowRecursion")
        expect({ flag, initial: name && optionRow(name).default }).toEqual({ flag, initial });
    }
  });

  test("docs/dependencies.md has a row for each dependency, with its licence", () => {
    const page = readFileSync(`${ROOT}docs/dependencies.md`, "utf8");
    const rows = [...page.matchAll(/^\| `([^`]+)` \| ([\w.-]+) \|/gm)].map((m) => ({ name: m[1]!, licence: m[2]! }));
    const runtime = JSON.parse(readFileSync(`${ROOT}tools/runtime/package.json`, "utf8")) as typeof manifest;
    const groups = [manifest["dependencies"], manifest["devDependencies"], runtime["optionalDependencies"]];
    const installed = groups.flatMap((group) => Object.keys(group ?? {}));
    expect(rows.map(({ name }) => name).toSorted()).toEqual(installed.toSorted());
    for (const { name, licence } of rows) {
      const path = `${ROOT}node_modules/${name}/package.json`;
      // Of Node's own packages, npm installed only this machine's.
      if (!existsSync(path)) continue;
      expect({ name, licence: (JSON.parse(readFileSync(path, "utf8")) as { license: string }).license }).toEqual({
        name,
        licence,
      });
    }
  });
});
