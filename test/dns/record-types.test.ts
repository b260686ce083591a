// That a row in the table of record types is all that a type needs: a made-up one is parsed, printed, served, warned
// about, forwarded and cached. And laws that hold for rdata of every type of the table.
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { decodeCacheEntry, encodeCacheEntry } from "../../src/cache/cache-entry.ts";
import { expandRdata, fieldKinds, readFields } from "../../src/dns/rdata.ts";
import { RECORD_TYPES, recordType } from "../../src/dns/record-types.ts";
import type { FieldKind, RecordType } from "../../src/dns/record-types.ts";
import { isMetaType, parseType } from "../../src/dns/type-names.ts";
import { readZone } from "../../src/zonefile/check-zone.ts";
import { formatRdata } from "../../src/zonefile/rdata-text.ts";
import { startForwarding } from "../support/forwarding.ts";
import type { Forwarding } from "../support/forwarding.ts";
import { name as wire, writeReply } from "../support/scripted-upstream.ts";
import { readData, settingsFor } from "../zonefile/zone-text.ts";

vi.mock("../../src/dns/record-types.ts", async (importOriginal) => {
  const rows = await importOriginal<typeof import("../../src/dns/record-types.ts")>();
  const row = rows.recordType(65_280, { number: "u16", host: "compressibleName", note: "text" }, { target: "host" });
  return { ...rows, RECORD_TYPES: { ...rows.RECORD_TYPES, TESTTYPE: row } };
});

const ROWS = Object.entries<RecordType>(RECORD_TYPES).filter(([, { isMeta }]) => isMeta !== true);
const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString("hex");

describe("a type that is a row and nothing else", () => {
  const zone = [
    "$TTL 60",
    "@ SOA ns admin 1 2 3 4 5",
    "@ NS ns",
    "ns A 192.0.2.1",
    'good TESTTYPE 7 host "hi"',
    "host A 192.0.2.7",
    "host AAAA 2001:db8::7",
  ].join("\n");

  test("is parsed, and printed again", () => {
    expect(parseType("testtype")).toBe(65_280);
    const rdata = `0007${hex(wire("host.example.org."))}026869`;
    expect(readData("TESTTYPE", '7 host "hi"')).toBe(rdata);
    expect(readData("TESTTYPE", String.raw`\# 2 0007`)).toBe("6: TESTTYPE: the bytes are no data of TESTTYPE");
    expect(formatRdata(65_280, Buffer.from(rdata, "hex"))).toBe('7 host.example.org. "hi"');
  });

  test("is warned about where its target has no address, and is the same in any letter case", () => {
    const { zone: checked, problems } = readZone(`${zone}\nodd TESTTYPE 7 nowhere a`, settingsFor());
    expect(checked).toBeDefined();
    const message = "the target nowhere.example.org. of the TESTTYPE has no address";
    expect(problems).toMatchObject([{ code: "zone-target", message }]);
    const twice = readZone(`${zone}\ngood TESTTYPE 7 HOST hi`, settingsFor());
    expect(twice.zone!.records.filter(({ type }) => type === 65_280)).toHaveLength(1);
  });

  describe("over the network", () => {
    let folder: string;
    let forwarding: Forwarding;
    beforeAll(async () => {
      folder = mkdtempSync(join(tmpdir(), "record-type-"));
      // The server parses zone files in a worker thread, which doesn't know the row: the rdata is parsed here.
      const data = readData("TESTTYPE", '7 host "hi"');
      const line = String.raw`good TYPE65280 \# ${data.length / 2} ${data}`;
      writeFileSync(join(folder, "example.org.zone"), zone.replace(/^good .*$/m, line));
      forwarding = await startForwarding({ paths: [folder], udpTransport: "dgram" });
    });
    afterAll(async () => {
      await forwarding.close();
      rmSync(folder, { recursive: true });
    });

    test("is served with the addresses of its target", async () => {
      const { answer, additional } = await forwarding.client.ask("good.example.org.", "TYPE65280");
      const rdata = `0007${hex(wire("host.example.org."))}026869`;
      expect(answer.map((each) => `${each.type} ${each.rdata}`)).toEqual([
        String.raw`TYPE65280 \# ${rdata.length / 2} ${rdata}`,
      ]);
      expect(additional.map(({ owner, type, rdata: data }) => `${owner} ${type} ${data}`)).toEqual([
        "host.example.org. A 192.0.2.7",
        "host.example.org. AAAA 2001:db8::7",
      ]);
    });

    test("is forwarded with its name written out, cached, and compressed anew", async () => {
      forwarding.upstream.say("up.test.", ({ query }) => {
        // Points to its owner, which stands behind the question: 12 bytes of header, 9 of name, 4 of type and class.
        const rdata = Uint8Array.of(0, 7, 1, 0x68, 0xc0, 25, 2, 0x68, 0x69);
        return [{ bytes: writeReply(query, { answer: [{ owner: "up.test.", type: "TYPE65280", rdata }] }) }];
      });
      for (let i = 0; i < 2; i++) {
        const { answer } = await forwarding.client.ask("up.test.", "TYPE65280");
        expect(answer.map(({ rdata }) => rdata)).toEqual([String.raw`\# 9 00070168c00c026869`]);
      }
      expect(forwarding.upstream.askedFor("up.test.")).toHaveLength(1);
    });
  });
});

