import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { State } from "../../src/state/state-file.ts";
import { readState, writeState } from "../../src/state/state-file.ts";

const STATE: State = {
  clusterIps: new Map([
    ["default/web", ["10.96.0.1", "fd00::1"]],
    ["__proto__", ["10.96.0.2"]],
  ]),
  podIps: new Map([["default/db-0", ["10.244.0.1"]]]),
  serial: 4_294_967_295,
};
const EMPTY: State = { clusterIps: new Map(), podIps: new Map() };

let folder: string;
let path: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "state-"));
  path = join(folder, "state.json");
});
afterEach(() => rmSync(folder, { recursive: true }));

test.each([
  ["full", STATE],
  ["empty", EMPTY],
])("what is written is read: %s", async (_, state) => {
  expect(await writeState(path, state)).toEqual([]);
  expect(await readState(path)).toEqual({ state, problems: [] });
  expect(readdirSync(folder)).toEqual(["state.json"]);
});

test("a write replaces what was there", async () => {
  await writeState(path, STATE);
  await writeState(path, EMPTY);
  expect((await readState(path)).state).toEqual(EMPTY);
});

test("no file yet is no problem", async () => {
  expect(await readState(path)).toEqual({ problems: [] });
  expect(await readState(join(folder, "none", "state.json"))).toEqual({ problems: [] });
});

test("only its user may read it, whatever the umask and what a killed process left", async () => {
  const before = process.umask(0);
  try {
    writeFileSync(`${path}.new`, "left over, and longer than what follows".repeat(100), { mode: 0o666 });
    await writeState(path, STATE);
    expect(statSync(path).mode & 0o777).toBe(0o600);
    process.umask(0o777);
    await writeState(path, STATE);
    expect(statSync(path).mode & 0o777).toBe(0o600);
  } finally {
    process.umask(before);
  }
  expect((await readState(path)).state).toEqual(STATE);
});

test("a link in the temporary file's place is not followed", async () => {
  const victim = join(folder, "victim");
  writeFileSync(victim, "mine");
  symlinkSync(victim, `${path}.new`);
  expect(await writeState(path, STATE)).toMatchObject([{ code: "state-not-written" }]);
  expect(readFileSync(victim, "utf8")).toBe("mine");
});

/** As the program writes it, with another text in place of a part. */
async function written(part: RegExp, other: string): Promise<string> {
  await writeState(path, STATE);
  const text = readFileSync(path, "utf8");
  expect(text).toMatch(part);
  return text.replace(part, other);
}

describe("reported, and not used", () => {
  test.each<[what: string, make: () => Promise<string> | string, message: RegExp]>([
    ["empty", () => "", /is empty/],
    ["another file", () => "kind: Service\n", /cut or damaged/],
    ["another JSON file", () => '{"clusterIps":{}}', /checksum/],
    ["a list", () => "[]", /checksum/],
    ["null", () => "null", /checksum/],
    ["cut", async () => (await written(/x^|/, "")).slice(0, -40), /cut or damaged/],
    ["an address changed", () => written(/10\.96\.0\.1/, "10.96.0.9"), /checksum/],
    ["a serial changed", () => written(/4294967295/, "4294967294"), /checksum/],
    ["the checksum changed", () => written(/"checksum":\d/, '"checksum":'), /cut or damaged|checksum/],
    ["a newer version", () => written(/"version":1/, '"version":2'), /version 2, and this program knows up to 1/],
    ["no version", () => written(/"version":1,/, ""), /checksum/],
    ["no state", () => '{"version":1,"checksum":0}', /checksum/],
  ])("%s", async (_, make, message) => {
    writeFileSync(path, await make());
    const { state, problems } = await readState(path);
    expect(state).toBeUndefined();
    expect(problems).toMatchObject([{ code: "state-not-used", severity: "warning", place: { file: path, line: 1 } }]);
    expect(problems[0]!.message).toMatch(message);
    expect(problems[0]!.advice).not.toBe("");
    // And is rebuilt.
    expect(await writeState(path, STATE)).toEqual([]);
    expect((await readState(path)).state).toEqual(STATE);
  });

  test("every file that is cut somewhere, and every one with one byte changed", async () => {
    await writeState(path, STATE);
    const bytes = readFileSync(path);
    for (let i = 0; i < bytes.length - 1; i++) {
      writeFileSync(path, bytes.subarray(0, i));
      expect((await readState(path)).state).toBeUndefined();
      const damaged = Uint8Array.from(bytes);
      damaged[i]! ^= 1;
      writeFileSync(path, damaged);
      expect((await readState(path)).state).toBeUndefined();
    }
  });

  test("what holds no addresses, though the checksum is right", async () => {
    const bad = [
      ["a/web", ["10.96.0.300"]],
      ["a/web", ["FD00::1"]],
      ["a/web", "10.96.0.1"],
      ["a/web", [1]],
    ] as const;
    for (const entry of bad) {
      await writeState(path, { ...EMPTY, podIps: new Map([entry as unknown as [string, string[]]]) });
      expect(await readState(path)).toMatchObject({ problems: [{ message: expect.stringMatching(/is damaged/) }] });
    }
    for (const serial of [-1, 2 ** 32, 1.5]) {
      await writeState(path, { ...EMPTY, serial });
      expect((await readState(path)).state).toBeUndefined();
    }
  });

  test("a folder, and a pipe without a writer", async () => {
    mkdirSync(path);
    expect((await readState(path)).problems).toMatchObject([{ message: expect.stringMatching(/is not a file/) }]);
    rmSync(path, { recursive: true });
    execFileSync("mkfifo", [path]);
    expect((await readState(path)).problems).toMatchObject([{ message: expect.stringMatching(/is not a file/) }]);
  });
});

