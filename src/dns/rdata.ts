// Rdata by the fields of its type (record-types.ts): finds fields, names and the target, expands compressed names,
// lowers their case. All offsets are computed from the fields. Pure; accepts any bytes.
// RFC 1035 3.3, RFC 3597 4 (compression), RFC 4034 6.2 (canonical form).
import { assert } from "../std/assert.ts";
import { compressedNameEnd, lowerByte, nameEnd, readName } from "./name.ts";
import { RECORD_TYPES } from "./record-types.ts";
import type { FieldKind, RecordType } from "./record-types.ts";

/** RDLENGTH has 16 bits (RFC 1035 3.2.1). */
export const RDATA_SIZE_MAX = 0xffff;

/** A field in `bytes[start, end)`. */
export interface FieldPlace {
  readonly kind: FieldKind;
  readonly start: number;
  readonly end: number;
}

/** The end of the field at `at`, in rdata that ends at `end`; undefined: malformed. */
type FindEnd = (bytes: Uint8Array, at: number, end: number) => number | undefined;

const toEnd =
  (sizeMin: number): FindEnd =>
  (_, at, end) =>
    end - at >= sizeMin ? end : undefined;
const textEnd: FindEnd = (bytes, at, end) => (at < end ? within(at + 1 + bytes[at]!, end) : undefined);

/** The size of each kind of field, or how its end is found. Names are those without compression. */
const FIELD_ENDS: Readonly<Record<FieldKind, number | FindEnd>> = {
  u8: 1,
  u16: 2,
  u32: 4,
  duration: 4,
  timestamp: 4,
  type: 2,
  algorithm: 1,
  ipv4: 4,
  ipv6: 16,
  eui48: 6,
  eui64: 8,
  nodeId: 8,
  certificateType: 2,
  compressibleName: nameEnd,
  expandedName: nameEnd,
  plainName: nameEnd,
  text: textEnd,
  tag: textEnd,
  salt: textEnd,
  hash: textEnd,
  texts: (bytes, at, end) => repeat(bytes, textEnd(bytes, at, end), end, textEnd),
  typeBitmap: (bytes, at, end) => repeat(bytes, at, end, (_, next) => textEnd(bytes, next + 1, end)),
  // Version 0 is the only one (RFC 1876 2).
  location: (bytes, at, end) => (bytes[at] === 0 ? within(at + 16, end) : undefined),
  serviceParameters: serviceParametersEnd,
  // The kind of gateway and an algorithm (RFC 4025 2.1), or the kind of relay beside one bit (RFC 8777 4.2), are before
  // the address or name.
  gateway: (bytes, at) => gatewayEnd(bytes, at + 2, bytes[at]!),
  relay: (bytes, at) => gatewayEnd(bytes, at + 1, bytes[at]! & 0x7f),
  // The sizes of the tag and of the key, with an algorithm between (RFC 8005 5).
  hostIdentity: (bytes, at, end) =>
    at + 4 > end ? undefined : within(at + 4 + bytes[at]! + ((bytes[at + 2]! << 8) | bytes[at + 3]!), end),
  plainNames: (bytes, at, end) => repeat(bytes, at, end, nameEnd),
  // The size is below a bit for negation (RFC 3123 4).
  prefixes: (bytes, at, end) =>
    repeat(bytes, at, end, (_, item) =>
      item + 4 > end ? undefined : within(item + 4 + (bytes[item + 3]! & 0x7f), end),
    ),
  longText: toEnd(0),
  optionalBase64: toEnd(0),
  opaque: toEnd(0),
  hex: toEnd(1),
  base64: toEnd(1),
  nsap: toEnd(1),
};

/** The end of a gateway of the kind: none, an IPv4 or IPv6 address, a name (RFC 4025 2.5, RFC 8777 4.2.4). */
function gatewayEnd(bytes: Uint8Array, at: number, kind: number): number | undefined {
  if (kind === 3) return nameEnd(bytes, at);
  const size = [0, 4, 16][kind];
  return size === undefined ? undefined : at + size;
}

