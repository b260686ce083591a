import { describe, expect, test } from "vitest";
import { NODE, NODES } from "../../src/compile/node-kind.ts";
import { reasonTexts } from "../../src/compile/reason-templates.ts";
import { formatReason } from "../../src/reasons/reason.ts";
import { DENIAL, DENIALS, PLACE, TEXT_MIN } from "../../src/table/reason-texts.ts";

const texts = reasonTexts();

/** Code and sentence, places as `<NAME>`. */
function sentence(node: number, denial: number): string {
  const start = texts.starts[node * DENIALS + denial]!;
  const text = texts.bytes.subarray(start + 1, texts.bytes.indexOf(0, start + 1));
  const nameOf = (code: number): string => Object.entries(PLACE).find(([, each]) => each === code)![0];
  const words = [...text].map((byte) => (byte < TEXT_MIN ? `<${nameOf(byte)}>` : String.fromCharCode(byte)));
  return `${texts.bytes[start]} ${words.join("")}`;
}

describe("sentences by node and denial", () => {
  test("each is there, with places that are known", () => {
    for (let node = 0; node < NODES; node++)
      for (let denial = 0; denial < DENIALS; denial++) expect(sentence(node, denial)).toMatch(/^\d+ \S.*\S$/);
  });

  test.each<[node: keyof typeof NODE, denial: keyof typeof DENIAL, expected: string]>([
    ["SERVICES", "LABEL", "0 no service <BELOW> in namespace <OWN>"],
    ["SERVICES", "DEEPER", "0 no service <BELOW> in namespace <OWN>"],
    ["SERVICE", "PORT", "0 port not named: <PORT>/<PROTOCOL> of service <OWN> in namespace <PARENT>"],
    ["SERVICE", "TYPE", "0 <NAME> has no <TYPE> records"],
    ["OTHER", "AAAA", "0 <NAME> has no <TYPE> records"],
    ["DENIED_DOMAIN", "LABEL", "0 names under .<APEX> are not forwarded"],
    ["OTHER", "ZONE_NOT_LOADED", "14 the zone <APEX> is not loaded yet"],
    ["OTHER", "NOT_SERVED", "20 <NAME> is in no local zone, and there is no upstream"],
    ["OTHER", "NOT_ALLOWED", `18 ${formatReason({ code: "recursion-not-allowed" })}`],
  ])("%s %s", (node, denial, expected) => {
    expect(sentence(NODE[node], DENIAL[denial])).toBe(expected);
  });
});
