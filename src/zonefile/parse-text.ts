// Parses the words of zone files: names, durations and texts (RFC 1035 5.1, RFC 2308 4). Knows nothing of records.
// Faults are `undefined`; the caller describes them.
import { NAME_SIZE_MAX, parseName } from "../dns/name.ts";

/** RFC 2181 8, seconds. */
export const TTL_MAX = 0x7fff_ffff;

const SECONDS = { s: 1, m: 60, h: 3_600, d: 86_400, w: 604_800 } as const;

/** `3600` or `1h30m` to seconds below 2^32; undefined: not a duration. */
export function parseDuration(text: string): number | undefined {
  if (/^\d{1,10}$/.test(text)) return limit(Number(text));
  if (!/^(?:\d{1,10}[smhdw]){1,5}$/i.test(text)) return undefined;
  let seconds = 0;
  for (const [, count, unit] of text.matchAll(/(\d+)([smhdw])/gi)) {
    seconds += Number(count) * SECONDS[unit!.toLowerCase() as keyof typeof SECONDS];
  }
  return limit(seconds);
}

function limit(seconds: number): number | undefined {
  return seconds > 0xffff_ffff ? undefined : seconds;
}

/** A name: `@` is the origin, a name without a final dot is relative to it. Undefined: not a name. */
export function parseZoneName(text: string, origin: Uint8Array): Uint8Array | undefined {
  if (text === "@") return origin;
  // Each byte of a name takes four characters at most.
  if (text.length > 4 * NAME_SIZE_MAX) return undefined;
  const wire = parseName(text);
  if (wire === undefined || isAbsolute(text)) return wire;
  const size = wire.length - 1 + origin.length;
  if (size > NAME_SIZE_MAX) return undefined;
  const name = new Uint8Array(size);
  name.set(wire);
  name.set(origin, wire.length - 1);
  return name;
}

// A backslash escapes the final dot, unless it is escaped itself.
function isAbsolute(text: string): boolean {
  if (!text.endsWith(".")) return false;
  const backslashes = /\\*\.$/.exec(text)![0].length - 1;
  return backslashes % 2 === 0;
}

/** The bytes of a text, with `\DDD` and `\X` decoded; undefined: a malformed escape. */
export function parseTextBytes(text: string): Uint8Array | undefined {
  const bytes = Buffer.from(text, "utf8");
  if (!text.includes("\\")) return bytes;
  let size = 0;
  for (let at = 0; at < bytes.length; at++) {
    let byte = bytes[at]!;
    if (byte === 0x5c) {
      const digits = bytes.toString("latin1", at + 1, at + 4);
      if (/^\d{3}$/.test(digits)) {
        byte = Number(digits);
        at += 3;
      } else if (/^\D/.test(digits)) {
        byte = bytes[++at]!;
      } else return undefined;
      if (byte > 255) return undefined;
    }
    bytes[size++] = byte;
  }
  return bytes.subarray(0, size);
}
