// Stands in for the API server's allocation of cluster IPs: completes `clusterIPs` and `ipFamilies`, with unique
// addresses, and replaces them by the addresses of `cluster-dns/addresses`. A service keeps its addresses whatever
// happens to other services. Pure.
// Kubernetes: "Service ClusterIP allocation", "IPv4/IPv6 dual-stack"; docs/allocation.md.
import { familyOf } from "../../objects/kube-object.ts";
import type { IpFamily, KubeObject, Service } from "../../objects/kube-object.ts";
import type { Problem } from "../../objects/problem.ts";
import type { Sliced } from "../../std/sliced.ts";
import type { Change } from "../change.ts";
import type { Difference, Registry } from "../registry.ts";
import type { Cidr } from "../../net/ip.ts";
import { AddressAllocator } from "./address-allocator.ts";
import type { Controller } from "./controller.ts";
import { AddressRange } from "./address-range.ts";
import type { AddressFault } from "./cluster-ip-problems.ts";
import { addressProblems, comparePlaces } from "./cluster-ip-problems.ts";
import { serviceFamilies } from "./service-families.ts";

/** The addresses that kubeadm gives these services, as ordinals in the range. */
const WELL_KNOWN: ReadonlyMap<string, number> = new Map([
  ["default/kubernetes", 1],
  ["kube-system/kube-dns", 10],
]);
/** The addresses of so many removed services are remembered, in case the services return. */
const DEPARTED_MAX = 65_536;
const FAMILIES = ["IPv4", "IPv6"] as const;

/** Of several requests for one address the smallest rank wins; equal ranks go by the places of the services. */
const RANK = { live: 0, held: 1, remembered: 2, explicit: 3, wellKnown: 4, yielding: 5 } as const;

interface Claim {
  readonly key: string;
  readonly service: Service;
  /** The primary family first. */
  readonly families: readonly IpFamily[];
  /** The addresses of a live cluster's service are fixed: they are only reserved. */
  readonly isLive: boolean;
  readonly faults: AddressFault[];
}

interface Request {
  readonly claim: Claim;
  readonly address: string;
  readonly rank: number;
  readonly isExplicit: boolean;
}

export class ClusterIpController implements Controller {
  readonly #registry: Registry;
  readonly #families: readonly IpFamily[];
  readonly #ranges: readonly AddressRange[];
  readonly #cidrs: ReadonlyMap<IpFamily, readonly Cidr[]>;
  readonly #allocators: Readonly<Record<IpFamily, AddressAllocator>>;
  /** The addresses of each service on which controllers act. */
  readonly #held = new Map<string, readonly string[]>();
  /** The last addresses of removed services, the oldest first: a service that returns gets them back. */
  readonly #departed: Map<string, readonly string[]>;
  readonly #faulty = new Map<string, Claim>();
  #allocations: ReadonlyMap<string, readonly string[]> | undefined;
  #problems: readonly Problem[] | undefined;

