import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { skipName } from "../../src/dns/skip-name.ts";
import { equalNames, isWithin, readName, readRecords } from "../../src/dns/message-records.ts";
import { address, name, writeReply } from "../support/scripted-upstream.ts";
import { writeQuery } from "../support/wire.ts";

const message = (...bytes: number[]): Uint8Array => Uint8Array.from([...Array<number>(12).fill(0), ...bytes]);

describe("names", () => {
  test.each<[string, Uint8Array, number, number[] | undefined, number | undefined]>([
    ["the root", message(0), 12, [0], 13],
    ["labels", message(1, 0x61, 2, 0x42, 0x63, 0), 12, [1, 0x61, 2, 0x42, 0x63, 0], 18],
    ["a pointer", message(1, 0x61, 0, 0xc0, 12), 15, [1, 0x61, 0], 17],
    ["a label, then a pointer", message(1, 0x61, 0, 1, 0x62, 0xc0, 12), 15, [1, 0x62, 1, 0x61, 0], 19],
    ["a pointer to itself", message(0xc0, 12), 12, undefined, 14],
    ["a pointer forward", message(0xc0, 14, 0), 12, undefined, 14],
    ["two pointers in a circle", message(0xc0, 14, 0xc0, 12), 14, undefined, 16],
    ["a pointer into its own labels", message(1, 0x61, 0xc0, 12), 12, undefined, 16],
    ["a pointer into the header", message(0xc0, 2), 12, undefined, 14],
    ["half a pointer", message(0xc0), 12, undefined, undefined],
    ["a label type that is none", message(0x40, 0), 12, undefined, undefined],
    ["a label past the end", message(5, 0x61), 12, undefined, undefined],
    ["no end", message(1, 0x61), 12, undefined, undefined],
    ["nothing", message(), 12, undefined, undefined],
  ])("%s", (_, bytes, at, wire, end) => {
    expect(readName(bytes, at)).toEqual(wire && Uint8Array.from(wire));
    expect(skipName(bytes, at)).toBe(end);
  });

  test("255 bytes are a name, 256 are none", () => {
    const label = [63, ...Array<number>(63).fill(0x61)];
    const long = (last: number): Uint8Array =>
      message(...label, ...label, ...label, last, ...Array<number>(last).fill(0x61), 0);
    expect(readName(long(61), 12)?.length).toBe(255);
    expect(readName(long(62), 12)).toBeUndefined();
    expect(skipName(long(61), 12)).toBe(12 + 255);
    expect(skipName(long(62), 12)).toBeUndefined();
  });

  test.each([
    ["www.up.test.", "up.test.", true],
    ["WWW.uP.test.", "Up.TEST.", true],
    ["up.test.", "up.test.", true],
    ["xup.test.", "up.test.", false],
    ["test.", "up.test.", false],
    ["www.up.test.", ".", true],
    // The same bytes, but not at the border of a label.
    ["a\\002up.test.", "up.test.", false],
  ])("%s within %s: %s", (inner, zone, within) => {
    expect(isWithin(name(inner), name(zone))).toBe(within);
    expect(equalNames(name(inner), name(zone))).toBe(within && inner.length === zone.length);
  });
});

describe("records", () => {
  const reply = writeReply(writeQuery({ name: "www.up.test.", type: "A", opt: { size: 1232 } }), {
    answer: [{ owner: "www.up.test.", type: "A", ttl: 0xffff_ffff, rdata: address("192.0.2.1") }],
    authority: [{ owner: ".", type: "NS", class: 3, rdata: name("a.") }],
  });

  test("of all sections, in their places", () => {
    expect(readRecords(reply)).toMatchObject([
      { section: "answer", type: 1, class: 1, ttl: 0xffff_ffff },
      { section: "authority", type: 2, class: 3, ttl: 60 },
      { section: "additional", type: 41, class: 1232 },
    ]);
    const [first] = readRecords(reply)!;
    expect([...reply.subarray(first!.rdataAt, first!.rdataEnd)]).toEqual([192, 0, 2, 1]);
  });

  test("cut anywhere, there are none", () => {
    for (let size = 0; size < reply.length; size++) expect(readRecords(reply.subarray(0, size))).toBeUndefined();
  });

  test("any bytes are read in bounds", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        for (const { ownerAt, rdataAt, rdataEnd } of readRecords(bytes) ?? []) {
          expect(ownerAt < rdataAt && rdataAt <= rdataEnd && rdataEnd <= bytes.length).toBe(true);
        }
        for (let at = 0; at < bytes.length; at++) expect(readName(bytes, at)?.length ?? 0).toBeLessThanOrEqual(255);
      }),
    );
  });
});
