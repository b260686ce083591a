// Origins of objects and zones, and their precedence. An origin is one place that has objects: a file, standard input,
// a live API, a controller. Pure.

/** One place that has objects; `source` and `name` identify it. */
export interface Origin {
  /** The id of its source. */
  readonly source: string;
  /** The precedence of its source: the smaller number wins. */
  readonly precedence: number;
  /** Precedence within its source, e.g. the index of the argument with the file: the smaller number wins. */
  readonly order: number;
  /** Its name within its source, e.g. the path of the file; decides between equal orders. */
  readonly name: string;
  /** Whether our controllers act on its objects: true for manifests; a live cluster has controllers of its own. */
  readonly isControlled: boolean;
}

/** Sorts the origin that wins to the front. */
export function compareOrigins(a: Origin, b: Origin): number {
  return (
    a.precedence - b.precedence || compareTexts(a.source, b.source) || a.order - b.order || compareTexts(a.name, b.name)
  );
}

/** Whether both are the same place; order and precedence may differ. */
export function isSameOrigin(a: Origin, b: Origin): boolean {
  return a === b || (a.source === b.source && a.name === b.name);
}

function compareTexts(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
