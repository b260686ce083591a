// Parses the text of a zone file into records: directives, owner names, TTLs and types (RFC 1035 5, RFC 2308 4). Reads
// no files: the caller provides the text of `$INCLUDE`. check-zone.ts checks whether the records make a zone.
import { TYPE } from "../dns/constants.ts";
import type { Place, Problem } from "../objects/problem.ts";
import { parseRange, parseTemplate } from "./generate.ts";
import type { GenerateRange, Template } from "./generate.ts";
import { readRdata } from "./rdata-text.ts";
import { parseDuration, parseZoneName, TTL_MAX } from "./parse-text.ts";
import { RdataReader } from "./rdata-reader.ts";
import { formatType, isMetaType, parseType } from "../dns/type-names.ts";
import type { TextPlace, ZoneEntry, ZoneToken } from "./zone-entries.ts";
import { readEntries } from "./zone-entries.ts";
import { show, ZoneProblems } from "./zone-problems.ts";
import type { ZoneRecord } from "./zone-record.ts";

/** Maximum depth of nested `$INCLUDE`s. */
const INCLUDE_DEPTH_MAX = 8;
/** Maximum number of `$INCLUDE`s in one zone. */
const INCLUDES_MAX = 100;
const RECORDS_MAX = 1_000_000;

/** The text of a file, and its path as shown to the operator. */
export interface ZoneText {
  readonly path: string;
  readonly text: string;
}

/** How to parse a zone file. */
export interface ZoneFileSettings {
  /** As shown to the operator. */
  readonly path: string;
  /** The zone's name according to the file's name, as text. */
  readonly origin: string;
  /** The file that `$INCLUDE path` at `from` includes, or the problem with it. */
  include(path: string, from: Place): ZoneText | Problem;
}

/** The records of a file, in its order. When `problems` has an error, some are missing: don't serve them. */
export interface ParsedZoneFile {
  /** The zone's name in wire form: the SOA's owner name after a leading `$ORIGIN`, else that of the file's name. */
  readonly origin: Uint8Array;
  readonly records: readonly ZoneRecord[];
  readonly problems: readonly Problem[];
}

/** Parses a zone file. Never throws, on any text. */
export function parseZoneFile(text: string, settings: ZoneFileSettings): ParsedZoneFile {
  return new ZoneFileParser(settings).parse(text);
}

/** What one entry of a file leaves to the next. An included file starts with a copy. */
interface FileState {
  readonly path: string;
  readonly depth: number;
  origin: Uint8Array;
  owner: Uint8Array | undefined;
  /** `$TTL`, else the SOA's MINIMUM. */
  defaultTtl: number | undefined;
  /** The TTL of the last record that states one. */
  lastTtl: number | undefined;
}

/** The words before a record's rdata. */
interface RecordHead {
  readonly ttl: number | undefined;
  readonly type: number;
  /** Index of the first token of the rdata. */
  readonly next: number;
}

/** The words of a record's rdata, and the places of the record's begin and end. */
interface RdataWords {
  readonly tokens: readonly ZoneToken[];
  /** Index of the first token of the rdata. */
  readonly next: number;
  readonly start: TextPlace;
  readonly end: TextPlace;
}

/** What the records of a `$GENERATE` have in common. */
interface GeneratedLine {
  readonly head: RecordHead;
  readonly owner: Template;
  readonly rdata: Template;
  readonly place: TextPlace;
}

const SYNTAX = "zone-syntax";
const EXAMPLE = "write e.g. `www 3600 IN A 192.0.2.1`";

class ZoneFileParser {
  readonly #settings: ZoneFileSettings;
  readonly #problems: ZoneProblems;
  readonly #records: ZoneRecord[] = [];
  #origin: Uint8Array = new Uint8Array(1);
  #isNamedInside = false;
  #hasSoa = false;
  #includes = 0;

  constructor(settings: ZoneFileSettings) {
    this.#settings = settings;
    this.#problems = new ZoneProblems(settings.path);
  }

