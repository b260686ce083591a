// Converts offsets of a text to lines and columns, and to the text of the line. Reads the text only as far as it must,
// since most texts have no problems.

/** The lines of one text; both lines and columns count from 1. */
export class TextPlaces {
  readonly #text: string;
  readonly #lineStarts = [0];
  /** Without it, each place in a long last line would look for its end. */
  #hasAll = false;

  constructor(text: string) {
    this.#text = text;
  }

  /** The place of `offset`, at most the end of the text. */
  at(offset: number): { readonly line: number; readonly column: number } {
    const inside = Math.min(offset, this.#text.length);
    this.#findLineStarts(inside);
    let low = 0;
    for (let high = this.#lineStarts.length; high - low > 1;) {
      const middle = (low + high) >> 1;
      if (this.#lineStarts[middle]! <= inside) low = middle;
      else high = middle;
    }
    return { line: low + 1, column: inside - this.#lineStarts[low]! + 1 };
  }

  /** The text of the line that `offset` is on. */
  lineAt(offset: number): string {
    const start = this.#lineStarts[this.at(offset).line - 1]!;
    const end = this.#text.indexOf("\n", start);
    return this.#text.slice(start, end === -1 ? this.#text.length : end);
  }

  #findLineStarts(offset: number): void {
    while (!this.#hasAll && this.#lineStarts.at(-1)! <= offset) {
      const end = this.#text.indexOf("\n", this.#lineStarts.at(-1));
      if (end === -1) this.#hasAll = true;
      else this.#lineStarts.push(end + 1);
    }
  }
}
