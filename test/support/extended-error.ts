// The extended DNS error of a reply (RFC 8914 2), read by the tests' own decoder.
import { readMessage } from "./wire.ts";

/** The code and the text; undefined: the reply has none. Throws where the text is not UTF-8. */
export function readExtendedError(reply: Uint8Array): { readonly code: number; readonly text: string } | undefined {
  const options = readMessage(Buffer.from(reply)).opt?.options.filter(({ code }) => code === 15) ?? [];
  if (options.length > 1) throw new Error("several extended errors");
  const data = options[0]?.data;
  if (data === undefined) return undefined;
  return { code: data.readUInt16BE(0), text: new TextDecoder("utf-8", { fatal: true }).decode(data.subarray(2)) };
}
