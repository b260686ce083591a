// The reply under way: its buffer, its limit, and the counts of its sections. Positions count from the message's start.
// Knows no zones. Allocates nothing after construction. RFC 1035 4.1.
import { CLASS_IN, FLAG, HEADER_SIZE, RECORD_HEAD_SIZE } from "../dns/constants.ts";

export class Reply {
  bytes: Uint8Array = new Uint8Array(0);
  /** Where the message begins in `bytes`. */
  base = 0;
  /** Where the next byte goes. */
  at = 0;
  /** Where records must end. */
  limit = 0;
  /** Where the question ends. */
  recordsStart = 0;
  answers = 0;
  authority = 0;
  additional = 0;
  /** All 12 bits. */
  rcode = 0;
  truncated = false;

  /** Writes to `bytes` from `base` on. */
  attach(bytes: Uint8Array, base: number): void {
    this.bytes = bytes;
    this.base = base;
  }

  /** Begins a reply with `size` bytes of the query at `source[start]`: its header and its question, if any. */
  begin(limit: number, source: Uint8Array, start: number, size: number): void {
    this.at = 0;
    this.limit = limit;
    this.answers = this.authority = this.additional = this.rcode = 0;
    this.truncated = false;
    this.copy(source, start, start + size);
    this.recordsStart = size;
  }

  /** Removes all records. */
  dropRecords(): void {
    this.at = this.recordsStart;
    this.answers = this.authority = this.additional = 0;
  }

  /** Header bytes 2 and 3 as written, without TC and rcode. */
  get flags(): number {
    const { bytes, base } = this;
    return ((bytes[base + 2]! & ~FLAG.TC) << 8) | (bytes[base + 3]! & 0xf0);
  }

  /** Copies `source[from, to)`. */
  copy(source: Uint8Array, from: number, to: number): void {
    const bytes = this.bytes;
    let at = this.base + this.at;
    for (let i = from; i < to; i++) bytes[at++] = source[i]!;
    this.at = at - this.base;
  }

  /** Writes the head of a record; false, and the reply is cut, where the whole record does not fit. */
  writeHead(owner: number, type: number, ttl: number, rdataSize: number, recordClass = CLASS_IN): boolean {
    if (this.at + RECORD_HEAD_SIZE + rdataSize > this.limit) {
      this.truncated = true;
      return false;
    }
    this.write16(0xc000 | owner);
    this.write16(type);
    this.write16(recordClass);
    this.write32(ttl);
    this.write16(rdataSize);
    return true;
  }

  write16(value: number): void {
    const at = this.base + this.at;
    this.bytes[at] = value >>> 8;
    this.bytes[at + 1] = value;
    this.at += 2;
  }

  write32(value: number): void {
    this.write16(value >>> 16);
    this.write16(value & 0xffff);
  }

  /** Points the owners of the records from `from` on, all pointers, to the name at `owner`. */
  pointOwners(from: number, owner: number): void {
    const { bytes, base } = this;
    for (let at = base + from; at < base + this.at; at += recordSize(bytes, at)) {
      bytes[at] = 0xc0 | (owner >> 8);
      bytes[at + 1] = owner & 0xff;
    }
  }

  /** Moves the owners of the records from `from` on, all pointers, by so many bytes. */
  movePointers(from: number, by: number): void {
    const { bytes, base } = this;
    for (let at = base + from; at < base + this.at; at += recordSize(bytes, at)) {
      const pointer = ((bytes[at]! << 8) | bytes[at + 1]!) + by;
      bytes[at] = pointer >> 8;
      bytes[at + 1] = pointer;
    }
  }

  /** Writes the header behind the id; `flags`: bytes 2 and 3 without TC and rcode. */
  writeHeader(flags: number, hasOpt: boolean): void {
    const { bytes, base } = this;
    bytes[base + 2] = (flags >>> 8) | (this.truncated ? FLAG.TC : 0);
    bytes[base + 3] = flags | (this.rcode & 0x0f);
    bytes[base + 4] = 0;
    bytes[base + 5] = this.recordsStart > HEADER_SIZE ? 1 : 0;
    bytes[base + 6] = this.answers >>> 8;
    bytes[base + 7] = this.answers;
    bytes[base + 8] = this.authority >>> 8;
    bytes[base + 9] = this.authority;
    const additional = this.additional + (hasOpt ? 1 : 0);
    bytes[base + 10] = additional >>> 8;
    bytes[base + 11] = additional;
  }
}

/** Size of the record at `at`, whose owner is a pointer. */
export function recordSize(bytes: Uint8Array, at: number): number {
  return RECORD_HEAD_SIZE + ((bytes[at + 10]! << 8) | bytes[at + 11]!);
}
