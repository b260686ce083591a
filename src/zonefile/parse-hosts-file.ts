// Parses the text of a hosts file, see hosts(5): an address and its names on each line, `#` begins a comment. A
// malformed line is a problem and does not affect the others.
import { parseName } from "../dns/name.ts";
import type { Problem, Severity } from "../objects/problem.ts";
import { parseIp } from "../net/ip.ts";
import { show, ZoneProblems } from "./zone-problems.ts";

/** A line: an address of 4 or 16 bytes, and its names in wire form, the canonical name first. */
export interface HostsEntry {
  readonly address: Uint8Array;
  readonly names: readonly Uint8Array[];
  readonly line: number;
}

/** The lines of a hosts file, in its order. */
export interface ParsedHostsFile {
  readonly entries: readonly HostsEntry[];
  readonly problems: readonly Problem[];
}

/** Labels of letters, digits, inner hyphens, and underscores, which real programs use; the final dot is optional. */
const HOST_NAME = /^[a-z0-9_](?:[a-z0-9_-]*[a-z0-9_])?(?:\.[a-z0-9_](?:[a-z0-9_-]*[a-z0-9_])?)*\.?$/i;
const HOST_NAME_MAX = 254;

/** Parses a hosts file; `path` is shown to the operator. Never throws, on any text. */
export function parseHostsFile(text: string, settings: { readonly path: string }): ParsedHostsFile {
  const problems = new ZoneProblems(settings.path);
  const entries: HostsEntry[] = [];
  const lines = (text.startsWith("\ufeff") ? text.slice(1) : text).split("\n");
  lines.forEach((content, index) => {
    const line = index + 1;
    const fail: Fail = (word, severity, message, advice) => {
      const place = { file: settings.path, line, column: word.index + 1 };
      problems.add({ code: "hosts-line", severity, message, advice, place });
    };
    const entry = parseLine(content.split("#", 1)[0]!, line, fail);
    if (entry !== undefined) entries.push(entry);
  });
  return { entries, problems: problems.list() };
}

type Fail = (word: RegExpExecArray, severity: Severity, message: string, advice: string) => void;

function parseLine(content: string, line: number, fail: Fail): HostsEntry | undefined {
  const [first, ...rest] = content.matchAll(/\S+/g);
  if (first === undefined) return undefined;
  const address = parseIp(first[0]);
  if (address === undefined) {
    failAddress(first, fail);
    return undefined;
  }
  const names = rest.flatMap((word) => {
    const name = word[0].length <= HOST_NAME_MAX && HOST_NAME.test(word[0]) ? parseName(word[0]) : undefined;
    if (name !== undefined) return [name];
    fail(word, "error", `expected a host name, got ${show(word[0])}`, "write letters, digits and hyphens");
    return [];
  });
  if (rest.length === 0) fail(first, "error", "the address has no name", "add names after it");
  return names.length === 0 ? undefined : { address, names, line };
}

function failAddress(word: RegExpExecArray, fail: Fail): void {
  const [address, scope] = word[0].split("%", 2);
  // Some systems ship a hosts file with such a line.
  if (scope !== undefined && parseIp(address!) !== undefined) {
    const message = `${show(word[0])} is a link-local address, which other hosts can't reach`;
    return fail(word, "warning", message, "put `#` before the line");
  }
  const advice = "write e.g. `192.0.2.1 web.example.org web`, or put `#` before the line";
  fail(word, "error", `expected an address, got ${show(word[0])}`, advice);
}
