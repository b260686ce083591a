// Pods' labels as addresses (src/answer/address-label.ts): a label is one exactly where Node takes the text, with `-`
// for `.` or `:`, and then its bytes are the address's.
import { isIPv4, isIPv6 } from "node:net";
import { readAddressLabel } from "../../../src/answer/address-label.ts";
import { addressBytes } from "../../support/core/table.ts";
import { law } from "../target.ts";
import type { Target } from "../target.ts";

const LABEL_SIZE_MAX = 63;
const BEFORE = 3;

export const target: Target = {
  input: "text",
  sizeMax: LABEL_SIZE_MAX,
  seeds: ["10-244-1-5", "255-255-255-255", "fd00--5", "--", "--1", "1--", "1-2-3-4-5-6-7-8", "FD00--A", "x", ""].map(
    (text) => Buffer.from(text),
  ),
  dictionary: ["--", "-", "0", "00", "255", "256", "ffff", "0-0-0"].map((text) => Buffer.from(text)),
  run(input) {
    const label = input.subarray(0, LABEL_SIZE_MAX);
    const name = new Uint8Array(BEFORE + label.length + 4).fill(0x31);
    name.set(label, BEFORE);
    const address = new Uint8Array(16).fill(0xaa);
    const size = readAddressLabel(name, BEFORE, label.length, address);
    const text = Buffer.from(label).toString("latin1");
    // Node takes more than hyphens: zones, and what has its own dots and colons.
    const isPlain = /^[0-9A-Fa-f-]*$/.test(text);
    const [v4, v6] = [text.replaceAll("-", "."), text.replaceAll("-", ":")];
    const expected = isPlain && isIPv4(v4) ? 4 : isPlain && isIPv6(v6) ? 16 : 0;
    law(size === expected, () => `${text} has ${size} bytes, not ${expected}`);
    if (size === 0) return "none";
    const wanted = addressBytes(size === 4 ? v4 : v6);
    law(Buffer.compare(address.subarray(0, size), wanted) === 0, () => `${text} is ${address.join(" ")}`);
    return `${size} bytes`;
  },
};
