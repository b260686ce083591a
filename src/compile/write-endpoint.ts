// Writes the entries that a cluster has most of, straight into the table's form: the name of one endpoint with one
// address, and the PTR record that points to it. Nothing is allocated. The entries are byte for byte those that
// encode-entry.ts makes of the same RRsets, as a property test holds.
import { HEADER_SIZE, RECORD_HEAD_SIZE, TYPE } from "../dns/constants.ts";
import { lowerByte } from "../dns/name.ts";
import { parseIp, writeIpv4 } from "../net/ip.ts";
import { assert } from "../std/assert.ts";
import type { EntryBuffer } from "../table/entry-buffer.ts";
import type { EndpointPort } from "../objects/kube-object.ts";
import { answersStart } from "./encode-entry.ts";
import type { ReadyEndpoint } from "./ready-endpoints.ts";
import type { ZonePlace } from "./owner-records.ts";

/** Of the numbers in an SRV record: priority, weight, port. */
const SRV_NUMBERS_SIZE = 6;
/** An endpoint with more ports is one for encode-entry.ts. */
const PORTS_MAX = 16;

/** Whether `writeEndpoint` can write the endpoint: its ports have distinct numbers. */
export function isPlain({ ports }: ReadyEndpoint): boolean {
  return ports.length <= PORTS_MAX && ports.every(({ port }, i) => isFirst(ports, port, i));
}

function isFirst(ports: readonly EndpointPort[], port: number, at: number): boolean {
  for (let i = 0; i < at; i++) if (ports[i]!.port === port) return false;
  return true;
}

/** Writes the A or AAAA record and the SRV records of a plain endpoint that shares its label with no other. */
export function writeEndpoint(
  entry: EntryBuffer,
  endpoint: ReadyEndpoint,
  ttlSeconds: number,
  { apexSize, zone, kind, node = 0 }: ZonePlace,
): void {
  const { owner, label, addressText, ports } = endpoint;
  const isIpv6 = addressText.includes(":");
  const type = isIpv6 ? TYPE.AAAA : TYPE.A;
  const size = isIpv6 ? 16 : 4;
  const nameSize = 1 + label.length + owner.length;
  entry.beginLabel(label, owner, { flags: 0, apexSize, zone, kind, node }, ports.length === 0 ? 1 : 2);
  entry.beginSet(type, RECORD_HEAD_SIZE + size);
  writeAddress(entry, HEADER_SIZE, type, ttlSeconds, addressText, size);
  entry.endAnswers();
  entry.endSet();
  if (ports.length > 0) {
    const weight = Math.max(1, Math.floor(100 / ports.length));
    entry.beginSet(TYPE.SRV, 0);
    for (const { port } of ports) {
      const at = entry.addRecord(HEADER_SIZE, TYPE.SRV, ttlSeconds, SRV_NUMBERS_SIZE + nameSize);
      const { bytes, nameAt } = entry;
      bytes[at] = 0;
      bytes[at + 1] = 0;
      bytes[at + 2] = 0;
      bytes[at + 3] = weight;
      bytes[at + 4] = port >> 8;
      bytes[at + 5] = port;
      bytes.copyWithin(at + SRV_NUMBERS_SIZE, nameAt, nameAt + nameSize);
    }
    entry.endAnswers();
    const target = answersStart(nameSize) + RECORD_HEAD_SIZE + SRV_NUMBERS_SIZE;
    writeAddress(entry, target, type, ttlSeconds, addressText, size);
    entry.endSet();
  }
  entry.end();
}

function writeAddress(
  entry: EntryBuffer,
  owner: number,
  type: number,
  ttlSeconds: number,
  text: string,
  size: number,
): void {
  const at = entry.addRecord(owner, type, ttlSeconds, size);
  if (size === 4) {
    const isWritten = writeIpv4(text, entry.bytes, at);
    assert(isWritten, `an object has an invalid address: ${text}`);
  } else entry.bytes.set(parseIp(text)!, at);
}

/** Writes the PTR record of `name` to the endpoint's own name. */
export function writePointer(
  entry: EntryBuffer,
  name: Uint8Array,
  { owner, label }: ReadyEndpoint,
  ttlSeconds: number,
  { apexSize, zone, kind, node = 0 }: ZonePlace,
): void {
  entry.begin(name, { flags: 0, apexSize, zone, kind, node }, 1);
  entry.beginSet(TYPE.PTR, 0);
  let at = entry.addRecord(HEADER_SIZE, TYPE.PTR, ttlSeconds, 1 + label.length + owner.length);
  const { bytes } = entry;
  bytes[at++] = label.length;
  for (let i = 0; i < label.length; i++) bytes[at++] = lowerByte(label.charCodeAt(i));
  bytes.set(owner, at);
  entry.endAnswers();
  entry.endSet();
  entry.end();
}
