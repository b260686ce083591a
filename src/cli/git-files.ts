// The files of a git revision, read with git itself into a temporary folder. Faults are returned, never thrown.
// gitrevisions(7): `REVISION:PATH`; a PATH that begins with ./ is relative to the working directory.
import { execFile } from "node:child_process";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, posix } from "node:path";
import { promisify } from "node:util";

const OUTPUT_BYTES_MAX = 64 << 20;
const run = promisify(execFile);

/** The files at `path`; `remove` deletes them. */
export interface GitFiles {
  readonly path: string;
  /** The folder that stands for the root of the revision, or of PATH. */
  readonly root: string;
  readonly remove: () => Promise<void>;
}

/** Reads PATH of the revision; `isWhole`: with all other files, which those of PATH may name. */
export async function readGitFiles(
  revision: string,
  path: string,
  isWhole: boolean,
): Promise<GitFiles | { readonly fault: string }> {
  const found = await findObject(revision, path);
  if ("fault" in found) return found;
  const folder = await mkdtemp(join(tmpdir(), "cluster-dns-git-"));
  const root = join(folder, "files");
  const remove = (): Promise<void> => rm(folder, { recursive: true, force: true });
  try {
    await mkdir(root);
    const { object, gitFolder, isFile, fullPath } = found;
    if (isFile && !isWhole) {
      const file = join(root, posix.basename(fullPath));
      await writeFile(file, (await git(["cat-file", "blob", object])).stdout);
      return { path: file, root, remove };
    }
    const env = { ...process.env, GIT_DIR: gitFolder, GIT_WORK_TREE: root, GIT_INDEX_FILE: join(folder, "index") };
    await git(["read-tree", isWhole ? `${revision}^{tree}` : object], { cwd: root, env });
    await git(["checkout-index", "--all"], { cwd: root, env });
    return { path: isWhole ? join(root, fullPath) : root, root, remove };
  } catch (error) {
    await remove();
    return { fault: `git could not read ${revision}:${path}: ${lastLine(error)}` };
  }
}

interface FoundObject {
  readonly object: string;
  readonly gitFolder: string;
  readonly isFile: boolean;
  /** From the root of the repository. */
  readonly fullPath: string;
}

async function findObject(revision: string, path: string): Promise<FoundObject | { readonly fault: string }> {
  const read = async (...args: readonly string[]): Promise<string | undefined> => {
    try {
      return String((await git(args)).stdout).trimEnd();
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === "ENOENT") throw error;
      return undefined;
    }
  };
  try {
    const gitFolder = await read("rev-parse", "--absolute-git-dir");
    if (gitFolder === undefined)
      return { fault: `${revision}:${path}: there is no such file, and no git repository here with such a revision` };
    const commit = await read("rev-parse", "--verify", "--quiet", "--end-of-options", `${revision}^{tree}`);
    if (commit === undefined) return { fault: `${revision}:${path}: git knows no revision ${revision}` };
    const prefix = /^\.\.?(\/|$)/.test(path) ? ((await read("rev-parse", "--show-prefix")) ?? "") : "";
    const fullPath = posix.join(prefix, path).replace(/\/$/, "").replace(/^\.$/, "");
    const object = await read("rev-parse", "--verify", "--quiet", "--end-of-options", `${revision}:${fullPath}`);
    if (object === undefined) return { fault: `${revision}:${path}: the revision ${revision} has no ${path}` };
    return { object, gitFolder, isFile: (await read("cat-file", "-t", object)) === "blob", fullPath };
  } catch {
    return { fault: `${revision}:${path}: there is no such file; to read a revision, install git` };
  }
}

function git(args: readonly string[], options: object = {}): Promise<{ stdout: Buffer }> {
  return run("git", args, { encoding: "buffer", maxBuffer: OUTPUT_BYTES_MAX, ...options });
}

function lastLine(error: unknown): string {
  const { stderr, message } = error as { readonly stderr?: Buffer; readonly message: string };
  return (
    String(stderr ?? message)
      .trimEnd()
      .split("\n")
      .at(-1) ?? message
  );
}
