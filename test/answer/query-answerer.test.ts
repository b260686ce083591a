import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { ClientTransport } from "../../src/answer/client.ts";
import { QueryAnswerer } from "../../src/answer/query-answerer.ts";
import { ask, askBytes, shown } from "../support/core/ask.ts";
import { fillNames } from "../support/core/sample-zone.ts";
import { newTable, records } from "../support/core/table.ts";
import { parseLabels, readMessage, TYPES, writeHeader, writeName, writeOpt, writeQuery } from "../support/wire.ts";
import type { Query } from "../support/wire.ts";

function serve(settings = { ednsSize: 1232, recursion: false }, ready = true): QueryAnswerer {
  const table = newTable();
  table.put("z.", [records("NS", ["ns.z."], { 0: ["10.0.0.53"] })]);
  fillNames(table);
  table.put("many.z.", [
    records(
      "A",
      Array.from({ length: 100 }, (_, i) => `10.1.0.${i}`),
    ),
  ]);
  table.writer.setZonesKnown(ready);
  table.writer.setZoneReady(0, ready);
  return new QueryAnswerer(table.reader, settings, 1);
}

const answerer = serve();
const SOA = "authority z. 5 SOA ns.z. hostmaster.z. 7 7200 1800 86400 5";
const OPT = { size: 1232 };
const EDE_OF = (info: number): object[] => [{ code: 15, data: Buffer.from([0, info]) }];

