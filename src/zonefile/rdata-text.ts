// Rdata as zone-file text: parses and prints it by the fields of its type (dns/record-types.ts), or in the generic form
// of RFC 3597 5. The text of each kind of field is in the files imported here.
import { fieldKinds, RDATA_SIZE_MAX, readFields } from "../dns/rdata.ts";
import type { FieldKind } from "../dns/record-types.ts";
import { formatType } from "../dns/type-names.ts";
import { gateway, hostIdentity, nodeId, nsap, plainNames, prefixes, relay } from "./address-fields.ts";
import { algorithm, certificateType, hash, salt, timestamp, type as typeField, typeBitmap } from "./dnssec-fields.ts";
import {
  base64,
  duration,
  eui48,
  eui64,
  formatHex,
  hex,
  ipv4,
  ipv6,
  longText,
  name,
  optionalBase64,
  parseHex,
  tag,
  text,
  texts,
  uint16,
  uint32,
  uint8,
} from "./field-text.ts";
import type { FieldText } from "./field-text.ts";
import { location } from "./location-field.ts";
import { RdataReader } from "./rdata-reader.ts";
import { serviceParameters } from "./service-parameters-field.ts";
import { readEntries } from "./zone-entries.ts";

/** The text of each kind of field. Types with a field without one have only the generic form. */
const FIELD_TEXTS: Readonly<Record<FieldKind, FieldText | undefined>> = {
  u8: uint8,
  u16: uint16,
  u32: uint32,
  duration,
  timestamp,
  type: typeField,
  algorithm,
  ipv4,
  ipv6,
  eui48,
  eui64,
  nodeId,
  certificateType,
  compressibleName: name,
  expandedName: name,
  plainName: name,
  text,
  texts,
  longText,
  tag,
  hex,
  base64,
  optionalBase64,
  nsap,
  gateway,
  relay,
  hostIdentity,
  plainNames,
  prefixes,
  salt,
  hash,
  typeBitmap,
  location,
  serviceParameters,
  opaque: undefined,
};

const ROOT = new Uint8Array(1);

function fieldTexts(type: number): readonly FieldText[] | undefined {
  const fields = fieldKinds(type)?.map((kind) => FIELD_TEXTS[kind]);
  return fields?.every((field) => field !== undefined) === true ? fields : undefined;
}

/** Parses rdata of `type` up to the end of the record. Check `from.fault` for a fault. */
export function readRdata(type: number, from: RdataReader): Uint8Array {
  const first = from.peek();
  const fields = fieldTexts(type);
  if (first?.text === "\\#" && !first.isQuoted) readGeneric(type, from);
  else if (fields === undefined) {
    from.fail(`how ${formatType(type)} is written is not known here`, "write its bytes, as `\\# 4 0a000001`", first);
  } else for (const field of fields) field.read(from);
  if (!from.isAtEnd) {
    from.fail("the record goes on after its last value", "remove what is too much, or put it in quotes", from.peek());
  }
  return from.bytes();
}

function readGeneric(type: number, from: RdataReader): void {
  from.takeToken("\\#");
  const size = from.takeUint(RDATA_SIZE_MAX, "the number of bytes");
  const bytes = parseHex(from, from.isAtEnd ? "" : from.takeRest("hexadecimal digits"));
  if (bytes.length !== size) from.fail(`expected ${size} bytes, got ${bytes.length}`, "correct the number of bytes");
  if (fieldKinds(type) !== undefined && readFields(type, bytes) === undefined) {
    from.fail(`the bytes are no data of ${formatType(type)}`, "write them as values, without `\\#`");
  }
  from.put(bytes);
}

/** Prints any rdata of any type as text that `readRdata` parses to the same bytes. */
export function formatRdata(type: number, rdata: Uint8Array): string {
  const words = readFields(type, rdata)?.map(({ kind, start, end }) =>
    FIELD_TEXTS[kind]?.print(rdata.subarray(start, end)),
  );
  const line = words?.filter((word) => word !== "").join(" ");
  // Some well-formed rdata has no text, such as type bitmaps with trailing zeros.
  if (line !== undefined && isTextOf(line, type, rdata)) return line;
  return `\\# ${rdata.length} ${formatHex(rdata)}`.trimEnd();
}

function isTextOf(line: string, type: number, rdata: Uint8Array): boolean {
  const [entry] = readEntries(line);
  const reader = new RdataReader(entry?.tokens ?? [], 0, entry?.end ?? { line: 1, column: 1 }, ROOT);
  return Buffer.compare(readRdata(type, reader), rdata) === 0 && reader.fault === undefined;
}
