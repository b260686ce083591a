// The extended error of a reply (RFC 8914 2): the server says there which upstream failed, and how. Pure; accepts any
// bytes.
import { OPTION, TYPE } from "../dns/constants.ts";
import { readRecords } from "../dns/message.ts";

/** The text of the first extended error that has one; undefined: none has. */
export function extendedErrorText(reply: Uint8Array): string | undefined {
  const opt = readRecords(reply)?.find(({ type }) => type === TYPE.OPT);
  if (opt === undefined) return undefined;
  for (let at = opt.rdataAt; at + 4 <= opt.rdataEnd;) {
    const code = (reply[at]! << 8) | reply[at + 1]!;
    const end = at + 4 + ((reply[at + 2]! << 8) | reply[at + 3]!);
    if (end > opt.rdataEnd) return undefined;
    // Behind the code of the error, which has two bytes.
    if (code === OPTION.EDE && end > at + 6) return Buffer.from(reply.subarray(at + 6, end)).toString("utf8");
    at = end;
  }
  return undefined;
}
