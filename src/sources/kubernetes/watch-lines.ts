// The events of a watch, one JSON object a line, from the chunks of its body.
// Kubernetes API concepts: "Efficient detection of changes".
import type { Readable } from "node:stream";

/** An event. `object` is undefined if the line is no event. */
export interface WatchEvent {
  readonly type: string;
  readonly object: unknown;
}

/** The objects of Kubernetes are smaller: etcd takes 1.5 MiB. */
const LINE_BYTES_MAX = 8 << 20;
const NEWLINE = 0x0a;

/** Reads events until the body ends. Throws if the body fails, or if a line is no event or too long. */
export async function* readEvents(body: Readable): AsyncGenerator<WatchEvent> {
  let parts: Buffer[] = [];
  let size = 0;
  for await (const chunk of body as AsyncIterable<Buffer>) {
    let start = 0;
    for (let end = chunk.indexOf(NEWLINE); end !== -1; end = chunk.indexOf(NEWLINE, start)) {
      parts.push(chunk.subarray(start, end));
      const line = parts.length === 1 ? parts[0]! : Buffer.concat(parts);
      [parts, size, start] = [[], 0, end + 1];
      if (line.length > 0) yield parseEvent(line.toString());
    }
    if (start === chunk.length) continue;
    parts.push(chunk.subarray(start));
    size += chunk.length - start;
    if (size > LINE_BYTES_MAX) throw new Error(`the API server sent an event of more than ${LINE_BYTES_MAX} bytes`);
  }
}

function parseEvent(line: string): WatchEvent {
  let event: { readonly type?: unknown; readonly object?: unknown } | null;
  try {
    event = JSON.parse(line) as typeof event;
  } catch {
    event = null;
  }
  if (typeof event?.type !== "string") throw new Error("the API server sent a line that is no event");
  return { type: event.type, object: event.object };
}