  parse(text: string): ParsedZoneFile {
    const { path } = this.#settings;
    const origin = parseZoneName(this.#settings.origin, this.#origin);
    if (origin === undefined) {
      const message = `the file's name gives the zone the name ${show(this.#settings.origin)}, which is none`;
      const place = { file: path, line: 1, column: 1 };
      this.#problems.fail(place, { code: "zone-name", message, advice: "name the file e.g. example.org.zone" });
    }
    this.#origin = origin ?? this.#origin;
    const state = { path, depth: 0, origin: this.#origin, owner: undefined, defaultTtl: undefined, lastTtl: undefined };
    this.#readFile(text, state);
    return { origin: this.#origin, records: this.#records, problems: this.#problems.list() };
  }

  #readFile(text: string, state: FileState): void {
    for (const entry of readEntries(text)) {
      if (this.#problems.isFull && this.#problems.hasErrors) return;
      const [first] = entry.tokens;
      if (entry.fault !== undefined) this.#fail(state, entry.fault, SYNTAX, entry.fault.message, entry.fault.advice);
      else if (first === undefined) continue;
      else if (!entry.isIndented && !first.isQuoted && first.text.startsWith("$")) {
        this.#readDirective(first, entry, state);
      } else this.#readRecord(first, entry, state);
      if (this.#records.length <= RECORDS_MAX) continue;
      return this.#failFull(entry.end, state);
    }
  }

  #failFull(place: TextPlace, state: FileState): void {
    const message = `expected at most ${RECORDS_MAX} records in a zone`;
    this.#fail(state, place, "zone-limit", message, "delegate parts of it to zones of their own");
  }

  #readDirective(directive: ZoneToken, entry: ZoneEntry, state: FileState): void {
    const [, argument, second] = entry.tokens;
    const name = directive.text.toUpperCase();
    if (name === "$GENERATE") return this.#readGenerate(entry, state);
    const mayHave = { $ORIGIN: 1, $TTL: 1, $INCLUDE: 2 }[name];
    if (mayHave === undefined) {
      const advice = "write $ORIGIN, $TTL, $INCLUDE or $GENERATE, or the records themselves";
      return this.#fail(state, directive, SYNTAX, `${show(directive.text)} is no directive`, advice);
    }
    if (argument === undefined) {
      return this.#fail(state, entry.end, SYNTAX, `${name} ends without a value`, "add it");
    }
    const tooMuch = entry.tokens[mayHave + 1];
    if (tooMuch !== undefined) {
      const message = `${name} goes on after its value`;
      return this.#fail(state, tooMuch, SYNTAX, message, "remove what is too much");
    }
    if (name === "$ORIGIN") this.#readOrigin(argument, state);
    else if (name === "$TTL") state.defaultTtl = this.#readTtl(argument, state) ?? state.defaultTtl;
    else this.#readInclude(argument, second, state);
  }

  #readOrigin(argument: ZoneToken, state: FileState): void {
    const origin = this.#readName(argument, state);
    if (origin === undefined) return;
    state.origin = origin;
    if (this.#records.length > 0 || this.#isNamedInside) return;
    this.#origin = origin;
    this.#isNamedInside = true;
  }

  #readInclude(argument: ZoneToken, second: ZoneToken | undefined, state: FileState): void {
    const origin = second === undefined ? state.origin : this.#readName(second, state);
    if (origin === undefined) return;
    this.#includes++;
    if (state.depth >= INCLUDE_DEPTH_MAX || this.#includes > INCLUDES_MAX) {
      const message = `expected at most ${INCLUDES_MAX} included files, and ${INCLUDE_DEPTH_MAX} within each other`;
      return this.#fail(state, argument, "zone-include", message, "look for a file that includes itself");
    }
    const found = this.#settings.include(argument.text, placeIn(state, argument));
    // Directives of the included file do not affect the including file.
    if (!("code" in found)) {
      return this.#readFile(found.text, { ...state, path: found.path, depth: state.depth + 1, origin });
    }
    this.#problems.add(found);
  }

  /** `$GENERATE range owner [ttl] [class] type data`: a record for each number, in owner and data. */
  #readGenerate(entry: ZoneEntry, state: FileState): void {
    const [directive, rangeToken, ownerToken] = entry.tokens;
    const range = parseRange(rangeToken?.text ?? "");
    if (rangeToken === undefined || ownerToken === undefined || range === undefined) {
      const message = rangeToken === undefined ? "$GENERATE ends without a range" : "expected a range and an owner";
      const advice = "write e.g. `$GENERATE 1-9 host$ A 192.0.2.$`";
      return this.#fail(state, rangeToken ?? entry.end, "zone-generate", message, advice);
    }
    const head = this.#readHead(entry, 3, state);
    if (head === undefined) return;
    const data = entry.tokens.slice(head.next);
    const owner = this.#readTemplate(ownerToken, ownerToken.text, state);
    const rdata = this.#readTemplate(data[0] ?? entry.end, generatedData(data), state);
    if (owner === undefined || rdata === undefined) return;
    this.#generate(range, { head, owner, rdata, place: directive! }, state);
  }

