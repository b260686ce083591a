// Asks a DNS server at a steady rate, whatever it answers, and judges each reply: right, wrong, failed (SERVFAIL or
// REFUSED) or lost. An open loop: a slow server does not slow the questions down, so its delay is seen in full.
// Knows nothing of faults, clusters or how the server was started; right answers come from the caller alone.
import { createSocket } from "node:dgram";
import type { Socket } from "node:dgram";
import { once } from "node:events";
import type { Endpoint } from "../support/network.ts";
import { readMessage, writeQuery } from "../support/wire.ts";

/** Whom a question concerns: `forwarded` ones depend on an upstream, the others on the server alone. */
export type QuestionKind = "known" | "missing" | "forwarded";

/** One question, its name in lower case with a final dot. */
export interface ProbeQuestion {
  readonly name: string;
  readonly type: string;
  readonly kind: QuestionKind;
  /** Each answer that is right now, as `gistOf` writes it. It is read when the reply comes, so it may change. */
  right: readonly string[];
}

/** What became of the questions that were sent while this tally was the current one. */
export interface Tally {
  sent: number;
  right: number;
  wrong: number;
  /** SERVFAIL or REFUSED where that is not right, by whom it concerns. */
  readonly failed: Record<QuestionKind, number>;
  /** No reply in time, by whom it concerns. */
  readonly lost: Record<QuestionKind, number>;
  /** Of right answers, in milliseconds. */
  readonly latencies: Record<QuestionKind, number[]>;
  /** The longest that the prober itself was late with its questions, ms: a busy machine delays both sides. */
  lagMs: number;
  /** The first questions that were not answered rightly, and what came instead. */
  readonly examples: string[];
}

export interface ProberSettings {
  /** The question of number `n`, from 0. */
  readonly next: (n: number) => ProbeQuestion;
  /** Questions a second (default 500). */
  readonly rate?: number;
  /** A question without a reply for so long is lost (default 2 s). */
  readonly lostMs?: number;
  /** Several, so that the kernel spreads the questions over the server's sockets (default 4). */
  readonly sockets?: number;
  /** The client's address (default 127.0.0.1). */
  readonly from?: string;
}

const DEFAULT_RATE = 500;
const DEFAULT_LOST_MS = 2_000;
const DEFAULT_SOCKETS = 4;
/** Between two looks at the clock; what is due by then is sent at once. */
const TICK_MS = 4;
const EXAMPLES_MAX = 5;
const BUFFER_BYTES = 1 << 22;

interface Pending {
  readonly question: ProbeQuestion;
  readonly tally: Tally;
  readonly sentMs: number;
}

/** Sends from `open` until `stop`. */
export class Prober {
  readonly #settings: Required<ProberSettings>;
  readonly #server: Endpoint;
  readonly #sockets: Socket[] = [];
  /** By socket and id, in the order in which they were sent. */
  readonly #pending = new Map<number, Pending>();
  #tally = newTally();
  #sent = 0;
  #startedMs = 0;
  #tickedMs = 0;
  #timer: NodeJS.Timeout | undefined;

  private constructor(server: Endpoint, settings: ProberSettings) {
    this.#server = server;
    const defaults = { rate: DEFAULT_RATE, lostMs: DEFAULT_LOST_MS, sockets: DEFAULT_SOCKETS, from: "127.0.0.1" };
    this.#settings = { ...defaults, ...settings };
  }

