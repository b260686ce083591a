// A DNS server that a command asks: over UDP, and over TCP what UDP truncates; once more where no reply comes.
// A fault of the network is a value, never a rejection.
import { CLASS_IN } from "../dns/constants.ts";
import { rcodeOf } from "../dns/message.ts";
import type { Exchange } from "../forward/exchange.ts";
import { FAILURE_CAUSES } from "../forward/failure-cause.ts";
import { openExchange } from "../forward/open-exchange.ts";
import { writeUpstreamQuery } from "../forward/upstream-query.ts";
import type { Upstream } from "../net/upstream.ts";

/** As resolvers do (resolv.conf(5): timeout, attempts). */
const TRIES = 2;
const TIMEOUT_MS = 3_000;

/** A reply, which is well-formed, and all 12 bits of its response code. */
export interface ServerReply {
  readonly reply: Uint8Array;
  readonly rcode: number;
}

export class AskedServer {
  /** As it was written. */
  readonly text: string;
  readonly #exchange: Exchange;

  constructor(server: Upstream) {
    this.text = server.text;
    const settings = { mixedCase: false, onMismatch: () => undefined, now: () => performance.now() };
    this.#exchange = openExchange(server, settings);
  }

  /** Asks a question of class IN; the fault is a sentence about the server. */
  async ask(name: Uint8Array, type: number): Promise<ServerReply | { readonly fault: string }> {
    const query = writeUpstreamQuery({ name, type, class: CLASS_IN, dnssecOk: false, checkingDisabled: false });
    for (let tries = 1; ; tries++) {
      const result = await this.#exchange.exchange(query, TIMEOUT_MS);
      if ("reply" in result) return { reply: result.reply, rcode: rcodeOf(result.reply).rcode };
      const { fault, detail } = result;
      if (fault === "timeout" && tries < TRIES) continue;
      return { fault: `${this.text} ${FAILURE_CAUSES[fault].text}${detail === undefined ? "" : ` (${detail})`}` };
    }
  }

  /** Ends questions that are under way. */
  close(): void {
    this.#exchange.close();
  }
}