function within(at: number, end: number): number | undefined {
  return at <= end ? at : undefined;
}

function repeat(bytes: Uint8Array, start: number | undefined, end: number, find: FindEnd): number | undefined {
  let at = start;
  while (at !== undefined && at < end) at = find(bytes, at, end);
  return at;
}

/** Parameters have ascending keys, and the size of their value (RFC 9460 2.2). */
function serviceParametersEnd(bytes: Uint8Array, start: number, end: number): number | undefined {
  let last = -1;
  return repeat(bytes, start, end, (_, at) => {
    const key = (bytes[at]! << 8) | bytes[at + 1]!;
    if (at + 4 > end || key <= last) return undefined;
    last = key;
    return within(at + 4 + ((bytes[at + 2]! << 8) | bytes[at + 3]!), end);
  });
}

interface Layout {
  readonly kinds: readonly FieldKind[];
  /** Index of the target field; -1: none. */
  readonly target: number;
  /** Offset of the target, where all fields before it have a fixed size. */
  readonly targetStart: number | undefined;
  readonly hasNames: boolean;
  /** Has an address or names that may arrive compressed: a message with malformed rdata of this type is malformed. */
  readonly isChecked: boolean;
}

const CHECKED: ReadonlySet<FieldKind> = new Set(["compressibleName", "expandedName", "ipv4", "ipv6"]);

const LAYOUTS: ReadonlyMap<number, Layout> = new Map(
  Object.values<RecordType>(RECORD_TYPES)
    .filter(({ isMeta }) => isMeta !== true)
    .map((row) => [row.code, layoutOf(row)]),
);

function layoutOf({ code, fields, target }: RecordType): Layout {
  const kinds = Object.values(fields);
  const index = target === undefined ? -1 : Object.keys(fields).indexOf(target);
  assert(target === undefined || (index >= 0 && isName(kinds[index]!)), `the target of type ${code} is no name field`);
  const sizes = kinds.slice(0, Math.max(index, 0)).map((kind) => FIELD_ENDS[kind]);
  return {
    kinds,
    target: index,
    targetStart: sizes.every((size) => typeof size === "number")
      ? sizes.reduce((sum, size) => sum + size, 0)
      : undefined,
    hasNames: kinds.some(isName),
    isChecked: kinds.some((kind) => CHECKED.has(kind)),
  };
}

function isName(kind: FieldKind): boolean {
  return FIELD_ENDS[kind] === nameEnd;
}

/** The fields of `bytes[start, end)` before the first malformed one. In messages, names may be compressed. */
function findFields(
  kinds: readonly FieldKind[],
  bytes: Uint8Array,
  start: number,
  end: number,
  inMessage: boolean,
): readonly FieldPlace[] {
  const places: FieldPlace[] = [];
  let at = start;
  for (const kind of kinds) {
    const find = FIELD_ENDS[kind];
    let next: number | undefined;
    if (typeof find === "number") next = at + find;
    else if (inMessage && kind !== "plainName" && find === nameEnd) next = compressedNameEnd(bytes, at);
    else next = find(bytes, at, end);
    if (next === undefined || next > end) break;
    places.push({ kind, start: at, end: next });
    at = next;
  }
  return places;
}

function areWhole(places: readonly FieldPlace[], { kinds }: Layout, end: number): boolean {
  return places.length === kinds.length && places.at(-1)?.end === end;
}

/** The kinds of the fields of a type; undefined for meta types and types without a row. */
export function fieldKinds(type: number): readonly FieldKind[] | undefined {
  return LAYOUTS.get(type)?.kinds;
}

