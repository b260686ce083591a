// Reads the comments `# cluster-dns: ignore CODE[, CODE]` of a file (`;` in zone files). Such a comment is for its own
// line or, on a line of its own, for the next one; at the head of a document it is for the document, and before the
// first `---` for the file. Pure; linear in the length of the text.

/** A code in a comment. */
export interface WrittenCode {
  readonly code: string;
  readonly line: number;
  readonly column: number;
}

const COMMENT = /(?:^|\s)[#;]\s*cluster-dns:\s*ignore[\s:]+([\w-]+(?:\s*,\s*[\w-]+)*)/;
const NOT_CONTENT = /^\s*(?:[#;].*)?$/;

/** The codes that the comments of one file silence. */
export class IgnoreComments {
  /** All codes as they are written. */
  readonly written: WrittenCode[] = [];
  readonly #ofFile = new Set<string>();
  /** By the first line of the document that they apply to. */
  readonly #ofDocuments: { readonly start: number; readonly codes: Set<string> }[] = [];
  readonly #ofLines = new Map<number, ReadonlySet<string>>();

  constructor(text: string) {
    if (text.includes("cluster-dns:")) this.#read(text.split(/\r?\n/));
  }

  /** Whether a problem of this code on the line is silenced. */
  has(code: string, line: number): boolean {
    const document = this.#ofDocuments.findLast(({ start }) => start <= line);
    return this.#ofFile.has(code) || document?.codes.has(code) === true || this.#ofLines.get(line)?.has(code) === true;
  }

  #read(lines: readonly string[]): void {
    let head: Set<string> | undefined = new Set();
    let next = new Set<string>();
    let isFirst = true;
    this.#ofDocuments.push({ start: 1, codes: head });
    for (const [index, text] of lines.entries()) {
      const codes = this.#codesOf(text, index + 1);
      if (/^---(?:\s|$)/.test(text)) {
        if (isFirst && head !== undefined) for (const code of head) this.#ofFile.add(code);
        isFirst = false;
        head = new Set(codes);
        next = new Set();
        this.#ofDocuments.push({ start: index + 1, codes: head });
      } else if (NOT_CONTENT.test(text)) {
        for (const code of codes) {
          next.add(code);
          head?.add(code);
        }
      } else {
        if (next.size + codes.length > 0) this.#ofLines.set(index + 1, new Set([...next, ...codes]));
        next = new Set();
        head = undefined;
      }
    }
  }

  #codesOf(text: string, line: number): readonly string[] {
    const match = COMMENT.exec(text);
    if (match === null) return [];
    const listAt = match.index + match[0].length - match[1]!.length;
    return [...match[1]!.matchAll(/[\w-]+/g)].map(({ 0: code, index }) => {
      this.written.push({ code, line, column: listAt + index + 1 });
      return code;
    });
  }
}
