// The extended errors of a reply (RFC 8914) as lines, as `dig` shows them.
// Pure; what could control a terminal is escaped.
import { isUtf8 } from "node:buffer";
import { readExtendedErrors } from "../dns/extended-error.ts";

/** The registry of extended errors at IANA. */
const NAMES: readonly string[] = [
  "Other Error",
  "Unsupported DNSKEY Algorithm",
  "Unsupported DS Digest Type",
  "Stale Answer",
  "Forged Answer",
  "DNSSEC Indeterminate",
  "DNSSEC Bogus",
  "Signature Expired",
  "Signature Not Yet Valid",
  "DNSKEY Missing",
  "RRSIGs Missing",
  "No Zone Key Bit Set",
  "NSEC Missing",
  "Cached Error",
  "Not Ready",
  "Blocked",
  "Censored",
  "Filtered",
  "Prohibited",
  "Stale NXDOMAIN Answer",
  "Not Authoritative",
  "Not Supported",
  "No Reachable Authority",
  "Network Error",
  "Invalid Data",
];

/** The lines of all extended errors of the message: code, name and text, with all but ASCII escaped. */
export function formatExtendedErrors(message: Buffer): readonly string[] {
  return readExtendedErrors(message).map(({ code, text: bytes }) => {
    const name = NAMES[code];
    const text = formatText(bytes);
    return `; EDE: ${code}${name === undefined ? "" : ` (${name})`}${text === "" ? "" : `: ${text}`}`;
  });
}

/** Bytes that should be UTF-8, as ASCII. */
export function formatText(bytes: Buffer): string {
  const text = isUtf8(bytes) ? bytes.toString("utf8") : bytes.toString("latin1");
  return text.replace(/[^\x20-\x7e]/gu, (character) => `\\u{${character.codePointAt(0)!.toString(16)}}`);
}