describe("what the full parser answers", () => {
  test.each<[what: string, query: Query, rcode: string, extended: number, options: object[]]>([
    ["a name outside our zones", { name: "www.example.com.", type: "A", opt: OPT }, "REFUSED", 0, EDE_OF(20)],
    ["the root", { name: ".", type: "NS", opt: OPT }, "REFUSED", 0, EDE_OF(20)],
    ["class CH", { name: "a.z.", type: "TXT", class: 3, opt: OPT }, "REFUSED", 0, EDE_OF(21)],
    ["version.bind", { name: "version.bind.", type: "TXT", class: 3, opt: OPT }, "REFUSED", 0, EDE_OF(18)],
    ["Version.Server", { name: "Version.Server.", type: "TXT", class: 3, opt: OPT }, "REFUSED", 0, EDE_OF(18)],
    ["id.server", { name: "id.server.", type: "TXT", class: 3, opt: OPT }, "REFUSED", 0, EDE_OF(18)],
    ["hostname.bind", { name: "hostname.bind.", type: "ANY", class: 3, opt: OPT }, "REFUSED", 0, EDE_OF(18)],
    ["class ANY", { name: "a.z.", type: "A", class: 255, opt: OPT }, "REFUSED", 0, EDE_OF(21)],
    ["AXFR", { name: "z.", type: "AXFR", opt: OPT }, "REFUSED", 0, EDE_OF(21)],
    ["IXFR", { name: "z.", type: "IXFR", opt: OPT }, "REFUSED", 0, EDE_OF(21)],
    ["EDNS version 1", { name: "a.z.", type: "A", opt: { size: 1232, version: 1 } }, "NOERROR", 1, []],
    ["EDNS version 255, outside", { name: "b.", type: "A", opt: { size: 1232, version: 255 } }, "NOERROR", 1, []],
  ])("%s", (_, query, rcode, extended, options) => {
    const message = ask(answerer, query);
    expect(shown(message)).toEqual([rcode]);
    expect(message.opt).toEqual({ size: 1232, extendedRcode: extended, version: 0, flags: 0, options });
    expect(message.question).toMatchObject({ name: query.name, type: query.type, class: query.class ?? 1 });
    expect(message.flags).toMatchObject({ aa: false, tc: false, rd: true, ra: false });
  });

  test("without an OPT there is none in the error", () => {
    for (const name of ["www.example.com.", "z."]) {
      const message = ask(answerer, { name, type: "AXFR", flags: 0 });
      expect([message.rcode, message.opt, message.flags.rd]).toEqual(["REFUSED", undefined, false]);
    }
  });

  test("DO comes back in errors as well", () => {
    expect(ask(answerer, { name: "b.", type: "A", opt: { size: 512, flags: 0xffff } }).opt?.flags).toBe(0x8000);
  });

  test.each<[what: string, bytes: Buffer, rcode: string]>([
    ["two questions", patched(5, 2), "FORMERR"],
    ["no question", writeHeader(0x1234, 0x0100, 0, 0, 0, 0), "FORMERR"],
    ["a header alone that counts a question", writeHeader(0x1234, 0x0100, 1, 0, 0, 0), "FORMERR"],
    ["a record that is not there", patched(11, 1), "FORMERR"],
    ["opcode STATUS", writeQuery({ id: 0x1234, name: "a.z.", type: "A", flags: 0x1000 }), "NOTIMP"],
    ["opcode NOTIFY, with RD", writeQuery({ id: 0x1234, name: "a.z.", type: "SOA", flags: 0x2100 }), "NOTIMP"],
    ["opcode UPDATE, a header alone", writeHeader(0x1234, 0x2800, 0, 0, 0, 0), "NOTIMP"],
  ])("%s: the header alone", (_, bytes, rcode) => {
    const reply = askBytes(answerer, bytes)!;
    expect(reply).toHaveLength(12);
    const message = readMessage(reply);
    expect([message.id, message.rcode, message.opcode]).toEqual([0x1234, rcode, (bytes[2]! >> 3) & 15]);
    expect(message.flags).toEqual({
      ...message.flags,
      qr: true,
      aa: false,
      tc: false,
      rd: message.opcode === 0,
      ra: false,
    });
  });

  test.each<[what: string, bytes: Buffer]>([
    ["nothing", Buffer.alloc(0)],
    ["eleven bytes", Buffer.alloc(11)],
    ["a reply", writeQuery({ name: "a.z.", type: "A", flags: 0x8100 })],
    ["a reply of another opcode", writeHeader(1, 0xa800, 0, 0, 0, 0)],
    ["a malformed reply", writeHeader(1, 0x8000, 9, 9, 9, 9)],
  ])("%s: no answer", (_, bytes) => {
    expect(askBytes(answerer, bytes)).toBeUndefined();
    expect(askBytes(answerer, bytes, "tcp")).toBeUndefined();
  });

  test.each([
    ["a record of TSIG's type that is none", [record(250)], "FORMERR", []],
    ["a record of TXT", [record(16)], "NOERROR", ["answer a.z. 30 A 10.0.0.1"]],
    ["an OPT after another record", [record(16), writeOpt({ size: 600 })], "NOERROR", ["answer a.z. 30 A 10.0.0.1"]],
  ] as const)("%s beside the question", (_, beside, rcode, lines) => {
    const question = Buffer.concat([writeName(parseLabels("a.z.")), Buffer.from([0, 1, 0, 1])]);
    const bytes = Buffer.concat([writeHeader(9, 0x0100, 1, 0, 0, beside.length), question, ...beside]);
    const message = readMessage(askBytes(answerer, bytes)!);
    expect(shown(message)).toEqual([rcode, ...lines]);
    expect(message.opt !== undefined).toBe(beside.length === 2);
  });

  test("the size of an OPT that stands behind another record counts", () => {
    const question = Buffer.concat([writeName(parseLabels("many.z.")), Buffer.from([0, 1, 0, 1])]);
    const query = (size: number): Buffer =>
      Buffer.concat([writeHeader(9, 0, 1, 0, 0, 2), question, record(16), writeOpt({ size })]);
    expect(askBytes(answerer, query(700))!.length).toBeGreaterThan(700 - 16);
    expect(askBytes(answerer, query(700))!.length).toBeLessThanOrEqual(700);
  });

  test("RA says whether others can be asked, but in replies to other opcodes", () => {
    const recursive = serve({ ednsSize: 1232, recursion: true });
    expect(ask(recursive, { name: "a.z.", type: "A" }).flags.ra).toBe(true);
    expect(ask(recursive, { name: "www.example.com.", type: "A", flags: 0 }).flags.ra).toBe(true);
    expect(readMessage(askBytes(recursive, writeHeader(1, 0x2000, 0, 0, 0, 0))!).flags.ra).toBe(false);
  });

  function patched(at: number, value: number): Buffer {
    const bytes = writeQuery({ id: 0x1234, name: "a.z.", type: "A" });
    bytes[at] = value;
    return bytes;
  }

  function record(type: number): Buffer {
    return Buffer.from([0, type >> 8, type & 255, 0, 1, 0, 0, 0, 0, 0, 1, 7]);
  }
});

