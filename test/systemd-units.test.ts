// The units in deploy/systemd/: systemd takes them and finds them confined; the server has the options that they give it,
// and does all that it should under their filter of system calls.
import { spawnSync } from "node:child_process";
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { parseOptions } from "../src/config/parse-options.ts";
import { formatListenAddress } from "../src/net/listen-address.ts";
import { reasonAgainstBatches } from "./support/batch/open-batch.ts";
import { skipAll, whyNot } from "./support/optional-programs.ts";
import { LAUNCHER, ROOT } from "./support/process.ts";
import { runWholeSession } from "./support/whole-session.ts";

const UNITS = `${ROOT}deploy/systemd`;
const UNDER_PROFILE = fileURLToPath(new URL("support/under-profile.ts", import.meta.url));
/** Tenths, on a scale from 0.0 (confined) to 10.0. */
const EXPOSURE_MAX = "20";

const service = readFileSync(`${UNITS}/cluster-dns.service`, "utf8");
const socket = readFileSync(`${UNITS}/cluster-dns.socket`, "utf8");

/** The values of a setting, in their order. */
function valuesOf(unit: string, setting: string): string[] {
  return [...unit.matchAll(new RegExp(`^${setting}=(.*)$`, "gm"))].map(([, value]) => value!);
}

function analyze(...args: readonly string[]): { code: number | null; out: string } {
  const { status, stdout, stderr } = spawnSync("systemd-analyze", ["--no-pager", ...args], { encoding: "utf8" });
  return { code: status, out: stdout + stderr };
}

/** The calls that the unit's filter lets through: groups and names, less those of lines that begin with ~. */
function allowedCalls(): string[] {
  const allowed = new Set<string>();
  for (const line of valuesOf(service, "SystemCallFilter")) {
    const calls = line.replace(/^~/, "").split(" ").flatMap(callsOf);
    for (const call of calls) {
      if (line.startsWith("~")) allowed.delete(call);
      else allowed.add(call);
    }
  }
  // systemd allows these to every unit.
  return [...new Set([...allowed, ...callsOf("@default")])];
}

function callsOf(name: string): string[] {
  if (!name.startsWith("@")) return [name];
  const names = [...analyze("syscall-filter", name).out.matchAll(/^ {4}([@\w-]+)$/gm)].map(([, each]) => each!);
  return names.flatMap(callsOf);
}

describe("systemd", () => {
  skipAll(whyNot("systemd-analyze"));
  const folder = mkdtempSync(join(tmpdir(), "cluster-dns-units-"));
  const paths = ["cluster-dns.service", "cluster-dns.socket"].map((name) => join(folder, name));
  beforeAll(() => {
    cpSync(UNITS, folder, { recursive: true });
    // The program of the package isn't installed here.
    writeFileSync(paths[0]!, service.replace("ExecStart=/usr/bin/cluster-dns ", `ExecStart=${LAUNCHER} `));
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  test("takes the units without a warning", () => {
    expect(analyze("verify", "--man=no", ...paths)).toEqual({ code: 0, out: "" });
  });

  test("finds the service confined", () => {
    const { code, out } = analyze("security", "--offline=true", `--threshold=${EXPOSURE_MAX}`, paths[0]!);
    expect(code, out).toBe(0);
    expect(out).toMatch(/Overall exposure level for cluster-dns.service: [01]\.\d/);
  });

  test("lets a server do all that it should: every transport, forwarding, changes, its end", async ({ skip }) => {
    const missing = reasonAgainstBatches() ?? whyNot("gcc");
    if (missing !== undefined) skip(missing);
    const names = allowedCalls();
    expect(names.length).toBeGreaterThan(200);
    expect(names.filter((name) => ["ptrace", "mount", "setuid", "bpf"].includes(name))).toEqual([]);
    const profile = join(folder, "profile.json");
    const syscalls = [{ names, action: "SCMP_ACT_ALLOW" }];
    writeFileSync(profile, JSON.stringify({ defaultErrnoRet: 1, syscalls }));
    await runWholeSession([process.execPath, UNDER_PROFILE, profile]);
  });
});

test("the service's options are options, and its sockets are those that the server listens on then", () => {
  const [, ...args] = valuesOf(service, "ExecStart")[0]!.split(" ");
  expect(args[0]).toBe("serve");
  const [name, file] = valuesOf(service, "Environment")[0]!.split("=");
  // The file is the operator's.
  const parsed = parseOptions(args.slice(1), { [name!]: file === undefined ? undefined : "/dev/null" });
  if ("errors" in parsed) throw new Error(parsed.errors.join("; "));
  expect(parsed.paths).toEqual(["/etc/cluster-dns/manifests"]);
  const addresses = parsed.options.listen.map(formatListenAddress);
  expect(valuesOf(socket, "ListenDatagram")).toEqual(addresses);
  expect(valuesOf(socket, "ListenStream")).toEqual(addresses);
});
