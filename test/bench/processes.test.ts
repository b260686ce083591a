import { once } from "node:events";
import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { Processes, waitFor } from "../../bench/processes.ts";

/** Whether a process runs; one that has ended and waits to be noticed by its parent does not. */
function runs(pid: number): boolean {
  try {
    return !/^\d+ \(.*\) [ZX]/.test(readFileSync(`/proc/${pid}/stat`, "latin1"));
  } catch {
    return false;
  }
}

test.skipIf(process.platform !== "linux")("what is started is ended, with what it started itself", async () => {
  const processes = new Processes();
  const shell = await processes.start("/bin/sh", ["-c", "sleep 1000 & echo $!; wait"], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const [line] = (await once(shell.stdout!, "data")) as [Buffer];
  const grandchild = Number(String(line));
  expect([runs(shell.pid!), runs(grandchild)]).toEqual([true, true]);
  await processes.stopAll();
  expect(runs(shell.pid!)).toBe(false);
  await expect(processes.start("/bin/true", [], { stdio: "ignore" })).rejects.toThrow("ending");
  await waitFor(
    async () => (runs(grandchild) ? undefined : true),
    2_000,
    () => "the grandchild still runs",
  );
});

test("a program that is not there is an error, and nothing to be ended", async () => {
  const processes = new Processes();
  await expect(processes.start("/no/such/program", [], { stdio: "ignore" })).rejects.toThrow("ENOENT");
  await processes.stopAll();
});
