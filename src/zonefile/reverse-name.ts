// Names that stand for addresses (RFC 1035 3.5, RFC 3596 2.5). Pure.
// The other direction is in compile/reverse-zones.ts.
import { formatName, isAtOrBelow, parseName } from "../dns/name.ts";
import { parseIp } from "../net/ip.ts";

const ROOTS = ["in-addr.arpa", "ip6.arpa"].map((text) => parseName(text)!);
const IPV4 = /^((?:\d{1,3}\.){4})in-addr\.arpa\.$/;
const IPV6 = /^((?:[0-9a-f]\.){32})ip6\.arpa\.$/;

/** The address of a whole reverse name (4 or 16 bytes); undefined for any other name. */
export function addressOfReverseName(name: Uint8Array): Uint8Array | undefined {
  const text = formatName(name).toLowerCase();
  const octets = IPV4.exec(text)?.[1];
  if (octets !== undefined) return parseIp(octets.slice(0, -1).split(".").reverse().join("."));
  const nibbles = IPV6.exec(text)?.[1]?.slice(0, -1).split(".").reverse().join("");
  return nibbles === undefined ? undefined : new Uint8Array(Buffer.from(nibbles, "hex"));
}

/** Whether the name is at or below one of the roots of reverse names. */
export function isReverseName(name: Uint8Array): boolean {
  return ROOTS.some((root) => isAtOrBelow(name, root));
}
