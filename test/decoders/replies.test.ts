// A reply of every kind, read by decoders that share nothing: the tests' own, dns2, dnspython and tshark, the last two
// where they are installed. They must find the same in every one of them, and nothing to object to.
import { readFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { whyNot } from "../support/optional-programs.ts";
import { differencesFromDns2 } from "../support/second-opinion.ts";
import { readMessage, writeHeader } from "../support/wire.ts";
import { collectKinds, collectScenarios, formatGist } from "./collect-replies.ts";
import { differencesFromDnspython, differencesFromTshark } from "./differences.ts";
import { findDnspython, readWithDnspython } from "./dnspython.ts";
import { KINDS } from "./kinds.ts";
import { readOurs, type Reply } from "./reply.ts";
import { startServers, type Servers } from "./servers.ts";
import { dissect } from "./tshark.ts";

const python = findDnspython();
const NO_DNSPYTHON = "no python3 has the module dns";
const noTshark = whyNot("tshark");
/** It takes strings for UTF-8, and so loses bytes that are not. */
const BEYOND_DNS2 = /^type: bytes/;

let servers: Servers | undefined;
let kinds: Reply[];
let replies: Reply[];
beforeAll(async () => {
  servers = await startServers();
  const collected = await Promise.all([collectKinds(servers), collectScenarios()]);
  kinds = collected[0];
  replies = collected.flat();
});
afterAll(() => servers?.close());

/** What `differencesOf` finds, by the label of the reply. */
function findings(
  differencesOf: (reply: Reply, index: number) => string[],
  among: readonly Reply[] = replies,
): readonly string[] {
  return among.flatMap((reply, index) =>
    differencesOf(reply, index).map((difference) => `${reply.label}: ${difference}`),
  );
}

describe("the replies", () => {
  test("are of the kinds that they are to be", () => {
    const wanted = KINDS.map(({ label, gist }) => `${label}: ${gist}`);
    const gists = kinds.slice(0, KINDS.length).map(({ label, bytes }) => `${label}: ${formatGist(bytes)}`);
    expect(gists).toEqual(wanted);
  });

  test("show every row of docs/answers.md", () => {
    const page = readFileSync(new URL("../../docs/answers.md", import.meta.url), "utf8");
    const rows = [...page.matchAll(/^\| `([a-z-]+)` \|/gm)].map(([, id]) => id!);
    const shown = new Set(replies.flatMap((reply) => reply.rows));
    expect(rows.length).toBeGreaterThan(50);
    expect(rows.filter((id) => !shown.has(id))).toEqual([]);
  });
});

describe("every reply is read the same", () => {
  test("by our own decoder, which finds nothing wrong", () => {
    expect(findings(({ bytes }) => (readOurs(bytes).flags & 0x8000 ? [] : ["is no reply"]))).toEqual([]);
  });

  test("by dns2", () => {
    const readable = replies.filter(({ label }) => !BEYOND_DNS2.test(label));
    expect(findings(({ bytes }) => differencesFromDns2(bytes, readMessage(bytes)), readable)).toEqual([]);
  });

  test("by dnspython", ({ skip }) => {
    if (python === undefined) return skip(NO_DNSPYTHON);
    const readings = readWithDnspython(
      python,
      replies.map(({ bytes }) => bytes),
    );
    expect(readings).toHaveLength(replies.length);
    expect(findings(({ bytes }, index) => differencesFromDnspython(bytes, readings[index]!))).toEqual([]);
  });

  test("by tshark", ({ skip }) => {
    if (noTshark !== undefined) skip(noTshark);
    const dissections = dissect(replies.map(({ bytes }) => bytes));
    expect(dissections).toHaveLength(replies.length);
    expect(findings(({ bytes }, index) => differencesFromTshark(bytes, dissections[index]!))).toEqual([]);
  });
});

describe("a decoder that is told of another message", () => {
  const right = Buffer.concat([
    writeHeader(7, 0x8180, 1, 1, 0, 0),
    Buffer.from("01610000010001c00c000100010000001e00040a000001", "hex"),
  ]);
  /** Byte `at` one higher, or what lies there cut off. */
  const changed = (at: number): Buffer => {
    const bytes = Buffer.from(right);
    bytes[at] = bytes[at]! + 1;
    return bytes;
  };
  const changes: readonly (readonly [what: string, theirs: Buffer])[] = [
    ["id", changed(1)],
    ["response code", changed(3)],
    ["owner", changed(13)],
    ["type of the question", changed(16)],
    ["TTL", changed(right.length - 7)],
    ["address", changed(right.length - 1)],
    ["end", right.subarray(0, -1)],
  ];

  test("which is right to begin with, agrees", () => {
    if (python !== undefined) {
      const [reading] = readWithDnspython(python, [right]);
      expect(differencesFromDnspython(right, reading!)).toEqual([]);
    }
    if (noTshark === undefined) expect(differencesFromTshark(right, dissect([right])[0]!)).toEqual([]);
  });

  test("dnspython: every change is found", ({ skip }) => {
    if (python === undefined) return skip(NO_DNSPYTHON);
    const readings = readWithDnspython(
      python,
      changes.map(([, bytes]) => bytes),
    );
    const blind = changes.filter((_, index) => differencesFromDnspython(right, readings[index]!).length === 0);
    expect(blind).toEqual([]);
  });

  test("tshark: every change is found", ({ skip }) => {
    if (noTshark !== undefined) skip(noTshark);
    const dissections = dissect(changes.map(([, bytes]) => bytes));
    const blind = changes.filter((_, index) => differencesFromTshark(right, dissections[index]!).length === 0);
    expect(blind).toEqual([]);
  });
});
