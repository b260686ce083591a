// Turns the address faults of services into problems: address out of range, taken, or none left.
// Only formats; the controller knows which service has which address. Pure.
import type { IpFamily, Service } from "../../objects/kube-object.ts";
import type { Problem } from "../../objects/problem.ts";
import type { Cidr } from "../../net/ip.ts";
import { formatCidr } from "../../net/ip.ts";

/** One fault of a service's addresses of one family. */
export type AddressFault =
  | { readonly code: "cluster-ip-taken"; readonly address: string }
  | { readonly code: "cluster-ip-out-of-range"; readonly family: IpFamily; readonly address: string }
  | { readonly code: "cluster-ips-exhausted" | "no-range-of-family" | "no-second-family"; readonly family: IpFamily };

/** A service and its faults. */
export interface FaultyService {
  readonly service: Service;
  readonly faults: readonly AddressFault[];
}

type Ranges = ReadonlyMap<IpFamily, readonly Cidr[]>;

/** The problems of all faults, by place. `holderOf` returns the service that has an address. */
export function addressProblems(
  faulty: readonly FaultyService[],
  ranges: Ranges,
  holderOf: (address: string) => Service | undefined,
): readonly Problem[] {
  const problems: Problem[] = [];
  for (const { service, faults } of faulty.toSorted((a, b) => comparePlaces(a.service, b.service))) {
    for (const fault of faults) {
      if (fault.code !== "cluster-ip-taken") {
        problems.push(describe(service, fault, ranges));
        continue;
      }
      const holder = holderOf(fault.address);
      problems.push(taken(service, fault.address, holder));
      // A holder whose address was allocated has nothing to correct.
      if (holder?.clusterIPs.includes(fault.address)) problems.push(kept(holder, fault.address, service));
    }
  }
  return problems;
}

/** Orders services by file, line and column, then by name; objects without a file come first. */
export function comparePlaces(a: Service, b: Service): number {
  return (
    compare(a.place?.file ?? "", b.place?.file ?? "") ||
    (a.place?.line ?? 0) - (b.place?.line ?? 0) ||
    (a.place?.column ?? 0) - (b.place?.column ?? 0) ||
    compare(`${a.namespace}/${a.name}`, `${b.namespace}/${b.name}`)
  );
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

function taken(service: Service, address: string, holder: Service | undefined): Problem {
  const owner = holder === undefined ? "another service" : show(holder);
  return problem(
    service,
    "cluster-ip-taken",
    "error",
    `the cluster IP ${address} already belongs to ${owner}: this service is served without it`,
    holder?.clusterIPs.includes(address)
      ? "give one of the two another clusterIP, or none"
      : "choose another one; addresses in the lower part of the range are allocated last",
  );
}

function kept(holder: Service, address: string, service: Service): Problem {
  return problem(
    holder,
    "cluster-ip-taken",
    "error",
    `the cluster IP ${address} is also written for ${show(service)}: this service keeps it`,
    "give one of the two another clusterIP, or none",
  );
}

function describe(
  service: Service,
  fault: Exclude<AddressFault, { code: "cluster-ip-taken" }>,
  ranges: Ranges,
): Problem {
  const own = ranges.get(fault.family) ?? [];
  const other = fault.family === "IPv4" ? "10.96.0.0/12" : "fd00:10:96::/112";
  switch (fault.code) {
    case "cluster-ip-out-of-range": {
      const where = own.map(formatCidr).join(", ");
      const message = `the cluster IP ${fault.address} is not in ${where}: it is served anyway`;
      return problem(
        service,
        fault.code,
        "warning",
        message,
        "set --service-cidr to the cluster's, or change clusterIP",
      );
    }
    case "cluster-ips-exhausted":
      return problem(
        service,
        fault.code,
        "error",
        `no address is left in ${formatCidr(own[0]!)}: this service is served without an ${fault.family} address`,
        "give --service-cidr a larger range",
      );
    case "no-range-of-family":
      return problem(
        service,
        fault.code,
        "error",
        `the service wants an ${fault.family} address, and there is no ${fault.family} range: it is served without`,
        `add one to --service-cidr, such as ${other}, or take ${fault.family} out of ipFamilies`,
      );
    case "no-second-family":
      return problem(
        service,
        fault.code,
        "error",
        `ipFamilyPolicy is RequireDualStack, and there is no ${fault.family} range: the service has one address only`,
        `add one to --service-cidr, such as ${other}, or write PreferDualStack`,
      );
  }
}

function show({ namespace, name, place }: Service): string {
  return `Service ${namespace}/${name}${place === undefined ? "" : ` (${place.file}:${place.line})`}`;
}

function problem(
  service: Service,
  code: string,
  severity: Problem["severity"],
  message: string,
  advice: string,
): Problem {
  return {
    code,
    severity,
    message,
    advice,
    object: `Service ${service.namespace}/${service.name}`,
    ...(service.place && { place: service.place }),
  };
}
