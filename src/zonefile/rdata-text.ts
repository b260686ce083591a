// Rdata as text: from the words of a zone file to bytes by the fields of the type, or from the form for any type
// (RFC 3597 5), and back. What the fields are, dns/record-types.ts says; how each is written, the files named here.
import { fieldKinds, RDATA_SIZE_MAX, readFields } from "../dns/rdata.ts";
import type { FieldKind } from "../dns/record-types.ts";
import { formatType } from "../dns/type-names.ts";
import { algorithm, hash, salt, timestamp, type as typeField, typeBitmap } from "./dnssec-fields.ts";
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

/** Of each kind of field its text; a type with a field that has none is written in the form for any type. */
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
  compressibleName: name,
  expandedName: name,
  plainName: name,
  text,
  texts,
  longText,
  tag,
  hex,
  base64,
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

/** Reads the data of a record of `type` to its end; the reader has the fault, if there is one. */
export function readRdata(type: number, from: RdataReader): Uint8Array {
  const first = from.peek();
  const fields = fieldTexts(type);
  if (first?.text === "\\#" && !first.isQuoted) readAnyType(type, from);
  else if (fields === undefined) {
    from.fail(`how ${formatType(type)} is written is not known here`, "write its bytes, as `\\# 4 0a000001`", first);
  } else for (const field of fields) field.read(from);
  if (!from.isAtEnd) {
    from.fail("the record goes on after its last value", "remove what is too much, or put it in quotes", from.peek());
  }
  return from.bytes();
}

function readAnyType(type: number, from: RdataReader): void {
  from.takeToken("\\#");
  const size = from.takeUint(RDATA_SIZE_MAX, "the number of bytes");
  const bytes = parseHex(from, from.isAtEnd ? "" : from.takeRest("hexadecimal digits"));
  if (bytes.length !== size) from.fail(`expected ${size} bytes, got ${bytes.length}`, "correct the number of bytes");
  if (fieldKinds(type) !== undefined && readFields(type, bytes) === undefined) {
    from.fail(`the bytes are no data of ${formatType(type)}`, "write them as values, without `\\#`");
  }
  from.put(bytes);
}

/** Rdata as the words of a zone file that `readRdata` reads back as the same bytes; of any type, and of any bytes. */
export function formatRdata(type: number, rdata: Uint8Array): string {
  const words = readFields(type, rdata)?.map(({ kind, start, end }) =>
    FIELD_TEXTS[kind]?.print(rdata.subarray(start, end)),
  );
  const line = words?.filter((word) => word !== "").join(" ");
  // Some bytes have no text of their own, such as a bitmap with zeros at its end.
  if (line !== undefined && isTextOf(line, type, rdata)) return line;
  return `\\# ${rdata.length} ${formatHex(rdata)}`.trimEnd();
}

function isTextOf(line: string, type: number, rdata: Uint8Array): boolean {
  const [entry] = readEntries(line);
  if (entry === undefined) return false;
  const reader = new RdataReader(entry.tokens, 0, entry.end, ROOT);
  return Buffer.compare(readRdata(type, reader), rdata) === 0 && reader.fault === undefined;
}
