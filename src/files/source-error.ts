// What stops a source from starting at all. Faults that come later are problems, and never stop it; this is not for
// them.

/** A path that can't be served from the start; `message` is one line for the operator. */
export class SourceError extends Error {
  override name = "SourceError";
}