  /** Begins to ask a server over UDP on IPv4. */
  static async open(server: Endpoint, settings: ProberSettings): Promise<Prober> {
    const prober = new Prober(server, settings);
    for (let index = 0; index < prober.#settings.sockets; index++)
      prober.#sockets.push(await prober.#openSocket(index));
    prober.#startedMs = prober.#tickedMs = performance.now();
    prober.#timer = setInterval(() => prober.#tick(), TICK_MS);
    return prober;
  }

  /** Begins a new tally and returns it; questions that are under way stay in the one before. */
  phase(): Tally {
    return (this.#tally = newTally());
  }

  /** Sends no more; resolves when each question has been answered or is lost. */
  async stop(): Promise<void> {
    clearInterval(this.#timer);
    while (this.#pending.size > 0) {
      await new Promise((resolve) => setTimeout(resolve, TICK_MS));
      this.#giveUp();
    }
    for (const socket of this.#sockets.splice(0)) socket.close();
  }

  async #openSocket(index: number): Promise<Socket> {
    const socket = createSocket({ type: "udp4", recvBufferSize: BUFFER_BYTES, sendBufferSize: BUFFER_BYTES });
    socket.on("message", (reply, from) => {
      if (from.port === this.#server.port && from.address === this.#server.host) this.#take(index, reply);
    });
    // A question that cannot be sent is lost, as one that nobody takes.
    socket.on("error", () => undefined);
    socket.bind(0, this.#settings.from);
    await once(socket, "listening");
    return socket;
  }

  #tick(): void {
    const now = performance.now();
    this.#tally.lagMs = Math.max(this.#tally.lagMs, now - this.#tickedMs - TICK_MS);
    this.#tickedMs = now;
    const due = Math.floor(((now - this.#startedMs) * this.#settings.rate) / 1000);
    while (this.#sent < due) this.#send();
    // Replies that have arrived already are to be taken first.
    setImmediate(() => this.#giveUp());
  }

  #send(): void {
    const nth = this.#sent++;
    const question = this.#settings.next(nth);
    const index = nth % this.#sockets.length;
    const id = Math.floor(nth / this.#sockets.length) & 0xffff;
    const query = writeQuery({ name: question.name, type: question.type, id, opt: { size: 1232 } });
    this.#tally.sent++;
    this.#pending.set(index * 0x10000 + id, { question, tally: this.#tally, sentMs: performance.now() });
    this.#sockets[index]!.send(query, this.#server.port, this.#server.host, () => undefined);
  }

  #take(index: number, reply: Buffer): void {
    if (reply.length < 2) return;
    const key = index * 0x10000 + reply.readUInt16BE(0);
    const pending = this.#pending.get(key);
    if (pending === undefined) return;
    this.#pending.delete(key);
    const { question, tally, sentMs } = pending;
    const said = judged(question, reply);
    if (question.right.includes(said)) {
      tally.right++;
      tally.latencies[question.kind].push(performance.now() - sentMs);
      return;
    }
    if (/^(SERVFAIL|REFUSED)$/.test(said)) tally.failed[question.kind]++;
    else tally.wrong++;
    addExample(tally, question, said);
  }

  #giveUp(): void {
    const before = performance.now() - this.#settings.lostMs;
    for (const [key, { question, tally, sentMs }] of this.#pending) {
      if (sentMs > before) return;
      this.#pending.delete(key);
      tally.lost[question.kind]++;
      addExample(tally, question, "no reply");
    }
  }
}

function newTally(): Tally {
  const zeros = (): Record<QuestionKind, number> => ({ known: 0, missing: 0, forwarded: 0 });
  const latencies = { known: [], missing: [], forwarded: [] };
  return { sent: 0, right: 0, wrong: 0, failed: zeros(), lost: zeros(), latencies, lagMs: 0, examples: [] };
}

function addExample({ examples }: Tally, { name, type, right }: ProbeQuestion, said: string): void {
  if (examples.length < EXAMPLES_MAX) examples.push(`${name} ${type}: ${said}; right: ${right.join(" or ")}`);
}

/** The gist of a reply to this question; what is wrong with it where it is none. */
function judged(question: ProbeQuestion, reply: Buffer): string {
  try {
    const message = readMessage(reply);
    const asked = message.question;
    if (!message.flags.qr) return "not a reply";
    if (asked?.name.toLowerCase() !== question.name || asked.type !== question.type) return "another question";
    return gistOf(message);
  } catch (error) {
    return `malformed: ${(error as Error).message}`;
  }
}

/** `NXDOMAIN`, `NOERROR A 10.96.0.1` and the like: the response code, and the answers in the order of their text. */
export function gistOf({ rcode, answer, flags }: ReturnType<typeof readMessage>): string {
  const records = answer.map(({ type, rdata }) => `${type} ${rdata}`).toSorted();
  return [rcode, ...(flags.tc ? ["TC"] : []), ...records].join(" ");
}

/** All tallies as one. */
export function sumOf(tallies: readonly Tally[]): Tally {
  const sum = newTally();
  for (const tally of tallies) {
    sum.sent += tally.sent;
    sum.right += tally.right;
    sum.wrong += tally.wrong;
    sum.lagMs = Math.max(sum.lagMs, tally.lagMs);
    for (const kind of ["known", "missing", "forwarded"] as const) {
      sum.failed[kind] += tally.failed[kind];
      sum.lost[kind] += tally.lost[kind];
      for (const ms of tally.latencies[kind]) sum.latencies[kind].push(ms);
    }
    sum.examples.push(...tally.examples.slice(0, EXAMPLES_MAX - sum.examples.length));
  }
  return sum;
}

/** The total over the kinds. */
export function totalOf({ known, missing, forwarded }: Readonly<Record<QuestionKind, number>>): number {
  return known + missing + forwarded;
}

/** The value below which a share of the numbers lies; 0 of none. */
export function quantile(numbers: readonly number[], share: number): number {
  return numbers.toSorted((a, b) => a - b)[Math.min(numbers.length - 1, Math.floor(numbers.length * share))] ?? 0;
}
