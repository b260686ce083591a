// The address that a reverse name stands for (RFC 1035 3.5, RFC 3596 2.5). Pure.
// The other direction is in compile/reverse-zones.ts.
import { formatName, isAtOrBelow, parseName } from "../dns/name.ts";
import { formatIp, parseIpv4 } from "../net/ip.ts";

/** Undefined: not a whole reverse name. */
export function addressOfReverse(name: Uint8Array): string | undefined {
  const labels = formatName(name).toLowerCase().split(".").slice(0, -1).toReversed();
  const [arpa, root, ...parts] = labels;
  if (arpa !== "arpa") return undefined;
  if (root === "in-addr" && parts.length === 4) {
    const address = parts.join(".");
    return parseIpv4(address) === undefined ? undefined : address;
  }
  if (root !== "ip6" || parts.length !== 32 || !parts.every((part) => /^[0-9a-f]$/.test(part))) return undefined;
  return formatIp(Uint8Array.from(Buffer.from(parts.join(""), "hex")));
}

/** Whether the name is at or below one of the roots of reverse names. */
export function isReverseName(name: Uint8Array): boolean {
  return REVERSE_ROOTS.some((root) => isAtOrBelow(name, root));
}

const REVERSE_ROOTS = ["in-addr.arpa", "ip6.arpa"].map((text) => parseName(text)!);
