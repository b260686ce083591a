// Zone-file text of LOC rdata, a place on Earth (RFC 1876 2 and 3). Version 0 only; values that are left out get the
// defaults of the RFC.
import type { FieldText } from "./field-text.ts";
import type { RdataReader } from "./rdata-reader.ts";
import { show } from "./zone-problems.ts";

/** The equator or the prime meridian; angles are in thousandths of an arc second. */
const MERIDIAN = 2 ** 31;
/** Altitudes are in centimetres above a base 100 km below the WGS 84 ellipsoid. */
const BASE_CM = 10_000_000;
/** Default size, horizontal precision and vertical precision. */
const DEFAULTS_CM = [100, 1_000_000, 1_000] as const;
const PRECISION_MAX_CM = 9_000_000_000;

/** `51 30 12.748 N 0 7 39.611 W 0m 1m 10000m 10m`; minutes, seconds and all after the altitude are optional. */
export const location: FieldText = {
  read: (from) => {
    const latitude = takeAngle(from, 90, "N", "S");
    const longitude = takeAngle(from, 180, "E", "W");
    const altitude = takeCentimetres(from, -BASE_CM, 0xffff_ffff - BASE_CM);
    const precisions = DEFAULTS_CM.map((cm) => (from.isAtEnd ? cm : takeCentimetres(from, 0, PRECISION_MAX_CM)));
    from.putUint(0, 1);
    for (const cm of precisions) from.putUint(encodePrecision(cm), 1);
    for (const value of [latitude, longitude, altitude + BASE_CM]) from.putUint(value, 4);
  },
  print: (bytes) => {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    const [latitude, longitude] = [formatAngle(view.getUint32(4), "N", "S"), formatAngle(view.getUint32(8), "E", "W")];
    const precisions = [1, 2, 3].map((at) => formatMetres((bytes[at]! >> 4) * 10 ** (bytes[at]! & 0x0f)));
    return [latitude, longitude, formatMetres(view.getUint32(12) - BASE_CM), ...precisions].join(" ");
  },
};

function takeAngle(from: RdataReader, maxDegrees: number, plus: string, minus: string): number {
  const degrees = from.takeUint(maxDegrees, "degrees");
  const isNumber = (): boolean => /^\d/.test(from.peek()?.text ?? "");
  const minutes = isNumber() ? from.takeUint(59, "minutes") : 0;
  const seconds = isNumber() ? takeThousandths(from) : 0;
  const direction = from.takeWord(`${plus} or ${minus}`).toUpperCase();
  const angle = (degrees * 60 + minutes) * 60_000 + seconds;
  if (angle > maxDegrees * 3_600_000) from.fail("the angle is too large", `write at most ${maxDegrees} degrees`);
  if (direction === plus) return MERIDIAN + angle;
  if (direction !== minus) from.fail(`expected ${plus} or ${minus}, got ${show(direction)}`, "add the direction");
  return MERIDIAN - angle;
}

function formatAngle(value: number, plus: string, minus: string): string {
  const angle = Math.abs(value - MERIDIAN);
  const [degrees, minutes] = [Math.floor(angle / 3_600_000), Math.floor(angle / 60_000) % 60];
  return `${degrees} ${minutes} ${((angle % 60_000) / 1_000).toFixed(3)} ${value < MERIDIAN ? minus : plus}`;
}

function formatMetres(cm: number): string {
  return `${(cm / 100).toFixed(2)}m`;
}

function takeThousandths(from: RdataReader): number {
  const word = from.takeWord("seconds");
  if (!/^\d{1,2}(?:\.\d{1,3})?$/.test(word) || Number(word) >= 60) {
    from.fail(`expected seconds, got ${show(word)}`, "write a number below 60, with three decimals at most");
  }
  return Math.round(Number(word) * 1_000);
}

function takeCentimetres(from: RdataReader, min: number, max: number): number {
  const word = from.takeWord("metres");
  const [, metres] = /^(-?\d{1,8}(?:\.\d{1,2})?)m?$/i.exec(word) ?? [];
  const cm = metres === undefined ? Number.NaN : Math.round(Number(metres) * 100);
  if (cm >= min && cm <= max) return cm;
  from.fail(`expected metres, got ${show(word)}`, `write ${min / 100}m to ${max / 100}m, with two decimals at most`);
  return 0;
}

// A digit and a power of ten, four bits each.
function encodePrecision(cm: number): number {
  let exponent = 0;
  let mantissa = cm;
  for (; mantissa >= 10; mantissa = Math.floor(mantissa / 10)) exponent++;
  return (mantissa << 4) | exponent;
}
