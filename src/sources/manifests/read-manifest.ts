// Reads one file and has it parsed as what its name says that it is. Only regular files; the content comes with the
// signature of what was read, so that a look can tell whether it still stands.
import type { Problem } from "../../objects/problem.ts";
import { decodeText, notUtf8 } from "../../files/decode-text.ts";
import { MAX_FILE_BYTES, unreadable } from "../../files/look-at.ts";
import { readBoundedFile, signatureOf } from "../../files/read-file.ts";
import type { ParsedManifest } from "./parse-manifest.ts";
import { parseManifest } from "./parse-manifest.ts";
import { parseZoneText, zoneTextKind } from "./zone-text.ts";

/** What to read: `path` as shown to the operator, or a text that has been read already. */
export interface ReadRequest {
  readonly path: string;
  readonly namespace: string;
  /** Folders, as real paths, that what the file includes must be in. */
  readonly within: readonly string[];
  readonly text?: string;
}

/** What a file held; `signature` is that of the moment it was read, with those of the files that it includes. */
export type FileContent =
  | { readonly kind: "parsed"; readonly signature: string; readonly isBlank: boolean; readonly parsed: ParsedManifest }
  | { readonly kind: "refused"; readonly problem: Problem };

/** Reads and parses a file, or the text of the request. Never throws on what it finds there. */
export async function readManifest(request: ReadRequest): Promise<FileContent> {
  if (request.text !== undefined) return parseText(request, request.text, "");
  const read = await readBoundedFile(request.path, MAX_FILE_BYTES);
  // What is no file or too large was a file, and small enough, when it was looked at.
  if ("fault" in read) {
    return { kind: "refused", problem: unreadable(request.path, read.fault === "failed" ? read.code : "changed") };
  }
  const text = decodeText(read.bytes);
  if (text === undefined) return { kind: "refused", problem: notUtf8(request.path, read.bytes) };
  // A file that was written to meanwhile has no signature that a later look could find again.
  return parseText(request, text, read.isStill ? signatureOf(read.stats) : "changed");
}

function parseText({ path, namespace, within }: ReadRequest, text: string, signature: string): FileContent {
  const isBlank = text.trim() === "";
  if (zoneTextKind(path) === undefined) {
    return { kind: "parsed", signature, isBlank, parsed: parseManifest(text, { file: path, namespace }) };
  }
  const { content, problems, included, isUnsettled } = parseZoneText(text, { path, within, nowMs: Date.now() });
  const isStill = signature !== "changed" && !isUnsettled;
  const parsed: ParsedManifest = {
    documents: 0,
    objects: [],
    problems,
    broken: content === undefined,
    invalidKeys: [],
    documentsWithoutKind: 0,
    otherKinds: new Map(),
    ...(content && { zone: content }),
    included: [...included.keys()],
  };
  return {
    kind: "parsed",
    signature: isStill ? joinSignatures(signature, included.values()) : "changed",
    isBlank,
    parsed,
  };
}

/** The signature of a file together with those of the files that it includes. */
export function joinSignatures(own: string, included: Iterable<string>): string {
  return [own, ...included].join(" ");
}
