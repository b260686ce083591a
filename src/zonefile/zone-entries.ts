// Splits the text of a zone file into entries and tokens (RFC 1035 5.1): an entry is a line, or several within
// parentheses, without comments. Does not decode escapes: their meaning depends on the word.

/** A place in the text; both count from 1. */
export interface TextPlace {
  readonly line: number;
  readonly column: number;
}

/** A word, or a text in quotes. */
export interface ZoneToken extends TextPlace {
  readonly text: string;
  readonly isQuoted: boolean;
  /** No blank separates it from the token before, as in `alpn="h2"`. */
  readonly isJoined: boolean;
}

/** A syntax error and its place. */
export interface EntryFault extends TextPlace {
  readonly message: string;
  readonly advice: string;
}

/** An entry with at least one token or a fault. */
export interface ZoneEntry {
  readonly tokens: readonly ZoneToken[];
  /** Begins with a blank, so its owner name is that of the record before. */
  readonly isIndented: boolean;
  readonly fault: EntryFault | undefined;
  readonly end: TextPlace;
}

const TAB = 0x09;
const NEWLINE = 0x0a;
const RETURN = 0x0d;
const SPACE = 0x20;
const QUOTE = 0x22;
const OPEN = 0x28;
const CLOSE = 0x29;
const SEMICOLON = 0x3b;
const BACKSLASH = 0x5c;

/** Reads the entries of a text, in order. */
export function* readEntries(text: string): Generator<ZoneEntry> {
  const reader = new EntryReader(text.startsWith("\ufeff") ? text.slice(1) : text);
  for (let entry = reader.next(); entry !== undefined; entry = reader.next()) {
    if (entry.tokens.length > 0 || entry.fault !== undefined) yield entry;
  }
}

class EntryReader {
  readonly #text: string;
  #at = 0;
  #line = 1;
  #lineStart = 0;
  #tokens: ZoneToken[] = [];
  #fault: EntryFault | undefined;
  /** Open parentheses, outermost first. */
  #open: TextPlace[] = [];
  #lastEnd = -1;

  constructor(text: string) {
    this.#text = text;
  }

  /** The next entry, possibly empty; undefined at the end. */
  next(): ZoneEntry | undefined {
    const text = this.#text;
    if (this.#at >= text.length) return undefined;
    this.#tokens = [];
    this.#fault = undefined;
    this.#open = [];
    const first = text.charCodeAt(this.#at);
    const isIndented = first === SPACE || first === TAB;
    while (this.#at < text.length) {
      const char = text.charCodeAt(this.#at);
      if (char === NEWLINE && this.#open.length === 0) break;
      this.#take(char);
    }
    const end = this.#place();
    this.#takeNewline();
    const [unclosed] = this.#open;
    if (unclosed !== undefined) this.#fail(unclosed, "the parenthesis is never closed", "put `)` after the last value");
    return { tokens: this.#tokens, isIndented, fault: this.#fault, end };
  }

  #take(char: number): void {
    if (char === NEWLINE) this.#takeNewline();
    else if (isBlank(char)) this.#at++;
    else if (char === SEMICOLON) this.#skipLine();
    else if (char === QUOTE) this.#takeQuoted();
    else if (char === OPEN) {
      this.#open.push(this.#place());
      this.#at++;
    } else if (char === CLOSE) {
      if (this.#open.pop() === undefined) {
        this.#fail(this.#place(), "the parenthesis was not opened", "remove it, or write `\\)` for the character");
      }
      this.#at++;
    } else this.#takeWord();
  }

  #takeNewline(): void {
    this.#at++;
    this.#line++;
    this.#lineStart = this.#at;
  }

  #skipLine(): void {
    const end = this.#text.indexOf("\n", this.#at);
    this.#at = end === -1 ? this.#text.length : end;
  }

  #takeWord(): void {
    const start = this.#at;
    const text = this.#text;
    for (; this.#at < text.length; this.#at++) {
      const char = text.charCodeAt(this.#at);
      if (char === BACKSLASH && !isLineEnd(text, this.#at + 1)) this.#at++;
      else if (endsWord(char)) break;
    }
    this.#push(start, text.slice(start, this.#at), false);
  }

  #takeQuoted(): void {
    const start = this.#at;
    const text = this.#text;
    for (this.#at++; this.#at < text.length; this.#at++) {
      const char = text.charCodeAt(this.#at);
      if (char === BACKSLASH && !isLineEnd(text, this.#at + 1)) this.#at++;
      else if (char === NEWLINE) break;
      else if (char === QUOTE) {
        this.#at++;
        return this.#push(start, text.slice(start + 1, this.#at - 1), true);
      }
    }
    const place = { line: this.#line, column: start - this.#lineStart + 1 };
    this.#fail(
      place,
      "the quote is not closed on its line",
      'end the text with `"`, and write `\\"` for one within it',
    );
  }

  #push(start: number, text: string, isQuoted: boolean): void {
    const isJoined = start === this.#lastEnd;
    this.#lastEnd = this.#at;
    this.#tokens.push({ text, isQuoted, isJoined, line: this.#line, column: start - this.#lineStart + 1 });
  }

  #place(): TextPlace {
    return { line: this.#line, column: this.#at - this.#lineStart + 1 };
  }

  #fail(place: TextPlace, message: string, advice: string): void {
    this.#fault ??= { ...place, message, advice };
  }
}

function isBlank(char: number): boolean {
  return char === SPACE || char === TAB || char === RETURN;
}

function isLineEnd(text: string, at: number): boolean {
  return at >= text.length || text.charCodeAt(at) === NEWLINE;
}

function endsWord(char: number): boolean {
  return isBlank(char) || char === NEWLINE || char === SEMICOLON || char === QUOTE || char === OPEN || char === CLOSE;
}
