// Response rate limiting: bounds the answers to one network over UDP, so that queries with a forged address send few
// bytes to the victim. Each network and class of answers has a token bucket in a table of fixed size; it lies in shared
// memory, so that all threads count together. Allocates nothing after construction.
import { AddressList } from "../net/address-list.ts";
import { hashBytes } from "../std/hash.ts";
import type { RateLimitSettings } from "./answer-settings.ts";
import type { Client } from "./client.ts";
import type { Clock } from "../std/clock.ts";

/** Size of a burst, in seconds of the rate. */
const BURST_SECONDS = 2.5;
/** Bytes of an address that name a network: /24 and /56. */
const NETWORK_SIZE = { v4: 3, v6: 7 } as const;

/** The first two words are the hash key. */
const SLOTS_START = 2;
/** A slot: hash of its network, tokens left, time up to which tokens were added, time of the last answer. */
const SLOT = { OWNER: 0, TOKENS: 1, TIME_MS: 2, USED_MS: 3, WORDS: 4 } as const;
/** A network may use any slot of its set; a new one takes the slot that has been idle for longest. */
const SET_SIZE = 4;
const SET_COUNT = 1 << 14;

/** The table that all threads share, 1 MB; `seed`: two random 32-bit numbers, so that no client can aim at a slot. */
export function newRateMemory(seed: readonly [number, number]): SharedArrayBuffer {
  const memory = new SharedArrayBuffer((SLOTS_START + SET_COUNT * SET_SIZE * SLOT.WORDS) * 4);
  new Int32Array(memory).set(seed);
  return memory;
}

/** Each class has its own bucket: a flood of errors does not cost a network its answers. */
export const ANSWER_CLASS = { POSITIVE: 0, NEGATIVE: 1, ERROR: 2 } as const;

export class RateLimiter {
  readonly #words: Int32Array;
  readonly #rate: number;
  readonly #burst: number;
  readonly #exempt: AddressList;
  readonly #clock: Clock;
  readonly #address = new Uint8Array(16);

  constructor({ memory, rate, exempt }: RateLimitSettings, clock: Clock) {
    this.#words = new Int32Array(memory);
    this.#rate = rate;
    this.#burst = Math.ceil(rate * BURST_SECONDS);
    this.#exempt = new AddressList(exempt);
    this.#clock = clock;
  }

  /** Counts an answer of that class to the client; true: its network is over the rate. */
  isOver(client: Client, answerClass: number): boolean {
    const address = this.#address;
    const size = client.readAddress(address);
    if (size === 0 || this.#exempt.has(address, size)) return false;
    const network = size === 4 ? NETWORK_SIZE.v4 : NETWORK_SIZE.v6;
    address[network] = answerClass;
    // 0 means a free slot, so the lowest bit is always set; it does not choose the set.
    const owner = hashBytes(address, 0, network + 1, this.#words[0]!, this.#words[1]!) | 1;
    return this.#take(this.#slotOf(owner)) < 0;
  }

  #slotOf(owner: number): number {
    const words = this.#words;
    const first = SLOTS_START + ((owner >>> 1) & (SET_COUNT - 1)) * SET_SIZE * SLOT.WORDS;
    const now = this.#clock.upMs;
    let idlest = first;
    let idleMs = -1;
    for (let at = first; at < first + SET_SIZE * SLOT.WORDS; at += SLOT.WORDS) {
      if (words[at + SLOT.OWNER] === owner) return at;
      const idle = words[at + SLOT.OWNER] === 0 ? Infinity : (now - words[at + SLOT.USED_MS]!) | 0;
      if (idle > idleMs) {
        idleMs = idle;
        idlest = at;
      }
    }
    // Two threads may take one slot at once: one network then starts anew once more, which does no harm.
    words[idlest + SLOT.OWNER] = owner;
    words[idlest + SLOT.TOKENS] = this.#burst;
    words[idlest + SLOT.TIME_MS] = now;
    return idlest;
  }

  /** Adds the tokens of the time that has passed and takes one; returns how many are left, negative for none. */
  #take(slot: number): number {
    const words = this.#words;
    words[slot + SLOT.USED_MS] = this.#clock.upMs;
    const time = Atomics.load(words, slot + SLOT.TIME_MS);
    const added = Math.floor((((this.#clock.upMs - time) | 0) * this.#rate) / 1000);
    if (added > 0) {
      const tokens = Math.max(Atomics.load(words, slot + SLOT.TOKENS), 0) + added;
      const isFull = tokens >= this.#burst;
      const until = isFull ? this.#clock.upMs : (time + Math.ceil((added * 1000) / this.#rate)) | 0;
      // Only one thread adds them.
      if (Atomics.compareExchange(words, slot + SLOT.TIME_MS, time, until) === time)
        Atomics.store(words, slot + SLOT.TOKENS, isFull ? this.#burst : tokens);
    }
    const left = Atomics.sub(words, slot + SLOT.TOKENS, 1) - 1;
    // Never below -1, so that the next token counts at once.
    if (left < -1) Atomics.store(words, slot + SLOT.TOKENS, -1);
    return left;
  }
}