describe("before the first load", () => {
  const early = serve(undefined, false);

  test.each(["z.", "a.z.", "none.z.", "x.y.none.z.", "ent.z.", "in.alias.z.", "10-9-8-7.pod.z.", "6.1.10.arpa."])(
    "%s",
    (name) => {
      for (const type of ["A", "SOA", "ANY"]) {
        const message = ask(early, { name, type, opt: OPT });
        expect(shown(message)).toEqual(["SERVFAIL"]);
        expect([message.flags.aa, message.opt?.options]).toEqual([false, EDE_OF(14)]);
        expect(shown(ask(early, { name, type }))).toEqual(["SERVFAIL"]);
      }
    },
  );

  test("names outside the zones may turn out to be local, and errors stay errors", () => {
    for (const name of ["www.example.com.", "."]) {
      const message = ask(early, { name, type: "A", opt: OPT });
      expect([shown(message), message.opt?.options]).toEqual([["SERVFAIL"], EDE_OF(14)]);
    }
    expect(ask(early, { name: "z.", type: "AXFR" }).rcode).toBe("REFUSED");
    expect(ask(early, { name: "a.z.", type: "A", class: 3 }).rcode).toBe("REFUSED");
    expect(readMessage(askBytes(early, writeHeader(1, 0, 2, 0, 0, 0))!).rcode).toBe("FORMERR");
  });
});

