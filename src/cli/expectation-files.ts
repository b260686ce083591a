// Tells files of expectations from manifests among the operands of `expect`, parses them, and writes what --update
// changes. Reads each operand that is a file; folders and standard input are manifests.
import { realpathSync, statSync } from "node:fs";
import { decodeText } from "../files/decode-text.ts";
import { FILE_BYTES_MAX } from "../files/file-status.ts";
import { readBoundedFile } from "../files/read-file.ts";
import { replaceFile } from "../files/write-file.ts";
import type { Expectation, Verdict } from "../expect/expectation.ts";
import { isExpectations, parseExpectations } from "../expect/parse-expectations.ts";
import { canUpdate, updateExpectations } from "../expect/update-expectations.ts";
import type { Problem } from "../objects/problem.ts";
import { errorCode } from "../std/error-code.ts";
import type { Failure } from "./failure.ts";

/** An update of an anchor can make the items of its aliases fail, which then get values of their own. */
const ROUNDS_MAX = 4;

/** A file of expectations. */
export interface ExpectationFile {
  readonly path: string;
  readonly text: string;
  readonly expectations: readonly Expectation[];
}

/** What the operands are. */
export interface ReadOperands {
  readonly files: readonly ExpectationFile[];
  /** Of manifests. */
  readonly paths: readonly string[];
  /** Of the files of expectations. */
  readonly problems: readonly Problem[];
}

/** Reads the operands. None of them a file of expectations: a failure. */
export async function readOperands(operands: readonly string[]): Promise<ReadOperands | Failure> {
  const files: ExpectationFile[] = [];
  const paths: string[] = [];
  const problems: Problem[] = [];
  for (const path of new Set(operands)) {
    const read = path === "-" ? undefined : await readBoundedFile(path, FILE_BYTES_MAX);
    const bytes = read === undefined || "fault" in read ? undefined : read.bytes;
    const text = bytes === undefined ? undefined : decodeText(bytes);
    if (text === undefined || !isExpectations(text)) {
      // What can't be read is reported by those who read manifests.
      paths.push(path);
      continue;
    }
    const { expectations, problems: found } = parseExpectations(text, path);
    problems.push(...found);
    files.push({ path, text, expectations });
  }
  if (files.length > 0) return { files, paths, problems };
  const given = operands.length === 0 ? "" : ` among ${operands.join(" ")}`;
  const form = "such a file has the key `expectations:` at its top, with a list";
  return { faults: [`there is no file of expectations${given}: ${form}`], exitCode: 2 };
}

/** Writes what is there into the files, whose verdicts are all given. `examineAll` gives those of a new text. */
export async function updateFiles(
  files: readonly ExpectationFile[],
  verdicts: readonly Verdict[],
  examineAll: (expectations: readonly Expectation[]) => Promise<readonly Verdict[]>,
): Promise<Failure | undefined> {
  const byFile = Map.groupBy(verdicts, ({ expectation }) => expectation.place.file);
  for (const { path, text } of files) {
    let updated = text;
    let own: readonly Verdict[] = byFile.get(path) ?? [];
    for (let round = 0; round < ROUNDS_MAX && own.some(canUpdate); round++) {
      updated = updateExpectations(updated, own);
      const { expectations, problems } = parseExpectations(updated, path);
      if (problems[0] !== undefined) {
        const advice = "an alias needs a value that would go; write it out, and try again";
        return { faults: [`can't update ${path}: ${advice}`], exitCode: 1 };
      }
      own = await examineAll(expectations);
    }
    if (updated === text) continue;
    try {
      // The file that a link leads to, not the link.
      const target = realpathSync(path);
      await replaceFile(target, updated, { mode: statSync(target).mode & 0o777 });
    } catch (error) {
      return { faults: [`can't write ${path}: ${errorCode(error)}`], exitCode: 1 };
    }
  }
  return undefined;
}
