// The extended errors of a reply (RFC 8914) as lines, read from the message itself, since dns2 drops them. Shares no
// code with the server. Bounds every read; a reply that ends early has no extended error.
import { isUtf8 } from "node:buffer";

const HEADER_SIZE = 12;
const POINTER = 0xc0;
const TYPE_OPT = 41;
const OPTION_EDE = 15;

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
  return readOptions(message)
    .filter(({ code, data }) => code === OPTION_EDE && data.length >= 2)
    .map(({ data }) => {
      const code = data.readUInt16BE(0);
      const name = NAMES[code];
      const text = formatText(data.subarray(2));
      return `; EDE: ${code}${name === undefined ? "" : ` (${name})`}${text === "" ? "" : `: ${text}`}`;
    });
}

function formatText(bytes: Buffer): string {
  const text = isUtf8(bytes) ? bytes.toString("utf8") : bytes.toString("latin1");
  return text.replace(/[^\x20-\x7e]/gu, (character) => `\\u{${character.codePointAt(0)!.toString(16)}}`);
}

/** The options of the OPT records. */
function readOptions(message: Buffer): readonly { readonly code: number; readonly data: Buffer }[] {
  const options: { readonly code: number; readonly data: Buffer }[] = [];
  if (message.length < HEADER_SIZE) return options;
  const [questions = 0, ...counts] = [4, 6, 8, 10].map((at) => message.readUInt16BE(at));
  let at = HEADER_SIZE;
  for (let i = 0; i < questions; i++) at = nameEnd(message, at) + 4;
  for (let records = counts.reduce((sum, count) => sum + count, 0); records > 0; records--) {
    const head = nameEnd(message, at);
    if (head + 10 > message.length) return options;
    const end = head + 10 + message.readUInt16BE(head + 8);
    if (end > message.length) return options;
    for (let option = head + 10; message.readUInt16BE(head) === TYPE_OPT && option + 4 <= end;) {
      const dataEnd = option + 4 + message.readUInt16BE(option + 2);
      if (dataEnd > end) break;
      options.push({ code: message.readUInt16BE(option), data: message.subarray(option + 4, dataEnd) });
      option = dataEnd;
    }
    at = end;
  }
  return options;
}

/** Where the name at `at` ends; beyond the message where that ends first. */
function nameEnd(message: Buffer, at: number): number {
  while (at < message.length && message[at] !== 0) {
    if (message[at]! >= POINTER) return at + 2;
    at += 1 + message[at]!;
  }
  return at + 1;
}
