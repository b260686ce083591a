// Server-sent events (WHATWG HTML 9.2) for whoever looks at the page: bounded in number and in rate, nothing while
// nobody looks, and nothing more for a reader that is slow. Knows no HTML.
import type { LiveSection } from "./live-section.ts";

const STREAMS_MAX = 16;
const TICK_MS = 1_000;
/** How soon a browser is to come back when a stream ends. */
const RETRY_MS = 1_000;
/** After so many ticks without a message a comment is sent, which tells whether the reader is still there. */
const SILENT_TICKS_MAX = 15;

/** What a browser has to change in a section. */
export interface SectionChange {
  readonly name: string;
  /** The keys of all items in order; absent: as before. */
  readonly keys?: readonly string[];
  /** The HTML of items that are new or have changed, by key. */
  readonly items: Readonly<Record<string, string>>;
}

/** What one reader has of each section. */
export class SentSections {
  readonly #sent = new Map<string, ReadonlyMap<string, string>>();

  /** The changes that turn what was sent into `sections`, which counts as sent then. */
  changesTo(sections: readonly LiveSection[]): readonly SectionChange[] {
    return sections.flatMap(({ name, items }) => {
      const before = this.#sent.get(name);
      const now = new Map(items.map(({ key, html }) => [key, String(html)]));
      this.#sent.set(name, now);
      const changed = [...now].filter(([key, html]) => before?.get(key) !== html);
      const isSameOrder = before !== undefined && [...before.keys()].join("\n") === [...now.keys()].join("\n");
      if (isSameOrder && changed.length === 0) return [];
      return [{ name, ...(!isSameOrder && { keys: [...now.keys()] }), items: Object.fromEntries(changed) }];
    });
  }
}

interface Reader {
  readonly render: () => readonly LiveSection[];
  readonly onEnd: () => void;
  readonly sent: SentSections;
  readonly controller: ReadableStreamDefaultController<Uint8Array<ArrayBuffer>>;
  silentTicks: number;
}

export class LiveStreams {
  readonly #readers = new Set<Reader>();
  readonly #encoder = new TextEncoder();
  readonly #onFault: (fault: Error) => void;
  #timer: NodeJS.Timeout | undefined;

  /** `onFault` gets what a `render` throws, which ends its stream. */
  constructor(onFault: (fault: Error) => void) {
    this.#onFault = onFault;
  }

  get isFull(): boolean {
    return this.#readers.size >= STREAMS_MAX;
  }

  /** A stream of messages with what has changed in what `render` gives; `onEnd` is called when the reader has gone. */
  open(
    render: () => readonly LiveSection[],
    onEnd: () => void = () => undefined,
  ): ReadableStream<Uint8Array<ArrayBuffer>> {
    let reader: Reader;
    return new ReadableStream<Uint8Array<ArrayBuffer>>(
      {
        start: (controller) => {
          reader = { render, onEnd, sent: new SentSections(), controller, silentTicks: 0 };
          this.#readers.add(reader);
          this.#timer ??= setInterval(() => this.#tick(), TICK_MS).unref();
          this.#send(reader, `retry: ${RETRY_MS}\n`);
        },
        cancel: () => this.#end(reader),
      },
      // One message: a slow reader gets the next one when it has read this one.
      { highWaterMark: 1 },
    );
  }

  /** Ends all streams. */
  close(): void {
    for (const reader of this.#readers) {
      this.#end(reader);
      reader.controller.close();
    }
  }

  #end(reader: Reader): void {
    if (!this.#readers.delete(reader)) return;
    if (this.#readers.size === 0) {
      clearInterval(this.#timer);
      this.#timer = undefined;
    }
    reader.onEnd();
  }

  #tick(): void {
    for (const reader of this.#readers) {
      if ((reader.controller.desiredSize ?? 0) <= 0) continue;
      try {
        this.#send(reader);
      } catch (error) {
        this.#end(reader);
        reader.controller.error(error);
        this.#onFault(error as Error);
      }
    }
  }

  #send(reader: Reader, before = ""): void {
    const changes = reader.sent.changesTo(reader.render());
    if (changes.length > 0) reader.silentTicks = 0;
    else if (++reader.silentTicks < SILENT_TICKS_MAX) return;
    else reader.silentTicks = 0;
    const text = changes.length > 0 ? `data: ${JSON.stringify(changes)}` : ": still here";
    reader.controller.enqueue(this.#encoder.encode(`${before}${text}\n\n`));
  }
}
