// The version of the program, from package.json.
// Reads it on demand: most commands do not need it.
import { readFileSync } from "node:fs";

/** For example `0.1.0`. */
export function readVersion(): string {
  // The sources are a folder deeper than the bundles in `dist/`.
  const path = import.meta.url.endsWith(".ts") ? "../../package.json" : "../package.json";
  const manifest: unknown = JSON.parse(readFileSync(new URL(path, import.meta.url), "utf8"));
  return (manifest as { version: string }).version;
}
