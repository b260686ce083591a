// A record of a query as a line: JSON as the rest of the log has it, a readable line for terminals, and CoreDNS's
// common log format, which is
// {remote}:{port} - {>id} "{type} {class} {name} {proto} {size} {>do} {>bufsize}" {rcode} {>rflags} {rsize} {duration}
import { CLASS_ANY, CLASS_CH, CLASS_IN, FLAG, MESSAGE_SIZE_MAX, UDP_SIZE_PLAIN } from "../dns/constants.ts";
import { rcodeName } from "../dns/rcode-name.ts";
import { formatType } from "../dns/type-names.ts";
import { formatListenAddress } from "../net/listen-address.ts";
import { IsoTime } from "../std/iso-time.ts";
import { visible } from "../std/visible.ts";
import type { QueryRecord } from "./query-record.ts";

/** What is known of the query beside its record. */
export interface QueryDetails {
  /** `NAMESPACE/NAME` */
  readonly pod: string | undefined;
  readonly cause: string;
}

export type QueryFormat = (record: QueryRecord, details: QueryDetails) => string;

const CLASSES: ReadonlyMap<number, string> = new Map([
  [CLASS_IN, "IN"],
  [CLASS_CH, "CH"],
  [CLASS_ANY, "ANY"],
]);
/** In the order in which CoreDNS writes them. */
const FLAGS: readonly (readonly [bit: number, name: string])[] = [
  [FLAG.QR << 8, "qr"],
  [FLAG.AA << 8, "aa"],
  [FLAG.TC << 8, "tc"],
  [FLAG.RD << 8, "rd"],
  [FLAG.RA, "ra"],
  [0x40, "z"],
  [FLAG.AD, "ad"],
  [FLAG.CD, "cd"],
];
/** Bits of the opcode in the flags of a header. */
const OPCODE_SHIFT = 11;
/** The level of pino's `info`. */
const LEVEL = 30;

/** A new formatter of JSON lines. Fields without a value are left out. */
export function newJsonFormat(): QueryFormat {
  const time = new IsoTime();
  return (record, details) => formatJson(record, details, time);
}

function formatJson(record: QueryRecord, { pod, cause }: QueryDetails, time: IsoTime): string {
  const { queryFlags, hasOpt, ede } = record;
  const opcode = (queryFlags >>> OPCODE_SHIFT) & 0x0f;
  let line = `{"level":${LEVEL},"time":"${time.format(record.timeMs)}"`;
  line += `,"client":"${record.address}","port":${record.port}`;
  if (pod !== undefined) line += `,"pod":${JSON.stringify(pod)}`;
  line += `,"transport":"${record.transport}","id":${record.id}`;
  if (opcode !== 0) line += `,"opcode":${opcode}`;
  if (record.hasQuestion) {
    line += `,"name":${JSON.stringify(record.name)},"type":"${formatType(record.type)}"`;
    if (record.class !== CLASS_IN) line += `,"class":"${formatClass(record.class)}"`;
  }
  line += `,"flags":"${formatFlags(queryFlags)}"`;
  if (hasOpt) line += `,"udpSize":${record.udpSize},"dnssecOk":${record.dnssecOk}`;
  line += `,"querySize":${record.querySize},"rcode":"${formatRcode(record.rcode)}"`;
  if (ede !== undefined) line += `,"ede":${ede}`;
  line += `,"replyFlags":"${formatFlags(record.replyFlags)}","answers":${record.answers}`;
  line += `,"replySize":${record.replySize},"cause":"${cause}","durationMs":${round(record.durationMs)}`;
  return `${line},"msg":"query"}\n`;
}

/** A line for people. */
export const formatText: QueryFormat = (record, { pod, cause }) => {
  const time = new Date(record.timeMs).toTimeString().slice(0, 8);
  const client = pod === undefined ? record.address : `${record.address} ${visible(pod)}`;
  const question = record.hasQuestion ? `${formatType(record.type)} ${record.name}` : "no question";
  const answers = record.answers === 0 ? "" : ` ${record.answers}`;
  const how = `${cause}, ${record.transport}, ${round(record.durationMs)} ms`;
  return `[${time}] ${client}: ${question} ${formatRcode(record.rcode)}${answers} (${how})\n`;
};

/** A line in CoreDNS's common log format, as its log has it. */
export const formatCoreDns: QueryFormat = (record) => {
  const { address, port, transport, dnssecOk } = record;
  const remote = formatListenAddress({ host: address, port });
  const proto = transport === "udp" ? "udp" : "tcp";
  const size = transport === "udp" ? Math.max(record.udpSize, UDP_SIZE_PLAIN) : MESSAGE_SIZE_MAX;
  const type = record.hasQuestion ? formatType(record.type) : "-";
  const name = record.hasQuestion ? record.name : ".";
  const question = `${type} ${formatClass(record.class)} ${name} ${proto} ${record.querySize} ${dnssecOk} ${size}`;
  const reply = `${formatRcode(record.rcode)} ${formatFlags(record.replyFlags)} ${record.replySize}`;
  const seconds = Number((record.durationMs / 1000).toFixed(9));
  return `[INFO] ${remote} - ${record.id} "${question}" ${reply} ${formatSeconds(seconds)}s\n`;
};

/** Without an exponent. */
function formatSeconds(seconds: number): string {
  return seconds >= 1e-6 || seconds === 0 ? String(seconds) : seconds.toFixed(9).replace(/0+$/, "");
}

/** The mnemonic, or the number of a code that has none here. */
export function formatRcode(rcode: number): string {
  const name = rcodeName(rcode);
  return name === "other" ? String(rcode) : name;
}

function formatClass(code: number): string {
  return CLASSES.get(code) ?? `CLASS${code}`;
}

function formatFlags(flags: number): string {
  let text = "";
  for (const [bit, name] of FLAGS) if ((flags & bit) !== 0) text += text === "" ? name : `,${name}`;
  return text;
}

/** Milliseconds to a microsecond. */
function round(ms: number): number {
  return Math.round(ms * 1000) / 1000;
}
