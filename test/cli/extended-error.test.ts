import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { formatExtendedErrors } from "../../src/cli/extended-error.ts";
import { writeHeader, writeOpt, writeOption, writeQuestion, writeRecord } from "../support/wire.ts";

function reply(...errors: readonly (readonly [code: number, text: string | Buffer])[]): Buffer {
  const options = errors.map(([code, text]) =>
    writeOption(15, Buffer.concat([Buffer.from([code >> 8, code & 255]), Buffer.from(text)])),
  );
  return Buffer.concat([
    writeHeader(1, 0x8183, 1, 1, 0, 1),
    writeQuestion("a.example."),
    writeRecord({ owner: "a.example.", type: "A", rdata: Buffer.from([10, 0, 0, 1]) }),
    writeOpt({ size: 1232, options: Buffer.concat([writeOption(3, "id"), ...options]) }),
  ]);
}

describe("the lines of extended errors", () => {
  test.each<[what: string, message: Buffer, lines: readonly string[]]>([
    [
      "code, name and text",
      reply([22, "upstream 10.0.0.2 timed out"]),
      ["; EDE: 22 (No Reachable Authority): upstream 10.0.0.2 timed out"],
    ],
    ["no text", reply([18, ""]), ["; EDE: 18 (Prohibited)"]],
    ["an unknown code", reply([4711, "x"]), ["; EDE: 4711: x"]],
    ["several", reply([0, "a"], [3, "b"]), ["; EDE: 0 (Other Error): a", "; EDE: 3 (Stale Answer): b"]],
    ["what would control a terminal", reply([0, "\u001b[2Jé\n"]), ["; EDE: 0 (Other Error): \\u{1b}[2J\\u{e9}\\u{a}"]],
    ["text that is not UTF-8", reply([0, Buffer.from([0xff])]), ["; EDE: 0 (Other Error): \\u{ff}"]],
    ["none", reply(), []],
  ])("%s", (_, message, lines) => {
    expect(formatExtendedErrors(message)).toEqual(lines);
  });

  test("a message that ends anywhere is no fault", () => {
    const whole = reply([22, "text"]);
    for (let size = 0; size < whole.length; size++) expect(formatExtendedErrors(whole.subarray(0, size))).toEqual([]);
    fc.assert(fc.property(fc.uint8Array({ maxLength: 80 }), (bytes) => void formatExtendedErrors(Buffer.from(bytes))));
  });
});
