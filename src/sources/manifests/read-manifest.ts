// Reads one file and has it parsed as what its name says that it is. Only regular files; the content comes with the
// signature of what was read, so that a look can tell whether it still stands.
import type { Problem } from "../../objects/problem.ts";
import { decodeText, notUtf8 } from "../../files/decode-text.ts";
import { FILE_BYTES_MAX, unreadable } from "../../files/file-status.ts";
import { readBoundedFile, signatureOf } from "../../files/read-file.ts";
import type { ParsedManifest } from "./parse-manifest.ts";
import { parseManifest } from "./parse-manifest.ts";
import { parseZoneText, zoneTextKind } from "./zone-text.ts";

/** What to read: `path` as shown to the operator, or a text that has been read already. */
export interface ReadRequest {
  readonly path: string;
  readonly namespace: string;
  /** Folders, as real paths, that what the file includes must be in. */
  readonly roots: readonly string[];
  readonly text?: string;
}

/**
 * What a read gave; `signature` is that of the moment of the read, with those of the files that it includes. It is
 * undefined when one of them was written to at that time, so that the file should be read again.
 */
export type ReadOutcome =
  | {
      readonly kind: "parsed";
      readonly signature: string | undefined;
      readonly isBlank: boolean;
      readonly parsed: ParsedManifest;
    }
  | { readonly kind: "refused"; readonly problem: Problem };

/** Reads and parses a file, or the text of the request. Never throws on what it finds there. */
export async function readManifest(request: ReadRequest): Promise<ReadOutcome> {
  if (request.text !== undefined) return parseText(request, request.text, "");
  const read = await readBoundedFile(request.path, FILE_BYTES_MAX);
  // What is no file or too large was a file, and small enough, when it was looked at.
  if ("fault" in read) {
    return { kind: "refused", problem: unreadable(request.path, read.fault === "failed" ? read.code : "changed") };
  }
  const text = decodeText(read.bytes);
  if (text === undefined) return { kind: "refused", problem: notUtf8(request.path, read.bytes) };
  return parseText(request, text, read.isStill ? signatureOf(read.stats) : undefined);
}

function parseText({ path, namespace, roots }: ReadRequest, text: string, signature: string | undefined): ReadOutcome {
  const isBlank = text.trim() === "";
  if (zoneTextKind(path) === undefined) {
    return { kind: "parsed", signature, isBlank, parsed: parseManifest(text, { file: path, namespace }) };
  }
  const { content, problems, included, isUnsettled } = parseZoneText(text, { path, roots, nowMs: Date.now() });
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
    signature: signature === undefined || isUnsettled ? undefined : joinSignatures(signature, included.values()),
    isBlank,
    parsed,
  };
}

/** The signature of a file together with those of the files that it includes. */
export function joinSignatures(own: string, included: Iterable<string>): string {
  return [own, ...included].join(" ");
}
