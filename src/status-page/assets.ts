// The style sheet, the script and the icon of the pages: files of this package, read once.
// Nothing is loaded from elsewhere.
import { readFileSync } from "node:fs";

/** A file, with its media type. */
export interface Asset {
  readonly type: string;
  readonly text: string;
}

const TYPES: Readonly<Record<string, string>> = {
  "status.css": "text/css; charset=utf-8",
  "status.js": "text/javascript; charset=utf-8",
  "icon.svg": "image/svg+xml",
};

/** All assets by name. In the package they are part of the code: tools/build.ts. */
export function readAssets(): ReadonlyMap<string, Asset> {
  const folder = new URL("./assets/", import.meta.url);
  const read = (name: string): string => readFileSync(new URL(name, folder), "utf8");
  return new Map(Object.entries(TYPES).map(([name, type]) => [name, { type, text: read(name) }]));
}
