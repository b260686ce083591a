// The mnemonics of record types in zone files, and types written as numbers (RFC 3597 5). Numbers and names only: what
// a type's data looks like is in record-fields.ts.

/** Types of records that a zone can hold, by mnemonic (IANA's registry of RR types). */
export const ZONE_TYPE = {
  A: 1,
  NS: 2,
  CNAME: 5,
  SOA: 6,
  PTR: 12,
  HINFO: 13,
  MX: 15,
  TXT: 16,
  RP: 17,
  AFSDB: 18,
  AAAA: 28,
  LOC: 29,
  SRV: 33,
  NAPTR: 35,
  DNAME: 39,
  DS: 43,
  SSHFP: 44,
  RRSIG: 46,
  NSEC: 47,
  DNSKEY: 48,
  NSEC3: 50,
  NSEC3PARAM: 51,
  TLSA: 52,
  SMIMEA: 53,
  CDS: 59,
  CDNSKEY: 60,
  OPENPGPKEY: 61,
  SVCB: 64,
  HTTPS: 65,
  SPF: 99,
  EUI48: 108,
  EUI64: 109,
  URI: 256,
  CAA: 257,
} as const;

const BY_NAME: ReadonlyMap<string, number> = new Map(Object.entries(ZONE_TYPE));
const BY_NUMBER: ReadonlyMap<number, string> = new Map(Object.entries(ZONE_TYPE).map(([name, type]) => [type, name]));

/** `MX`, in any letter case, or `TYPE15` to its number; undefined when it is no type. */
export function parseType(text: string): number | undefined {
  const upper = text.toUpperCase();
  const known = BY_NAME.get(upper);
  if (known !== undefined) return known;
  const digits = /^TYPE(\d{1,5})$/.exec(upper)?.[1];
  const type = Number(digits);
  return digits === undefined || type > 0xffff ? undefined : type;
}

/** `MX`, or `TYPE65280` for a type without a mnemonic here. */
export function formatZoneType(type: number): string {
  return BY_NUMBER.get(type) ?? `TYPE${type}`;
}

/** Whether the type is of questions or of a message's own (RFC 6895 3.1), so that no zone holds it. */
export function isMetaType(type: number): boolean {
  return type === 0 || type === 41 || (type >= 128 && type <= 255);
}
