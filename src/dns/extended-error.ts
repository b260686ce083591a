// The extended errors of a message (RFC 8914 2), which say why there are no records.
// Pure; accepts any bytes: a malformed message has none.
import { OPTION } from "./constants.ts";
import { readOptions } from "./options.ts";

/** An extended error; `text` is UTF-8 in replies that follow the RFC, without a final zero byte. */
export interface ExtendedError {
  readonly code: number;
  readonly text: Buffer;
}

/** All extended errors, in their order. */
export function readExtendedErrors(message: Uint8Array): readonly ExtendedError[] {
  const errors = readOptions(message).filter(({ code, data }) => code === OPTION.EDE && data.length >= 2);
  return errors.map(({ data }) => ({ code: data.readUInt16BE(0), text: withoutZero(data.subarray(2)) }));
}

function withoutZero(text: Buffer): Buffer {
  return text.at(-1) === 0 ? text.subarray(0, -1) : text;
}
