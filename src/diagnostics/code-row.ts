// The form of a row in the table of problem codes, and what the tables share.
// It has no rows: those are in codes.ts and zone-codes.ts.
import type { FieldPath } from "../objects/field.ts";
import type { Severity } from "../objects/problem.ts";

/** The description of a code. */
export interface CodeRow {
  /** The severity of nearly all problems of this code; the rest are less severe. */
  readonly severity: Severity;
  readonly summary: string;
  /** The document with the rule; absent for rules of this program. */
  readonly source?: string;
  /** The field with the fault, for problems that have only the place of their object. */
  readonly field?: FieldPath;
  /** The commands that can report it. */
  readonly reportedBy: readonly Command[];
}

type Command = "check" | "serve" | "resolv-conf" | "env";

/** The URL of an RFC, without its number. */
export const RFC = "https://www.rfc-editor.org/rfc/rfc";
/** The commands that read manifests as they are. */
export const EVERYWHERE = ["check", "serve"] as const;
