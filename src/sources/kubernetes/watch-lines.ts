// The events of a watch, one JSON object a line, from the chunks of its body.
// Kubernetes API concepts: "Efficient detection of changes".
import type { Readable } from "node:stream";

/** What an event says of its object before all else. */
export interface ObjectVersion {
  readonly namespace: string;
  readonly name: string;
  readonly version: string;
}

/**
 * The begin of an event as API servers write it: what tells old news comes first. Any other form is parsed as a whole.
 */
const BEGIN = new RegExp(
  String.raw`^\{"type":"(ADDED|MODIFIED|DELETED)","object":\{` +
    String.raw`(?:"kind":"\w+","apiVersion":"[\w./]+"|"apiVersion":"[\w./]+","kind":"\w+"),"metadata":\{` +
    String.raw`"name":"([\w.:-]+)"(?:,"generateName":"[\w.:-]+")?(?:,"namespace":"([\w.-]+)")?` +
    String.raw`(?:,"uid":"[\w.-]+")?,"resourceVersion":"(\w+)"`,
);

/** An event; its object is parsed when it is read: of a list that comes again, most is old news. */
export class WatchEvent {
  readonly type: string;
  /** Undefined: only the object tells. */
  readonly of: ObjectVersion | undefined;
  readonly #line: string;
  #object: unknown;
  #isParsed = false;

  /** Throws if the line is no event. */
  constructor(line: string) {
    this.#line = line;
    const begin = BEGIN.exec(line);
    if (begin === null) {
      this.type = this.#parse();
    } else {
      this.type = begin[1]!;
      this.of = { namespace: begin[3] ?? "", name: begin[2]!, version: begin[4]! };
    }
  }

  /** Throws if the line is no event. */
  get object(): unknown {
    if (!this.#isParsed) this.#parse();
    return this.#object;
  }

  /** Returns the type. */
  #parse(): string {
    let event: { readonly type?: unknown; readonly object?: unknown } | null;
    try {
      event = JSON.parse(this.#line) as typeof event;
    } catch {
      event = null;
    }
    if (typeof event?.type !== "string") throw new Error("the API server sent a line that is no event");
    this.#object = event.object;
    this.#isParsed = true;
    return event.type;
  }
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
      if (line.length > 0) yield new WatchEvent(line.toString());
    }
    if (start === chunk.length) continue;
    parts.push(chunk.subarray(start));
    size += chunk.length - start;
    if (size > LINE_BYTES_MAX) throw new Error(`the API server sent an event of more than ${LINE_BYTES_MAX} bytes`);
  }
}
