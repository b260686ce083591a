// The names that upstreams know in a simulation, and what was true of each of them at which time. Each name has a kind
// of answer; addresses change, and one name comes and goes.
import type { Scheduler } from "./scheduler.ts";

/** In the address of every answer that no upstream gave: it must reach no client. */
export const FORGED = "203.0.113.66";
/** What a name was from a time on: an address, or that it does not exist. */
interface Fact {
  readonly fromMs: number;
  readonly value: string;
}

export interface ForeignName {
  readonly name: string;
  readonly ttl: number;
  /** Where a CNAME leads. */
  readonly target?: string;
  /** Too large for a datagram. */
  readonly isLarge?: true;
  /** Its servers fail. */
  readonly isFailing?: true;
}

const NAMES: readonly ForeignName[] = [
  { name: "h0.up.test.", ttl: 1 },
  { name: "h1.up.test.", ttl: 2 },
  { name: "h2.up.test.", ttl: 5 },
  { name: "gone.up.test.", ttl: 2 },
  { name: "large.up.test.", ttl: 2, isLarge: true },
  { name: "s0.stub.test.", ttl: 2 },
  { name: "c0.up.test.", ttl: 3, target: "h0.up.test." },
  { name: "c1.up.test.", ttl: 3, target: "s0.stub.test." },
  { name: "c2.up.test.", ttl: 3, target: "a.default.svc.cluster.local." },
  // A Service of type ExternalName: no upstream is asked for it.
  { name: "ext.default.svc.cluster.local.", ttl: 30, target: "h0.up.test." },
  { name: "failing.up.test.", ttl: 0, isFailing: true },
];
export const ADDRESS_NAMES = NAMES.filter((each) => each.target === undefined && each.isFailing === undefined).map(
  ({ name }) => name,
);
export const ALL_NAMES = NAMES.map(({ name }) => name);

export class ForeignNames {
  readonly #scheduler: Scheduler;
  readonly #facts = new Map<string, Fact[]>();
  #count = 0;

  constructor(scheduler: Scheduler) {
    this.#scheduler = scheduler;
    for (const name of ADDRESS_NAMES) this.change(name);
  }

  /** Gives the name another address; `gone.up.test.` exists every other time. */
  change(name: string): string {
    const facts = this.#facts.get(name) ?? [];
    const isGone = name === "gone.up.test." && facts.length % 2 === 0;
    const value = isGone ? "NXDOMAIN" : `198.18.${++this.#count >> 8}.${this.#count & 0xff}`;
    this.#facts.set(name, [...facts, { fromMs: this.#scheduler.nowMs, value }]);
    return value;
  }

  /** What is known of the name; any name `q….up.test.` has an address that never changes. */
  find(name: string): ForeignName | undefined {
    const found = NAMES.find((each) => each.name === name);
    return found ?? (/^q\d+\.up\.test\.$/.test(name) ? { name, ttl: 2 } : undefined);
  }

  /** The address at present, or NXDOMAIN. */
  valueOf(name: string): string {
    const number = /^q(\d+)\./.exec(name)?.[1];
    if (number !== undefined) return `198.19.0.${number}`;
    return this.#facts.get(name)?.at(-1)?.value ?? "NXDOMAIN";
  }

  /** Whether `value` was true of the name at any time from `sinceMs` on. */
  wasTrue(name: string, value: string, sinceMs: number): boolean {
    const facts = this.#facts.get(name);
    if (facts === undefined) return this.valueOf(name) === value;
    return facts.some((fact, i) => fact.value === value && (facts[i + 1]?.fromMs ?? Infinity) >= sinceMs);
  }
}
