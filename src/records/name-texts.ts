// Names as text, and names that say an address: labels such as 10-244-1-5 and reverse names. Pure.
// RFC 1035 3.5, RFC 3596 2.5 (reverse names), RFC 952 (no hyphen at an end), RFC 4592 2.1.1 (wildcards).
import { formatName } from "../dns/name.ts";
import { formatIp, parseIp } from "../net/ip.ts";

const IPV4 = /^((?:\d{1,3}\.){4})in-addr\.arpa\.$/;
const IPV6 = /^((?:[0-9a-f]\.){32})ip6\.arpa\.$/;

/** An owner name with a final dot; the label of a wildcard is not escaped. */
export function formatOwner(name: Uint8Array): string {
  return formatName(name).replace(/^\\\*\./, "*.");
}

/** The address (4 or 16 bytes) as the label of a pod or of an endpoint. */
export function addressLabel(address: Uint8Array): string {
  const dashed = formatIp(address).replaceAll(/[.:]/g, "-");
  return `${dashed.startsWith("-") ? "0" : ""}${dashed}${dashed.endsWith("-") ? "0" : ""}`;
}

/** The address of a whole reverse name; undefined for any other name. */
export function addressOfReverseName(name: Uint8Array): Uint8Array | undefined {
  const text = formatName(name).toLowerCase();
  const octets = IPV4.exec(text)?.[1];
  if (octets !== undefined) return parseIp(octets.slice(0, -1).split(".").reverse().join("."));
  const nibbles = IPV6.exec(text)?.[1]?.slice(0, -1).split(".").reverse().join("");
  return nibbles === undefined ? undefined : new Uint8Array(Buffer.from(nibbles, "hex"));
}
