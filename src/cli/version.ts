// The version of the program, from package.json.
// Reads it on demand: most commands do not need it.
import { readFileSync } from "node:fs";

/** For example `0.1.0`. */
export function readVersion(): string {
  const manifest: unknown = JSON.parse(readFileSync(new URL("../../package.json", import.meta.url), "utf8"));
  return (manifest as { version: string }).version;
}
