// Reads Corefiles: the one of the command line, and those that it imports by path or pattern.
// Bounded; every fault is a Problem.
import { readdirSync } from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
import { text } from "node:stream/consumers";
import { COREFILE_LENGTH_MAX, placeOf } from "../corefile/parse-corefile.ts";
import type { CorefileText } from "../corefile/parse-corefile.ts";
import { decodeText } from "../files/decode-text.ts";
import { readBoundedFileSync } from "../files/read-file.ts";
import { fileProblem } from "../objects/problem.ts";
import type { Place, Problem } from "../objects/problem.ts";
import { errorCode } from "../std/error-code.ts";
import type { CommandIo } from "./command-io.ts";

const STANDARD_INPUT = "-";
const WILDCARD = /[*?[\]]/;

/** The Corefile at `path`; `-` is standard input. */
export async function readCorefile(path: string, io: CommandIo): Promise<CorefileText | Problem> {
  if (path !== STANDARD_INPUT) return readText(path, { file: path, line: 1, column: 1 });
  return { file: "stdin", text: await text(io.stdin) };
}

/** The files that an import names: a path, or a pattern in its last part; relative to the file that imports. */
export function findCorefiles(pattern: string, from: Place): readonly CorefileText[] | Problem {
  const path = resolve(dirname(from.file), pattern);
  if (!WILDCARD.test(pattern)) {
    const read = readText(path, from);
    return "code" in read ? read : [read];
  }
  if (WILDCARD.test(dirname(path))) return importProblem(from, `${pattern} has wildcards for folders`, "name folders");
  const found: CorefileText[] = [];
  for (const name of matchingNames(dirname(path), basename(path))) {
    const read = readText(join(dirname(path), name), from);
    if ("code" in read) return read;
    found.push(read);
  }
  return found;
}

/** The files of a folder whose names match; none where it does not exist. */
function matchingNames(folder: string, pattern: string): readonly string[] {
  const escaped = pattern.replaceAll(/[\\^$+.(){}|]/g, String.raw`\$&`);
  const matcher = new RegExp(`^${escaped.replaceAll("*", ".*").replaceAll("?", ".")}$`, "s");
  try {
    const entries = readdirSync(folder, { withFileTypes: true });
    const names = entries.filter((entry) => !entry.isDirectory()).map(({ name }) => name);
    return names.filter((name) => matcher.test(name)).toSorted();
  } catch {
    return [];
  }
}

function readText(path: string, from: Place): CorefileText | Problem {
  const read = readBoundedFileSync(path, COREFILE_LENGTH_MAX);
  if ("fault" in read) return importProblem(from, `cannot read ${path}: ${faultText(read)}`, "correct the path");
  const decoded = decodeText(read.bytes);
  return decoded === undefined
    ? importProblem(from, `${path} is not UTF-8`, "convert it")
    : { file: path, text: decoded };
}

function faultText(read: Extract<ReturnType<typeof readBoundedFileSync>, { readonly fault: unknown }>): string {
  if (read.fault === "failed") return read.code === "ENOENT" ? "it does not exist" : errorCode(read.cause);
  return read.fault === "too-large" ? `it has more than ${COREFILE_LENGTH_MAX} bytes` : "it is not a file";
}

function importProblem(from: Place, message: string, advice: string): Problem {
  return { ...fileProblem(from.file, "corefile-file", message, advice), place: placeOf(from) };
}
