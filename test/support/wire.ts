// The tests' own reader and writer of DNS messages, apart from src/dns so that one mistake cannot hide in both. All tests
// build messages from the pieces at the end; broken messages are made of good pieces, cut or joined wrongly by hand.
// The reader is strict: it accounts for every byte, pointers only lead backwards, SRV targets are not compressed.
// Names are text: fully qualified, `\.`, `\\` and `\DDD` where a byte is no plain label character. RFC 1035 4 and 5.1.

export const TYPES: Readonly<Record<string, number>> = {
  A: 1,
  NS: 2,
  CNAME: 5,
  SOA: 6,
  PTR: 12,
  HINFO: 13,
  MX: 15,
  TXT: 16,
  AAAA: 28,
  LOC: 29,
  SRV: 33,
  NAPTR: 35,
  OPT: 41,
  DS: 43,
  RRSIG: 46,
  NSEC: 47,
  DNSKEY: 48,
  TLSA: 52,
  SVCB: 64,
  HTTPS: 65,
  SPF: 99,
  IXFR: 251,
  AXFR: 252,
  ANY: 255,
  CAA: 257,
};

const RCODES = ["NOERROR", "FORMERR", "SERVFAIL", "NXDOMAIN", "NOTIMP", "REFUSED"];

export interface ResourceRecord {
  readonly owner: string;
  readonly type: string;
  readonly class: number;
  readonly ttl: number;
  /** Zone-file text; what has no text here is `\# LENGTH HEX`. */
  readonly rdata: string;
}

export interface Opt {
  readonly size: number;
  readonly extendedRcode: number;
  readonly version: number;
  readonly flags: number;
  readonly options: readonly { readonly code: number; readonly data: Buffer }[];
}

export interface Message {
  readonly id: number;
  readonly flags: { readonly [name in "qr" | "aa" | "tc" | "rd" | "ra" | "z" | "ad" | "cd"]: boolean };
  readonly opcode: number;
  readonly rcode: string;
  readonly question: { readonly name: string; readonly type: string; readonly class: number } | undefined;
  /** The question section as it came. */
  readonly questionBytes: Buffer;
  readonly answer: readonly ResourceRecord[];
  readonly authority: readonly ResourceRecord[];
  /** Without the OPT record. */
  readonly additional: readonly ResourceRecord[];
  readonly opt: Opt | undefined;
}

/** `TYPE1000` for a type without a name here. */
export function formatType(type: number): string {
  return Object.keys(TYPES).find((name) => TYPES[name] === type) ?? `TYPE${type}`;
}

/** Takes `A`, `TYPE1000` and the like; throws on anything else. */
export function parseType(text: string): number {
  const known = TYPES[text] ?? (/^TYPE\d+$/.test(text) ? Number(text.slice(4)) : undefined);
  if (known === undefined) throw new Error(`not a type: ${text}`);
  return known;
}

function formatLabel(bytes: Buffer): string {
  let text = "";
  for (const byte of bytes) {
    const character = String.fromCharCode(byte);
    if (/[A-Za-z0-9_*/-]/.test(character)) text += character;
    else if (character === "." || character === "\\") text += `\\${character}`;
    else text += `\\${String(byte).padStart(3, "0")}`;
  }
  return text;
}

/** Labels of a name's text; a relative name needs `origin` (fully qualified), `@` stands for it. */
export function parseLabels(text: string, origin = "."): Buffer[] {
  if (text === "@") return parseLabels(origin);
  const labels: Buffer[] = [];
  let bytes: number[] = [];
  let absolute = text === ".";
  for (let at = 0; at < text.length && text !== ".";) {
    const escape = /^\\(?:(\d{3})|(.))/.exec(text.slice(at));
    const dot = escape === null && text[at] === ".";
    if (escape !== null) bytes.push(escape[1] === undefined ? escape[0].charCodeAt(1) : Number(escape[1]));
    else if (!dot) bytes.push(text.charCodeAt(at));
    at += escape === null ? 1 : escape[0].length;
    if (dot || at >= text.length) {
      if (bytes.length === 0) throw new Error(`an empty label in ${text}`);
      labels.push(Buffer.from(bytes));
      bytes = [];
      absolute = dot && at >= text.length;
    }
  }
  return absolute ? labels : [...labels, ...parseLabels(origin)];
}

/** Fully qualified text of labels. */
export function formatName(labels: readonly Buffer[]): string {
  return `${labels.map(formatLabel).join(".")}.`;
}

/** Name bytes without compression. */
export function writeName(labels: readonly Buffer[]): Buffer {
  return Buffer.concat([...labels.flatMap((label) => [Buffer.from([label.length]), label]), Buffer.from([0])]);
}

