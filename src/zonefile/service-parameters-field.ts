// Zone-file text of the parameters of SVCB and HTTPS: `key=value` in any order, on the wire sorted by key. RFC 9460
// 2.1, 2.2, 7 and 8; RFC 9461 5 (dohpath). Does not check which parameters a service needs.
import { formatIp, parseIpv4, parseIpv6 } from "../net/ip.ts";
import { formatText, parseBase64, readUint } from "./field-text.ts";
import type { FieldText } from "./field-text.ts";
import type { RdataReader } from "./rdata-reader.ts";
import { RDATA_SIZE_MAX } from "../dns/rdata.ts";
import { show } from "./zone-problems.ts";

const MANDATORY = 0;
const ALPN = 1;
const NO_DEFAULT_ALPN = 2;
const KEY_MAX = 0xfffe;

/** A key: its number and the text of its value. Keys without `read` have no value. */
interface Key {
  readonly number: number;
  readonly read?: (from: RdataReader, value: string) => Uint8Array;
  /** Default: as text in quotes. */
  readonly print?: (value: Uint8Array) => string;
}

const KEYS: ReadonlyMap<string, Key> = new Map<string, Key>([
  [
    "mandatory",
    {
      number: MANDATORY,
      read: readMandatory,
      print: (value) =>
        split(value, 2)
          .map((key) => formatKey(readUint(key)))
          .join(","),
    },
  ],
  ["alpn", { number: ALPN, read: readAlpn, print: formatAlpn }],
  ["no-default-alpn", { number: NO_DEFAULT_ALPN }],
  ["port", { number: 3, read: readPort, print: (value) => String(readUint(value)) }],
  ["ipv4hint", { number: 4, read: (from, value) => readAddresses(from, value, parseIpv4), print: formatAddresses(4) }],
  [
    "ech",
    {
      number: 5,
      read: (from, value) => parseBase64(from, decode(from, value).toString("latin1")),
      print: (value) => Buffer.from(value).toString("base64"),
    },
  ],
  ["ipv6hint", { number: 6, read: (from, value) => readAddresses(from, value, parseIpv6), print: formatAddresses(16) }],
  ["dohpath", { number: 7, read: decode }],
]);

/** All parameters, to the end of the record. */
export const serviceParameters: FieldText = {
  read: (from) => {
    const parameters = new Map<number, Uint8Array>();
    while (!from.isAtEnd) takeParameter(from, parameters);
    checkTogether(from, parameters);
    for (const [key, value] of [...parameters].sort(([a], [b]) => a - b)) {
      from.putUint(key, 2);
      from.putUint(value.length, 2);
      from.put(value);
    }
  },
  print: (bytes) => {
    const words: string[] = [];
    for (let at = 0; at < bytes.length;) {
      const key = readUint(bytes.subarray(at, at + 2));
      const end = at + 4 + readUint(bytes.subarray(at + 2, at + 4));
      words.push(formatParameter(key, bytes.subarray(at + 4, end)));
      at = end;
    }
    return words.join(" ");
  },
};

function formatParameter(number: number, value: Uint8Array): string {
  const print = [...KEYS.values()].find((key) => key.number === number)?.print ?? formatText;
  return value.length === 0 ? formatKey(number) : `${formatKey(number)}=${print(value)}`;
}

function formatKey(number: number): string {
  return [...KEYS].find(([, key]) => key.number === number)?.[0] ?? `key${number}`;
}

/** A comma-separated list in quotes; commas and backslashes in items are escaped twice (RFC 9460 A.1). */
function formatList(items: readonly Uint8Array[]): string {
  const escaped = items.map((item) =>
    Buffer.from(item)
      .toString("latin1")
      .replaceAll(/[,\\]/g, String.raw`\$&`),
  );
  return formatText(Buffer.from(escaped.join(","), "latin1"));
}

function formatAlpn(value: Uint8Array): string {
  const items: Uint8Array[] = [];
  for (let at = 0; at < value.length; at += 1 + value[at]!) items.push(value.subarray(at + 1, at + 1 + value[at]!));
  return formatList(items);
}

function formatAddresses(size: number): (value: Uint8Array) => string {
  return (value) => split(value, size).map(formatIp).join(",");
}

function split(value: Uint8Array, size: number): Uint8Array[] {
  return Array.from({ length: Math.ceil(value.length / size) }, (_, i) => value.subarray(i * size, (i + 1) * size));
}

