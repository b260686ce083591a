// Queries and answers to a receiver of dnstap. While no receiver is connected, nothing is recorded for it.
// What it does not take in time is lost, and counted.
import type { QueryFeed, QuerySubscriber } from "../query-log/query-feed.ts";
import type { QueryRecord } from "../query-log/query-record.ts";
import { DnstapEncoder } from "./dnstap-encoder.ts";
import type { DnstapIdentity } from "./dnstap-encoder.ts";
import { FrameSender } from "./frame-sender.ts";
import type { FrameTarget, SenderEvents } from "./frame-sender.ts";

export class DnstapLog implements QuerySubscriber {
  readonly wish = { success: 1, denial: 1, error: 1, messages: true } as const;
  /** Queries that the receiver did not take, or not with their answers. */
  lost = 0;
  readonly #encoder: DnstapEncoder;
  readonly #sender: FrameSender;

  constructor(target: FrameTarget, identity: DnstapIdentity, feed: QueryFeed, events: SenderEvents) {
    let leave = (): void => undefined;
    this.#encoder = new DnstapEncoder(identity);
    this.#sender = new FrameSender(target, {
      onConnected: () => {
        leave = feed.subscribe(this);
        events.onConnected();
      },
      onLost: (reason) => {
        leave();
        events.onLost(reason);
      },
    });
  }

  take(record: QueryRecord): void {
    const isSent =
      this.#sender.send(this.#encoder.encodeQuery(record)) && this.#sender.send(this.#encoder.encodeResponse(record));
    if (!isSent) this.lost++;
  }

  /** Sends what is left; resolves within a few seconds. */
  close(): Promise<void> {
    return this.#sender.close();
  }
}
