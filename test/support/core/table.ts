// Builds a compiled zone by hand, and reads a table's contents as text: each entry is appended to a question for its name
// and read by the tests' decoder, which shares no code with the writer.
import { encodeEntry } from "../../../src/compile/encode-entry.ts";
import type { AddressSet, AnswerRRset } from "../../../src/compile/owner-records.ts";
import type { EntryContent } from "../../../src/table/entry.ts";
import { TableReader } from "../../../src/table/reader.ts";
import { TableWriter } from "../../../src/table/writer.ts";
import { canonicalIpv6, formatType, parseLabels, parseType, readMessage, writeHeader, writeName } from "../wire.ts";

/** The wire form of a name's text, by the tests' own writer. */
export function wire(name: string): Uint8Array {
  return Uint8Array.from(writeName(parseLabels(name)));
}

/** 4 or 16 bytes, found by means other than the code under test. */
export function addressBytes(text: string): Uint8Array {
  if (!text.includes(":")) return Uint8Array.from(text.split("."), Number);
  const canonical = canonicalIpv6(text);
  const [left = "", right] = canonical.split("::");
  const groups = (part: string): string[] => (part === "" ? [] : part.split(":"));
  const filled =
    right === undefined
      ? groups(left)
      : [...groups(left), ...Array(8 - groups(left).length - groups(right).length).fill("0"), ...groups(right)];
  return Uint8Array.from(
    filled.flatMap((group) => [Number.parseInt(group, 16) >> 8, Number.parseInt(group, 16) & 255]),
  );
}

/** RDATA from the text that the decoder gives for the type. */
function rdataBytes(type: string, text: string): Uint8Array {
  if (type === "A" || type === "AAAA") return addressBytes(text);
  if (type === "TXT") return Uint8Array.from([text.length, ...Buffer.from(text)]);
  if (type !== "SRV") return wire(text);
  const [priority = "", weight = "", port = "", target = ""] = text.split(" ");
  const numbers = [priority, weight, port].map(Number).flatMap((number) => [number >> 8, number & 255]);
  return Uint8Array.from([...numbers, ...wire(target)]);
}

/** `records("SRV", ["0 50 80 a.z."], { 0: ["10.0.0.1"] })`: additional addresses stand by the index of their record. */
export function records(
  type: string,
  texts: readonly string[],
  additional: Readonly<Record<number, readonly string[]>> = {},
  ttlSeconds = 30,
): AnswerRRset {
  const beside = Object.entries(additional).flatMap(([index, addresses]) =>
    ["A", "AAAA"].flatMap((family): AddressSet[] => {
      const own = addresses.filter((address) => address.includes(":") === (family === "AAAA"));
      return own.length === 0
        ? []
        : [{ rdataIndex: Number(index), type: parseType(family), rdata: own.map(addressBytes) }];
    }),
  );
  return { type: parseType(type), ttlSeconds, rdata: texts.map((text) => rdataBytes(type, text)), additional: beside };
}

export interface Table {
  readonly writer: TableWriter;
  readonly reader: TableReader;
  /** Puts a name of the zone `apex`, `z.` when left out. */
  put(name: string, sets?: readonly AnswerRRset[], flags?: number, apex?: string): void;
  remove(name: string): void;
}

/** An empty table with a zone record (TTL 30, negative TTL 5, serial 7) and a reader that follows it; not ready. */
export function newTable(mname = "ns.z.", rname = "hostmaster.z."): Table {
  let reader: TableReader | undefined;
  const writer = new TableWriter([11, 22], (buffer) => reader?.attach(buffer));
  reader = new TableReader(writer.buffer);
  writer.setZoneSoa(0, {
    ttlSeconds: 30,
    negativeTtlSeconds: 5,
    mname: wire(mname),
    rname: wire(rname),
    refreshSeconds: 7200,
    retrySeconds: 1800,
    expireSeconds: 86_400,
    minimumSeconds: 5,
  });
  writer.setSerial(0, 7);
  return {
    writer,
    reader,
    put: (name, sets = [], flags = 0, apex = "z.") => {
      const place = { apexSize: wire(apex).length, zone: 0, kind: 0 };
      writer.put(wire(name), encodeEntry({ name: wire(name), sets, flags }, place));
    },
    remove: (name) => void writer.remove(wire(name)),
  };
}

/** The records of an entry as sorted lines `section owner ttl type rdata`; throws when its bytes make no message. */
export function entryLines(name: Uint8Array, content: EntryContent): readonly string[] {
  return content.sets
    .flatMap((set) => {
      const question = [...name, set.type >> 8, set.type & 255, 0, 1];
      const header = writeHeader(0, 0x8400, 1, set.answerCount, 0, set.additionalCount);
      const message = readMessage(Buffer.concat([header, Buffer.from(question), set.answers, set.additional]));
      if (message.answer.some(({ type }) => type !== formatType(set.type))) throw new Error("a record of another type");
      const lines = (section: string, list: typeof message.answer): string[] =>
        list.map(({ owner, ttl, type, rdata }) => `${section} ${owner} ${ttl} ${type} ${rdata}`);
      return [...lines("answer", message.answer), ...lines("additional", message.additional)];
    })
    .toSorted();
}

/** All that a table holds, by its names' bytes in hexadecimal, to be compared bit for bit. */
export function snapshot(writer: TableWriter): ReadonlyMap<string, string> {
  const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString("hex");
  return new Map(
    [...writer.entries()]
      .map(({ name, content }): [string, string] => {
        const { flags, apexSize, zone, kind, node = 0 } = content;
        const sets = content.sets.map((set) =>
          [set.type, set.stride, set.answerCount, hex(set.answers), set.additionalCount, hex(set.additional)].join(" "),
        );
        return [hex(name), [[flags, apexSize, zone, kind, node].join(" "), ...sets].join("; ")];
      })
      .toSorted(([a], [b]) => (a < b ? -1 : 1)),
  );
}
