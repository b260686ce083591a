// Standard input to its end, as text. It is read once and never again, and is never taken for a file that could
// change.
import { decodeText, notUtf8 } from "./decode-text.ts";
import { FILE_BYTES_MAX } from "./file-status.ts";
import { SourceError } from "./source-error.ts";

/** A stream of bytes; `destroy` ends the wait for one that does not end. */
export type StandardInput = AsyncIterable<unknown> & { destroy?(): unknown };

/** Reads `stdin` to its end. Rejects with a `SourceError` when it is too large or no UTF-8. */
export async function readStandardInput(stdin: StandardInput): Promise<string> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of stdin) {
    const part = chunk instanceof Uint8Array ? chunk : new TextEncoder().encode(String(chunk));
    bytes += part.length;
    if (bytes > FILE_BYTES_MAX) throw new SourceError(`standard input: expected at most ${FILE_BYTES_MAX} bytes`);
    chunks.push(part);
  }
  const all = new Uint8Array(bytes);
  let offset = 0;
  for (const chunk of chunks) {
    all.set(chunk, offset);
    offset += chunk.length;
  }
  const text = decodeText(all);
  if (text === undefined) throw new SourceError(`standard input: ${notUtf8("-", all).message}`);
  return text;
}
