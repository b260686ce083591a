// A target with a fault that chance alone would not find: one input in four thousand million. Each letter opens a
// branch, so a search that sees which code runs finds one after the other.
import type { Target } from "../target.ts";

export const target: Target = {
  input: "bytes",
  sizeMax: 16,
  seeds: [Uint8Array.of(1, 2, 3, 4)],
  dictionary: [],
  run: lettersOf,
};

function lettersOf(input: Uint8Array): string {
  if (input[0] !== 0x44) return "";
  if (input[1] !== 0x4e) return "";
  if (input[2] !== 0x53) return "";
  if (input[3] !== 0x21) return "";
  throw new Error(`planted in ${input.length} bytes`);
}
