// A target that never comes back from one input.
import type { Target } from "../target.ts";

export const target: Target = {
  input: "bytes",
  sizeMax: 16,
  seeds: [Uint8Array.of(1, 2), Uint8Array.of(7, 7)],
  dictionary: [],
  run(input) {
    while (input[0] === 7);
    return "";
  },
};
