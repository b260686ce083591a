// Reads standard input to its end, as text, within the size limit of files. It is read once: unlike a file it is not
// followed.
import { decodeText, notUtf8 } from "./decode-text.ts";
import { FILE_BYTES_MAX } from "./file-status.ts";
import { SourceError } from "./source-error.ts";

/** A stream of bytes; `destroy` ends the read of a stream that never ends. */
export type StandardInput = AsyncIterable<unknown> & { destroy?(): unknown };

/** Reads `stdin` to its end. Rejects with a `SourceError` when it is too large or not UTF-8. */
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
