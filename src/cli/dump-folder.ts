// The folder of a dump: a file a zone. Replaces and removes files that a dump made, and no others.
// Faults are returned, never thrown.
import { mkdir, readdir, readFile, unlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { getSystemErrorMessage } from "node:util";
import { isDumped } from "../records/format-zone.ts";
import type { DumpedFile } from "../records/format-zone.ts";

/** Writes the files, and removes those of an earlier dump that are not among them. Returns a fault, or undefined. */
export async function writeDump(folder: string, files: readonly DumpedFile[]): Promise<string | undefined> {
  try {
    await mkdir(folder, { recursive: true });
    const present = (await readdir(folder)).filter((name) => name === "hosts" || name.endsWith(".zone"));
    const own = new Set<string>();
    for (const name of present) if (isDumped(await readFile(join(folder, name), "utf8"))) own.add(name);
    const foreign = files.find(({ name }) => present.includes(name) && !own.has(name));
    if (foreign !== undefined) {
      const path = join(folder, foreign.name);
      return `${path} was not made by cluster-dns dump: remove it, or name another folder`;
    }
    for (const { name, text } of files) await writeFile(join(folder, name), text);
    for (const name of own) if (!files.some((file) => file.name === name)) await unlink(join(folder, name));
    return undefined;
  } catch (error) {
    const { errno, path = folder } = error as NodeJS.ErrnoException;
    if (errno === undefined) throw error;
    return `cannot write ${path}: ${getSystemErrorMessage(errno)}`;
  }
}