const bytes = (minLength: number, maxLength = minLength): fc.Arbitrary<Uint8Array> =>
  fc.uint8Array({ minLength, maxLength });
const sized = (content: fc.Arbitrary<Uint8Array>): fc.Arbitrary<Uint8Array> =>
  content.map((each) => Uint8Array.of(each.length, ...each));
const join2 = (parts: fc.Arbitrary<readonly Uint8Array[]>): fc.Arbitrary<Uint8Array> =>
  parts.map((each) => new Uint8Array(Buffer.concat(each)));
const names = fc
  .array(sized(bytes(1, 20)), { maxLength: 5 })
  .map((labels) => new Uint8Array(Buffer.concat([...labels, Uint8Array.of(0)])));
const uint16 = (value: number): number[] => [value >> 8, value & 0xff];
const types = fc.integer({ min: 1, max: 0xffff }).filter((type) => !isMetaType(type));

function bitmapOf(all: readonly number[]): Uint8Array {
  const windows = new Map<number, number[]>();
  for (const type of all) {
    const bits = windows.get(type >> 8) ?? [];
    windows.set(type >> 8, bits);
    for (let i = bits.length; i <= (type & 0xff) >> 3; i++) bits.push(0);
    bits[(type & 0xff) >> 3]! |= 0x80 >> (type & 7);
  }
  const sorted = [...windows].toSorted(([a], [b]) => a - b);
  return Uint8Array.from(sorted.flatMap(([window, bits]) => [window, bits.length, ...bits]));
}

const parameter = (key: number, value: fc.Arbitrary<Uint8Array>): fc.Arbitrary<readonly [number, Uint8Array]> =>
  value.map((each) => [key, each] as const);
const parameters = fc
  .uniqueArray(
    fc.oneof(
      parameter(1, join2(fc.array(sized(bytes(1, 9)), { minLength: 1, maxLength: 3 }))),
      parameter(3, bytes(2)),
      parameter(4, join2(fc.array(bytes(4), { minLength: 1, maxLength: 3 }))),
      parameter(5, bytes(1, 20)),
      parameter(6, join2(fc.array(bytes(16), { minLength: 1, maxLength: 3 }))),
      parameter(7, bytes(1, 20)),
      fc.tuple(fc.integer({ min: 8, max: 0xfffe }), bytes(0, 20)),
    ),
    { selector: ([key]) => key, maxLength: 5 },
  )
  .map((all) => {
    const sorted = all.toSorted(([a], [b]) => a - b);
    const mandatory = sorted.flatMap(([key]) => uint16(key));
    const whole = mandatory.length === 0 ? sorted : [[0, Uint8Array.from(mandatory)] as const, ...sorted];
    return Uint8Array.from(whole.flatMap(([key, value]) => [...uint16(key), ...uint16(value.length), ...value]));
  });

