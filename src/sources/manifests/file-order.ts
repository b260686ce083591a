// The order of manifest files, which decides between them: of an object or a zone that is in several files, that of the
// first file counts. The only place that knows how ranks are made.

/** A file's place in the order: the position of its argument on the command line, then its path. */
export interface FileOrder {
  readonly argument: number;
  readonly path: string;
}

/** Negative when `a` comes first, as `Array.sort` takes it. */
export function compareFileOrders(a: FileOrder, b: FileOrder): number {
  return a.argument - b.argument || (a.path < b.path ? -1 : Number(a.path > b.path));
}

/** The rank of a change: texts that sort as the orders do. */
export function formatRank({ argument, path }: FileOrder): string {
  return `${String(argument).padStart(6, "0")}:${path}`;
}
