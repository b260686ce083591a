// Runs the simulator as the command does: in a process of its own, whose clock, files and network are not real.
import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";

const PROGRAM = fileURLToPath(new URL("./run.ts", import.meta.url));
const ROOT = fileURLToPath(new URL("../../", import.meta.url));

/** What it writes to standard output, and its exit code. */
export function runSimulator(...args: readonly string[]): Promise<{ readonly output: string; readonly code: number }> {
  return new Promise((resolve) => {
    const child = execFile(process.execPath, [PROGRAM, ...args], { cwd: ROOT }, (_error, stdout, stderr) =>
      resolve({ output: stdout + stderr, code: child.exitCode ?? -1 }),
    );
  });
}
