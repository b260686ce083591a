import { expect, test } from "vitest";
import { SipHash } from "../../src/std/siphash.ts";

// SipHash's own test vectors: key 00 01 … 0f, messages 00 01 … of so many bytes.
test.each([
  [0, "310e0edd47db6f72"],
  [1, "fd67dc93c539f874"],
  [7, "37d1018bf50002ab"],
  [8, "6224939a79f5f593"],
  [15, "e545be4961ca29a1"],
  [16, "db9bc2577fcc2a3f"],
  [63, "724506eb4c328a95"],
])("%i bytes", (size, expected) => {
  const counting = Uint8Array.from({ length: 80 }, (_, i) => i);
  const out = Buffer.alloc(10, 0xee);
  new SipHash().hash(counting, 0, counting, 0, size, out, 1);
  expect(out.toString("hex")).toBe(`ee${expected}ee`);
});
