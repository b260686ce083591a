import { describe, expect, test } from "vitest";
import { NameBuffer } from "../../src/answer/name-buffer.ts";
import { parseName } from "../../src/dns/name.ts";

function named(text: string): NameBuffer {
  const name = new NameBuffer();
  if (!name.setText(text)) throw new Error(`${text} is not a name`);
  return name;
}

const HEADER = Buffer.alloc(12);

describe("a name that changes in place", () => {
  test.each<[what: string, bytes: Buffer, at: number, text: string | undefined]>([
    ["a name", Buffer.from("\u0001A\u0001b\0"), 0, "A.b."],
    ["the root", Buffer.from([0]), 0, "."],
    ["a pointer", Buffer.concat([Buffer.from("\u0001b\0\u0001a"), Buffer.from([0xc0, 12])]), 3, "a.b."],
    ["a pointer to itself", Buffer.from([0xc0, 12]), 0, undefined],
    ["a pointer forward", Buffer.from([0xc0, 14, 0]), 0, undefined],
    ["a pointer into the header", Buffer.from([0xc0, 11]), 0, undefined],
    ["half a pointer", Buffer.from([0xc0]), 0, undefined],
    ["a label that does not end", Buffer.from([5, 97]), 0, undefined],
    ["a name that does not end", Buffer.from("\u0001a"), 0, undefined],
    ["a label of 64 bytes", Buffer.concat([Buffer.from([64]), Buffer.alloc(70)]), 0, undefined],
    ["256 bytes", Buffer.concat([Buffer.from("\u0001a".repeat(128)), Buffer.alloc(1)]), 0, undefined],
  ])("reads %s", (_, bytes, at, text) => {
    const message = Buffer.concat([Buffer.alloc(3), HEADER, bytes]);
    const name = new NameBuffer();
    expect(name.read(message, 3, message.length, 15 + at)).toBe(text !== undefined);
    if (text !== undefined) expect(name.toText()).toBe(text);
  });

  test.each([
    ["a.b.test.", "B.test.", 2],
    ["b.test.", "b.test.", 0],
    ["xb.test.", "b.test.", -1],
    ["test.", "b.test.", -1],
    ["a.", ".", 2],
  ])("%s ends in %s at %i", (text, tail, at) => {
    expect(named(text).findTail(parseName(tail)!)).toBe(at);
  });

  test("has at most 255 bytes", () => {
    const long = "a.".repeat(127);
    const name = named(long);
    expect(name.replaceTail(2, parseName(long)!)).toBe(false);
    expect(name.toText()).toBe(long);
    expect(name.replaceTail(2, parseName("b.")!)).toBe(true);
    expect(name.toText()).toBe("a.b.");
  });

  test("as text, has the escapes of CoreDNS", () => {
    expect(named("*.a\\.b\\@c\\032_d.").toText()).toBe("*.a\\.b\\@c\\032_d.");
    expect(new NameBuffer().setText("a..b.")).toBe(false);
  });

  test("is folded", () => {
    const name = named("A.bC.");
    name.fold();
    expect(name.toText()).toBe("a.bc.");
  });
});
