// node:fs/promises for a simulated process: each call takes effect after a while, its result comes later still, and it
// fails where the simulation says so.
import type { Dirent } from "node:fs";
import { FakeHandle, statsOf } from "../fake-handle.ts";
import type { FakeStats } from "../fake-handle.ts";
import { systemError } from "../fake-file-system.ts";
import { delayed } from "../slow-call.ts";
import { world } from "../world.ts";

export const lstat = (path: string): Promise<FakeStats> =>
  delayed(path, () => statsOf(world().files.find(path, { follow: false })));

export const stat = (path: string): Promise<FakeStats> => delayed(path, () => statsOf(world().files.find(path)));

export const realpath = (path: string): Promise<string> => delayed(path, () => world().files.realPath(path));

export const open = (path: string, flags: number): Promise<FakeHandle> =>
  delayed(path, () => FakeHandle.open(path, flags));

export const opendir = (path: string): Promise<{ close(): Promise<void> }> =>
  delayed(path, () => {
    const folder = world().files.folder(path);
    if (!folder.isReadable) throw systemError("EACCES", path);
    return { close: () => Promise.resolve() };
  });

export const rename = (from: string, to: string): Promise<void> =>
  delayed(from, () => {
    if (world().faults.isDiskFull) throw systemError("ENOSPC", to);
    world().files.rename(from, to);
  });

interface ListOptions {
  readonly withFileTypes?: boolean;
  readonly recursive?: boolean;
}

export const readdir = (path: string, options: ListOptions = {}): Promise<readonly (string | Dirent)[]> =>
  delayed(path, () => (options.withFileTypes === true ? entriesOf(path) : namesOf(path, options.recursive === true)));

function entriesOf(path: string): Dirent[] {
  const folder = world().files.folder(path);
  if (!folder.isReadable) throw systemError("EACCES", path);
  return [...folder.entries].map(
    ([name, { kind }]) =>
      ({
        name,
        isDirectory: () => kind === "folder",
        isSymbolicLink: () => kind === "link",
        isFile: () => kind === "file",
      }) as Dirent,
  );
}

function namesOf(path: string, isRecursive: boolean): string[] {
  const { entries } = world().files.folder(path);
  return [...entries].flatMap(([name, node]) => [
    name,
    ...(isRecursive && node.kind === "folder"
      ? namesOf(`${path}/${name}`, true).map((below) => `${name}/${below}`)
      : []),
  ]);
}
