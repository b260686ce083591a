// The text of a hosts file into addresses and their names, as hosts(5): a line each, `#` begins a comment. A bad line
// is a problem, and the others count. What the names are used for is not known here.
import { parseName } from "../dns/name.ts";
import type { Problem, Severity } from "../objects/problem.ts";
import { parseIp } from "../net/ip.ts";
import { show, ZoneProblems } from "./zone-problems.ts";

/** One line: an address of 4 or 16 bytes, and its names in wire form, the canonical one first. */
export interface HostsEntry {
  readonly address: Uint8Array;
  readonly names: readonly Uint8Array[];
  readonly line: number;
}

/** What a hosts file holds, in its order. */
export interface ParsedHostsFile {
  readonly entries: readonly HostsEntry[];
  readonly problems: readonly Problem[];
}

/** Letters, digits, hyphens within, and underscores, which programs do use; a final dot makes no difference. */
const HOST_NAME = /^[a-z0-9_](?:[a-z0-9_-]*[a-z0-9_])?(?:\.[a-z0-9_](?:[a-z0-9_-]*[a-z0-9_])?)*\.?$/i;
const HOST_NAME_MAX = 254;

/** Parses a hosts file; `path` is shown to the operator. Never throws on any text. */
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
  // The hosts file of some systems has such a line from the start.
  if (scope !== undefined && parseIp(address!) !== undefined) {
    const message = `${show(word[0])} is an address of one interface, which nobody else can reach`;
    return fail(word, "warning", message, "put `#` before the line");
  }
  const advice = "write e.g. `192.0.2.1 web.example.org web`, or put `#` before the line";
  fail(word, "error", `expected an address, got ${show(word[0])}`, advice);
}
