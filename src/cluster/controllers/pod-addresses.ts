// The addresses of the pod ranges: those of simulated pods, and those that manifests or live objects use. A written
// address has precedence: a simulated pod that has it gets another one. Pure.
// docs/workloads.md; the choice of addresses: docs/allocation.md.
import { familyOf } from "../../objects/kube-object.ts";
import type { IpFamily } from "../../objects/kube-object.ts";
import type { Cidr } from "../../net/ip.ts";
import { cidrContains, parseIp } from "../../net/ip.ts";
import { AddressAllocator } from "./address-allocator.ts";

/** A pod's key is `namespace/name`; a written address is its own key, which has no slash. */
export class PodAddresses {
  readonly #allocators = new Map<IpFamily, AddressAllocator>();
  /** By pod; each pod has at least one address. */
  readonly #ips = new Map<string, readonly string[]>();
  /** Pods of the last run that do not exist yet: their addresses are reserved until the range is full. */
  readonly #awaited = new Set<string>();
  /** How often an address is written beyond the first time. */
  readonly #repeats = new Map<string, number>();

  /** Uses the first range of each family. `remembered`: the addresses of an earlier run, by pod. */
  constructor(cidrs: readonly Cidr[], remembered: ReadonlyMap<string, readonly string[]>) {
    const ranges = new Map<IpFamily, Cidr>();
    for (const cidr of cidrs) {
      const family = cidr.bytes.length === 4 ? "IPv4" : "IPv6";
      if (!ranges.has(family)) ranges.set(family, cidr);
    }
    for (const [family, cidr] of ranges) this.#allocators.set(family, new AddressAllocator(cidr));
    for (const [key, ips] of remembered) {
      for (const ip of ips) {
        const range = ranges.get(familyOf(ip));
        const bytes = parseIp(ip);
        const isInRange = range !== undefined && bytes !== undefined && cidrContains(range, bytes);
        if (isInRange && this.#allocators.get(familyOf(ip))!.reserve(key, ip)) this.#awaited.add(key);
      }
    }
  }

  /** The number of addresses that a pod should get: one for each family. */
  get familyCount(): number {
    return this.#allocators.size;
  }

  /** The addresses of a simulated pod; empty if it has none. */
  of(key: string): readonly string[] {
    return this.#ips.get(key) ?? [];
  }

  /** The addresses of all simulated pods. */
  all(): ReadonlyMap<string, readonly string[]> {
    return this.#ips;
  }

  /** Allocates one address of each family to each pod, as far as available; a pod keeps the addresses it has. */
  allocate(keys: readonly string[]): void {
    for (const key of keys) this.#awaited.delete(key);
    const isShort = (key: string): boolean => this.of(key).length < this.familyCount;
    this.#allocate(keys);
    if (this.#awaited.size === 0 || !keys.some(isShort)) return;
    for (const key of this.#awaited) for (const allocator of this.#allocators.values()) allocator.release(key);
    this.#awaited.clear();
    this.#allocate(keys);
  }

  #allocate(keys: readonly string[]): void {
    const allocated = [...this.#allocators.values()].map((allocator) => allocator.allocate(keys));
    for (const key of keys) {
      const ips = allocated.map((addresses) => addresses.get(key)).filter((ip) => ip !== undefined);
      if (ips.length > this.of(key).length) this.#ips.set(key, Object.freeze(ips));
    }
  }

  /** Frees the addresses of a simulated pod. */
  release(key: string): void {
    if (!this.#ips.delete(key)) return;
    for (const allocator of this.#allocators.values()) allocator.release(key);
  }

  /** Records one use of a written address; returns the simulated pod that loses it. */
  take(address: string): string | undefined {
    const allocator = this.#allocators.get(familyOf(address));
    const holder = allocator?.holderOf(address);
    if (holder === address) this.#repeats.set(address, (this.#repeats.get(address) ?? 0) + 1);
    else if (holder !== undefined) this.#lose(holder, address);
    allocator?.reserve(address, address);
    return holder === address || holder === undefined || !this.#ips.has(holder) ? undefined : holder;
  }

  /** Ends one use of a written address. */
  giveBack(address: string): void {
    const repeats = this.#repeats.get(address) ?? 0;
    if (repeats > 1) this.#repeats.set(address, repeats - 1);
    else if (repeats === 1) this.#repeats.delete(address);
    else this.#allocators.get(familyOf(address))?.release(address);
  }

  #lose(key: string, address: string): void {
    this.#allocators.get(familyOf(address))!.release(key);
    const ips = this.#ips.get(key)?.filter((ip) => ip !== address);
    if (ips !== undefined) this.#ips.set(key, ips);
  }
}
