import { expect, test } from "vitest";
import { formatNsid } from "../../src/cli/format-nsid.ts";
import { writeHeader, writeOpt, writeOption } from "../support/wire.ts";

test.each<[what: string, options: Buffer, lines: readonly string[]]>([
  ["a name", writeOption(3, Buffer.from("dns-2")), ["; NSID: 646e732d32 (dns-2)"]],
  ["what would control a terminal", writeOption(3, Buffer.from("\u001b[2J")), ["; NSID: 1b5b324a (\\u{1b}[2J)"]],
  ["another option", writeOption(10, Buffer.from("12345678")), []],
])("%s", (_, options, lines) => {
  const message = Buffer.concat([writeHeader(1, 0x8180, 0, 0, 0, 1), writeOpt({ size: 1232, options })]);
  expect(formatNsid(message)).toEqual(lines);
});
