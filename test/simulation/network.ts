// The network of a simulation with its upstreams: packets are lost, late, doubled, out of order, damaged and forged;
// upstreams fall silent, refuse, fail and come back.
import type { Random } from "../fuzz/random.ts";
import { ForeignNames } from "./foreign-names.ts";
import type { Scheduler } from "./scheduler.ts";
import { forgeReply, questionNameOf, writeReply } from "./upstream-reply.ts";

export type UpstreamMode = "up" | "silent" | "refusing" | "failing";
export const UPSTREAM_MODES: readonly UpstreamMode[] = ["up", "silent", "refusing", "failing"];
/** The last one is asked for `stub.test` only. */
export const UPSTREAM_HOSTS: readonly string[] = ["192.0.2.1", "192.0.2.2", "192.0.2.3"];

const DELAY_MS = 20;
const LATE_MS = 5_000;

/** Where replies go. */
export interface Receiver {
  onReply(bytes: Buffer): void;
  /** The system's error code. */
  onError(code: string): void;
}

/** One in so many packets; 0: none. */
export class NetworkFaults {
  lostOneIn = 0;
  lateOneIn = 0;
  doubledOneIn = 0;
  forgedOneIn = 0;
  /** Connections that end before the reply. */
  cutOneIn = 0;
}

export class Network {
  readonly names: ForeignNames;
  readonly modes: UpstreamMode[] = UPSTREAM_HOSTS.map(() => "up");
  faults = new NetworkFaults();
  /** Whether any packet was late. */
  wasLate = false;
  /** Packets that upstreams got, by the name in the question. */
  readonly asked = new Map<string, number>();
  readonly #scheduler: Scheduler;
  readonly #random: Random;

  constructor(scheduler: Scheduler, random: Random) {
    this.#scheduler = scheduler;
    this.#random = random;
    this.names = new ForeignNames(scheduler);
  }

  modeOf(host: string): UpstreamMode {
    return this.modes[UPSTREAM_HOSTS.indexOf(host)] ?? "silent";
  }

  /** How long a packet takes, ms. */
  delay(): number {
    const isLate = this.#chance(this.faults.lateOneIn);
    this.wasLate ||= isLate;
    return (this.#random.below(1_000) / 1_000) * (isLate ? LATE_MS : DELAY_MS);
  }

  /** A datagram to an upstream. */
  send(host: string, query: Buffer, receiver: Receiver): void {
    if (this.#chance(this.faults.lostOneIn)) return;
    const copies = this.#chance(this.faults.doubledOneIn) ? 2 : 1;
    for (let i = 0; i < copies; i++) {
      this.#scheduler.outside(this.delay(), () => this.#receive(host, query, receiver));
    }
  }

  /** The upstream's answer over TCP; undefined: none comes, or the connection ends. */
  answer(host: string, query: Buffer): Buffer | "end" | undefined {
    const mode = this.modeOf(host);
    this.#count(query);
    if (mode === "silent") return undefined;
    if (mode === "refusing" || this.#chance(this.faults.cutOneIn)) return "end";
    return writeReply(query, this.names, { isStream: true, isFailing: mode === "failing" });
  }

  #receive(host: string, query: Buffer, receiver: Receiver): void {
    const mode = this.modeOf(host);
    this.#count(query);
    if (mode === "silent") return;
    if (mode === "refusing") return receiver.onError("ECONNREFUSED");
    if (this.#chance(this.faults.forgedOneIn)) {
      const forged = forgeReply(query, this.names, this.#random);
      this.#scheduler.outside(this.delay() / 4, () => receiver.onReply(forged));
    }
    if (this.#chance(this.faults.lostOneIn)) return;
    const reply = writeReply(query, this.names, { isStream: false, isFailing: mode === "failing" });
    const copies = this.#chance(this.faults.doubledOneIn) ? 2 : 1;
    for (let i = 0; i < copies; i++) this.#scheduler.outside(this.delay(), () => receiver.onReply(reply));
  }

  #count(query: Buffer): void {
    const name = questionNameOf(query);
    this.asked.set(name, (this.asked.get(name) ?? 0) + 1);
  }

  #chance(oneIn: number): boolean {
    return oneIn > 0 && this.#random.below(oneIn) === 0;
  }
}
