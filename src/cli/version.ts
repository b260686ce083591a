// The version of the program, from its package's manifest.
// Read when it is asked for, so that no command pays for it.
import { readFileSync } from "node:fs";

/** As package.json has it, e.g. `0.1.0`. */
export function readVersion(): string {
  const manifest: unknown = JSON.parse(readFileSync(new URL("../../package.json", import.meta.url), "utf8"));
  return (manifest as { version: string }).version;
}
