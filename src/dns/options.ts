// The options of a message's OPT record (RFC 6891 6.1.2).
// Pure; accepts any bytes: a malformed message has none, and an option that is cut ends the list.
import { TYPE } from "./constants.ts";
import { readRecords } from "./message.ts";

/** An option of an OPT record; `data` is without its code and length. */
export interface Option {
  readonly code: number;
  readonly data: Buffer;
}

/** All options, in their order. */
export function readOptions(message: Uint8Array): readonly Option[] {
  const options: Option[] = [];
  for (const { type, rdataAt, rdataEnd } of readRecords(message) ?? []) {
    if (type !== TYPE.OPT) continue;
    const bytes = Buffer.from(message.subarray(rdataAt, rdataEnd));
    for (let at = 0; at + 4 <= bytes.length;) {
      const end = at + 4 + bytes.readUInt16BE(at + 2);
      if (end > bytes.length) break;
      options.push({ code: bytes.readUInt16BE(at), data: bytes.subarray(at + 4, end) });
      at = end;
    }
  }
  return options;
}
