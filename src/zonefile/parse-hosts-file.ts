// Parses the text of a hosts file, see hosts(5): an address and its names on each line, `#` begins a comment. A
// malformed line is a problem and does not affect the others. Good lines are read without an object for each.
import { LABEL_SIZE_MAX, lowerByte, NAME_SIZE_MAX } from "../dns/name.ts";
import type { Problem, Severity } from "../objects/problem.ts";
import { parseIp } from "../net/ip.ts";
import { HostsLinesWriter } from "./hosts-lines.ts";
import type { HostsLines } from "./hosts-lines.ts";
import { show, ZoneProblems } from "./zone-problems.ts";

/** The lines of a hosts file, in its order. */
export interface ParsedHostsFile {
  readonly entries: HostsLines;
  readonly problems: readonly Problem[];
}

const NEWLINE = 0x0a;
const COMMENT = 0x23;
const DOT = 0x2e;
const HYPHEN = 0x2d;

/** Parses a hosts file; `path` is shown to the operator. Never throws, on any text. */
export function parseHostsFile(text: string, settings: { readonly path: string }): ParsedHostsFile {
  return new HostsParser(text, settings.path).parse();
}

class HostsParser {
  readonly #text: string;
  readonly #path: string;
  readonly #problems: ZoneProblems;
  readonly #lines = new HostsLinesWriter();
  #at = 0;
  #line = 1;
  #lineStart = 0;
  /** Successive lines often have the same address. */
  #addressText = "";
  #address: Uint8Array | undefined;

  constructor(text: string, path: string) {
    this.#text = text;
    this.#path = path;
    this.#problems = new ZoneProblems(path);
    if (text.startsWith("\ufeff")) this.#at = this.#lineStart = 1;
  }

  parse(): ParsedHostsFile {
    while (this.#at < this.#text.length) {
      this.#readLine();
      const end = this.#text.indexOf("\n", this.#at);
      this.#at = this.#lineStart = end === -1 ? this.#text.length : end + 1;
      this.#line++;
    }
    return { entries: this.#lines.finish(), problems: this.#problems.list() };
  }

  #readLine(): void {
    const start = this.#skipBlanks();
    const end = this.#skipWord();
    if (start === end) return;
    const address = this.#readAddress(start, end);
    if (address === undefined) return this.#failAddress(start, this.#text.slice(start, end));
    const lines = this.#lines;
    const lineStart = lines.at;
    lines.reserve(1 + address.length);
    lines.bytes[lines.at++] = address.length;
    lines.bytes.set(address, lines.at);
    lines.at += address.length;
    const namesStart = lines.at;
    let hasWords = false;
    for (;;) {
      const from = this.#skipBlanks();
      const to = this.#skipWord();
      if (from === to) break;
      hasWords = true;
      if (this.#writeName(from, to)) continue;
      const message = `expected a host name, got ${show(this.#text.slice(from, to))}`;
      this.#fail(from, "error", message, "write letters, digits and hyphens");
    }
    if (!hasWords) this.#fail(start, "error", "the address has no name", "add names after it");
    if (lines.at > namesStart) lines.endLine(lineStart, this.#line);
    else lines.at = lineStart;
  }

  #readAddress(start: number, end: number): Uint8Array | undefined {
    const known = this.#addressText;
    if (known.length === end - start && this.#text.startsWith(known, start)) return this.#address;
    this.#addressText = this.#text.slice(start, end);
    this.#address = parseIp(this.#addressText);
    return this.#address;
  }

  /**
   * Writes the name in `text[start, end)`: labels of letters, digits, inner hyphens, and underscores, which real
   * programs use; the final dot is optional. False: it is none, and nothing is written.
   */
  #writeName(start: number, end: number): boolean {
    const text = this.#text;
    const lines = this.#lines;
    const last = text.charCodeAt(end - 1) === DOT ? end - 1 : end;
    if (last - start > NAME_SIZE_MAX - 2) return false;
    lines.reserve(last - start + 2);
    const { bytes, at } = lines;
    let label = at;
    let to = at + 1;
    for (let i = start; i <= last; i++) {
      const code = i === last ? DOT : text.charCodeAt(i);
      if (code !== DOT) {
        if (!isWordCode(code)) return false;
        bytes[to++] = lowerByte(code);
        continue;
      }
      const size = to - label - 1;
      if (size === 0 || size > LABEL_SIZE_MAX || bytes[label + 1] === HYPHEN || bytes[to - 1] === HYPHEN) return false;
      bytes[label] = size;
      label = to++;
    }
    bytes[label] = 0;
    lines.at = label + 1;
    return true;
  }

  #skipBlanks(): number {
    const text = this.#text;
    while (this.#at < text.length && isBlank(text.charCodeAt(this.#at))) this.#at++;
    return this.#at;
  }

  /** Goes to the end of the word; a comment is none. */
  #skipWord(): number {
    const text = this.#text;
    for (; this.#at < text.length; this.#at++) {
      const code = text.charCodeAt(this.#at);
      if (code === NEWLINE || code === COMMENT || isBlank(code)) break;
    }
    return this.#at;
  }

  #failAddress(start: number, text: string): void {
    const [address, scope] = text.split("%", 2);
    // Some systems ship a hosts file with such a line.
    if (scope !== undefined && parseIp(address!) !== undefined) {
      const message = `${show(text)} is a link-local address, which other hosts can't reach`;
      return this.#fail(start, "warning", message, "put `#` before the line");
    }
    const advice = "write e.g. `192.0.2.1 web.example.org web`, or put `#` before the line";
    this.#fail(start, "error", `expected an address, got ${show(text)}`, advice);
  }

  #fail(at: number, severity: Severity, message: string, advice: string): void {
    const place = { file: this.#path, line: this.#line, column: at - this.#lineStart + 1 };
    this.#problems.add({ code: "hosts-line", severity, message, advice, place });
  }
}

/** Blanks of any alphabet, but no line ends. */
function isBlank(code: number): boolean {
  if (code < 0x80) return code === 0x20 || (code >= 0x09 && code <= 0x0d && code !== NEWLINE);
  return /\s/.test(String.fromCharCode(code));
}

function isWordCode(code: number): boolean {
  const lower = code | 0x20;
  if (lower >= 0x61 && lower <= 0x7a) return code < 0x80;
  return (code >= 0x30 && code <= 0x39) || code === HYPHEN || code === 0x5f;
}
