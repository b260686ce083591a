// Which links to directories are followed: those that lead into the given folders, into no folder above them, and not
// too many. Touches no file.
import { dirname } from "node:path";
import { isInsideAny, leadsOutside } from "../../files/file-status.ts";
import type { Problem } from "../../objects/problem.ts";
import { fileProblem } from "../../objects/problem.ts";

/** Links from folder to folder make many paths of few folders. */
const LINKED_DIRECTORIES_MAX = 1_000;

/** A directory that was found at `path` below `root`; it is `real` without links, which must be in one of `roots`. */
interface FoundDirectory {
  readonly path: string;
  readonly real: string;
  readonly root: string;
  readonly roots: readonly string[];
}

type Known = ReadonlyMap<string, { readonly real: string; readonly isLinked: boolean }>;

/** Why the directory is not read, where a link leads to it; `known`: those that are read, by path. */
export function linkFault({ path, real, root, roots }: FoundDirectory, known: Known): Problem | undefined {
  if (!isInsideAny(real, roots)) return leadsOutside(path);
  for (let above = path; above !== root;) {
    above = dirname(above);
    if (known.get(above)?.real !== real) continue;
    return fileProblem(path, "link-loop", "the link leads to a folder that contains it", "remove the link");
  }
  return undefined;
}

/** The problem of `root` when no further directory behind a link may be read. */
export function tooManyLinked(root: string, known: Known): Problem | undefined {
  let linked = 0;
  for (const { isLinked } of known.values()) if (isLinked) linked++;
  if (linked < LINKED_DIRECTORIES_MAX) return undefined;
  const message = `expected at most ${LINKED_DIRECTORIES_MAX} folders behind links; the rest is not read`;
  return fileProblem(root, "too-many-links", message, "remove links from folder to folder");
}
