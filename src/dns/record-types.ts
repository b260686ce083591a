// Record types, one row each. Everything that depends on a type is derived from its row: mnemonic and code, zone-file
// text, names to expand and compress, additional section, warnings, counters. RFC 1035 3.3; IANA's registry of types.

/**
 * Kinds of rdata fields: rdata.ts knows their wire form, zonefile/rdata-text.ts their text. The kinds of names differ
 * in messages (RFC 3597 4): a `compressibleName` is compressed when sent and expanded when received, an `expandedName`
 * is only expanded, a `plainName` neither. `opaque`: bytes up to the end, without a text form.
 */
export type FieldKind = NameKind | SizedKind | ListKind;
export type NameKind = "compressibleName" | "expandedName" | "plainName";
type SizedKind =
  | "u8"
  | "u16"
  | "u32"
  | "duration"
  | "timestamp"
  | "type"
  | "algorithm"
  | "ipv4"
  | "ipv6"
  | "eui48"
  | "eui64"
  | "nodeId"
  | "certificateType";
type ListKind =
  | "text"
  | "texts"
  | "longText"
  | "tag"
  | "hex"
  | "base64"
  | "optionalBase64"
  | "nsap"
  | "gateway"
  | "relay"
  | "hostIdentity"
  | "plainNames"
  | "prefixes"
  | "salt"
  | "hash"
  | "typeBitmap"
  | "location"
  | "serviceParameters"
  | "opaque";

/** Fields of rdata by name, in wire order. */
export type Fields = Readonly<Record<string, FieldKind>>;

/** The fields that are domain names. */
type NameFields<F extends Fields> = { [Field in keyof F]: F[Field] extends NameKind ? Field : never }[keyof F];

/** The descriptor of a record type. */
export interface RecordType<Code extends number = number, Target extends string = string> {
  readonly code: Code;
  readonly fields: Fields;
  /** The field with a host name: its addresses go in the additional section, and a zone without them gets a warning. */
  readonly target?: Target;
  /** A QTYPE or pseudo-type: not in zones (RFC 6895 3.1), no fields. */
  readonly isMeta?: true;
  /** Metrics count queries for it by name. */
  readonly isCounted?: true;
}

/** Creates a row. A target that is not a name field does not compile. */
export function recordType<const Code extends number, const F extends Fields>(
  code: Code,
  fields: F,
  more: Omit<RecordType<Code, NameFields<F> & string>, "code" | "fields"> = {},
): RecordType<Code> {
  return { code, fields, ...more };
}

const META = { isMeta: true } as const;
const COUNTED = { isCounted: true } as const;
const COUNTED_META = { isMeta: true, isCounted: true } as const;

const SIGNATURE = {
  covered: "type",
  algorithm: "algorithm",
  labels: "u8",
  originalTtl: "duration",
  expiration: "timestamp",
  inception: "timestamp",
  keyTag: "u16",
} as const;
const DS = { keyTag: "u16", algorithm: "algorithm", digestType: "u8", digest: "hex" } as const;
const DNSKEY = { flags: "u16", protocol: "u8", algorithm: "algorithm", publicKey: "base64" } as const;
const KEY = { flags: "u16", protocol: "u8", algorithm: "algorithm", publicKey: "optionalBase64" } as const;
const TLSA = { usage: "u8", selector: "u8", matchingType: "u8", data: "hex" } as const;
const SERVICE = { priority: "u16", targetName: "plainName", parameters: "serviceParameters" } as const;

