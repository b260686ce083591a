// What a command ends with where the operator's input is at fault: lines on stderr and an exit code.
// A value, never an exception.
import { visible } from "../std/visible.ts";
import type { CommandIo } from "./command-io.ts";

/** Faults of the operator, one line each, and their exit code. */
export interface Failure {
  readonly faults: readonly string[];
  readonly exitCode: 1 | 2;
}

/** A failure with exit code 2. */
export function usageFailure(fault: string): Failure {
  return { faults: [fault], exitCode: 2 };
}

/** Writes the faults of the command to stderr; returns the exit code. */
export function writeFailure(
  { name }: { readonly name: string },
  io: CommandIo,
  { faults, exitCode }: Failure,
): number {
  for (const fault of faults) io.stderr.write(`cluster-dns ${name}: ${visible(fault)}\n`);
  if (exitCode === 2) io.stderr.write(`Run cluster-dns ${name} --help for the flags.\n`);
  return exitCode;
}
