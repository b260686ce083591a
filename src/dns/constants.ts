// Numbers of IANA's DNS parameters registry that the code uses by name, and sizes of the wire format.
// RFC 1035 4.1 (header, types, classes), RFC 6891 (EDNS), RFC 8914 (extended errors).
import { RECORD_TYPES } from "./record-types.ts";

/** Codes of record types by mnemonic, from the rows of record-types.ts. */
export const TYPE = Object.fromEntries(
  Object.entries(RECORD_TYPES).map(([mnemonic, { code }]) => [mnemonic, code]),
) as {
  readonly [Mnemonic in keyof typeof RECORD_TYPES]: (typeof RECORD_TYPES)[Mnemonic]["code"];
};

export const CLASS_IN = 1;
export const CLASS_CH = 3;
export const CLASS_ANY = 255;

/** Response codes (RFC 1035 4.1.1, RFC 6891 9). */
export const RCODE = {
  NOERROR: 0,
  FORMERR: 1,
  SERVFAIL: 2,
  NXDOMAIN: 3,
  NOTIMP: 4,
  REFUSED: 5,
  YXDOMAIN: 6,
  NOTAUTH: 9,
  BADVERS: 16,
  BADCOOKIE: 23,
} as const;

/** Extended DNS errors (RFC 8914 4). */
export const EDE = {
  OTHER: 0,
  STALE: 3,
  NOT_READY: 14,
  PROHIBITED: 18,
  NOT_AUTHORITATIVE: 20,
  STALE_NXDOMAIN: 19,
  NOT_SUPPORTED: 21,
  NO_REACHABLE_AUTHORITY: 22,
  NETWORK_ERROR: 23,
} as const;

/** Options of EDNS: RFC 5001, 7873, 7828, 7830, 8914. */
export const OPTION = {
  NSID: 3,
  COOKIE: 10,
  KEEPALIVE: 11,
  PADDING: 12,
  EDE: 15,
} as const;

/** Errors of TSIG (RFC 8945 3). */
export const TSIG_ERROR = { BADKEY: 17 } as const;

/** Header flags, as bits of bytes 2 and 3 of a message (RFC 1035 4.1.1). */
export const FLAG = {
  QR: 0x80,
  OPCODE: 0x78,
  AA: 0x04,
  TC: 0x02,
  RD: 0x01,
  RA: 0x80,
  AD: 0x20,
  CD: 0x10,
} as const;

export const HEADER_SIZE = 12;
/** A record with a pointer for its owner name, up to its rdata: pointer, type, class, TTL, RDLENGTH. */
export const RECORD_HEAD_SIZE = 12;
/** A compression pointer has 14 bits for an offset (RFC 1035 4.1.4). */
export const POINTER_OFFSET_MAX = 0x3fff;
/** An OPT record without options: root owner, type, class, TTL, RDLENGTH (RFC 6891 6.1.2). */
export const OPT_SIZE = 11;
/** The bit DO of byte 7 of an OPT record (RFC 3225 3). */
export const DNSSEC_OK = 0x80;
/** The maximum size of a UDP reply without EDNS (RFC 1035 4.2.1), and the minimum of EDNS (RFC 6891 6.2.5). */
export const UDP_SIZE_PLAIN = 512;
export const MESSAGE_SIZE_MAX = 65_535;
