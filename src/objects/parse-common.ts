// Fields that several kinds have alike: ports, addresses, protocols, and the endpoints' shared parts. Pure.
// Sources: the Kubernetes API reference (core/v1, discovery.k8s.io/v1) and its validation.
import { familyOf } from "./kube-object.ts";
import { canonicalIp } from "../net/ip.ts";
import type { Field } from "./field.ts";
import type { Endpoint, EndpointPort, IpFamily, Protocol } from "./kube-object.ts";
import { isDnsLabel } from "./kube-names.ts";
import type { Place } from "./problem.ts";

export const IP_FAMILIES: readonly IpFamily[] = ["IPv4", "IPv6"];
export const MAX_PORT = 65_535;
const PROTOCOLS: readonly Protocol[] = ["TCP", "UDP", "SCTP"];

/** What every object has, ready to be spread into it. */
export interface ObjectHead {
  readonly namespace: string;
  readonly name: string;
  readonly place?: Place;
}

/** Shared by all objects that have none, so that thousands of them cost nothing. */
export const NONE: readonly never[] = Object.freeze([]);

/** A frozen list; the shared one when it is empty. */
export function frozen<T>(list: readonly T[]): readonly T[] {
  return list.length === 0 ? NONE : Object.freeze(list);
}

/** An IP address in canonical text, of `family` when one is given; absence is a problem too. */
export function parseAddress(field: Field, family?: IpFamily): string | undefined {
  const expected = family === undefined ? "an IP address" : `an ${family} address`;
  if (field.absent) return field.invalid(expected);
  const text = field.text(expected);
  if (text === undefined) return undefined;
  const address = canonicalIp(text);
  if (address === undefined || (family !== undefined && familyOf(address) !== family)) return field.invalid(expected);
  return address;
}

/** TCP when absent. */
export function parseProtocol(field: Field): Protocol {
  return field.choice(PROTOCOLS) ?? "TCP";
}

/** The ports of an EndpointSlice or a subset; one without a number stands for all ports and has no record. */
export function parseEndpointPorts(field: Field): readonly EndpointPort[] {
  const ports: EndpointPort[] = [];
  for (const item of field.items()) {
    if (!item.isMapping()) {
      if (item.absent) item.invalid("a mapping");
      continue;
    }
    const nameField = item.get("name");
    const name = nameField.value === "" ? "" : (nameField.text("a DNS label", isDnsLabel) ?? "");
    const protocol = parseProtocol(item.get("protocol"));
    const port = item.get("port").integer(1, MAX_PORT);
    if (port !== undefined) ports.push(Object.freeze({ name, protocol, port }));
  }
  return frozen(ports);
}

/** One endpoint of either kind; `item` holds its `hostname` and `targetRef`. */
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
  return field.value === "" ? undefined : field.text("a DNS label (a-z, 0-9, hyphens inside, at most 63)", isDnsLabel);
}