  /**
   * Addresses are allocated from the first of `cidrs` of each family. `remembered`: the addresses of an earlier run by
   * `namespace/name`; those outside the ranges are ignored.
   */
  constructor(
    registry: Registry,
    cidrs: readonly Cidr[],
    remembered: ReadonlyMap<string, readonly string[]> = new Map(),
  ) {
    this.#registry = registry;
    const byFamily = (family: IpFamily): readonly Cidr[] =>
      cidrs.filter(({ bytes }) => (bytes.length === 4) === (family === "IPv4"));
    this.#families = [...new Set(cidrs.map(({ bytes }) => (bytes.length === 4 ? "IPv4" : "IPv6")))];
    this.#ranges = cidrs.map((cidr) => new AddressRange(cidr));
    this.#cidrs = new Map(FAMILIES.map((family) => [family, byFamily(family)]));
    this.#allocators = {
      IPv4: new AddressAllocator(byFamily("IPv4")[0]),
      IPv6: new AddressAllocator(byFamily("IPv6")[0]),
    };
    this.#departed = new Map(remembered);
  }

  /** Amends the services that the differences affect. The first load must be one call: later services yield. */
  *reconcile(differences: readonly Difference[]): Sliced<readonly Change[]> {
    const touched = touchedServices(differences);
    if (touched.size === 0) return [];
    for (const [key, { faults }] of this.#faulty) if (faults.some(isAddressAwaited)) touched.add(key);
    for (const key of WELL_KNOWN.keys()) if (isYielding(this.#given(key))) touched.add(key);
    this.#problems = undefined;
    const claims = [...touched].map((key) => this.#claim(key)).filter((claim) => claim !== undefined);
    yield;
    this.#reserve(claims, touched);
    yield;
    const controlled = claims.filter(({ isLive }) => !isLive);
    this.#allocate(controlled);
    for (const key of touched) this.#faulty.delete(key);
    for (const claim of claims) if (claim.faults.length > 0) this.#faulty.set(claim.key, claim);
    const holders = new Map(controlled.map((claim) => [claim.key, claim]));
    for (const [key, { service, families }] of holders)
      if (!isYielding(service)) this.#hold(key, this.#addressesOf(key, families));
    const changes: Change[] = [];
    for (const key of touched) {
      if (!holders.has(key) || isYielding(this.#given(key))) this.#release(key);
      changes.push(...this.#amend(key));
      yield;
    }
    return changes;
  }

  /** The current problems with services' addresses, by place; the same list until something changes. */
  problems(): readonly Problem[] {
    const holderOf = (address: string): Service | undefined => {
      const holder = this.#allocators[familyOf(address)].holderOf(address);
      return holder === undefined ? undefined : this.#given(holder);
    };
    // A live cluster's service is right by definition.
    this.#problems ??= addressProblems([...this.#faulty.values()], this.#cidrs, holderOf).filter(
      ({ object }) => object === undefined || this.#registry.isControlled(object),
    );
    return this.#problems;
  }

  /** Each service's current or last addresses by `namespace/name`; the same map until something changes. */
  allocations(): ReadonlyMap<string, readonly string[]> {
    if (this.#allocations === undefined) {
      // An address of a departed service may be another service's now, which keeps it in the next run.
      const isFree = (address: string): boolean => this.#allocators[familyOf(address)].holderOf(address) === undefined;
      const departed = [...this.#departed].filter(([, addresses]) => addresses.every(isFree));
      this.#allocations = new Map([...this.#held, ...departed]);
    }
    return this.#allocations;
  }

  #lastOf(key: string): readonly string[] {
    return this.#held.get(key) ?? this.#departed.get(key) ?? [];
  }

  #given(key: string): Service | undefined {
    return this.#registry.given(`Service ${key}`) as Service | undefined;
  }

  #isControlled(key: string): boolean {
    return this.#registry.isControlled(`Service ${key}`);
  }

  /** The claim of a service that has cluster IPs; undefined for all other services and for removed ones. */
  #claim(key: string): Claim | undefined {
    const service = this.#given(key);
    if (service === undefined || service.type === "ExternalName" || service.headless) return undefined;
    const isLive = !this.#isControlled(key);
    if (service.addresses !== undefined && !isLive) return undefined;
    const families = isLive ? service.clusterIPs.map(familyOf) : wantedFamilies(service, this.#families);
    return { key, service, families, isLive, faults: [] };
  }

  #requests(claim: Claim): readonly Request[] {
    const { key, service } = claim;
    const requests: Request[] = [];
    for (const family of claim.families) {
      const request = (address: string, rank: number, isExplicit = false): void => {
        requests.push({ claim, address, rank, isExplicit });
      };
      const allocator = this.#allocators[family];
      const explicit = service.clusterIPs.find((address) => familyOf(address) === family);
      const last = this.#lastOf(key).find((address) => familyOf(address) === family);
      const lastRank = last !== undefined && allocator.addressOf(key) === last ? RANK.held : RANK.remembered;
      if (claim.isLive) {
        request(explicit!, RANK.live, true);
        continue;
      }
      if (explicit !== undefined) {
        request(explicit, explicit === last ? lastRank : RANK.explicit, true);
        // A family without a range has no addresses that would be out of range.
        if (this.#families.includes(family) && !this.#isInRange(explicit))
          claim.faults.push({ code: "cluster-ip-out-of-range", family, address: explicit });
        continue;
      }
      if (last !== undefined && !isYielding(service) && this.#isInRange(last)) request(last, lastRank);
      const ordinal = WELL_KNOWN.get(key);
      const wellKnown = ordinal === undefined ? undefined : allocator.addressAt(ordinal);
      if (wellKnown !== undefined) request(wellKnown, isYielding(service) ? RANK.yielding : RANK.wellKnown);
    }
    return requests;
  }

  /** Reserves the addresses that are requested by value. */
  #reserve(claims: readonly Claim[], touched: Iterable<string>): void {
    const requests = claims.flatMap((claim) => this.#requests(claim));
    for (const key of touched) for (const family of FAMILIES) this.#allocators[family].release(key);
    requests.sort((a, b) => a.rank - b.rank || comparePlaces(a.claim.service, b.claim.service));
    for (const { claim, address, isExplicit } of requests) {
      const family = familyOf(address);
      const allocator = this.#allocators[family];
      if (allocator.addressOf(claim.key) !== undefined || allocator.reserve(claim.key, address) || !isExplicit)
        continue;
      claim.faults.push({ code: "cluster-ip-taken", address });
    }
  }

  /** Allocates addresses to services that name none of the family. */
  #allocate(claims: readonly Claim[]): void {
    for (const family of FAMILIES) {
      const lacking = claims.filter(
        ({ families, service }) =>
          families.includes(family) &&
          !isYielding(service) &&
          !service.clusterIPs.some((address) => familyOf(address) === family),
      );
      const allocated = this.#allocators[family].allocate(lacking.map(({ key }) => key));
      for (const { key, service, faults } of lacking) {
        if (allocated.has(key)) continue;
        if (this.#families.includes(family)) faults.push({ code: "cluster-ips-exhausted", family });
        else if (service.ipFamilyPolicy !== "RequireDualStack") faults.push({ code: "no-range-of-family", family });
      }
    }
    for (const { key, service, faults } of claims) {
      if (service.ipFamilyPolicy !== "RequireDualStack") continue;
      const missing = FAMILIES.find((family) => !this.#families.includes(family));
      if (missing !== undefined && this.#allocators[missing].addressOf(key) === undefined)
        faults.push({ code: "no-second-family", family: missing });
    }
  }

  #addressesOf(key: string, families: readonly IpFamily[]): readonly string[] {
    return families.map((family) => this.#allocators[family].addressOf(key)).filter((address) => address !== undefined);
  }

  #hold(key: string, addresses: readonly string[]): void {
    if (!isSame(addresses, this.#lastOf(key))) this.#allocations = undefined;
    this.#departed.delete(key);
    if (addresses.length === 0) this.#held.delete(key);
    else this.#held.set(key, Object.freeze(addresses));
  }

  #release(key: string): void {
    const addresses = this.#held.get(key);
    if (addresses === undefined) return;
    this.#held.delete(key);
    this.#departed.set(key, addresses);
    for (const oldest of this.#departed.keys()) {
      if (this.#departed.size <= DEPARTED_MAX) break;
      this.#departed.delete(oldest);
      this.#allocations = undefined;
    }
  }

  #amend(key: string): readonly Change[] {
    const base = this.#given(key);
    if (base === undefined || base.type === "ExternalName" || base.headless || !this.#isControlled(key)) return [];
    const families = base.addresses === undefined ? wantedFamilies(base, this.#families) : base.ipFamilies;
    const clusterIPs = base.addresses ?? this.#addressesOf(key, families);
    const object = isSame(clusterIPs, base.clusterIPs)
      ? base
      : Object.freeze({ ...base, clusterIPs: Object.freeze(clusterIPs), ipFamilies: Object.freeze(families) });
    const present = this.#registry.service(base.namespace, base.name)!;
    const isCurrent = isSame(present.clusterIPs, object.clusterIPs) && isSame(present.ipFamilies, object.ipFamilies);
    return isCurrent ? [] : [{ type: "amend", base, object }];
  }

  #isInRange(address: string): boolean {
    return this.#ranges.some((range) => range.contains(address));
  }
}

/** The service's families, and those of its written addresses. */
function wantedFamilies(service: Service, clusterFamilies: readonly IpFamily[]): readonly IpFamily[] {
  return [...new Set([...serviceFamilies(service, clusterFamilies), ...service.clusterIPs.map(familyOf)])];
}

/** A service that no source gives has its well-known address while nobody else asks for it, and no other. */
function isYielding(service: Service | undefined): boolean {
  return service?.simulated === true && service.maker === undefined;
}

/** Whether the service lacks an address that another service may free. */
function isAddressAwaited({ code }: AddressFault): boolean {
  return code === "cluster-ip-taken" || code === "cluster-ips-exhausted";
}

function touchedServices(differences: readonly Difference[]): Set<string> {
  const touched = new Set<string>();
  const add = (object: KubeObject | undefined): void => {
    if (object?.kind === "Service") touched.add(`${object.namespace}/${object.name}`);
  };
  for (const { before, after } of differences) {
    add(before);
    add(after);
  }
  return touched;
}

function isSame(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((text, i) => text === b[i]);
}
