// Decodes the bytes of a file: UTF-8 (RFC 3629), or UTF-16 that begins with a byte order mark, as YAML 1.2.2, 5.2
// allows and kubectl reads. UTF-16 without a mark is recognized for the advice only.
import type { Problem } from "../objects/problem.ts";
import { fileProblem } from "../objects/problem.ts";

/** Decodes UTF-8, or UTF-16 with a byte order mark; undefined for anything else. */
export function decodeText(bytes: Uint8Array): string | undefined {
  const encoding = encodingOf(bytes);
  if (encoding === undefined) return undefined;
  try {
    return new TextDecoder(encoding, { fatal: true }).decode(bytes);
  } catch {
    return undefined;
  }
}

/** The problem of bytes that can't be decoded, at the first invalid character. */
export function notUtf8(path: string, bytes: Uint8Array): Problem {
  const encoding = encodingOf(bytes);
  if (encoding !== "utf-8") {
    const found = encoding === undefined ? "what looks like UTF-16 without a byte order mark" : "damaged UTF-16";
    return fileProblem(path, "not-utf8", `expected UTF-8, found ${found}`, "save the file as UTF-8");
  }
  const problem = fileProblem(path, "not-utf8", "expected UTF-8", "save the file as UTF-8");
  const above = new TextDecoder("utf-8").decode(bytes).split("\ufffd", 1)[0]!.split("\n");
  return { ...problem, place: { file: path, line: above.length, column: above.at(-1)!.length + 1 } };
}

/** Undefined for UTF-16 without a mark, which is not read: of its first characters every second byte is zero. */
function encodingOf(bytes: Uint8Array): "utf-8" | "utf-16le" | "utf-16be" | undefined {
  const [first, second, third, fourth] = bytes;
  if (first === 0xff && second === 0xfe) return "utf-16le";
  if (first === 0xfe && second === 0xff) return "utf-16be";
  const isUtf16 = (first === 0 && third === 0 && second !== 0) || (second === 0 && fourth === 0 && first !== 0);
  return isUtf16 && bytes.length >= 4 ? undefined : "utf-8";
}
