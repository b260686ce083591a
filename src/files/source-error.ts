// Why a source can't start at all. Faults that come later are problems and never stop it.
// Every other error of a source is a fault of the program.
import { OperatorError } from "../std/operator-error.ts";

/** A path that can't be served from the start; `message` is one line for the operator. */
export class SourceError extends OperatorError {
  override name = "SourceError";
}
