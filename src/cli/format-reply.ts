// A decoded reply as text: rcode, flags, then the records of each section in zone-file form (RFC 1035 5.1). Types that
// dns2 does not read are read by the server's own registry of types.
// Escapes everything from the network: a reply must not control the terminal.
import type { Packet } from "dns2";
import { readRecords } from "../dns/message.ts";
import type { RecordPlace } from "../dns/message.ts";
import { expandRdata } from "../dns/rdata.ts";
import { formatType } from "../dns/type-names.ts";
import { formatRdata as formatByRegistry } from "../zonefile/rdata-text.ts";

const RCODES: readonly string[] = [
  "NOERROR",
  "FORMERR",
  "SERVFAIL",
  "NXDOMAIN",
  "NOTIMP",
  "REFUSED",
  "YXDOMAIN",
  "YXRRSET",
  "NXRRSET",
  "NOTAUTH",
  "NOTZONE",
];
const BADVERS = 16;
const FLAGS = ["qr", "aa", "tc", "rd", "ra", "ad", "cd"] as const;
const OPT = 41;
const SECTIONS = { answers: "answer", authorities: "authority", additionals: "additional" } as const;

type Header = Packet["header"];
type Resource = Packet["answers"][number];

/**
 * The whole reply; `source` is the server and the transport, e.g. `127.0.0.1:53 over UDP`, `edns` are lines of what its
 * OPT record says, and `message` is the reply as it came. Lines end in a newline.
 */
export function formatReply(
  reply: Packet,
  source: string,
  edns: readonly string[] = [],
  message: Uint8Array = new Uint8Array(0),
): string {
  const places = readRecords(message) ?? [];
  const lines = [`; ${formatRcode(reply.header.rcode)}, flags: ${formatFlags(reply.header)}; from ${source}`];
  for (const { name, type } of reply.questions) lines.push(`; question: ${formatName(name)} IN ${formatType(type)}`);
  lines.push(...edns);
  for (const [section, name] of Object.entries(SECTIONS) as [keyof typeof SECTIONS, RecordPlace["section"]][]) {
    const inSection = places.filter((place) => place.section === name);
    const records = reply[section].flatMap((record, i) =>
      record.type === OPT ? [] : [formatResource(record, registryText(message, inSection[i]))],
    );
    if (records.length > 0) lines.push(`; ${section}`, ...records);
  }
  return lines.map((line) => `${line}\n`).join("");
}

function formatRcode(rcode: number): string {
  return rcode === BADVERS ? "BADVERS" : (RCODES[rcode] ?? `RCODE${rcode}`);
}

function formatFlags(header: Header): string {
  const bits = header as Header & { ad: number; cd: number };
  return FLAGS.filter((flag) => bits[flag] === 1).join(" ");
}

/** The rdata of the record there by the registry of types; undefined: there is none, or it is broken. */
function registryText(message: Uint8Array, place: RecordPlace | undefined): string | undefined {
  const rdata = place && expandRdata(message, place.type, place.rdataAt, place.rdataEnd);
  return rdata && formatByRegistry(place.type, rdata);
}

function formatResource(record: Resource, text: string | undefined): string {
  const recordClass = record.class === 1 ? "IN" : `CLASS${record.class}`;
  const owner = formatName(record.name);
  return `${owner}\t${record.ttl}\t${recordClass}\t${formatType(record.type)}\t${formatRdata(record, text)}`;
}

function formatRdata(record: Resource, text: string | undefined): string {
  switch (formatType(record.type)) {
    case "A":
    case "AAAA":
      return record.address ?? "";
    case "NS":
      return formatName(record.ns);
    case "CNAME":
    case "PTR":
      return formatName(record.domain);
    case "MX":
      return `${record.priority} ${formatName(record.exchange)}`;
    case "SRV":
      return `${record.priority} ${record.weight} ${record.port} ${formatName(record.target)}`;
    case "SOA": {
      const { serial, refresh, retry, expiration, minimum } = record;
      const names = `${formatName(record.primary)} ${formatName(record.admin)}`;
      return `${names} ${serial} ${refresh} ${retry} ${expiration} ${minimum}`;
    }
    case "TXT":
    case "SPF":
      return [record.data ?? []].flat().map(formatCharacterString).join(" ");
    default:
      return text ?? formatUnknown(record.data);
  }
}

/** RFC 3597 5. dns2 keeps the rdata of unknown types as bytes. */
function formatUnknown(data: unknown): string {
  if (!Buffer.isBuffer(data)) return "; not shown";
  return `\\# ${data.length} ${data.toString("hex")}`.trimEnd();
}

/** dns2 joins labels with dots, and maps bytes to the characters up to 255. */
function formatName(name: string | undefined): string {
  if (name === undefined || name === "") return ".";
  return `${name.replace(/[^\x21-\x7e]|["();@$\\]/g, escapeCharacter)}.`;
}

function formatCharacterString(text: string): string {
  return `"${Buffer.from(text, "utf8")
    .toString("latin1")
    .replace(/[^\x20-\x7e]|["\\]/g, escapeCharacter)}"`;
}

function escapeCharacter(character: string): string {
  const code = character.charCodeAt(0);
  return code > 0x20 && code < 0x7f ? `\\${character}` : `\\${String(code).padStart(3, "0")}`;
}
