// The forms of values as conditions for rules: a condition holds for an absent value, because a rule of its own says
// what is required. Every condition takes linear time in the length of the value. Pure.
// Sources: https://kubernetes.io/docs/concepts/overview/working-with-objects/labels/#syntax-and-character-set,
// https://kubernetes.io/docs/concepts/overview/working-with-objects/names/.
import { isMapped, parseIp, withoutLeadingZeros } from "../../net/ip.ts";
import { isDnsLabel, isDnsSubdomain, isPortName } from "../kube-names.ts";
import { isMapping } from "../raw-values.ts";

const NAME = /^[A-Za-z0-9](?:[-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?$/;
const INTEGER_MAX = 0x7fff_ffff;

export const A_LABEL = "a DNS label (a-z, 0-9 and inner hyphens, at most 63 characters)";
export const A_SUBDOMAIN = "a DNS name in lower case (a-z, 0-9, hyphens and dots, at most 253 characters)";
export const A_PORT = "an integer from 1 to 65535";
export const A_PORT_NAME = "a port name (a-z, 0-9 and hyphens, with a letter, at most 15 characters)";
export const A_QUALIFIED_NAME =
  "a name of letters, digits, -, _ and dots, at most 63 characters, that may follow a DNS name and a slash";
export const LABELS =
  "keys as of labels, and values of letters, digits, -, _ and dots, at most 63 characters, or empty";

/** A condition on a value that may be absent. */
export type Condition = (value: unknown) => boolean;

/** A condition on a text that is not empty. */
export function text(holds: (text: string) => boolean): Condition {
  return (value) => typeof value !== "string" || value === "" || holds(value);
}

/** A condition on a text, also if it is empty. */
export function anyText(holds: (text: string) => boolean): Condition {
  return (value) => typeof value !== "string" || holds(value);
}

/** An integer from `min` to `max`. */
export function from(min: number, max: number = INTEGER_MAX): Condition {
  return (value) => typeof value !== "number" || (value >= min && value <= max);
}

export const isPort = from(1, 65_535);
export const isLabel = text(isDnsLabel);
export const isSubdomain = text(isDnsSubdomain);

/** A port number, or the name of a container's port. */
export function isPortOrName(value: unknown): boolean {
  return typeof value === "string" ? isPortName(value) : isPort(value);
}

/** A label's key: a name that may follow a DNS name and a slash. */
export function isQualifiedName(key: string): boolean {
  const slash = key.indexOf("/");
  return (slash === -1 || isDnsSubdomain(key.slice(0, slash))) && NAME.test(key.slice(slash + 1));
}

/** A label's value: empty, or letters, digits and inner `-`, `_` and dots. */
export function isLabelValue(value: string): boolean {
  return value === "" || NAME.test(value);
}

/** A mapping of labels. */
export function isLabels(value: unknown): boolean {
  if (!isMapping(value)) return true;
  for (const key of Object.keys(value)) {
    const label = value[key] ?? "";
    if (!isQualifiedName(key) || (typeof label === "string" && !isLabelValue(label))) return false;
  }
  return true;
}

/** An IP address, with or without leading zeros. */
export function isAddress(address: string): boolean {
  return parseIp(withoutLeadingZeros(address)) !== undefined;
}

/** An address that traffic can be sent to: none of this host, of this link or of no host. */
export function isEndpointAddress(address: string): boolean {
  const bytes = parseIp(withoutLeadingZeros(address));
  if (bytes === undefined) return true;
  const plain = isMapped(bytes) ? bytes.subarray(12) : bytes;
  if (plain.every((byte) => byte === 0)) return false;
  const [a, b, c] = plain;
  if (plain.length === 4) {
    return a !== 127 && !(a === 169 && b === 254) && !(a === 224 && b === 0 && c === 0);
  }
  const isLoopback = plain.subarray(0, 15).every((byte) => byte === 0) && plain[15] === 1;
  return !isLoopback && !(a === 0xfe && (b! & 0xc0) === 0x80) && !(a === 0xff && (b! & 0x0f) === 2);
}
