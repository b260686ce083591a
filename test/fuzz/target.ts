// What is fuzzed: a function of the project together with the laws that hold for any input. One file a target in
// targets/, which exports it as `target`; the runner, the corpus's replay and the laws' test find it there by its name.
import { readdirSync } from "node:fs";
import type { InputKind } from "./mutate.ts";

export interface Target {
  /** How inputs are changed, and how they are kept: text as it is, all else in hexadecimal. */
  readonly input: InputKind;
  /** The longest input, bytes. */
  readonly sizeMax: number;
  /** Inputs to begin with, beside the corpus. */
  readonly seeds: readonly Uint8Array[];
  /** Pieces that a random change would hardly find. */
  readonly dictionary: readonly Uint8Array[];
  /**
   * Gives an input to the code under test; throws when a law is broken. Returns what came of it in a word or two: an
   * input whose outcome is new is kept, as is one that reaches new code. The same input has the same outcome.
   */
  run(input: Uint8Array): string;
}

const FOLDER = new URL("./targets/", import.meta.url);

export function targetNames(): readonly string[] {
  return readdirSync(FOLDER)
    .map((file) => file.replace(/\.ts$/, ""))
    .toSorted();
}

/** The module of the target of that name, which is one of `targetNames`. */
export function targetUrl(name: string): string {
  return new URL(`${name}.ts`, FOLDER).href;
}

/** The target of that name, which is one of `targetNames`. */
export async function loadTarget(name: string): Promise<Target> {
  return ((await import(`./targets/${name}.ts`)) as { readonly target: Target }).target;
}

/** Fails a law: `what` says which one, and what was found. */
export function law(holds: boolean, what: () => string): void {
  if (!holds) throw new Error(`broken: ${what()}`);
}
