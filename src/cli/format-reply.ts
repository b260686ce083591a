// A decoded reply as text: rcode, flags, then the records of each section in zone-file form (RFC 1035 5.1).
// Escapes everything from the network: a reply must not control the terminal.
import { Packet } from "dns2";

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

type Header = Packet["header"];
type Resource = Packet["answers"][number];

/**
 * The whole reply; `source` is the server and the transport, e.g. `127.0.0.1:53 over UDP`, and `errors` are the lines
 * of its extended errors. Lines end in a newline.
 */
export function formatReply(reply: Packet, source: string, errors: readonly string[] = []): string {
  const lines = [`; ${formatRcode(reply.header.rcode)}, flags: ${formatFlags(reply.header)}; from ${source}`];
  for (const { name, type } of reply.questions) lines.push(`; question: ${formatName(name)} IN ${formatType(type)}`);
  lines.push(...errors);
  for (const section of ["answers", "authorities", "additionals"] as const) {
    const records = reply[section].filter((record) => record.type !== OPT);
    if (records.length > 0) lines.push(`; ${section}`, ...records.map(formatResource));
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

function formatType(type: number): string {
  return Object.entries(Packet.TYPE).find(([, code]) => code === type)?.[0] ?? `TYPE${type}`;
}

function formatResource(record: Resource): string {
  const recordClass = record.class === 1 ? "IN" : `CLASS${record.class}`;
  const owner = formatName(record.name);
  return `${owner}\t${record.ttl}\t${recordClass}\t${formatType(record.type)}\t${formatRdata(record)}`;
}

function formatRdata(record: Resource): string {
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
      return formatUnknown(record.data);
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
