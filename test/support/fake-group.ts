// An upstream group in memory: its one member answers with a function, without sockets or timers.
import type { ExchangeResult } from "../../src/forward/exchange.ts";
import type { OnUpstreamEvent } from "../../src/forward/upstream-event.ts";
import { UpstreamGroup } from "../../src/forward/upstream-group.ts";
import { readMessage } from "./wire.ts";

/** What such an upstream does about a question: a reply, or a fault. */
export type Saying = (query: Uint8Array, name: string, type: string) => ExchangeResult | Promise<ExchangeResult>;

export interface FakeGroup {
  readonly group: UpstreamGroup;
  /** `name type` of all that was asked, in order. */
  readonly asked: string[];
  /** What it does from now on. */
  say: Saying;
}

/** A group of one upstream that answers by `say`. `onEvent`: of the upstream's health. */
export function fakeGroup(say: Saying, onEvent: OnUpstreamEvent = () => undefined): FakeGroup {
  const asked: string[] = [];
  const closed = Promise.withResolvers<ExchangeResult>();
  const group = new UpstreamGroup([{ text: "fake", protocol: "udp", host: "127.0.0.1", port: 1 }], "sequential", {
    now: () => performance.now(),
    onEvent,
    open: () => ({
      exchange: async (query) => {
        const { question } = readMessage(Buffer.from(query));
        const [name, type] = [question?.name ?? "", question?.type ?? ""];
        // Probes ask for the root.
        if (name !== ".") asked.push(`${name} ${type}`);
        return Promise.race([fake.say(query, name, type), closed.promise]);
      },
      close: () => closed.resolve({ fault: "closed" }),
    }),
  });
  const fake: FakeGroup = { group, asked, say };
  return fake;
}
