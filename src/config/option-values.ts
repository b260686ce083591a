// The grammar of option values: parses the text of one value, or says what is wrong with it. Pure; knows no option.
// Domains are host names (RFC 1123 2.1) within RFC 1035's lengths; net/ip.ts has the grammar of addresses and prefixes.
import { formatCidr, formatIp, parseCidr, parseIp } from "../net/ip.ts";
import type { Cidr } from "../net/ip.ts";
import { didYouMean } from "../std/nearest.ts";
import type { ListenAddress } from "../net/listen-address.ts";

/** A value, or a fault that continues the quoted text: `is not …`. */
export type Parsed<T> = { readonly value: T } | { readonly fault: string };

/** Of the 107 that a Unix socket's address has, without those of a temporary name's suffix. */
const SOCKET_PATH_BYTES_MAX = 100;
/** Leaves space for names in a cluster domain: 255 bytes on the wire, less the labels of a port and a service. */
export const CLUSTER_DOMAIN_LENGTH_MAX = 198;
export const MEGABYTES_MAX = 1024;
/** A terabyte. */
export const MEMORY_MEGABYTES_MAX = 1_048_576;
const PORT_MAX = 65_535;
const LABEL = /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/;

/** Decimal digits, from `min` to `max`. */
export function parseWholeNumber(text: string, min: number, max: number): Parsed<number> {
  const value = /^\d{1,9}$/.test(text) ? Number(text) : Number.NaN;
  if (value >= min && value <= max) return { value };
  return { fault: `is not a whole number from ${min} to ${max}` };
}

/** 1 to `max` megabytes; the value is in bytes. */
export function parseMegabytes(text: string, max = MEGABYTES_MAX): Parsed<number> {
  const megabytes = parseWholeNumber(text, 1, max);
  return "fault" in megabytes ? megabytes : { value: megabytes.value * (1 << 20) };
}

/** One of `choices`, spelled exactly. */
export function parseChoice<T extends string>(text: string, choices: readonly T[]): Parsed<T> {
  const value = choices.find((choice) => choice === text);
  if (value !== undefined) return { value };
  const expected = choices.length === 1 ? choices[0] : `one of ${choices.join(", ")}`;
  return { fault: `is not ${expected}${didYouMean(text, choices)}` };
}

/** The part of an option's row that says that its value is one of `choices`. */
export function choiceOf<T extends string>(choices: readonly T[]): ChoiceRow<T> {
  return { form: "text", choices, parse: (text) => parseChoice(text, choices) };
}

interface ChoiceRow<T extends string> {
  readonly form: "text";
  readonly choices: readonly T[];
  readonly parse: (text: string) => Parsed<T>;
}

/** `true` or `false`. */
export function parseSwitch(text: string): Parsed<boolean> {
  if (text === "true" || text === "false") return { value: text === "true" };
  return { fault: "is not true or false" };
}

/** A Kubernetes namespace: an RFC 1123 label. */
export function parseNamespaceName(text: string): Parsed<string> {
  if (LABEL.test(text)) return { value: text };
  return { fault: "is not a namespace: up to 63 lower-case letters, digits and inner hyphens" };
}

/** A domain in any case, with or without a trailing dot; the value is lower case without one. */
export function parseClusterDomain(text: string): Parsed<string> {
  const domain = text.toLowerCase().replace(/\.$/, "");
  const badLabel = domain.split(".").find((label) => !LABEL.test(label));
  if (badLabel !== undefined) {
    return { fault: `is not a domain such as cluster.local: ${JSON.stringify(badLabel)} is not a host name label` };
  }
  if (domain.length > CLUSTER_DOMAIN_LENGTH_MAX) {
    return { fault: `is too long: a cluster domain has at most ${CLUSTER_DOMAIN_LENGTH_MAX} characters` };
  }
  return { value: domain };
}

/** `ADDR[:PORT]`, also after `tls://` or `https://`, IPv6 in brackets; each scheme has a default port. */
export function parseListenAddress(whole: string): Parsed<ListenAddress> {
  const { scheme, text } = /^(?<scheme>tls|https):\/\/(?<text>.*)$/is.exec(whole)?.groups ?? { text: whole };
  const plain = parseHostAndPort(text ?? "", scheme === undefined ? "53" : DEFAULT_PORTS[scheme.toLowerCase()]!);
  if ("fault" in plain || scheme === undefined) return plain;
  return { value: { scheme: scheme.toLowerCase() === "tls" ? "tls" : "https", ...plain.value } };
}

/** RFC 7858 3.1, RFC 8484. */
const DEFAULT_PORTS: Readonly<Record<string, string>> = { tls: "853", https: "443" };

/** `[ADDR:]PORT`, IPv6 in brackets; a port alone is one of 127.0.0.1. */
export function parseAdminAddress(text: string): Parsed<ListenAddress> {
  if (/^:\d+$/.test(text)) {
    const port = text.slice(1);
    return { fault: `does not say which address: write ${port} for 127.0.0.1, or 0.0.0.0:${port} for all` };
  }
  const plain = parseHostAndPort(/^\d*$/.test(text) ? `127.0.0.1:${text}` : text, "");
  return "fault" in plain ? plain : { value: { scheme: "http", ...plain.value } };
}

