// What tshark makes of messages. They are put into a capture file whose packets are DNS messages and nothing else, so
// that one of 64 KiB fits as well: the link type for upper-layer data, each packet led by the name of its dissector.
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const TIMEOUT_MS = 60_000;
const OUTPUT_MAX = 1 << 27;

const MAGIC = 0xa1b2c3d4;
const SNAP_LENGTH = 1 << 18;
const LINK_UPPER_PDU = 252;
/** Tag 12 (the dissector's name), 4 bytes: `dns`; then the tag that ends the tags. */
const PACKET_HEAD = Buffer.from("000c0004646e730000000000", "hex");

const COLUMNS = [
  "dns.id",
  "dns.flags",
  "dns.count.queries",
  "dns.count.answers",
  "dns.count.auth_rr",
  "dns.count.add_rr",
  "dns.qry.name",
  "dns.qry.type",
  "dns.qry.class",
  "dns.resp.name",
  "dns.resp.type",
  "dns.resp.ttl",
  "dns.a",
  "dns.aaaa",
  "dns.cname",
  "dns.srv.port",
  "dns.srv.target",
  "dns.soa.serial_number",
  "dns.opt.code",
  "_ws.malformed",
  "_ws.expert.severity",
  "_ws.expert.message",
] as const;
/** Between the values of one field, and between fields; neither is in any text that is compared. */
const [AGGREGATOR, SEPARATOR] = ["|", "\t"];

/** tshark's reading of a message: every field with all its values, as text. */
export type Dissection = Readonly<Record<(typeof COLUMNS)[number], readonly string[]>>;

function words(...values: readonly number[]): Buffer {
  const bytes = Buffer.alloc(values.length * 4);
  values.forEach((value, index) => bytes.writeUInt32LE(value >>> 0, index * 4));
  return bytes;
}

/** A capture file (pcap 2.4, little-endian) with one packet for each message. */
function writeCapture(messages: readonly Buffer[]): Buffer {
  const version = 2 | (4 << 16);
  const packets = messages.flatMap((bytes, index) => {
    const length = PACKET_HEAD.length + bytes.length;
    return [words(index, 0, length, length), PACKET_HEAD, bytes];
  });
  return Buffer.concat([words(MAGIC, version, 0, 0, SNAP_LENGTH, LINK_UPPER_PDU), ...packets]);
}

/** What tshark makes of each message, in order. */
export function dissect(messages: readonly Buffer[]): Dissection[] {
  const folder = mkdtempSync(join(tmpdir(), "decoders-"));
  try {
    const capture = join(folder, "replies.pcap");
    writeFileSync(capture, writeCapture(messages));
    const fields = COLUMNS.flatMap((column) => ["-e", column]);
    const format = ["-E", "occurrence=a", "-E", `aggregator=${AGGREGATOR}`, "-E", "separator=/t"];
    const args = ["-n", "-r", capture, "-T", "fields", ...format, ...fields];
    const options = { encoding: "utf8", timeout: TIMEOUT_MS, maxBuffer: OUTPUT_MAX } as const;
    const { stdout, stderr, status, error } = spawnSync("tshark", args, options);
    if (status !== 0) throw new Error(`tshark: ${error?.message ?? stderr}`);
    return stdout.replace(/\n$/, "").split("\n").map(readLine);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function readLine(line: string): Dissection {
  const values = line.split(SEPARATOR).map((text) => (text === "" ? [] : text.split(AGGREGATOR)));
  return Object.fromEntries(COLUMNS.map((column, index) => [column, values[index] ?? []])) as unknown as Dissection;
}
