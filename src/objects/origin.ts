// Where objects and zones come from, and which of two places counts. An origin is one place that holds objects: a file,
// standard input, a live API, a controller. Pure.

/** One place that holds objects; `source` and `name` together tell it from all others. */
export interface Origin {
  /** The id of its source. */
  readonly source: string;
  /** The precedence of its source: the smaller number counts. */
  readonly precedence: number;
  /** Within its source, e.g. which argument the file came by: the smaller number counts. */
  readonly order: number;
  /** Within its source, e.g. the file's path; decides between equal orders. */
  readonly name: string;
  /** Whether controllers act on its objects, as on manifests. A live cluster's objects have been acted on already. */
  readonly isControlled: boolean;
}

/** Sorts the origin that counts first. */
export function compareOrigins(a: Origin, b: Origin): number {
  return (
    a.precedence - b.precedence || compareTexts(a.source, b.source) || a.order - b.order || compareTexts(a.name, b.name)
  );
}

/** Whether both are the same place, whatever its order is now. */
export function isSameOrigin(a: Origin, b: Origin): boolean {
  return a === b || (a.source === b.source && a.name === b.name);
}

function compareTexts(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