describe("any bytes", () => {
  const names = [
    "z.",
    "a.z.",
    "A.Z.",
    "many.z.",
    "s.z.",
    "ent.z.",
    "none.z.",
    "twice.alias.z.",
    "missing.alias.z.",
    "outside.alias.z.",
    "srv.alias.z.",
    "rev.alias.z.",
    "spelled.alias.z.",
    "10-9-8-7.pod.z.",
    "fd00--5.pod.z.",
    "10-244-1-5.known.z.",
    "\\010\\244\\001\\005.known.z.",
    "5.1.10.arpa.",
    "1.10.arpa.",
    "www.example.com.",
    ".",
    `${"x".repeat(63)}.z.`,
    `${`${"y".repeat(63)}.`.repeat(3)}${"y".repeat(59)}.z.`,
  ];
  const queries: fc.Arbitrary<Buffer> = fc
    .record({
      name: fc.constantFrom(...names),
      type: fc.constantFrom(...Object.keys(TYPES)),
      class: fc.constantFrom(1, 1, 1, 1, 3, 255),
      flags: fc.constantFrom(0, 0x0100, 0x0100, 0x03ff, 0x0110, 0x2800, 0x8100),
      opt: fc.option(
        fc.record({
          size: fc.oneof(fc.constantFrom(0, 512, 1232, 4096, 65_535), fc.nat(1500)),
          version: fc.constantFrom(0, 0, 0, 1),
          flags: fc.constantFrom(0, 0x8000),
          options: fc.constantFrom(Buffer.alloc(0), Buffer.from([0, 10, 0, 2, 1, 2]), Buffer.from([0, 10, 0, 9])),
        }),
      ),
    })
    .map(({ opt, ...query }) => writeQuery({ ...query, id: 0xabcd, ...(opt && { opt }) }));
  const mutated = fc
    .tuple(
      queries,
      fc.array(fc.tuple(fc.nat(120), fc.nat(255)), { maxLength: 4 }),
      fc.option(fc.nat(120)),
      fc.uint8Array({ maxLength: 6 }),
    )
    .map(([query, changes, cut, tail]) => {
      const bytes = Buffer.from(query);
      for (const [at, value] of changes) if (at < bytes.length) bytes[at] = value;
      return Buffer.concat([cut === null ? bytes : bytes.subarray(0, cut), tail]);
    });
  const headed = fc
    .tuple(
      fc.constantFrom(0, 0x0100),
      fc.array(fc.constantFrom(0, 1, 2, 65_535), { minLength: 4, maxLength: 4 }),
      fc.uint8Array({ maxLength: 120 }),
    )
    .map(([flags, counts, rest]) => Buffer.concat([writeHeader(0xabcd, flags, ...counts), rest]));
  const anyBytes = fc.uint8Array({ maxLength: 600 }).map((bytes) => Buffer.from(bytes));
  const kinds = fc.constantFrom<ClientTransport>("udp", "udp", "tcp");

  // Its OPT has no options, and its answer is larger than one without EDNS may be.
  const ADVERTISES_515 = writeQuery({ id: 0xabcd, name: "many.z.", type: "A", opt: { size: 515 } });

  /** What the query says it can take, as far as 10 bytes of it are an OPT after its name: an upper bound. */
  function limitOf(query: Buffer, ednsSize: number): number {
    let advertised = 512;
    for (let at = 12; at + 10 <= query.length; at++) {
      if (query.readUInt16BE(at) === 41) advertised = Math.max(advertised, query.readUInt16BE(at + 2));
    }
    return Math.min(advertised, ednsSize);
  }

  test.each<[what: string, bytes: fc.Arbitrary<Buffer>]>([
    ["queries", queries],
    ["queries with bytes changed, cut or appended", mutated],
    ["headers with any rest", headed],
    ["bytes", anyBytes],
  ])("%s: one reply that fits and is whole, or none", (_, arbitrary) => {
    for (const ednsSize of [512, 1232, 4096]) {
      const each = serve({ ednsSize, recursion: false });
      fc.assert(
        fc.property(arbitrary, kinds, (bytes, kind) => {
          const limit = kind === "udp" ? Math.max(512, limitOf(bytes, ednsSize)) : 65_535;
          // `askBytes` sees to it that nothing outside the room is written.
          const reply = askBytes(each, bytes, kind, kind === "udp" ? Math.max(512, ednsSize) : 65_535);
          const mayBeSilent = bytes.length < 12 || (bytes[2]! & 0x80) !== 0;
          expect(reply === undefined).toBe(mayBeSilent);
          if (reply === undefined) return;
          expect(reply.length).toBeLessThanOrEqual(limit);
          const message = readMessage(reply);
          expect([message.id, message.flags.qr]).toEqual([bytes.readUInt16BE(0), true]);
          expect(message.opcode).toBe((bytes[2]! >> 3) & 15);
          if (message.question !== undefined) {
            expect(message.questionBytes).toEqual(bytes.subarray(12, 12 + message.questionBytes.length));
          }
          if (kind === "tcp") expect(message.flags.tc).toBe(false);
        }),
        { numRuns: 250, examples: [[ADVERTISES_515, "udp"]] },
      );
    }
  });

  test("what a query left behind does not show in the next answer", () => {
    const probe = writeQuery({ id: 1, name: "none.z.", type: "TXT", opt: OPT });
    const expected = askBytes(answerer, probe)!;
    expect(shown(readMessage(expected))).toEqual(["NXDOMAIN", SOA]);
    fc.assert(
      fc.property(fc.oneof(mutated, headed, anyBytes), kinds, (bytes, kind) => {
        askBytes(answerer, bytes, kind);
        expect(askBytes(answerer, probe)).toEqual(expected);
      }),
      { numRuns: 300 },
    );
  });
});