  #readTemplate(place: TextPlace, text: string, state: FileState): Template | undefined {
    const template = parseTemplate(text);
    if (template === undefined) {
      const message = `expected a template, got ${show(text)}`;
      const advice = "write `$` for the number, `${OFFSET,WIDTH,BASE}` for another form of it, `\\$` for the character";
      this.#fail(state, place, "zone-generate", message, advice);
    }
    return template;
  }

  #generate({ first, last, step }: GenerateRange, line: GeneratedLine, state: FileState): void {
    const { head, place } = line;
    if ((last - first) / step >= RECORDS_MAX) return this.#failFull(place, state);
    for (let number = first; number <= last; number += step) {
      const owner = this.#readName({ ...place, text: line.owner(number) }, state);
      const entries = [...readEntries(line.rdata(number))];
      const tokens = entries.flatMap((entry) => entry.tokens.map((token) => ({ ...token, ...placeOnly(place) })));
      const fault = entries.find((entry) => entry.fault !== undefined)?.fault;
      if (fault !== undefined) return this.#fail(state, place, SYNTAX, fault.message, fault.advice);
      const end = placeOnly(place);
      if (owner === undefined || !this.#addRecord(owner, head, { tokens, next: 0, end, start: place }, state)) return;
    }
  }

  #readRecord(first: ZoneToken, entry: ZoneEntry, state: FileState): void {
    const owner = entry.isIndented ? state.owner : this.#readName(first, state);
    state.owner = owner ?? state.owner;
    if (owner === undefined) {
      if (entry.isIndented) this.#fail(state, first, SYNTAX, "the first record has no owner", "write `@` for the zone");
      return;
    }
    const head = this.#readHead(entry, entry.isIndented ? 0 : 1, state);
    if (head === undefined) return;
    this.#addRecord(owner, head, { tokens: entry.tokens, next: head.next, end: entry.end, start: first }, state);
  }

  /** Adds the record whose rdata the words hold; false: a fault. */
  #addRecord(owner: Uint8Array, head: RecordHead, words: RdataWords, state: FileState): boolean {
    const reader = new RdataReader(words.tokens, words.next, words.end, state.origin);
    const rdata = readRdata(head.type, reader);
    const { fault } = reader;
    if (fault !== undefined) {
      this.#fail(state, fault, "zone-record", `${formatType(head.type)}: ${fault.message}`, fault.advice);
      return false;
    }
    const ttl = this.#chooseTtl(head, rdata, state);
    if (ttl === undefined) {
      const message = "the record has no TTL, and none stands above it";
      this.#fail(state, words.start, "zone-ttl", message, "write `$TTL 3600` on the first line");
      return false;
    }
    if (head.type === TYPE.SOA) this.#nameAfter(owner);
    this.#records.push({ owner, type: head.type, ttl, rdata, file: state.path, line: words.start.line });
    return true;
  }

  // After `$ORIGIN org.`, the SOA may be that of `example`.
  #nameAfter(owner: Uint8Array): void {
    if (this.#isNamedInside && !this.#hasSoa) this.#origin = owner;
    this.#hasSoa = true;
  }

  // TTL and class are optional, in any order; no type begins with a digit.
  #readHead(entry: ZoneEntry, start: number, state: FileState): RecordHead | undefined {
    let ttl: number | undefined;
    let hasClass = false;
    for (let at = start; at < entry.tokens.length; at++) {
      const token = entry.tokens[at]!;
      const { text } = token;
      if (/^\d/.test(text) && ttl === undefined) {
        ttl = this.#readTtl(token, state);
        if (ttl === undefined) return undefined;
        state.lastTtl = ttl;
      } else if (/^(?:IN|CLASS1)$/i.test(text) && !hasClass) hasClass = true;
      else if (/^(?:CH|HS|CS|CLASS\d+)$/i.test(text)) {
        this.#fail(state, token, "zone-class", `expected class IN, got ${show(text)}`, "write IN, or leave it out");
        return undefined;
      } else {
        const type = this.#readType(token, state);
        return type === undefined ? undefined : { ttl, type, next: at + 1 };
      }
    }
    this.#fail(state, entry.end, SYNTAX, "expected a record type, and the record ends", EXAMPLE);
    return undefined;
  }

  #readType(token: ZoneToken, state: FileState): number | undefined {
    const type = token.isQuoted ? undefined : parseType(token.text);
    if (type !== undefined && !isMetaType(type)) return type;
    const message = `expected a record type, got ${show(token.text)}`;
    const advice = `${EXAMPLE}; any other type is written as \`TYPE65280 \\# 4 0a000001\``;
    this.#fail(state, token, "zone-type", message, advice);
    return undefined;
  }

  #chooseTtl({ ttl, type }: RecordHead, rdata: Uint8Array, state: FileState): number | undefined {
    const chosen = ttl ?? state.defaultTtl ?? state.lastTtl;
    if (chosen !== undefined || type !== TYPE.SOA) return chosen;
    state.defaultTtl = Math.min(new DataView(rdata.buffer).getUint32(rdata.length - 4), TTL_MAX);
    return state.defaultTtl;
  }

  #readTtl(token: ZoneToken, state: FileState): number | undefined {
    const ttl = parseDuration(token.text);
    if (ttl !== undefined && ttl <= TTL_MAX) return ttl;
    if (ttl !== undefined) {
      const tooLarge = `the TTL ${show(token.text)} is over ${TTL_MAX} seconds, and counts as 0`;
      const fault = {
        code: "zone-ttl-too-large",
        message: tooLarge,
        advice: "write the time for which it may be cached",
      };
      this.#problems.warn(placeIn(state, token), fault);
      // RFC 2181 8.
      return 0;
    }
    const message = `expected a TTL, got ${show(token.text)}`;
    this.#fail(state, token, "zone-ttl", message, `write seconds up to ${TTL_MAX}, or a time as 1h30m`);
    return undefined;
  }

  #readName(token: TextPlace & { readonly text: string }, state: FileState): Uint8Array | undefined {
    const name = parseZoneName(token.text, state.origin);
    if (name === undefined) {
      const message = `expected a name, got ${show(token.text)}`;
      const advice = "write labels of 1 to 63 bytes, 255 in all, joined by dots";
      this.#fail(state, token, "zone-name", message, advice);
    }
    return name;
  }

  #fail(state: FileState, place: TextPlace, code: string, message: string, advice: string): void {
    this.#problems.fail(placeIn(state, place), { code, message, advice });
  }
}

/** The data of a `$GENERATE` as text: BIND takes one word, or all data in quotes. */
function generatedData(tokens: readonly ZoneToken[]): string {
  const [first, second] = tokens;
  if (first?.isQuoted === true && second === undefined) return first.text.replaceAll('\\"', '"');
  return tokens.map(({ text, isQuoted, isJoined }) => (isJoined ? "" : " ") + (isQuoted ? `"${text}"` : text)).join("");
}

function placeOnly({ line, column }: TextPlace): TextPlace {
  return { line, column };
}

function placeIn(state: FileState, { line, column }: TextPlace): Place {
  return { file: state.path, line, column };
}