const precision = fc
  .tuple(fc.integer({ min: 1, max: 9 }), fc.integer({ min: 0, max: 9 }))
  .map(([m, e]) => (m << 4) | e);
const angle = (degrees: number): fc.Arbitrary<number> =>
  fc.integer({ min: 2 ** 31 - degrees * 3_600_000, max: 2 ** 31 + degrees * 3_600_000 });
const location = fc
  .tuple(precision, precision, precision, angle(90), angle(180), fc.integer({ min: 0, max: 0xffff_ffff }))
  .map(([size, horizontal, vertical, ...numbers]) => {
    const rdata = Buffer.alloc(16);
    [0, size, horizontal, vertical].forEach((value, at) => rdata.writeUInt8(value, at));
    numbers.forEach((value, i) => rdata.writeUInt32BE(value, 4 + i * 4));
    return new Uint8Array(rdata);
  });

/** What is behind the kind of a gateway, by the kind. */
const gateways = [bytes(0), bytes(4), bytes(16), names];
/** A family, a length, the size of the address with a bit for negation, and the address without trailing zeros. */
const prefix = fc
  .tuple(fc.constantFrom(1, 2), fc.nat({ max: 32 }), fc.boolean(), bytes(0, 4))
  .map(([family, length, isNegated, address]) => {
    const short = address.at(-1) === 0 ? address.subarray(0, 0) : address;
    return Uint8Array.of(0, family, length, short.length | (isNegated ? 0x80 : 0), ...short);
  });

/** Any bytes that a field of each kind can have and be written as. */
const FIELDS: Readonly<Record<FieldKind, fc.Arbitrary<Uint8Array>>> = {
  u8: bytes(1),
  u16: bytes(2),
  u32: bytes(4),
  duration: bytes(4),
  timestamp: bytes(4),
  type: types.map((type) => Uint8Array.from(uint16(type))),
  algorithm: bytes(1),
  ipv4: bytes(4),
  ipv6: bytes(16),
  eui48: bytes(6),
  eui64: bytes(8),
  compressibleName: names,
  expandedName: names,
  plainName: names,
  text: sized(bytes(0, 255)),
  texts: join2(fc.array(sized(bytes(0, 40)), { minLength: 1, maxLength: 4 })),
  longText: bytes(0, 300),
  tag: sized(fc.stringMatching(/^[A-Za-z0-9]{1,20}$/).map((text) => new Uint8Array(Buffer.from(text)))),
  hex: bytes(1, 40),
  base64: bytes(1, 40),
  salt: sized(bytes(0, 40)),
  hash: sized(bytes(1, 40)),
  typeBitmap: fc.array(types, { maxLength: 8 }).map(bitmapOf),
  location,
  serviceParameters: parameters,
  opaque: bytes(0, 20),
  optionalBase64: bytes(0, 40),
  nsap: bytes(1, 20),
  nodeId: bytes(8),
  certificateType: bytes(2),
  gateway: fc.oneof(...gateways.map((each, kind) => join2(fc.tuple(fc.constant(Uint8Array.of(kind)), bytes(1), each)))),
  relay: fc.oneof(
    ...gateways.map((each, kind) =>
      join2(fc.tuple(fc.constantFrom(Uint8Array.of(kind), Uint8Array.of(128 | kind)), each)),
    ),
  ),
  hostIdentity: fc
    .tuple(fc.nat({ max: 255 }), bytes(1, 40), bytes(1, 300))
    .map(([algorithm, tag, key]) => Uint8Array.of(tag.length, algorithm, ...uint16(key.length), ...tag, ...key)),
  plainNames: join2(fc.array(names, { maxLength: 3 })),
  prefixes: join2(fc.array(prefix, { maxLength: 4 })),
};

