import { questionEnd } from "../../src/dns/message.ts";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { mixCase, withId, withoutEdns, writeUpstreamQuery } from "../../src/forward/upstream-query.ts";
import { name } from "../support/scripted-upstream.ts";
import { readMessage } from "../support/wire.ts";

const QUESTION = { name: name("www.up.test."), type: 28, class: 1, dnssecOk: false, checkingDisabled: false };

describe("queries to upstreams", () => {
  test.each([
    [false, false],
    [true, false],
    [false, true],
  ])("DO %s and CD %s go on, nothing else does", (dnssecOk, checkingDisabled) => {
    const message = readMessage(Buffer.from(writeUpstreamQuery({ ...QUESTION, dnssecOk, checkingDisabled })));
    expect(message).toMatchObject({
      id: 0,
      opcode: 0,
      flags: { qr: false, tc: false, rd: true, ra: false, ad: true, cd: checkingDisabled },
      question: { name: "www.up.test.", type: "AAAA", class: 1 },
      answer: [],
      authority: [],
      additional: [],
      opt: { size: 1232, version: 0, flags: dnssecOk ? 0x8000 : 0, options: [] },
    });
  });

  test("another id, and no EDNS", () => {
    const query = writeUpstreamQuery(QUESTION);
    expect(readMessage(Buffer.from(withId(query, 0xabcd))).id).toBe(0xabcd);
    const plain = readMessage(Buffer.from(withoutEdns(query)));
    expect(plain.opt).toBeUndefined();
    expect(plain.question).toEqual(readMessage(Buffer.from(query)).question);
    expect(query[0]).toBe(0);
  });

  test("0x20: letters alone change their case, each by its own bit", () => {
    const query = writeUpstreamQuery({ ...QUESTION, name: name("a-Z0@[`{.up.test.") });
    const end = questionEnd(query);
    const mixed = query.slice();
    mixCase(mixed, new Uint8Array(32).fill(0xff));
    const changed = [...mixed.keys()].filter((i) => mixed[i] !== query[i]);
    expect(changed.map((i) => String.fromCharCode(query[i]!)).join("")).toBe("aZuptest");
    expect(changed.every((i) => i < end - 4 && (mixed[i]! ^ query[i]!) === 0x20)).toBe(true);
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 32, maxLength: 32 }), (bits) => {
        const twice = query.slice();
        mixCase(twice, bits);
        mixCase(twice, bits);
        expect(twice).toEqual(query);
      }),
    );
  });
});
