// Reads standard input to its end, as text, within a size limit. It is read once: unlike a file it is not
// followed.
import { decodeText, notUtf8 } from "./decode-text.ts";
import { FILE_BYTES_MAX } from "./file-status.ts";
import { SourceError } from "./source-error.ts";

/** A stream of bytes; `destroy` ends the read of a stream that never ends. */
export type StandardInput = AsyncIterable<unknown> & { destroy?(): unknown };

/** Standard input has more than it may have. */
export class InputTooLarge extends SourceError {}

/**
 * Reads `stdin` to its end. Rejects with an `InputTooLarge` when it has more than `bytesMax`, and with a `SourceError`
 * when it is not UTF-8.
 */
export async function readStandardInput(stdin: StandardInput, bytesMax = FILE_BYTES_MAX): Promise<string> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of stdin) {
    const part = chunk instanceof Uint8Array ? chunk : new TextEncoder().encode(String(chunk));
    bytes += part.length;
    if (bytes > bytesMax) throw new InputTooLarge(`standard input: expected at most ${bytesMax} bytes`);
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