/** A name of a machine, in lower case without a last dot. */
export function parseHostName(text: string): Parsed<string> {
  const name = text.toLowerCase().replace(/\.$/, "");
  if (/^[a-z0-9_]([a-z0-9._-]{0,252})$/.test(name)) return { value: name };
  return { fault: "is not the name of a host: letters, digits, hyphens and dots" };
}

/** `ADDR[:PORT]`, IPv6 in brackets. */
export function parseHostAndPort(text: string, defaultPort: string): Parsed<ListenAddress> {
  const parts = /^(?:\[([^\]]*)\]|([^:]*))(?::(.*))?$/s.exec(text);
  const host = parts?.[1] ?? parts?.[2] ?? "";
  const address = parseIp(host);
  const bracketed = parts?.[1] !== undefined;
  if (address === undefined || bracketed !== (address.length === 16)) {
    return { fault: `is not an address such as 127.0.0.1, 127.0.0.1:5300 or [::1]:53${addressAdvice(text, host)}` };
  }
  const port = parseWholeNumber(parts?.[3] ?? defaultPort, 0, PORT_MAX);
  if ("fault" in port) return { fault: `has a port that ${port.fault}` };
  return { value: { host: formatIp(address), port: port.value } };
}

function addressAdvice(text: string, host: string): string {
  if (host.toLowerCase() === "localhost") return "; host names are not accepted: write 127.0.0.1 or [::1]";
  if (parseIp(text) !== undefined) return `; put IPv6 addresses in brackets: [${text}]`;
  if (/^[a-z0-9.-]*[a-z-][a-z0-9.-]*$/i.test(host)) return "; host names are not accepted: write the address";
  return "";
}

/** Printable ASCII, at most 64 characters. */
export function parseServerName(text: string): Parsed<string> {
  if (/^[\x20-\x7e]{1,64}$/.test(text)) return { value: text };
  return { fault: "is not a server identifier: 1 to 64 printable ASCII characters" };
}

/** The path of a file, which need not exist. */
export function parseFileName(text: string): Parsed<string> {
  return text === "" ? { fault: "is empty: name a file" } : { value: text };
}

/** Any text that is not empty. */
export function parseText(text: string): Parsed<string> {
  return text === "" ? { fault: "is empty" } : { value: text };
}

/** Requirements of a label selector, joined by commas; its values may be sets in parentheses. */
export function parseLabelSelector(text: string): Parsed<string> {
  const requirement =
    /^\s*(?:!?[\w./-]+|[\w./-]+\s*(?:=|==|!=)\s*[\w.-]*|[\w./-]+\s+(?:in|notin)\s*\([\w.,\s-]+\))\s*$/;
  const parts = text.split(/,(?![^(]*\))/);
  if (parts.every((part) => requirement.test(part))) return { value: text };
  return { fault: "is not a label selector such as app=web,tier!=test or env in (a,b)" };
}

/** A path that fits the address of a Unix socket, with room for the suffix of a temporary name (unix(7)). */
export function parseSocketPath(text: string): Parsed<string> {
  const bytes = new TextEncoder().encode(text).length;
  if (bytes > SOCKET_PATH_BYTES_MAX)
    return { fault: `has ${bytes} bytes: the path of a socket has at most ${SOCKET_PATH_BYTES_MAX}` };
  return parseFileName(text);
}

/** `NAME[:GROUP]`, each a name or a number, or `auto`. */
export function parseUser(text: string): Parsed<string> {
  const id = /^(?:\d{1,9}|[A-Za-z_][\w.@-]{0,63}\$?)$/;
  const parts = text.split(":");
  if (parts.length <= 2 && parts.every((part) => id.test(part))) return { value: text };
  return { fault: "is not a user such as dns, dns:dns or 65532:65532, or auto" };
}

/** `ADDR/BITS` of either family, without host bits. */
export function parsePrefix(text: string): Parsed<Cidr> {
  const value = parseCidr(text);
  if (value !== undefined) return { value };
  const network = networkOf(text);
  if (network !== undefined) return { fault: `has host bits set; the network is ${formatCidr(network)}` };
  return { fault: "is not a prefix such as 10.96.0.0/12 or fd00::/108" };
}

function networkOf(text: string): Cidr | undefined {
  const slash = text.indexOf("/");
  const [address, length] = [text.slice(0, slash), text.slice(slash + 1)];
  const bytes = parseIp(address);
  const bits = parseWholeNumber(length, 0, (bytes?.length ?? 0) * 8);
  if (bytes === undefined || "fault" in bits) return undefined;
  const masked = bytes.map((byte, i) => byte & (0xff << Math.max(0, 8 - Math.max(0, bits.value - i * 8))) & 0xff);
  return parseCidr(`${formatIp(masked)}/${bits.value}`);
}
