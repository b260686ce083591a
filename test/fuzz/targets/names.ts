// Names from text to bytes and back (src/dns/name.ts): what is taken is a name by RFC 1035 2.3.4, comes back the same,
// and is the same for the tests' own reader.
import { formatName, lowerName, NAME_SIZE_MAX, parseName } from "../../../src/dns/name.ts";
import { parseLabels, writeName } from "../../support/wire.ts";
import { law } from "../target.ts";
import type { Target } from "../target.ts";

// The tests' reader takes `@` for the origin, text byte by byte, and no number beyond a byte.
const SAME_IN_TESTS = /^(?!@$)[\x20-\x7e]*$/;

export const target: Target = {
  input: "text",
  sizeMax: 1024,
  seeds: ["a.b.c.", ".", "", "a", "a\\.b.", "\\000\\255.x.", "ä.z.", "x".repeat(63), "\\256", "a..b", "\\1", "\\"].map(
    (text) => Buffer.from(text),
  ),
  dictionary: ["\\\\", "\\.", "\\046", "\\256", ".", "..", "a".repeat(63), "b.".repeat(40)].map((text) =>
    Buffer.from(text),
  ),
  run(input) {
    const text = Buffer.from(input).toString();
    const wire = parseName(text);
    if (wire === undefined) return "no name";
    law(wire.length <= NAME_SIZE_MAX && isWire(wire), () => `${text} is no name of RFC 1035`);
    const shown = formatName(wire);
    const again = parseName(shown);
    law(again !== undefined && Buffer.compare(again, wire) === 0, () => `${text} comes back as ${shown}`);
    law(formatName(again!) === shown, () => `${shown} is not shown the same again`);
    const framed = Uint8Array.from([7, ...wire, 7]);
    law(formatName(framed, 1) === shown, () => `${shown} is not shown the same inside other bytes`);
    const lower = lowerName(wire);
    law(isWire(lower) && Buffer.compare(lowerName(lower), lower) === 0, () => `${shown} in lower case`);
    if (SAME_IN_TESTS.test(text))
      law(Buffer.compare(writeName(parseLabels(text)), wire) === 0, () => `${text} is ${shown}`);
    return `${labelCount(wire) > 8 ? "many" : labelCount(wire)} labels`;
  },
};

function isWire(wire: Uint8Array): boolean {
  let at = 0;
  while (wire[at] !== 0 && at < wire.length) {
    if (wire[at]! > 63) return false;
    at += 1 + wire[at]!;
  }
  return at === wire.length - 1;
}

function labelCount(wire: Uint8Array): number {
  let count = 0;
  for (let at = 0; wire[at] !== 0; at += 1 + wire[at]!) count++;
  return count;
}