export const RECORD_TYPES = {
  A: recordType(1, { address: "ipv4" }, COUNTED),
  NS: recordType(2, { host: "compressibleName" }, { target: "host", isCounted: true }),
  MD: recordType(3, { host: "expandedName" }),
  MF: recordType(4, { host: "expandedName" }),
  CNAME: recordType(5, { canonicalName: "compressibleName" }, COUNTED),
  SOA: recordType(
    6,
    {
      mname: "compressibleName",
      rname: "compressibleName",
      serial: "u32",
      refresh: "duration",
      retry: "duration",
      expire: "duration",
      minimum: "duration",
    },
    COUNTED,
  ),
  MB: recordType(7, { host: "expandedName" }),
  MG: recordType(8, { mailbox: "expandedName" }),
  MR: recordType(9, { mailbox: "expandedName" }),
  PTR: recordType(12, { name: "compressibleName" }, COUNTED),
  HINFO: recordType(13, { cpu: "text", os: "text" }),
  MINFO: recordType(14, { responsible: "expandedName", errors: "expandedName" }),
  MX: recordType(15, { preference: "u16", exchange: "compressibleName" }, { target: "exchange", isCounted: true }),
  TXT: recordType(16, { texts: "texts" }, COUNTED),
  RP: recordType(17, { mailbox: "expandedName", text: "expandedName" }),
  AFSDB: recordType(18, { subtype: "u16", host: "expandedName" }),
  X25: recordType(19, { address: "text" }),
  ISDN: recordType(20, { texts: "texts" }),
  RT: recordType(21, { preference: "u16", host: "expandedName" }),
  NSAP: recordType(22, { address: "nsap" }),
  "NSAP-PTR": recordType(23, { name: "plainName" }),
  SIG: recordType(24, {
    ...SIGNATURE,
    signer: "expandedName",
    signature: "opaque",
  }),
  KEY: recordType(25, KEY),
  PX: recordType(26, { preference: "u16", map822: "expandedName", mapX400: "expandedName" }),
  GPOS: recordType(27, { longitude: "text", latitude: "text", altitude: "text" }),
  AAAA: recordType(28, { address: "ipv6" }, COUNTED),
  LOC: recordType(29, { location: "location" }),
  NXT: recordType(30, { next: "expandedName", types: "opaque" }),
  EID: recordType(31, { identifier: "hex" }),
  NIMLOC: recordType(32, { locator: "hex" }),
  SRV: recordType(
    33,
    { priority: "u16", weight: "u16", port: "u16", host: "expandedName" },
    { target: "host", isCounted: true },
  ),
  NAPTR: recordType(35, {
    order: "u16",
    preference: "u16",
    flags: "text",
    services: "text",
    regexp: "text",
    replacement: "expandedName",
  }),
  KX: recordType(36, { preference: "u16", exchanger: "expandedName" }),
  CERT: recordType(37, {
    certificateType: "certificateType",
    keyTag: "u16",
    algorithm: "algorithm",
    certificate: "base64",
  }),
  DNAME: recordType(39, { replacement: "expandedName" }),
  SINK: recordType(40, { meaning: "u8", coding: "u8", subcoding: "u8", data: "optionalBase64" }),
  OPT: recordType(41, {}, META),
  APL: recordType(42, { prefixes: "prefixes" }),
  DS: recordType(43, DS, COUNTED),
  SSHFP: recordType(44, { algorithm: "u8", fingerprintType: "u8", fingerprint: "hex" }),
  IPSECKEY: recordType(45, { precedence: "u8", gateway: "gateway", publicKey: "optionalBase64" }),
  RRSIG: recordType(46, { ...SIGNATURE, signer: "plainName", signature: "base64" }, COUNTED),
  NSEC: recordType(47, { next: "plainName", types: "typeBitmap" }, COUNTED),
  DNSKEY: recordType(48, DNSKEY, COUNTED),
  DHCID: recordType(49, { identifier: "base64" }),
  NSEC3: recordType(
    50,
    { algorithm: "u8", flags: "u8", iterations: "u16", salt: "salt", next: "hash", types: "typeBitmap" },
    COUNTED,
  ),
  NSEC3PARAM: recordType(51, { algorithm: "u8", flags: "u8", iterations: "u16", salt: "salt" }),
  TLSA: recordType(52, TLSA),
  SMIMEA: recordType(53, TLSA),
  HIP: recordType(55, { identity: "hostIdentity", servers: "plainNames" }),
  NINFO: recordType(56, { texts: "texts" }),
  RKEY: recordType(57, KEY),
  TALINK: recordType(58, { previous: "plainName", next: "plainName" }),
  CDS: recordType(59, DS),
  CDNSKEY: recordType(60, DNSKEY),
  OPENPGPKEY: recordType(61, { key: "base64" }),
  CSYNC: recordType(62, { serial: "u32", flags: "u16", types: "typeBitmap" }),
  ZONEMD: recordType(63, { serial: "u32", scheme: "u8", hashAlgorithm: "u8", digest: "hex" }),
  SVCB: recordType(64, SERVICE, COUNTED),
  HTTPS: recordType(65, SERVICE, COUNTED),
  SPF: recordType(99, { texts: "texts" }),
  NID: recordType(104, { preference: "u16", nodeId: "nodeId" }),
  L32: recordType(105, { preference: "u16", locator: "ipv4" }),
  L64: recordType(106, { preference: "u16", locator: "nodeId" }),
  LP: recordType(107, { preference: "u16", host: "plainName" }),
  EUI48: recordType(108, { address: "eui48" }),
  EUI64: recordType(109, { address: "eui64" }),
  TSIG: recordType(250, {}, META),
  IXFR: recordType(251, {}, COUNTED_META),
  AXFR: recordType(252, {}, COUNTED_META),
  ANY: recordType(255, {}, COUNTED_META),
  URI: recordType(256, { priority: "u16", weight: "u16", target: "longText" }),
  CAA: recordType(257, { flags: "u8", tag: "tag", value: "longText" }),
  AVC: recordType(258, { texts: "texts" }),
  DOA: recordType(259, {
    enterprise: "u32",
    objectType: "u32",
    location: "u8",
    mediaType: "text",
    data: "optionalBase64",
  }),
  AMTRELAY: recordType(260, { precedence: "u8", relay: "relay" }),
  RESINFO: recordType(261, { texts: "texts" }),
  WALLET: recordType(262, { texts: "texts" }),
  TA: recordType(32768, DS),
  DLV: recordType(32769, DS),
} as const;
