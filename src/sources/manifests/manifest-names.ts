// Which names in a folder are read: those of manifests, zone files and hosts files; and which folders are left out.
// Looks at names only.
import { readdir } from "node:fs/promises";
import { zoneTextKind } from "./zone-text.ts";

/** Folders of tools that hold the files of others. */
const SKIPPED_FOLDERS: ReadonlySet<string> = new Set(["node_modules"]);

/** Whether a file of this name is read when it is found in a folder. */
export function isManifestName(name: string): boolean {
  return (/\.(?:yaml|yml|json)$/.test(name) && !name.startsWith(".")) || zoneTextKind(name) !== undefined;
}

/** Whether a folder of this name is left out. */
export function isSkippedFolder(name: string): boolean {
  return name.startsWith(".") || SKIPPED_FOLDERS.has(name);
}

/** Whether a folder has files to read, at any depth. */
export async function holdsManifests(path: string): Promise<boolean> {
  try {
    const names = await readdir(path, { recursive: true });
    return names.some((name) => {
      const parts = name.split("/");
      return isManifestName(parts.at(-1) ?? "") && !parts.some(isSkippedFolder);
    });
  } catch {
    return false;
  }
}
