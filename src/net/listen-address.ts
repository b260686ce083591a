// Addresses that a server listens on, and the local addresses that a wildcard includes. Opens no sockets.
// Link-local IPv6 addresses have a zone (RFC 4007 section 11): the kernel cannot bind them without one.
import { networkInterfaces } from "node:os";

/** `host` is an address in canonical text, without brackets; `port` 0 means any free port. */
export interface ListenAddress {
  /** Default: plain DNS over UDP and TCP. `http` is the admin server, which has no DNS. */
  readonly scheme?: "tls" | "https" | "http";
  readonly host: string;
  readonly port: number;
}

/** Lists the machine's network interfaces, as `networkInterfaces` of node:os does. */
export type ListInterfaces = typeof networkInterfaces;

/** The address as text: `127.0.0.1:53`, `[::1]:53` or `tls://127.0.0.1:853`. */
export function formatListenAddress({ scheme, host, port }: ListenAddress): string {
  return `${scheme === undefined ? "" : `${scheme}://`}${host.includes(":") ? `[${host}]` : host}:${port}`;
}

/** Whether `host` includes every local address of its family. */
export function isWildcard(host: string): boolean {
  return host === "0.0.0.0" || host === "::";
}

/** The host by which this machine reaches who listens on `host`. */
export function dialHost(host: string): string {
  if (host === "0.0.0.0") return "127.0.0.1";
  return host === "::" ? "::1" : host;
}

/** The local addresses that a wildcard `host` includes now, without duplicates; any other `host` alone. */
export function expandWildcard(host: string, listInterfaces: ListInterfaces = networkInterfaces): readonly string[] {
  if (!isWildcard(host)) return [host];
  const family = host === "::" ? "IPv6" : "IPv4";
  const hosts = new Set<string>();
  for (const [name, addresses] of Object.entries(listInterfaces())) {
    for (const { address, family: itsFamily, scopeid } of addresses ?? []) {
      if (itsFamily !== family) continue;
      hosts.add(scopeid === undefined || scopeid === 0 ? address : `${address}%${name}`);
    }
  }
  return [...hosts];
}

/** The IPv4 addresses that are missing beside `[::]`, which takes IPv6 alone on all systems. */
export function missingIpv4(addresses: readonly ListenAddress[]): readonly ListenAddress[] {
  const isListened = ({ scheme, port }: ListenAddress): boolean =>
    addresses.some((each) => each.scheme === scheme && each.port === port && !each.host.includes(":"));
  return addresses
    .filter((each) => each.host === "::" && !isListened(each))
    .map((each) => ({ ...each, host: "0.0.0.0" }));
}

/** Whether packets to the address `host` reach who listens on `listened` now. All of 127.0.0.0/8 is this machine. */
export function includesHost(listened: string, host: string): boolean {
  return expandWildcard(listened).includes(host) || (listened === "0.0.0.0" && host.startsWith("127."));
}

/** Whether DNS is answered there, and not the admin server. */
export function isForDns({ scheme }: ListenAddress): boolean {
  return scheme !== "http";
}
