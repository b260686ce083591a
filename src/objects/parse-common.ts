// Parsers of fields that several kinds share: ports, addresses, protocols, endpoints, hostnames. Pure.
// Sources: the Kubernetes API reference (core/v1, discovery.k8s.io/v1) and its validation.
import { familyOf } from "./kube-object.ts";
import { isIpv4, plainIp, withoutLeadingZeros } from "../net/ip.ts";
import type { Field } from "./field.ts";
import type { Endpoint, EndpointPort, IpFamily, Protocol } from "./kube-object.ts";
import { isDnsLabel } from "./kube-names.ts";
import type { Place } from "./problem.ts";

export const IP_FAMILIES: readonly IpFamily[] = ["IPv4", "IPv6"];
export const PORT_MAX = 65_535;
const PROTOCOLS: readonly Protocol[] = ["TCP", "UDP", "SCTP"];

/** The fields of every object, to be spread into it. */
export interface ObjectHead {
  readonly namespace: string;
  readonly name: string;
  readonly place?: Place;
  readonly observed?: true;
}

/** The empty list of all objects: one value, because there may be thousands of them. */
export const EMPTY: readonly never[] = Object.freeze([]);

/** A frozen copy of `list`; `EMPTY` if it is empty. The copy has no room to grow, which a list that has grown keeps. */
export function frozen<T>(list: readonly T[]): readonly T[] {
  return list.length === 0 ? EMPTY : Object.freeze(list.slice());
}

/** An IP address in canonical form, of `family` if given; reports an absent field too. */
export function parseAddress(field: Field, family?: IpFamily): string | undefined {
  const expected = family === undefined ? "an IP address" : `an ${family} address`;
  if (field.isAbsent) return field.invalid(expected);
  // Nearly every address is canonical already.
  if (family !== "IPv6" && typeof field.value === "string" && isIpv4(field.value)) return field.value;
  const isAddress = (text: string): boolean => {
    const address = plainIp(withoutLeadingZeros(text));
    return address !== undefined && (family === undefined || familyOf(address) === family);
  };
  const text = field.text(expected, isAddress);
  if (text === undefined) return undefined;
  const decimal = withoutLeadingZeros(text);
  const address = plainIp(decimal);
  if (decimal !== text) {
    field.warn("leading-zeros", `${field.name}: Kubernetes reads ${text} as ${address}`, `write ${address}`);
  }
  return address;
}

/** The protocol; TCP if absent or empty. */
export function parseProtocol(field: Field): Protocol {
  return field.value === "" ? "TCP" : (field.choice(PROTOCOLS) ?? "TCP");
}

/** The ports of an EndpointSlice or a subset. Drops a port without a number, which stands for all ports. */
export function parseEndpointPorts(field: Field): readonly EndpointPort[] {
  const ports: EndpointPort[] = [];
  for (const item of field.items()) {
    const nameField = item.get("name");
    const name = nameField.value === "" ? "" : (nameField.text("a DNS label", isDnsLabel) ?? "");
    const protocol = parseProtocol(item.get("protocol"));
    const port = item.get("port").value;
    // An API server takes any number in a slice; only those of the protocols can be answered.
    if (typeof port === "number" && port >= 0 && port <= PORT_MAX) ports.push(Object.freeze({ name, protocol, port }));
  }
  return frozen(ports);
}

/** An endpoint of an EndpointSlice or Endpoints; `item` has its `hostname` and `targetRef`. */
export function parseEndpoint(item: Field, addresses: readonly string[], ready: boolean): Endpoint {
  const hostname = parseHostname(item.get("hostname"));
  const target = item.get("targetRef");
  const podName = target.isMapping() && target.get("kind").value === "Pod" ? target.get("name").text() : undefined;
  return Object.freeze({
    addresses: frozen(addresses),
    ready,
    ...(hostname === undefined ? {} : { hostname }),
    ...(podName === undefined ? {} : { podName }),
  });
}

/** A `hostname` or `subdomain`: a DNS label; empty counts as absent. */
export function parseHostname(field: Field): string | undefined {
  return field.value === ""
    ? undefined
    : field.text("a DNS label (a-z, 0-9 and inner hyphens, at most 63 characters)", isDnsLabel);
}