class Reader {
  at = 0;
  readonly bytes: Buffer;
  constructor(bytes: Buffer) {
    this.bytes = bytes;
  }
  take(length: number): Buffer {
    if (this.at + length > this.bytes.length) throw new Error(`cut off at byte ${this.bytes.length}`);
    this.at += length;
    return this.bytes.subarray(this.at - length, this.at);
  }
  u8(): number {
    return this.take(1).readUInt8();
  }
  u16(): number {
    return this.take(2).readUInt16BE();
  }
  u32(): number {
    return this.take(4).readUInt32BE();
  }
  name(compression: "allowed" | "forbidden" = "allowed"): string {
    const labels: Buffer[] = [];
    let octets = 1;
    let limit = this.at;
    let resume: number | undefined;
    for (;;) {
      const length = this.u8();
      if (length === 0) break;
      if (length >= 0xc0) {
        if (compression === "forbidden") throw new Error("a compressed SRV target (RFC 2782)");
        const target = ((length & 0x3f) << 8) | this.u8();
        if (target >= limit || target < 12) throw new Error(`pointer to ${target}, which is not before ${limit}`);
        resume ??= this.at;
        limit = target;
        this.at = target;
        continue;
      }
      if (length > 63) throw new Error(`label type 0x${length.toString(16)}`);
      octets += length + 1;
      if (octets > 255) throw new Error("a name of more than 255 octets");
      labels.push(Buffer.from(this.take(length)));
    }
    if (resume !== undefined) this.at = resume;
    return formatName(labels);
  }
  string(): string {
    const text = this.take(this.u8()).toString("latin1");
    return `"${text.replaceAll(/["\\]/g, "\\$&")}"`;
  }
}

function readRdata(reader: Reader, type: string, length: number): string {
  const end = reader.at + length;
  if (end > reader.bytes.length) throw new Error(`${type} rdata runs past the message`);
  let text: string;
  if (type === "A") text = reader.take(4).join(".");
  else if (type === "AAAA") text = canonicalIpv6((reader.take(16).toString("hex").match(/.{4}/g) ?? []).join(":"));
  else if (type === "NS" || type === "CNAME" || type === "PTR") text = reader.name();
  else if (type === "SRV") text = `${reader.u16()} ${reader.u16()} ${reader.u16()} ${reader.name("forbidden")}`;
  else if (type === "MX") text = `${reader.u16()} ${reader.name()}`;
  else if (type === "HINFO") text = `${reader.string()} ${reader.string()}`;
  else if (type === "TXT") {
    const strings: string[] = [];
    while (reader.at < end) strings.push(reader.string());
    text = strings.join(" ");
  } else if (type === "SOA") {
    text = [reader.name(), reader.name(), ...[1, 2, 3, 4, 5].map(() => reader.u32())].join(" ");
  } else text = `\\# ${length} ${reader.take(length).toString("hex")}`;
  if (reader.at !== end) throw new Error(`${type} rdata of ${length} bytes ends ${reader.at - end} bytes off`);
  return text;
}

/** RFC 5952 text of an IPv6 address; throws when it is none. */
export function canonicalIpv6(text: string): string {
  return new URL(`http://[${text}]/`).hostname.slice(1, -1);
}

function readOptions(bytes: Buffer): Opt["options"] {
  const reader = new Reader(bytes);
  const options: { code: number; data: Buffer }[] = [];
  while (reader.at < bytes.length) options.push({ code: reader.u16(), data: reader.take(reader.u16()) });
  return options;
}

/** Reads a whole message; throws an `Error` that says what is wrong with it. */
export function readMessage(bytes: Buffer): Message {
  const reader = new Reader(bytes);
  const id = reader.u16();
  const bits = reader.u16();
  const counts = [reader.u16(), reader.u16(), reader.u16(), reader.u16()] as const;
  if (counts[0] > 1) throw new Error(`${counts[0]} questions`);
  const question =
    counts[0] === 0 ? undefined : { name: reader.name(), type: formatType(reader.u16()), class: reader.u16() };
  const questionBytes = bytes.subarray(12, reader.at);
  let opt: Opt | undefined;
  const section = (count: number): ResourceRecord[] => {
    const records: ResourceRecord[] = [];
    for (let n = 0; n < count; n++) {
      const owner = reader.name();
      const type = formatType(reader.u16());
      const recordClass = reader.u16();
      const ttl = reader.u32();
      const length = reader.u16();
      if (type !== "OPT") {
        records.push({ owner, type, class: recordClass, ttl, rdata: readRdata(reader, type, length) });
        continue;
      }
      if (opt !== undefined || owner !== ".") throw new Error("a second OPT, or one that is not at the root");
      const options = readOptions(reader.take(length));
      opt = {
        size: recordClass,
        extendedRcode: ttl >>> 24,
        version: (ttl >>> 16) & 0xff,
        flags: ttl & 0xffff,
        options,
      };
    }
    return records;
  };
  const answer = section(counts[1]);
  const authority = section(counts[2]);
  if (opt !== undefined) throw new Error("an OPT outside the additional section");
  const additional = section(counts[3]);
  if (reader.at !== bytes.length) throw new Error(`${bytes.length - reader.at} bytes after the last record`);
  const flag = (bit: number): boolean => (bits & bit) !== 0;
  return {
    id,
    question,
    questionBytes,
    answer,
    authority,
    additional,
    opt,
    opcode: (bits >>> 11) & 15,
    rcode: RCODES[bits & 15] ?? `RCODE${bits & 15}`,
    flags: {
      qr: flag(0x8000),
      aa: flag(0x0400),
      tc: flag(0x0200),
      rd: flag(0x0100),
      ra: flag(0x0080),
      z: flag(0x0040),
      ad: flag(0x0020),
      cd: flag(0x0010),
    },
  };
}

