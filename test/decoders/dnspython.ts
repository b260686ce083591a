// Decodes messages with dnspython: one process of decode.py for all of them.
import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import type { Reading } from "./reply.ts";

const SCRIPT = fileURLToPath(new URL("decode.py", import.meta.url));
const TIMEOUT_MS = 60_000;
const OUTPUT_MAX = 1 << 27;

/** The interpreters that may have it: the first one, and that of the system's own packages. */
const INTERPRETERS = ["python3", "/usr/bin/python3"];

/** An interpreter that has dnspython; undefined: there is none. */
export function findDnspython(): string | undefined {
  return INTERPRETERS.find((python) => spawnSync(python, ["-c", "import dns.message"]).status === 0);
}

/** What dnspython makes of each message, in order: a reading, or what it objects to. */
export function readWithDnspython(python: string, messages: readonly Buffer[]): (Reading | { fault: string })[] {
  const input = messages.map((bytes) => `${bytes.toString("hex")}\n`).join("");
  const options = { input, encoding: "utf8", timeout: TIMEOUT_MS, maxBuffer: OUTPUT_MAX } as const;
  const { stdout, stderr, status, error } = spawnSync(python, [SCRIPT], options);
  if (status !== 0) throw new Error(`dnspython: ${error?.message ?? stderr}`);
  return stdout
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line) as Reading | { fault: string });
}
