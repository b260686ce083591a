// Repeats a query without EDNS when the upstream rejects EDNS (RFC 6891 7) or is of no use with it: drops the query,
// closes the connection, cuts the reply. What an upstream does is remembered for a while. One that is lossy, slow or
// dead is not taken for one without EDNS: an answer to any query with EDNS ends the suspicion.
// Opens no sockets itself.
import { RCODE } from "../dns/constants.ts";
import { rcodeOf } from "../dns/message.ts";
import type { Exchange, ExchangeResult } from "./exchange.ts";
import type { FailureCause } from "./failure-cause.ts";
import { isDnssecOk, withoutEdns } from "./upstream-query.ts";
import { withTimeout } from "./with-timeout.ts";

/** How long an upstream without EDNS is asked without it. */
const PLAIN_MS = 15 * 60_000;
/** Silence after a query with EDNS that makes EDNS suspect: a little less than that before a query is repeated. */
const SILENT_MS = 900;
/** So many answers to queries without EDNS, one after the other, while those with EDNS have none, are a proof. */
const PLAIN_ANSWERS_MIN = 10;
/** How much longer than the answer without EDNS the one with signatures may take. */
const GRACE_MS = 200;
/** What an upstream that fails on EDNS may do instead of being silent. */
const UNUSABLE: readonly FailureCause[] = ["closed", "garbage", "truncated"];
/** Response codes of servers that don't know EDNS, and some of those send the OPT record back. */
const REJECTIONS: readonly number[] = [RCODE.FORMERR, RCODE.NOTIMP, RCODE.BADVERS];

/** One upstream, over any protocol. */
export class EdnsExchange implements Exchange {
  readonly #exchange: Exchange;
  readonly #now: () => number;
  readonly #onPlain: () => void;
  #plainUntilMs: number;
  /** When the first query with EDNS was sent that had no reply, nor any later one; undefined: there is none. */
  #silentSinceMs: number | undefined;
  /** As `PLAIN_ANSWERS_MIN` says. */
  #plainAnswers = 0;
  /** When the last of these came, or an answer with EDNS: what was asked before proves nothing more. */
  #provenAtMs = -Infinity;
  #turn = 0;

  /**
   * `now`: monotonic time, milliseconds; `usesEdns`: false where the upstream is known to be without EDNS; `onPlain` is
   * called each time that this is found out.
   */
  constructor(exchange: Exchange, now: () => number, usesEdns = true, onPlain: () => void = () => undefined) {
    this.#exchange = exchange;
    this.#now = now;
    this.#onPlain = onPlain;
    this.#plainUntilMs = usesEdns ? -Infinity : Infinity;
  }

  async exchange(query: Uint8Array, timeoutMs: number): Promise<ExchangeResult> {
    const startMs = this.#now();
    if (startMs < this.#plainUntilMs) return this.#exchange.exchange(withoutEdns(query), timeoutMs);
    const isSuspect = this.#silentSinceMs !== undefined && startMs - this.#silentSinceMs >= SILENT_MS;
    if (this.#plainAnswers > 0 || (isSuspect && isDnssecOk(query))) return this.#askBoth(query, timeoutMs);
    if (isSuspect && this.#turn++ % 2 === 0) return this.#askPlain(query, timeoutMs);
    const first = await this.#askWithEdns(query, timeoutMs);
    if (isUsable(first) || ("fault" in first && !UNUSABLE.includes(first.fault))) return first;
    const leftMs = timeoutMs - (this.#now() - startMs);
    if ("fault" in first) {
      const second = await this.#askPlain(query, leftMs, startMs);
      return "fault" in second ? first : second;
    }
    const second = await this.#exchange.exchange(withoutEdns(query), leftMs);
    this.#learn(second);
    return second;
  }

  close(): void {
    this.#exchange.close();
  }

  async #askWithEdns(query: Uint8Array, timeoutMs: number): Promise<ExchangeResult> {
    this.#silentSinceMs ??= this.#now();
    const result = await this.#exchange.exchange(query, timeoutMs);
    if ("reply" in result) this.#silentSinceMs = undefined;
    if (!isUsable(result)) return result;
    this.#plainAnswers = this.#turn = 0;
    this.#provenAtMs = this.#now();
    return result;
  }

  /** `sinceMs`: when the query with EDNS was sent that had no usable reply. */
  async #askPlain(query: Uint8Array, timeoutMs: number, sinceMs = this.#now()): Promise<ExchangeResult> {
    const result = await this.#exchange.exchange(withoutEdns(query), timeoutMs);
    if (isUsable(result)) this.#countPlainAnswer(sinceMs);
    return result;
  }

  /** Asks with EDNS and without at the same time, so that nobody waits while it is not known what the upstream does. */
  async #askBoth(query: Uint8Array, timeoutMs: number): Promise<ExchangeResult> {
    const startMs = this.#now();
    const askPlain = (): Promise<ExchangeResult> => this.#exchange.exchange(withoutEdns(query), timeoutMs);
    // One and then the other is first: what drops every second packet must not look like a server without EDNS.
    const isPlainFirst = this.#turn++ % 2 === 0;
    const before = isPlainFirst ? askPlain() : undefined;
    const withEdns = this.#askWithEdns(query, Math.min(timeoutMs, SILENT_MS));
    const plain = before ?? askPlain();
    const usable = withEdns.then((result) => (isUsable(result) ? result : undefined));
    void this.#judge(withEdns, plain, startMs);
    const first = await Promise.race([usable, plain]);
    if (first === undefined) return plain;
    if ("fault" in first) return (await usable) ?? first;
    return isDnssecOk(query) ? ((await withTimeout(usable, GRACE_MS)) ?? first) : first;
  }

  /** Counts an answer without EDNS that came while the query with EDNS waited in vain. */
  async #judge(withEdns: Promise<ExchangeResult>, plain: Promise<ExchangeResult>, startMs: number): Promise<void> {
    const first = await Promise.race([plain, withEdns.then(() => undefined)]);
    const last = await withEdns;
    if ("reply" in last && !isUsable(last)) return this.#learn(await plain);
    const isUnusable = "fault" in last && UNUSABLE.includes(last.fault);
    const answered = isUnusable ? await plain : first;
    if (!isUsable(last) && answered !== undefined && isUsable(answered)) this.#countPlainAnswer(startMs);
  }

  #countPlainAnswer(sinceMs: number): void {
    if (sinceMs < this.#provenAtMs) return;
    this.#provenAtMs = this.#now();
    if (++this.#plainAnswers >= PLAIN_ANSWERS_MIN) this.#leaveEdns();
  }

  /** Remembers that EDNS was rejected, unless the question is rejected without it too: that says nothing of EDNS. */
  #learn(plain: ExchangeResult): void {
    if (isUsable(plain)) this.#leaveEdns();
  }

  #leaveEdns(): void {
    const isNew = this.#now() >= this.#plainUntilMs;
    this.#plainUntilMs = this.#now() + PLAIN_MS;
    if (isNew) this.#onPlain();
  }
}

/** Whether it is a reply, and no rejection of EDNS. */
function isUsable(result: ExchangeResult): boolean {
  return "reply" in result && !REJECTIONS.includes(rcodeOf(result.reply).rcode);
}
