// The seccomp profile for containers, in a real filter: the launcher and the server run under it, and what it refuses
// fails with EPERM. docs/docker.md says how to use it, tools/trace-system-calls.ts makes it.
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { reasonAgainstBatches } from "./support/batch/open-batch.ts";
import { skipAll, whyNot } from "./support/optional-programs.ts";
import { LAUNCHER, ROOT } from "./support/process.ts";
import { runWholeSession } from "./support/whole-session.ts";

const PROFILE = `${ROOT}deploy/seccomp/cluster-dns.json`;
const UNDER_PROFILE = [process.execPath, fileURLToPath(new URL("support/under-profile.ts", import.meta.url)), PROFILE];

function run(...command: string[]): { code: number | null; out: string; err: string } {
  const [program, ...args] = [...UNDER_PROFILE, ...command] as [string, ...string[]];
  const { status, stdout, stderr } = spawnSync(program, args, { encoding: "utf8", timeout: 60_000 });
  return { code: status, out: stdout, err: stderr };
}

describe("under the profile", () => {
  skipAll(reasonAgainstBatches() ?? whyNot("gcc"));

  test.each([["batch"], ["dgram"]])(
    "a server does all that it should: every transport, forwarding, changes, its end (%s)",
    async (how) => {
      await runWholeSession(UNDER_PROFILE, [`--udp-transport=${how}`]);
    },
  );

  test("commands run", () => {
    expect(run(LAUNCHER, "--version")).toMatchObject({ code: 0, err: "" });
    expect(run(LAUNCHER, "query", "a.example", "--server=127.0.0.1:1", "--timeout=1").err).toContain("127.0.0.1:1");
  });

  test("mounts and namespaces are refused with EPERM", (context) => {
    const missing = whyNot("mount", "unshare");
    context.skip(missing !== undefined, missing);
    const unshare = run("unshare", "--user", "true");
    expect({ code: unshare.code, err: unshare.err }).toEqual({
      code: 1,
      err: "unshare: unshare failed: Operation not permitted\n",
    });
    context.skip(process.getuid?.() !== 0, "mount asks the kernel only for root");
    expect(run("mount", "-t", "tmpfs", "none", "/mnt").err).toMatch(/permi(tted|ssion denied)/);
  });
});

test("what the profile allows leaves nothing out of its names, and nothing dangerous in", () => {
  const { syscalls } = JSON.parse(readFileSync(PROFILE, "utf8")) as { syscalls: { names: string[] }[] };
  const names = syscalls[0]!.names;
  expect(names).toEqual([...new Set(names)].toSorted());
  const dangerous = ["bpf", "io_uring_setup", "keyctl", "mount", "perf_event_open", "ptrace", "setns", "unshare"];
  expect(names.filter((name) => dangerous.includes(name))).toEqual([]);
});
