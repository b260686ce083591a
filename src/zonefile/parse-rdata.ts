// The data of one record: from words to bytes, by the fields that its type has, or from the form for any type
// (RFC 3597 5). The table of types and fields is here; what a field is, is in the files that it comes from.
import { lowerByte } from "../dns/name.ts";
import { algorithm, nextHash, salt, timestamp, typeBitmap, typeCovered } from "./dnssec-fields.ts";
import { location } from "./location-field.ts";
import type { RdataField } from "./rdata-field.ts";
import {
  base64,
  caaTag,
  duration,
  eui,
  hex,
  ipv4,
  ipv6,
  longText,
  name,
  parseHex,
  text,
  texts,
  uint16,
  uint32,
  uint8,
} from "./rdata-field.ts";
import type { RdataReader } from "./rdata-reader.ts";
import { RDATA_SIZE_MAX } from "./rdata-reader.ts";
import { serviceBinding } from "./service-parameters-field.ts";
import { formatZoneType, ZONE_TYPE } from "../dns/type-names.ts";

const FIELDS: Readonly<Record<keyof typeof ZONE_TYPE, readonly RdataField[]>> = {
  A: [ipv4],
  NS: [name],
  CNAME: [name],
  SOA: [name, name, uint32, duration, duration, duration, duration],
  PTR: [name],
  HINFO: [text, text],
  MX: [uint16, name],
  TXT: [texts],
  RP: [name, name],
  AFSDB: [uint16, name],
  AAAA: [ipv6],
  LOC: [location],
  SRV: [uint16, uint16, uint16, name],
  NAPTR: [uint16, uint16, text, text, text, name],
  DNAME: [name],
  DS: [uint16, algorithm, uint8, hex],
  SSHFP: [uint8, uint8, hex],
  RRSIG: [typeCovered, algorithm, uint8, duration, timestamp, timestamp, uint16, name, base64],
  NSEC: [name, typeBitmap],
  DNSKEY: [uint16, uint8, algorithm, base64],
  NSEC3: [uint8, uint8, uint16, salt, nextHash, typeBitmap],
  NSEC3PARAM: [uint8, uint8, uint16, salt],
  TLSA: [uint8, uint8, uint8, hex],
  SMIMEA: [uint8, uint8, uint8, hex],
  CDS: [uint16, algorithm, uint8, hex],
  CDNSKEY: [uint16, uint8, algorithm, base64],
  OPENPGPKEY: [base64],
  SVCB: [serviceBinding],
  HTTPS: [serviceBinding],
  SPF: [texts],
  EUI48: [eui(6)],
  EUI64: [eui(8)],
  URI: [uint16, uint16, longText],
  CAA: [uint8, caaTag, longText],
};

const BY_TYPE: ReadonlyMap<number, readonly RdataField[]> = new Map(
  Object.entries(ZONE_TYPE).map(([mnemonic, type]) => [type, FIELDS[mnemonic as keyof typeof ZONE_TYPE]]),
);

/** Reads the data of a record of `type` to its end; the reader has the fault, if there is one. */
export function readRdata(type: number, from: RdataReader): Uint8Array {
  const first = from.peek();
  const fields = BY_TYPE.get(type);
  if (first?.text === "\\#" && !first.isQuoted) readAnyType(type, fields, from);
  else if (fields === undefined) {
    from.fail(
      `how ${formatZoneType(type)} is written is not known here`,
      "write its bytes, as `\\# 4 0a000001`",
      first,
    );
  } else for (const field of fields) field.read(from);
  if (!from.isAtEnd) {
    from.fail("the record goes on after its last value", "remove what is too much, or put it in quotes", from.peek());
  }
  return from.bytes();
}

function readAnyType(type: number, fields: readonly RdataField[] | undefined, from: RdataReader): void {
  from.takeToken("\\#");
  const size = from.takeUint(RDATA_SIZE_MAX, "the number of bytes");
  const bytes = parseHex(from, from.isAtEnd ? "" : from.takeRest("hexadecimal digits"));
  if (bytes.length !== size) from.fail(`expected ${size} bytes, got ${bytes.length}`, "correct the number of bytes");
  const end = fields?.reduce<number | undefined>((at, field) => (at === undefined ? at : field.end(bytes, at)), 0);
  if (fields !== undefined && end !== size) {
    from.fail(`the bytes are no data of ${formatZoneType(type)}`, "write them as values, without `\\#`");
  }
  from.put(bytes);
}

/** The same data with its names in lower case, so that equal data has equal bytes (RFC 4034 6.2). */
export function canonicalRdata(type: number, rdata: Uint8Array): Uint8Array {
  const fields = BY_TYPE.get(type);
  if (fields?.some(({ isName }) => isName) !== true) return rdata;
  const copy = rdata.slice();
  let at = 0;
  for (const field of fields) {
    const end = field.end(rdata, at) ?? rdata.length;
    for (let i = at; field.isName === true && i < end; i++) copy[i] = lowerByte(copy[i]!);
    at = end;
  }
  return copy;
}
