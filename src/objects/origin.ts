// The places that hold objects and zones, and their precedence. An origin is one such place: a file, standard input, a
// live API, a controller. Pure.

/** One place that holds objects, identified by `source` and `name`. */
export interface Origin {
  /** The id of the source. */
  readonly source: string;
  /** The precedence of the source: the smaller number wins. */
  readonly precedence: number;
  /** Order within the source, e.g. the number of the argument that named the file. */
  readonly order: number;
  /** Name within the source, e.g. the file's path; decides between equal orders. */
  readonly name: string;
  /** Whether controllers act on the objects, as on manifests. A live cluster has controllers of its own. */
  readonly isControlled: boolean;
}

/** The order of origins: sources by precedence, then the origins of a source. Of zones the first one wins. */
export function compareOrigins(a: Origin, b: Origin): number {
  return compareSources(a, b) || compareWithinSource(a, b);
}

/** Sorts the origin whose object wins first: of several in one source the last, as after `kubectl apply` of each. */
export function compareClaims(a: Origin, b: Origin): number {
  return compareSources(a, b) || compareWithinSource(b, a);
}

function compareSources(a: Origin, b: Origin): number {
  return a.precedence - b.precedence || compareTexts(a.source, b.source);
}

function compareWithinSource(a: Origin, b: Origin): number {
  return a.order - b.order || compareTexts(a.name, b.name);
}

/** Whether both are the same place, whatever their order. */
export function isSameOrigin(a: Origin, b: Origin): boolean {
  return a === b || (a.source === b.source && a.name === b.name);
}

function compareTexts(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
