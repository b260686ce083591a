// The extended errors of a message (RFC 8914 2), which say why there are no records.
// Pure; accepts any bytes: a malformed message has none.
import { OPTION, TYPE } from "./constants.ts";
import { readRecords } from "./message.ts";

/** An extended error; `text` is UTF-8 in replies that follow the RFC, without a final zero byte. */
export interface ExtendedError {
  readonly code: number;
  readonly text: Buffer;
}

/** All extended errors, in their order. */
export function readExtendedErrors(message: Uint8Array): readonly ExtendedError[] {
  const errors: ExtendedError[] = [];
  for (const { type, rdataAt, rdataEnd } of readRecords(message) ?? []) {
    if (type !== TYPE.OPT) continue;
    const options = Buffer.from(message.subarray(rdataAt, rdataEnd));
    for (let at = 0; at + 4 <= options.length;) {
      const end = at + 4 + options.readUInt16BE(at + 2);
      if (end > options.length) break;
      if (options.readUInt16BE(at) === OPTION.EDE && end >= at + 6)
        errors.push({ code: options.readUInt16BE(at + 4), text: withoutZero(options.subarray(at + 6, end)) });
      at = end;
    }
  }
  return errors;
}

function withoutZero(text: Buffer): Buffer {
  return text.at(-1) === 0 ? text.subarray(0, -1) : text;
}
