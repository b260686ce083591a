// The SOA serial. It rises with every publication and, unless the clock is set back, over restarts.
// Serial number arithmetic: RFC 1982. The unit: docs/decisions/0001-serial-from-the-clock.md.

/** The serial after `previous` at `nowMs` (wall clock): hundredths of a second, or `previous` + 1 if greater. */
export function nextSerial(previous: number | undefined, nowMs: number): number {
  const fromClock = Math.floor(nowMs / 10) % 0x1_0000_0000;
  if (previous === undefined) return fromClock;
  // RFC 1982 3.2: a serial is greater if its distance modulo 2^32 is in the first half.
  const ahead = (fromClock - previous) >>> 0;
  return ahead > 0 && ahead < 0x8000_0000 ? fromClock : (previous + 1) >>> 0;
}
