// Addresses that a server listens on, and which local addresses a wildcard stands for. Opens no sockets.
// Link-local IPv6 addresses carry their zone (RFC 4007 section 11): without it the kernel cannot bind them.
import { networkInterfaces } from "node:os";

/** `host` is an address in canonical text, without brackets; `port` 0 takes a free one. */
export interface ListenAddress {
  /** Plain DNS over UDP and TCP when absent. */
  readonly scheme?: "tls" | "https";
  readonly host: string;
  readonly port: number;
}

/** Lists the machine's network interfaces, as `networkInterfaces` of node:os does. */
export type ListInterfaces = typeof networkInterfaces;

/** `127.0.0.1:53`, `[::1]:53` or `tls://127.0.0.1:853`. */
export function formatListenAddress({ scheme, host, port }: ListenAddress): string {
  return `${scheme === undefined ? "" : `${scheme}://`}${host.includes(":") ? `[${host}]` : host}:${port}`;
}

/** Whether `host` stands for every local address of its family. */
export function isWildcard(host: string): boolean {
  return host === "0.0.0.0" || host === "::";
}

/** The local addresses that `host` stands for right now, without duplicates; `host` alone when it is no wildcard. */
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
