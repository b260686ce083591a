// Reads the comments `# Source: CHART/templates/FILE` that `helm template` writes at the head of each document: the
// template that the document was rendered from. A document without one is of no template. Pure; linear in the text.
// Helm, "helm template"; Charts, the chart file structure.

/** A chart's name, those of its subcharts, and a file that Helm renders or copies. No path leads out of the chart. */
const SOURCE = /^(?:---\s+)?# Source: ([^/\s]+(?:\/charts\/[^/\s]+)*\/(?:templates|crds)\/(?!.*\.\.\/).*?)\s*$/;
const MARKER = /^---(?:\s|$)/;
const NOT_CONTENT = /^\s*(?:[#%].*)?$/;

/** The templates of the documents of one file. */
export class HelmSources {
  readonly #documents: { readonly start: number; template?: string }[] = [{ start: 1 }];

  constructor(text: string) {
    if (text.includes("# Source: ")) this.#read(text.split(/\r?\n/));
  }

  /** The template of the document that has the line (from 1), as Helm names it: with the chart's name in front. */
  templateOf(line: number): string | undefined {
    return this.#documents.findLast(({ start }) => start <= line)?.template;
  }

  #read(lines: readonly string[]): void {
    let isHead = true;
    for (const [index, text] of lines.entries()) {
      const isMarker = MARKER.test(text);
      if (isMarker) this.#documents.push({ start: index + 1 });
      isHead = isMarker || (isHead && NOT_CONTENT.test(text));
      const template = isHead ? SOURCE.exec(text)?.[1] : undefined;
      if (template !== undefined) this.#documents.at(-1)!.template ??= template;
    }
  }
}
