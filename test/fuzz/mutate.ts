// Changes inputs at random, a few steps each: bytes, lines of text (mutate-bytes.ts), fields of DNS messages
// (mutate-message.ts). The same seed makes the same changes.
import { BYTE_STEPS, TEXT_STEPS } from "./mutate-bytes.ts";
import type { Material, Step } from "./mutate-bytes.ts";
import { MESSAGE_STEPS } from "./mutate-message.ts";

export type InputKind = "message" | "bytes" | "text";

const STEPS_MAX = 5;

const STEPS: Readonly<Record<InputKind, readonly Step[]>> = {
  bytes: BYTE_STEPS,
  text: TEXT_STEPS,
  // Mutations that know fields find more; those that do not break fields in ways that nobody thought of.
  message: [...BYTE_STEPS, ...MESSAGE_STEPS, ...MESSAGE_STEPS],
};

/** A changed copy of `input` of at most `sizeMax` bytes. */
export function mutate(input: Uint8Array, kind: InputKind, sizeMax: number, material: Material): Uint8Array {
  const { random } = material;
  // A copy: the slice of a Buffer would be none.
  let bytes: Uint8Array = new Uint8Array(input);
  for (let left = 1 + random.below(STEPS_MAX); left > 0; left--) bytes = random.pick(STEPS[kind])(bytes, material);
  return bytes.length > sizeMax ? bytes.slice(0, sizeMax) : bytes;
}