function takeParameter(from: RdataReader, parameters: Map<number, Uint8Array>): void {
  const word = from.takeWord("a parameter");
  const equals = word.indexOf("=");
  const name = equals === -1 ? word : word.slice(0, equals);
  const key = findKey(name);
  if (key === undefined) {
    return from.fail(`${show(name)} is no parameter`, "write one of RFC 9460, or its number, e.g. key65280");
  }
  if (parameters.has(key.number)) return from.fail(`the parameter ${name} is given twice`, "remove one of the two");
  const written = equals === -1 ? undefined : word.slice(equals + 1);
  const next = from.peek();
  const isQuoted = written === "" && next?.isQuoted === true && next.isJoined;
  const value = isQuoted ? from.takeToken("a value")!.text : (written ?? "");
  if (key.read === undefined && value !== "") from.fail(`the parameter ${name} has no value`, "remove the value");
  parameters.set(key.number, key.read === undefined ? new Uint8Array(0) : key.read(from, value));
}

function findKey(name: string): Key | undefined {
  const digits = /^key(0|[1-9]\d{0,4})$/.exec(name)?.[1];
  if (digits === undefined) return KEYS.get(name);
  return Number(digits) > KEY_MAX ? undefined : { number: Number(digits), read: decode };
}

function decode(from: RdataReader, value: string): Buffer {
  return Buffer.from(from.decodeText(value, RDATA_SIZE_MAX));
}

// The backslash before a comma in an item is itself escaped (RFC 9460 A.1).
function splitList(from: RdataReader, value: string): Buffer[] {
  const items: number[][] = [[]];
  const bytes = decode(from, value);
  for (let at = 0; at < bytes.length; at++) {
    if (bytes[at] === 0x2c) items.push([]);
    else {
      if (bytes[at] === 0x5c) at++;
      if (at < bytes.length) items.at(-1)!.push(bytes[at]!);
      else from.fail("the list ends in a backslash", "write `\\\\\\\\` for a backslash");
    }
  }
  if (items.some((item) => item.length === 0)) from.fail("the list has an empty item", "write `a,b`");
  return items.map((item) => Buffer.from(item));
}

function readMandatory(from: RdataReader, value: string): Uint8Array {
  const numbers = splitList(from, value).map((item) => {
    const key = findKey(item.toString("latin1"));
    if (key === undefined)
      from.fail(`${show(item.toString())} is no parameter`, "write keys, e.g. mandatory=alpn,port");
    return key?.number ?? 0;
  });
  numbers.sort((a, b) => a - b);
  if (numbers.includes(MANDATORY) || new Set(numbers).size < numbers.length) {
    from.fail("a mandatory key is given twice, or is mandatory itself", "write each other key once");
  }
  return Uint8Array.from(numbers.flatMap((number) => [number >> 8, number & 0xff]));
}

function readAlpn(from: RdataReader, value: string): Uint8Array {
  const items = splitList(from, value);
  if (items.some((item) => item.length > 255)) from.fail("a protocol has more than 255 bytes", "write e.g. alpn=h2,h3");
  return Buffer.concat(items.map((item) => Buffer.concat([Buffer.of(item.length), item])));
}

function readPort(from: RdataReader, value: string): Uint8Array {
  const isPort = /^\d{1,5}$/.test(value) && Number(value) <= 0xffff;
  if (!isPort) from.fail(`expected a port, got ${show(value)}`, "write a number from 0 to 65535");
  return Uint8Array.of(Number(value) >> 8, Number(value) & 0xff);
}

type ParseAddress = (text: string) => Uint8Array | undefined;

function readAddresses(from: RdataReader, value: string, parse: ParseAddress): Uint8Array {
  const addresses = splitList(from, value).map((item) => {
    const address = parse(item.toString("latin1"));
    if (address === undefined) from.fail(`expected an address, got ${show(item.toString())}`, "write `a,b`");
    return address ?? new Uint8Array(0);
  });
  return Buffer.concat(addresses);
}

function checkTogether(from: RdataReader, parameters: ReadonlyMap<number, Uint8Array>): void {
  const mandatory = parameters.get(MANDATORY) ?? new Uint8Array(0);
  for (let at = 0; at + 1 < mandatory.length; at += 2) {
    const key = (mandatory[at]! << 8) | mandatory[at + 1]!;
    if (!parameters.has(key))
      from.fail(`key${key} is mandatory, and is missing`, "add it, or take it out of mandatory");
  }
  if (parameters.has(NO_DEFAULT_ALPN) && !parameters.has(ALPN)) {
    from.fail("no-default-alpn needs alpn", "write alpn=… as well");
  }
}
