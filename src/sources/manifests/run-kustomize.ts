// Runs kustomize, or kubectl if there is none, to build a kustomization. No shell; time and output are bounded.
// Kustomize: "kustomize build".
import { execFile } from "node:child_process";
import type { ExecFileException } from "node:child_process";
import { resolve } from "node:path";
import { FILE_BYTES_MAX } from "../../files/file-status.ts";

const TIME_MAX_MS = 60_000;
const FAULT_LENGTH_MAX = 300;
const PROGRAMS: readonly (readonly [program: string, ...args: string[]])[] = [
  ["kustomize", "build"],
  ["kubectl", "kustomize"],
];

/** The built manifests, or why there are none. */
export type BuildOutcome = { readonly text: string } | { readonly fault: string };

/** Builds the kustomization of `folder`; `signal` ends the program. Never rejects. */
export async function runKustomize(folder: string, signal: AbortSignal): Promise<BuildOutcome> {
  for (const [program, ...args] of PROGRAMS) {
    // An absolute path can't be taken for a flag.
    const outcome = await run(program, [...args, resolve(folder)], signal);
    if (outcome !== "no program") return outcome;
  }
  return { fault: "neither kustomize nor kubectl is on the PATH" };
}

function run(program: string, args: readonly string[], signal: AbortSignal): Promise<BuildOutcome | "no program"> {
  return new Promise((done) => {
    const limits = { timeout: TIME_MAX_MS, maxBuffer: FILE_BYTES_MAX, killSignal: "SIGKILL", signal } as const;
    execFile(program, args, { ...limits, encoding: "utf8" }, (error, stdout, stderr) => {
      if (error === null) done({ text: stdout });
      else if (error.code === "ENOENT") done("no program");
      else done({ fault: describe(program, error, stderr) });
    });
  });
}

function describe(program: string, error: ExecFileException, stderr: string): string {
  if (error.code === "ERR_CHILD_PROCESS_STDIO_MAXBUFFER") return `${program} wrote more than ${FILE_BYTES_MAX} bytes`;
  if (error.killed === true) return `${program} took more than ${TIME_MAX_MS / 1_000} s`;
  // kubectl logs its error, with time and place in front.
  const said = stderr
    .trim()
    .replaceAll(/\s+/g, " ")
    .replace(/^E\d{4} [^\]]*\] "command failed" err=/, "");
  return said === ""
    ? `${program} failed with ${String(error.code ?? error.signal)}`
    : `${program}: ${said.slice(0, FAULT_LENGTH_MAX)}`;
}
