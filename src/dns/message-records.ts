// Reads other servers' messages: where records lie, and names without their compression (RFC 1035 4.1.4).
// Pure, and total: on any bytes it ends, in time that grows with the message alone (RFC 9267), and says undefined.
import { skipName } from "./skip-name.ts";
import { HEADER_SIZE } from "./constants.ts";
import { LABEL_SIZE_MAX, NAME_SIZE_MAX, lowerByte } from "./name.ts";

/** A record's place in its message; offsets are bytes from the message's start. */
export interface RecordPlace {
  readonly section: "answer" | "authority" | "additional";
  readonly ownerAt: number;
  readonly type: number;
  readonly class: number;
  /** The 32 bits as they came. */
  readonly ttl: number;
  readonly rdataAt: number;
  readonly rdataEnd: number;
}

/** Header and question are not looked at but for the counts; undefined when a name or a length does not fit. */
export function readRecords(message: Uint8Array): readonly RecordPlace[] | undefined {
  if (message.length < HEADER_SIZE) return undefined;
  const view = new DataView(message.buffer, message.byteOffset, message.byteLength);
  const records: RecordPlace[] = [];
  let at: number | undefined = HEADER_SIZE;
  for (let i = 0; i < view.getUint16(4); i++) {
    at = skipName(message, at);
    if (at === undefined || at + 4 > message.length) return undefined;
    at += 4;
  }
  for (const [index, section] of (["answer", "authority", "additional"] as const).entries()) {
    for (let i = view.getUint16(6 + index * 2); i > 0; i--) {
      const ownerAt: number = at;
      at = skipName(message, ownerAt);
      if (at === undefined || at + 10 > message.length) return undefined;
      const rdataAt: number = at + 10;
      const rdataEnd: number = rdataAt + view.getUint16(at + 8);
      if (rdataEnd > message.length) return undefined;
      const [type, recordClass, ttl] = [view.getUint16(at), view.getUint16(at + 2), view.getUint32(at + 4)];
      records.push({ section, ownerAt, type, class: recordClass, ttl, rdataAt, rdataEnd });
      at = rdataEnd;
    }
  }
  return records;
}

/** The name at `at` in wire form without pointers, letter case kept; undefined when it is none. */
export function readName(message: Uint8Array, at: number): Uint8Array | undefined {
  const wire = new Uint8Array(NAME_SIZE_MAX);
  let size = 0;
  // A pointer must lead to before the part it stands in: so each name ends.
  let limit = at;
  for (;;) {
    const length = message[at];
    if (length === undefined) return undefined;
    if (length >= 0xc0) {
      const low = message[at + 1];
      const target = ((length & 0x3f) << 8) | (low ?? 0);
      if (low === undefined || target >= limit || target < HEADER_SIZE) return undefined;
      limit = target;
      at = target;
      continue;
    }
    const end = at + 1 + length;
    if (length > LABEL_SIZE_MAX || size + 1 + length > NAME_SIZE_MAX || end > message.length) return undefined;
    wire.set(message.subarray(at, end), size);
    size += 1 + length;
    if (length === 0) return wire.slice(0, size);
    at = end;
  }
}

/** Whether two names in wire form are equal (RFC 4343 3). */
export function equalNames(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, i) => lowerByte(byte) === lowerByte(b[i]!));
}

/** Whether `name` is `zone` or lies below it; both in wire form. */
export function isWithin(name: Uint8Array, zone: Uint8Array): boolean {
  let at = 0;
  while (name.length - at > zone.length) at += 1 + name[at]!;
  return equalNames(name.subarray(at), zone);
}
