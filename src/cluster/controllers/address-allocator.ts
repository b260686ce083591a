// Allocates addresses of one range to keys (`namespace/name`): a given address, or one chosen by a hash of the key, so
// that the address depends on little but the key. An allocated address never moves; the result of one `allocate` does
// not depend on the order of its keys. The hash and the probe sequence are a promise to users: docs/allocation.md,
// docs/decisions/0002-addresses-from-a-hash.md.
import { fnv1a } from "../../std/fnv1a.ts";
import type { Cidr } from "../../net/ip.ts";
import { AddressRange } from "./address-range.ts";

/** Hashed places in the upper band, the home first, that are tried before the linear search. */
const PROBES_MAX = 16;
/** 2^32 divided by the golden ratio, which keeps any two probes far apart. */
const PROBE_STEP = 0x9e3779b9;

export class AddressAllocator {
  readonly #range: AddressRange | undefined;
  readonly #holders = new Map<string, string>();
  readonly #addresses = new Map<string, string>();
  /** The numbers of the range's addresses that are in use. */
  readonly #taken = new Set<number>();
  readonly #free: { lower: number; upper: number };

  /** Without a range, `reserve` works and `allocate` allocates nothing. */
  constructor(cidr: Cidr | undefined) {
    this.#range = cidr && new AddressRange(cidr);
    const { size, lowerSize } = this.#range ?? { size: 0, lowerSize: 0 };
    this.#free = { lower: lowerSize, upper: size - lowerSize };
  }

  /** The key's address, in canonical text. */
  addressOf(key: string): string | undefined {
    return this.#addresses.get(key);
  }

  /** The key that has the address. */
  holderOf(address: string): string | undefined {
    return this.#holders.get(address);
  }

  /** The range's address of this ordinal, from 1; undefined if the range is smaller. */
  addressAt(ordinal: number): string | undefined {
    return this.#range === undefined || ordinal > this.#range.size ? undefined : this.#range.addressAt(ordinal - 1);
  }

  /** Makes the address, in the range or not, the key's only one; false if another key has it. */
  reserve(key: string, address: string): boolean {
    const holder = this.#holders.get(address);
    if (holder !== undefined) return holder === key;
    this.release(key);
    this.#hold(key, address, this.#range?.numberOf(address));
    return true;
  }

  /** Frees the key's address. */
  release(key: string): void {
    const address = this.#addresses.get(key);
    if (address === undefined) return;
    this.#addresses.delete(key);
    this.#holders.delete(address);
    const number = this.#range?.numberOf(address);
    if (number === undefined) return;
    this.#taken.delete(number);
    this.#free[this.#bandOf(number)]++;
  }

  /** Allocates an address to each key without one; returns all keys' addresses. A full range leaves keys out. */
  allocate(keys: Iterable<string>): ReadonlyMap<string, string> {
    const allocated = new Map<string, string>();
    const homeless: string[] = [];
    // All homes first: no probe takes another key's home.
    for (const key of [...new Set(keys)].sort()) {
      const address = this.#addresses.get(key) ?? this.#take(key, this.#home(key));
      if (address === undefined) homeless.push(key);
      else allocated.set(key, address);
    }
    for (const key of homeless) {
      const address = this.#take(key, this.#probesAfterHome(key));
      if (address !== undefined) allocated.set(key, address);
    }
    return allocated;
  }

  #take(key: string, numbers: Iterable<number>): string | undefined {
    for (const number of numbers) {
      if (this.#taken.has(number)) continue;
      const address = this.#range!.addressAt(number);
      this.#hold(key, address, number);
      return address;
    }
    return undefined;
  }

  #hold(key: string, address: string, number: number | undefined): void {
    this.#addresses.set(key, address);
    this.#holders.set(address, key);
    if (number === undefined) return;
    this.#taken.add(number);
    this.#free[this.#bandOf(number)]--;
  }

  #bandOf(number: number): "lower" | "upper" {
    return number < this.#range!.lowerSize ? "lower" : "upper";
  }

  #home(key: string): readonly number[] {
    return this.#free.upper === 0 ? [] : [this.#upperNumber(probe(fnv1a(key), 0))];
  }

  #upperNumber(place: number): number {
    const { size, lowerSize } = this.#range!;
    return lowerSize + (place % (size - lowerSize));
  }

  /** All numbers in the key's order of preference, after its home. */
  *#probesAfterHome(key: string): Generator<number> {
    if (this.#free.upper > 0) {
      const hash = fnv1a(key);
      for (let i = 1; i < PROBES_MAX; i++) yield this.#upperNumber(probe(hash, i));
      const start = probe(hash, PROBES_MAX);
      // Ends, since a number of the upper band is free.
      for (let i = 0; ; i++) yield this.#upperNumber(start + i);
    }
    if (this.#free.lower === 0) return;
    // From the top: the first addresses are well known, and people choose them.
    for (let number = this.#range!.lowerSize - 1; number >= 0; number--) yield number;
  }
}

/** The finalizer of MurmurHash3 (A. Appleby): each bit of the hash and of `step` affects every bit of the result. */
function probe(hash: number, step: number): number {
  let mixed = (hash + Math.imul(step, PROBE_STEP)) | 0;
  mixed = Math.imul(mixed ^ (mixed >>> 16), 0x85ebca6b);
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35);
  return (mixed ^ (mixed >>> 16)) >>> 0;
}
