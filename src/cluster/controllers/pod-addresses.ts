// The addresses of the pod ranges: which ones simulated pods have, and which ones are others' by what people wrote.
// What is written counts more: it takes an address from a simulated pod, which then gets another. Pure.
// docs/workloads.md; how addresses are chosen: docs/allocation.md.
import { familyOf } from "../../objects/kube-object.ts";
import type { IpFamily } from "../../objects/kube-object.ts";
import type { Cidr } from "../../net/ip.ts";
import { cidrContains, parseIp } from "../../net/ip.ts";
import { AddressAllocator } from "./address-allocator.ts";

/** Keys of pods are `namespace/name`; a written address is held under itself, which has no slash. */
export class PodAddresses {
  readonly #allocators = new Map<IpFamily, AddressAllocator>();
  /** Of the pods that there are, with an address at least. */
  readonly #ips = new Map<string, readonly string[]>();
  /** Pods of the last run that have not come yet: their addresses wait, until others need them. */
  readonly #awaited = new Set<string>();
  /** How often an address is written, beyond once. */
  readonly #repeats = new Map<string, number>();

  /** The first range of each family counts; `remembered` are addresses of a former run, by pod. */
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

  /** How many addresses a pod gets where there are enough: one a family. */
  get familyCount(): number {
    return this.#allocators.size;
  }

  /** The addresses of a simulated pod; none when it has not got any. */
  of(key: string): readonly string[] {
    return this.#ips.get(key) ?? [];
  }

  /** Those of all simulated pods. */
  all(): ReadonlyMap<string, readonly string[]> {
    return this.#ips;
  }

  /** Gives each pod one address of each family, as far as there are any; what a pod has stays. */
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

  /** Takes back what a simulated pod has. */
  release(key: string): void {
    if (!this.#ips.delete(key)) return;
    for (const allocator of this.#allocators.values()) allocator.release(key);
  }

  /** Notes that an address is written somewhere; returns the simulated pod that loses it. */
  take(address: string): string | undefined {
    const allocator = this.#allocators.get(familyOf(address));
    const holder = allocator?.holderOf(address);
    if (holder === address) this.#repeats.set(address, (this.#repeats.get(address) ?? 0) + 1);
    else if (holder !== undefined) this.#lose(holder, address);
    allocator?.reserve(address, address);
    return holder === address || holder === undefined || !this.#ips.has(holder) ? undefined : holder;
  }

  /** Notes that an address is written one time less. */
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
