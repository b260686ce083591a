// What an error of a socket means for a question: a closed port, or the system's name of the error.
// Pure.
import type { Outcome } from "../doctor/observation.ts";

/** The outcome of a question whose socket failed after `ms`. */
export function failureOf(error: Error, ms: number): Outcome {
  const code = (error as NodeJS.ErrnoException).code ?? error.message;
  return code === "ECONNREFUSED" ? { kind: "refused", ms } : { kind: "error", code, ms };
}
