// Decodes the bytes of a file as UTF-8 (RFC 3629), the only encoding that is read. UTF-16 is recognized for the advice
// only.
import type { Problem } from "../objects/problem.ts";
import { fileProblem } from "../objects/problem.ts";

/** Decodes UTF-8; undefined for invalid bytes. */
export function decodeText(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    return undefined;
  }
}

/** The problem of bytes that are not UTF-8, at the first invalid character. */
export function notUtf8(path: string, bytes: Uint8Array): Problem {
  const [first, second] = bytes;
  const isUtf16 = (first === 0xff && second === 0xfe) || (first === 0xfe && second === 0xff);
  const message = isUtf16 ? "expected UTF-8, found UTF-16" : "expected UTF-8";
  const advice = isUtf16 ? "save the file as UTF-8; `>` of Windows PowerShell writes UTF-16" : "save the file as UTF-8";
  const problem = fileProblem(path, "not-utf8", message, advice);
  if (isUtf16) return problem;
  const above = new TextDecoder("utf-8").decode(bytes).split("\ufffd", 1)[0]!.split("\n");
  return { ...problem, place: { file: path, line: above.length, column: above.at(-1)!.length + 1 } };
}
