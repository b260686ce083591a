// The SOA serial: it goes up with every publication and, as long as the clock is not set back, over restarts.
// Serial number arithmetic of RFC 1982; see docs/decisions/0001-serial-from-the-clock.md for the unit.

/** The serial after `previous`, at `nowMs` (wall clock): hundredths of a second, or one more where that is not up. */
export function nextSerial(previous: number | undefined, nowMs: number): number {
  const fromClock = Math.floor(nowMs / 10) % 0x1_0000_0000;
  if (previous === undefined) return fromClock;
  // RFC 1982 3.2: greater when the distance, modulo 2^32, is in the first half.
  const ahead = (fromClock - previous) >>> 0;
  return ahead > 0 && ahead < 0x8000_0000 ? fromClock : (previous + 1) >>> 0;
}