/** The fields of rdata; undefined: malformed, or a type whose fields are unknown. */
export function readFields(type: number, rdata: Uint8Array): readonly FieldPlace[] | undefined {
  const layout = LAYOUTS.get(type);
  if (layout === undefined) return undefined;
  const places = findFields(layout.kinds, rdata, 0, rdata.length, false);
  return areWhole(places, layout, rdata.length) ? places : undefined;
}

/** The names in rdata; of malformed rdata, those before the first malformed field. */
export function readNames(type: number, rdata: Uint8Array): readonly FieldPlace[] {
  const layout = LAYOUTS.get(type);
  if (layout?.hasNames !== true) return [];
  return findFields(layout.kinds, rdata, 0, rdata.length, false).filter(({ kind }) => isName(kind));
}

/**
 * Copies the rdata `message[at, end)` and expands the names that may be compressed. Types with such names or addresses
 * are checked (undefined: malformed); the rdata of other types is copied as it is (RFC 3597 4).
 */
export function expandRdata(message: Uint8Array, type: number, at: number, end: number): Uint8Array | undefined {
  const layout = LAYOUTS.get(type);
  if (layout?.isChecked !== true) return new Uint8Array(message.subarray(at, end));
  const places = findFields(layout.kinds, message, at, end, true);
  if (!areWhole(places, layout, end)) return undefined;
  if (!layout.hasNames) return new Uint8Array(message.subarray(at, end));
  const parts: Uint8Array[] = [];
  for (const { kind, start, end: fieldEnd } of places) {
    const part = isName(kind) ? readName(message, start) : message.subarray(start, fieldEnd);
    if (part === undefined) return undefined;
    parts.push(part);
  }
  return new Uint8Array(Buffer.concat(parts));
}

/** Rdata with its names in lower case, so that equal rdata has equal bytes (RFC 4034 6.2). */
export function canonicalRdata(type: number, rdata: Uint8Array): Uint8Array {
  const names = readNames(type, rdata);
  if (names.length === 0) return rdata;
  const copy = rdata.slice();
  for (const { start, end } of names) for (let i = start; i < end; i++) copy[i] = lowerByte(copy[i]!);
  return copy;
}

/** The offset of the target in rdata, bytes; undefined for types without a target. */
export function targetStart(type: number, rdata: Uint8Array): number | undefined {
  const layout = LAYOUTS.get(type);
  if (layout === undefined || layout.target === -1) return undefined;
  return layout.targetStart ?? findFields(layout.kinds, rdata, 0, rdata.length, false)[layout.target]?.start;
}

/** The target, a name in wire form; undefined for types without a target. */
export function readTarget(type: number, rdata: Uint8Array): Uint8Array | undefined {
  const start = targetStart(type, rdata);
  return start === undefined ? undefined : rdata.subarray(start, nameEnd(rdata, start));
}

/** The size of an address type's rdata (A, AAAA), bytes; undefined for other types. */
export function addressSize(type: number): number | undefined {
  const kinds = LAYOUTS.get(type)?.kinds;
  const [kind] = kinds?.length === 1 ? kinds : [];
  return kind === "ipv4" || kind === "ipv6" ? (FIELD_ENDS[kind] as number) : undefined;
}

/** Rdata of SRV (RFC 2782); `target` in wire form. Byte by byte: a headless service has one for each endpoint. */
export function srvRdata(priority: number, weight: number, port: number, target: Uint8Array): Uint8Array {
  const rdata = new Uint8Array(6 + target.length);
  rdata[0] = priority >> 8;
  rdata[1] = priority;
  rdata[2] = weight >> 8;
  rdata[3] = weight;
  rdata[4] = port >> 8;
  rdata[5] = port;
  rdata.set(target, 6);
  return rdata;
}

/** Rdata of TXT (RFC 1035 3.3.14) with one character string: ASCII, at most 255 bytes. */
export function txtRdata(text: string): Uint8Array {
  assert(text.length <= 255, "a TXT character string holds 255 bytes");
  return Uint8Array.from([text.length, ...Buffer.from(text, "latin1")]);
}
