// A domain name that changes in place: wire form, at most 255 bytes, no pointers. Comparisons ignore letter case.
// Pure; allocates only for names as text, in the form that patterns of rewrite rules are written for.
import { HEADER_SIZE } from "../dns/constants.ts";
import { formatName, LABEL_SIZE_MAX, lowerByte, NAME_SIZE_MAX, parseName } from "../dns/name.ts";

const POINTER = 0xc0;
/** Characters that `formatName` escapes, and CoreDNS does not. */
const NEEDLESS_ESCAPES = /\\([!#$%&*+,/:<=>?[\]^_`{|}~])/g;

export class NameBuffer {
  readonly bytes = new Uint8Array(NAME_SIZE_MAX);
  size = 0;

  /** Takes a name in wire form. */
  set(wire: Uint8Array, size = wire.length): void {
    for (let i = 0; i < size; i++) this.bytes[i] = wire[i]!;
    this.size = size;
  }

  /** Reads the name at `at` of the message in `message[start, end)` and expands its pointers; false: malformed. */
  read(message: Uint8Array, start: number, end: number, at: number): boolean {
    // A pointer leads to what is before it, so there are no loops.
    for (let size = 0, limit = at; ;) {
      if (at >= end) return false;
      const length = message[at]!;
      if (length >= POINTER) {
        if (at + 1 >= end) return false;
        const target = start + (((length & 0x3f) << 8) | message[at + 1]!);
        if (target >= limit || target < start + HEADER_SIZE) return false;
        limit = at = target;
        continue;
      }
      if (length > LABEL_SIZE_MAX || size + 1 + length > NAME_SIZE_MAX || at + length >= end) return false;
      for (let i = 0; i <= length; i++) this.bytes[size++] = message[at++]!;
      this.size = size;
      if (length === 0) return true;
    }
  }

  /** Lowers A-Z. */
  fold(): void {
    for (let i = 0; i < this.size; i++) this.bytes[i] = lowerByte(this.bytes[i]!);
  }

  /** Where the name's part that equals `tail` begins, in any letter case; -1: it does not end in these labels. */
  findTail(tail: Uint8Array, tailSize = tail.length): number {
    let at = 0;
    while (this.size - at > tailSize) at += 1 + this.bytes[at]!;
    return this.size - at === tailSize && this.endsIn(tail, at) ? at : -1;
  }

  /** Whether the bytes from `at` on are those of `tail`, in any letter case. */
  endsIn(tail: Uint8Array, at: number): boolean {
    for (let i = at; i < this.size; i++) if (lowerByte(this.bytes[i]!) !== lowerByte(tail[i - at]!)) return false;
    return true;
  }

  /** Replaces the bytes from `at` on; false: the name would be too long. */
  replaceTail(at: number, tail: Uint8Array, tailSize = tail.length): boolean {
    if (at + tailSize > NAME_SIZE_MAX) return false;
    for (let i = 0; i < tailSize; i++) this.bytes[at + i] = tail[i]!;
    this.size = at + tailSize;
    return true;
  }

  /** As text with a final dot; letters stay as they are. */
  toText(): string {
    return formatName(this.bytes).replace(NEEDLESS_ESCAPES, "$1");
  }

  /** Takes a name as text; false, and nothing is changed: it is not a name. */
  setText(text: string): boolean {
    const wire = parseName(text);
    if (wire !== undefined) this.set(wire);
    return wire !== undefined;
  }
}
