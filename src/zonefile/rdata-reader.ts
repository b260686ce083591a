// Reads the rdata of one record word by word, and collects its bytes. Keeps the first fault and reads zeros after it,
// so that callers need not check each word.
import { RDATA_SIZE_MAX } from "../dns/rdata.ts";
import { parseIpv4, parseIpv6 } from "../net/ip.ts";
import { parseDuration, parseTextBytes, parseZoneName } from "./parse-text.ts";
import type { EntryFault, TextPlace, ZoneToken } from "./zone-entries.ts";
import { show } from "./zone-problems.ts";

const ROOT = new Uint8Array(1);

/** The words of a record after its type, and the bytes parsed from them. */
export class RdataReader {
  readonly origin: Uint8Array;
  readonly #bytes: number[] = [];
  readonly #tokens: readonly ZoneToken[];
  #at: number;
  readonly #end: TextPlace;
  #fault: EntryFault | undefined;

  /** Reads `tokens` from index `at`. `end`: where the record ends; `origin`: what relative names are relative to. */
  constructor(tokens: readonly ZoneToken[], at: number, end: TextPlace, origin: Uint8Array) {
    this.#tokens = tokens;
    this.#at = at;
    this.#end = end;
    this.origin = origin;
  }

  get isAtEnd(): boolean {
    return this.#at >= this.#tokens.length;
  }

  get fault(): EntryFault | undefined {
    return this.#fault;
  }

  bytes(): Uint8Array {
    return Uint8Array.from(this.#bytes);
  }

  /** Records a fault, by default at the last word taken. Only the first one counts. */
  fail(message: string, advice: string, place: TextPlace = this.#tokens[this.#at - 1] ?? this.#end): void {
    this.#fault ??= { line: place.line, column: place.column, message, advice };
  }

  /** Appends bytes. */
  put(bytes: Iterable<number>): void {
    for (const byte of bytes) this.#bytes.push(byte);
    if (this.#bytes.length > RDATA_SIZE_MAX) {
      this.fail(`expected at most ${RDATA_SIZE_MAX} bytes of data`, "split the record");
    }
  }

  /** Appends a number of `size` bytes in network order. */
  putUint(value: number, size: 1 | 2 | 4): void {
    for (let shift = (size - 1) * 8; shift >= 0; shift -= 8) this.#bytes.push((value >>> shift) & 0xff);
  }

  /** The next token, without taking it; undefined at the end. */
  peek(): ZoneToken | undefined {
    return this.#tokens[this.#at];
  }

  /** Takes the next token; `what` names it in faults. */
  takeToken(what: string): ZoneToken | undefined {
    const token = this.#tokens[this.#at];
    if (token === undefined) this.fail(`expected ${what}, and the record ends`, "add it", this.#end);
    else this.#at++;
    return token;
  }

  /** Takes a word without quotes; empty on a fault. */
  takeWord(what: string): string {
    const token = this.takeToken(what);
    if (token === undefined) return "";
    if (token.isQuoted) this.fail(`expected ${what}, got a text in quotes`, "remove the quotes");
    return token.text;
  }

  takeUint(max: number, what: string): number {
    const word = this.takeWord(what);
    if (/^\d{1,10}$/.test(word) && Number(word) <= max) return Number(word);
    this.fail(`expected ${what}, got ${show(word)}`, `write a number from 0 to ${max}`);
    return 0;
  }

  /** Seconds, as `3600` or `1h`. */
  takeDuration(what: string): number {
    const word = this.takeWord(what);
    const seconds = parseDuration(word);
    if (seconds === undefined) this.fail(`expected ${what}, got ${show(word)}`, "write seconds, or a time as 1h30m");
    return seconds ?? 0;
  }

  takeName(what: string): Uint8Array {
    const word = this.takeWord(what);
    const name = parseZoneName(word, this.origin);
    if (name === undefined) {
      this.fail(`expected ${what}, got ${show(word)}`, "write labels of 1 to 63 bytes, 255 in all, joined by dots");
    }
    return name ?? ROOT;
  }

  takeAddress(family: "IPv4" | "IPv6"): Uint8Array {
    const word = this.takeWord(`an ${family} address`);
    const address = family === "IPv4" ? parseIpv4(word) : parseIpv6(word);
    if (address !== undefined) return address;
    const example = family === "IPv4" ? "192.0.2.1" : "2001:db8::1";
    this.fail(`expected an ${family} address, got ${show(word)}`, `write one as ${example}`);
    return new Uint8Array(0);
  }

  /** Takes a text of at most `max` bytes, with or without quotes. */
  takeText(what: string, max: number): Uint8Array {
    const token = this.takeToken(what);
    return token === undefined ? new Uint8Array(0) : this.decodeText(token.text, max);
  }

  /** Decodes the escapes of the last token, or of a part of it. */
  decodeText(text: string, max: number): Uint8Array {
    const bytes = parseTextBytes(text);
    if (bytes === undefined)
      this.fail("a backslash is followed by no character and no number up to 255", "write `\\\\`");
    else if (bytes.length > max) this.fail(`expected at most ${max} bytes, got ${bytes.length}`, "split the text");
    return bytes ?? new Uint8Array(0);
  }

  /** Takes all remaining words, at least one, and joins them; empty on a fault. */
  takeRest(what: string): string {
    const words: string[] = [];
    let size = 0;
    do {
      const word = this.takeWord(what);
      size += word.length;
      // Hexadecimal is the longest form: two digits a byte.
      if (size <= 2 * RDATA_SIZE_MAX) words.push(word);
      else this.fail(`expected at most ${RDATA_SIZE_MAX} bytes of data`, "split the record");
    } while (!this.isAtEnd);
    return this.#fault === undefined ? words.join("") : "";
  }
}
