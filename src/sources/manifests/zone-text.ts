// Parses the text of a zone file or hosts file among the manifests. Reads the files that it includes, synchronously in
// the parsing thread, and never outside the given folders.
import { realpathSync } from "node:fs";
import { basename, dirname, isAbsolute, join, normalize } from "node:path";
import type { Place, Problem } from "../../objects/problem.ts";
import { errorCode } from "../../std/error-code.ts";
import { readZone } from "../../zonefile/check-zone.ts";
import type { ZoneContent } from "../../zonefile/choose-zones.ts";
import { parseHostsFile } from "../../zonefile/parse-hosts-file.ts";
import type { ZoneText } from "../../zonefile/parse-zone-file.ts";
import { decodeText, notUtf8 } from "../../files/decode-text.ts";
import { isInsideAny, FILE_BYTES_MAX, signatureAtSync, unreadable } from "../../files/file-status.ts";
import { readBoundedFileSync } from "../../files/read-file.ts";

/** How old an included file's last write must be to count as finished, ms. */
const INCLUDED_STILL_MS = 80;

/** The result for one text. */
export interface ParsedZoneText {
  /** Absent when the text has faults: the previous content stays. */
  readonly content?: ZoneContent;
  readonly problems: readonly Problem[];
  /** Paths of the files that it includes or tries to, with the signature of each before it was read. */
  readonly included: ReadonlyMap<string, string>;
  /** One of them was written just now and must be read again. */
  readonly isUnsettled: boolean;
}

/** Whether the file of this name is a zone file (`*.zone`) or a hosts file (`hosts`, `*.hosts`). */
export function zoneTextKind(path: string): ZoneContent["kind"] | undefined {
  const name = basename(path);
  if (name.startsWith(".")) return undefined;
  if (name.endsWith(".zone")) return "zone";
  return name === "hosts" || name.endsWith(".hosts") ? "hosts" : undefined;
}

/**
 * Parses the text of the file at `path`, whose name says its type; included files must be in one of `roots` (real
 * paths). `nowMs` is the time of day. Never throws on what it finds.
 */
export function parseZoneText(
  text: string,
  settings: {
    readonly path: string;
    readonly roots: readonly string[];
    readonly nowMs: number;
    /** Called with the size of each included file before it is parsed. */
    readonly onIncluded?: ((bytes: number) => void) | undefined;
  },
): ParsedZoneText {
  const { path } = settings;
  if (zoneTextKind(path) === "hosts") {
    const { entries, problems } = parseHostsFile(text, { path });
    return { content: { kind: "hosts", entries }, problems, included: new Map(), isUnsettled: false };
  }
  const includes = new Includes(settings.roots, settings.nowMs, settings.onIncluded);
  const origin = basename(path, ".zone");
  const { zone, problems } = readZone(text, { path, origin, include: (name, from) => includes.read(name, from) });
  const content = zone === undefined ? {} : { content: { kind: "zone", zone } as const };
  return { ...content, problems, included: includes.signatures, isUnsettled: includes.isUnsettled };
}

class Includes {
  readonly signatures = new Map<string, string>();
  isUnsettled = false;
  readonly #roots: readonly string[];
  readonly #nowMs: number;
  readonly #onIncluded: ((bytes: number) => void) | undefined;
  #bytes = 0;

  constructor(roots: readonly string[], nowMs: number, onIncluded: ((bytes: number) => void) | undefined) {
    this.#roots = roots;
    this.#nowMs = nowMs;
    this.#onIncluded = onIncluded;
  }

  read(name: string, from: Place): ZoneText | Problem {
    const path = isAbsolute(name) ? normalize(name) : join(dirname(from.file), name);
    const signature = signatureAtSync(path);
    // The earlier signature, if a file is included twice and changed in between: the next check then finds a change.
    if (!this.signatures.has(path)) this.signatures.set(path, signature);
    try {
      if (!isInsideAny(realpathSync(path), this.#roots)) {
        const message = `the included file ${path} is outside the given folders`;
        return { code: "outside-folder", severity: "error", message, advice: "move it into one of them", place: from };
      }
    } catch (error) {
      return includeFailed(path, errorCode(error), from);
    }
    const read = readBoundedFileSync(path, FILE_BYTES_MAX);
    if ("fault" in read) {
      if (read.fault === "failed") return includeFailed(path, read.code, from);
      const message = `the included ${path} is not a regular file of at most ${FILE_BYTES_MAX} bytes`;
      return {
        code: "zone-include",
        severity: "error",
        message,
        advice: "replace it with a regular file",
        place: from,
      };
    }
    this.#bytes += read.bytes.length;
    if (this.#bytes > FILE_BYTES_MAX) return tooMuch(from);
    this.#onIncluded?.(read.bytes.length);
    // A time in the future says nothing: clocks differ.
    const ageMs = this.#nowMs - Number(read.stats.mtimeMs);
    if (ageMs >= 0 && ageMs < INCLUDED_STILL_MS) this.isUnsettled = true;
    const text = decodeText(read.bytes);
    return text === undefined ? notUtf8(path, read.bytes) : { path, text };
  }
}

/** One file that is included many times costs as much as many files. */
function tooMuch(place: Place): Problem {
  const message = `the included files have more than ${FILE_BYTES_MAX} bytes together`;
  const advice = "look for a file that is included many times, or make several zones of it";
  return { code: "zone-include", severity: "error", message, advice, place };
}

function includeFailed(path: string, code: string, from: Place): Problem {
  if (code !== "ENOENT" && code !== "ENOTDIR") return { ...unreadable(path, code), place: from };
  const message = `the included file ${path} does not exist`;
  const advice = "correct its path, which is relative to the file that includes it";
  return { code: "zone-include", severity: "error", message, advice, place: from };
}
