// Reads one file and parses it as the type that its name says. The result comes with the signature of the file at that
// moment, so that a later status shows whether it is still current.
import type { Problem } from "../../objects/problem.ts";
import { decodeText, notUtf8 } from "../../files/decode-text.ts";
import { FILE_BYTES_MAX, unreadable } from "../../files/file-status.ts";
import { readBoundedFile, signatureOf } from "../../files/read-file.ts";
import type { ParsedManifest } from "./parse-manifest.ts";
import { parseManifest } from "./parse-manifest.ts";
import { parseZoneText, zoneTextKind } from "./zone-text.ts";

/** The file at `path`, as shown to the operator, or the `text` if it was read already. */
export interface ReadRequest {
  readonly path: string;
  readonly namespace: string;
  /** Real paths of the folders that included files must be in. */
  readonly roots: readonly string[];
  readonly text?: string;
  /** Whether notes for `check` are taken. */
  readonly takesNotes?: boolean;
}

/**
 * What a read gave. `signature` is that of the file at that moment, with those of the files that it includes; undefined
 * when one of them was being written, so that the file must be read again.
 */
export type ReadOutcome =
  | {
      readonly kind: "parsed";
      readonly signature: string | undefined;
      readonly isBlank: boolean;
      readonly parsed: ParsedManifest;
    }
  | {
      readonly kind: "refused";
      readonly problem: Problem;
      /** The code of the system's error, where there was one. */
      readonly error?: string;
    };

/**
 * Reads and parses a file, or the text of the request. Never throws on what it finds. `onIncluded` gets the size of
 * each file that a zone file includes before it is parsed.
 */
export async function readManifest(request: ReadRequest, onIncluded?: (bytes: number) => void): Promise<ReadOutcome> {
  if (request.text !== undefined) return parseText(request, request.text, "");
  const read = await readBoundedFile(request.path, FILE_BYTES_MAX);
  // Its status was that of a regular file within the limit, so anything else is a change since then.
  if ("fault" in read) {
    if (read.fault !== "failed") return { kind: "refused", problem: unreadable(request.path, "changed") };
    return { kind: "refused", problem: unreadable(request.path, read.code), error: read.code };
  }
  const text = decodeText(read.bytes);
  if (text === undefined) return { kind: "refused", problem: notUtf8(request.path, read.bytes) };
  return parseText(request, text, read.isStill ? signatureOf(read.stats) : undefined, onIncluded);
}

function parseText(
  request: ReadRequest,
  text: string,
  signature: string | undefined,
  onIncluded?: (bytes: number) => void,
): ReadOutcome {
  const { path, namespace, roots, takesNotes = false } = request;
  const isBlank = text.trim() === "";
  if (zoneTextKind(path) === undefined) {
    return { kind: "parsed", signature, isBlank, parsed: parseManifest(text, { file: path, namespace, takesNotes }) };
  }
  const settings = { path, roots, nowMs: Date.now(), onIncluded };
  const { content, problems, included, isUnsettled } = parseZoneText(text, settings);
  const parsed: ParsedManifest = {
    documents: 0,
    objects: [],
    problems,
    isData: false,
    isBroken: content === undefined,
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

/** The signature of a file with those of the files that it includes. */
export function joinSignatures(own: string, included: Iterable<string>): string {
  return [own, ...included].join(" ");
}