export interface Query {
  readonly name: string;
  readonly type: string;
  readonly class?: number;
  readonly id?: number;
  /** The header's second word; RD alone (0x0100) when absent. */
  readonly flags?: number;
  readonly opt?: {
    readonly size: number;
    readonly version?: number;
    readonly flags?: number;
    readonly options?: Buffer;
  };
}

/** Numbers of 16 bits. */
function words(...values: readonly number[]): Buffer {
  const bytes = Buffer.alloc(values.length * 2);
  values.forEach((value, index) => bytes.writeUInt16BE(value, index * 2));
  return bytes;
}

/** A header alone: id, second word and the four counts. */
export function writeHeader(id: number, flags: number, ...counts: readonly number[]): Buffer {
  return Buffer.concat([words(id, flags, ...counts), Buffer.alloc(8 - counts.length * 2)]);
}

/** One question; its type by name or number. */
export function writeQuestion(name: string, type: string | number = 1, recordClass = 1): Buffer {
  return Buffer.concat([writeName(parseLabels(name)), words(typeNumber(type), recordClass)]);
}

/** A record to write: rdata as bytes. The owner is text or bytes, the root when absent; the TTL is 0, the class IN. */
export interface WireRecord {
  readonly owner?: string | Uint8Array;
  readonly type: string | number;
  readonly class?: number;
  readonly ttl?: number;
  readonly rdata: Uint8Array;
}

/** One record, without compression. */
export function writeRecord({ owner = ".", type, class: recordClass = 1, ttl = 0, rdata }: WireRecord): Buffer {
  const name = typeof owner === "string" ? writeName(parseLabels(owner)) : owner;
  const fixed = words(typeNumber(type), recordClass, ttl >>> 16, ttl & 0xffff, rdata.length);
  return Buffer.concat([name, fixed, rdata]);
}

/** One EDNS option; text is hexadecimal, in which blanks are nothing. */
export function writeOption(code: number, data: string | Uint8Array = ""): Buffer {
  const bytes = typeof data === "string" ? Buffer.from(data.replaceAll(" ", ""), "hex") : data;
  return Buffer.concat([words(code, bytes.length), bytes]);
}

/** One OPT record. */
export function writeOpt({ size, version = 0, flags = 0, options }: NonNullable<Query["opt"]>): Buffer {
  return writeRecord({ type: 41, class: size, ttl: version * 0x10000 + flags, rdata: options ?? Buffer.alloc(0) });
}

/** What a TSIG says. Absent: the root's key, hmac-sha256, a MAC of 32 zeros, the present time. */
export interface Tsig {
  readonly id: number;
  readonly key?: string;
  readonly algorithm?: string;
  readonly mac?: Uint8Array;
  readonly timeS?: number;
  readonly class?: number;
}

/** One TSIG record with a fudge of 300 s. RFC 8945 4.2. */
export function writeTsig(tsig: Tsig): Buffer {
  const { id, key = ".", algorithm = "hmac-sha256.", mac = Buffer.alloc(32), class: recordClass = 255 } = tsig;
  const time = Buffer.alloc(6);
  time.writeUIntBE(tsig.timeS ?? Math.floor(Date.now() / 1000), 0, 6);
  const rdata = [writeName(parseLabels(algorithm)), time, words(300, mac.length), mac, words(id, 0, 0)];
  return writeRecord({ owner: key, type: 250, class: recordClass, rdata: Buffer.concat(rdata) });
}

function typeNumber(type: string | number): number {
  return typeof type === "number" ? type : parseType(type);
}

/** A query message; the id is random when none is given. */
export function writeQuery({ name, type, class: recordClass, opt, ...query }: Query): Buffer {
  const id = query.id ?? Math.floor(Math.random() * 0x10000);
  return Buffer.concat([
    writeHeader(id, query.flags ?? 0x0100, 1, 0, 0, opt === undefined ? 0 : 1),
    writeQuestion(name, type, recordClass),
    opt === undefined ? Buffer.alloc(0) : writeOpt(opt),
  ]);
}