/** A type of the table, and rdata of its fields. */
function rdataOf(kinds: readonly FieldKind[], fields = FIELDS): fc.Arbitrary<Uint8Array> {
  return join2(fc.tuple(...kinds.map((kind) => fields[kind])));
}

describe("rdata of the fields of", () => {
  test.each(ROWS)("%s is printed as text that is parsed as the same", (mnemonic, { code }) => {
    const kinds = fieldKinds(code)!;
    fc.assert(
      fc.property(rdataOf(kinds), (rdata) => {
        expect(readFields(code, rdata)?.map(({ kind }) => kind)).toEqual(kinds);
        const text = formatRdata(code, rdata);
        expect(readData(mnemonic, text)).toBe(hex(rdata));
        // Only what has no text is written as bytes.
        expect(text.startsWith(String.raw`\# `)).toBe(kinds.includes("opaque"));
      }),
      { numRuns: 60 },
    );
  });

  test.each(ROWS)("%s is the same after it was compressed and expanded", (_, { code }) => {
    const key = { name: wire("a.up.test."), type: code, dnssecOk: false, checkingDisabled: false };
    const times = { storedMs: 0, validUntilMs: 1_000, ttl: 1 };
    const name = fc.oneof(names, fc.constantFrom(wire("a.up.test."), wire("x.A.up.test."), wire("test.")));
    const fields = { ...FIELDS, compressibleName: name, expandedName: name };
    const record = { owner: wire("up.test."), type: code, class: 1, ttl: 1 };
    fc.assert(
      fc.property(fc.array(rdataOf(fieldKinds(code)!, fields), { minLength: 1, maxLength: 3 }), (all) => {
        const answer = all.map((rdata) => ({ ...record, rdata }));
        const content = { rcode: 0, ede: 0, authenticated: false, answer, authority: [] };
        const decoded = decodeCacheEntry(encodeCacheEntry(key, content, times)).answer.map(({ rdata }) => rdata);
        // A name points to one that is equal but for letter case.
        expect(decoded.map((rdata) => hex(rdata).toLowerCase().length)).toEqual(all.map((rdata) => hex(rdata).length));
        expect(decoded.map((rdata) => lower(rdata))).toEqual(all.map((rdata) => lower(rdata)));
      }),
      { numRuns: 40 },
    );
  });

  test.each(ROWS)("%s comes out of a message whose names point to its question", (_, { code }) => {
    const kinds = fieldKinds(code)!;
    const question = wire("a.up.test.");
    const mayPoint = (kind: FieldKind): boolean => kind === "compressibleName" || kind === "expandedName";
    const fields = { ...FIELDS, compressibleName: fc.constant(question), expandedName: fc.constant(question) };
    fc.assert(
      fc.property(fc.tuple(...kinds.map((kind) => fields[kind])), (parts) => {
        const pointed = parts.map((part, i) => (mayPoint(kinds[i]!) ? Uint8Array.of(0xc0, 12) : part));
        const start = 12 + question.length;
        const message = new Uint8Array(Buffer.concat([new Uint8Array(12), question, ...pointed, Uint8Array.of(9)]));
        const rdata = new Uint8Array(Buffer.concat(parts));
        expect(expandRdata(message, code, start, message.length - 1)).toEqual(rdata);
      }),
      { numRuns: 20 },
    );
  });
});

function lower(rdata: Uint8Array): string {
  return Buffer.from(rdata.map((byte) => (byte >= 0x41 && byte <= 0x5a ? byte | 0x20 : byte))).toString("hex");
}

test("a target that is no name neither compiles nor loads", async () => {
  // @ts-expect-error A number is no target.
  const row = recordType(65_281, { number: "u16", host: "plainName" }, { target: "number" });
  vi.resetModules();
  vi.doMock("../../src/dns/record-types.ts", () => ({ RECORD_TYPES: { BAD: row } }));
  await expect(import("../../src/dns/rdata.ts")).rejects.toThrow("the target of type 65281 is no name field");
});