describe("a write that fails", () => {
  test("is a problem, and leaves what was there", async () => {
    await writeState(path, STATE);
    mkdirSync(`${path}.new`);
    const problems = await writeState(path, EMPTY);
    expect(problems).toMatchObject([{ code: "state-not-written", message: expect.stringContaining("EISDIR") }]);
    expect((await readState(path)).state).toEqual(STATE);
  });

  test("in a folder that is not there is a problem", async () => {
    const missing = join(folder, "none", "state.json");
    expect(await writeState(missing, STATE)).toMatchObject([
      { code: "state-not-written", message: expect.stringContaining("ENOENT"), place: { file: missing } },
    ]);
  });

  test("over a folder is a problem", async () => {
    mkdirSync(join(path, "inside"), { recursive: true });
    expect(await writeState(path, STATE)).toMatchObject([{ code: "state-not-written" }]);
  });
});

/** All of them in a run of its own: STATE_FILE_KILLS=500. */
const KILLS = Number(process.env["STATE_FILE_KILLS"] ?? 40);
const WRITER = fileURLToPath(new URL("../support/state-writer.ts", import.meta.url));
/** Longer than one write takes, so that every moment of it is met. */
const KILL_WITHIN_MS = 12;

/** Starts a writer, kills it some time after its first write, and gives the last serial that it acknowledged. */
async function killedWriter(file: string, env: NodeJS.ProcessEnv): Promise<number> {
  const child = spawn(process.execPath, [WRITER, file], { env, stdio: ["ignore", "pipe", "inherit"] });
  let acknowledged = 0;
  const lines = createInterface(child.stdout).on("line", (line) => (acknowledged = Number(line)));
  const ended = once(lines, "close");
  await once(lines, "line");
  await new Promise((resolve) => setTimeout(resolve, Math.random() * KILL_WITHIN_MS));
  child.kill("SIGKILL");
  await ended;
  return acknowledged;
}

test(`killed ${KILLS} times while it writes, nothing that was acknowledged is lost`, { timeout: 300_000 }, async () => {
  let leftOver = 0;
  // Compiled once, by a writer that ends by itself: a short life is its start for the most part.
  const env = { ...process.env, NODE_COMPILE_CACHE: join(folder, "compiled") };
  execFileSync(process.execPath, [WRITER, join(folder, "first.json"), "1"], { env });
  const killMany = async (file: string): Promise<void> => {
    for (let i = 0; i < KILLS / 2; i++) {
      const acknowledged = await killedWriter(file, env);
      const { state, problems } = await readState(file);
      expect(problems).toEqual([]);
      expect(state!.clusterIps.size).toBe(2000);
      // The last one may have been on the disk, and not yet acknowledged.
      expect([acknowledged, acknowledged + 1]).toContain(state!.serial);
      if (existsSync(`${file}.new`)) leftOver++;
    }
  };
  await Promise.all([killMany(path), killMany(join(folder, "other.json"))]);
  // Else none was killed in the middle of a write, and this test shows nothing.
  expect(leftOver).toBeGreaterThan(KILLS / 10);
});
