// What a query's options bring into the reply, through the whole answer function: cookies, NSID, keepalive, padding,
// identity, TSIG; and who is refused or cut.
import { describe, expect, test } from "vitest";
import type { AnswerSettings } from "../../src/answer/answer-settings.ts";
import { KnownClient } from "../../src/answer/client.ts";
import type { ClientTransport } from "../../src/answer/client.ts";
import { Clock } from "../../src/std/clock.ts";
import { newCookieMemory, setCookieSecrets } from "../../src/answer/cookies.ts";
import { QueryAnswerer } from "../../src/answer/query-answerer.ts";
import { newRateMemory } from "../../src/answer/rate-limiter.ts";
import { parseCidr, parseIp } from "../../src/net/ip.ts";
import { ask, askBytes, shown } from "../support/core/ask.ts";
import { fillNames, serveZone } from "../support/core/sample-zone.ts";
import { records } from "../support/core/table.ts";
import { parseLabels, readMessage, writeHeader, writeName, writeOpt, writeQuery } from "../support/wire.ts";
import type { Message, Query } from "../support/wire.ts";

const cidrs = (...texts: readonly string[]) => texts.map((text) => parseCidr(text)!);
const from = (transport: ClientTransport, address = "192.0.2.1"): KnownClient =>
  new KnownClient(transport, parseIp(address));
const option = (code: number, ...value: readonly number[]): number[] => [0, code, 0, value.length, ...value];
const COOKIE = [1, 2, 3, 4, 5, 6, 7, 8];
const NSID = Buffer.from("dns-2");

function serve(settings: Partial<AnswerSettings> = {}): QueryAnswerer {
  const { table } = serveZone((each) => {
    fillNames(each);
    for (let size = 460; size < 520; size++)
      each.put(`t${size}.z.`, [records("TXT", ["a".repeat(size - 300), "b".repeat(200)])]);
  });
  return new QueryAnswerer(table.reader, { ednsSize: 1232, recursion: false, ...settings }, 1);
}

function serveCookies(settings: Partial<AnswerSettings> = {}): QueryAnswerer {
  const cookies = newCookieMemory();
  setCookieSecrets(cookies, [Buffer.alloc(16, 7)]);
  return serve({ cookies, clock: new Clock().memory, ...settings });
}

function optionsOf(message: Message): Record<number, string> {
  return Object.fromEntries(
    (message.opt?.options ?? []).map(({ code, data }) => [code, Buffer.from(data).toString("hex")]),
  );
}

const query = (name: string, options: readonly number[], more: Partial<Query> = {}): Query => ({
  name,
  type: "A",
  opt: { size: 1232, options: Buffer.from(options) },
  ...more,
});

describe("NSID (RFC 5001)", () => {
  const named = serve({ nsid: NSID });

  test.each<[what: string, query: Query]>([
    ["an answer", query("a.z.", option(3))],
    ["NXDOMAIN", query("none.z.", option(3))],
    ["REFUSED", query("www.example.com.", option(3))],
    ["BADVERS", { name: "a.z.", type: "A", opt: { size: 1232, version: 9, options: Buffer.from(option(3)) } }],
  ])("is told in %s when asked", (_, asked) => {
    expect(optionsOf(ask(named, asked))[3]).toBe(NSID.toString("hex"));
    expect(optionsOf(ask(serve(), asked))).not.toHaveProperty("3");
  });

  test("is not told when not asked", () => {
    expect(optionsOf(ask(named, query("a.z.", option(8, 0, 1, 0, 0))))).toEqual({});
  });

  test.each(["id.server.", "HOSTNAME.bind."])("%s CH TXT tells the same", (name) => {
    const message = ask(named, { name, type: "TXT", class: 3, opt: { size: 1232 } });
    expect(shown(message)).toEqual(["NOERROR", `answer ${name} 0 TXT "dns-2"`]);
    expect([message.flags.aa, message.answer[0]!.class, message.question!.class]).toEqual([false, 3, 3]);
    expect(shown(ask(named, { name, type: "A", class: 3 }))).toEqual(["NOERROR"]);
    for (const recursion of [true, false])
      expect(ask(serve({ nsid: NSID, recursion }), { name, type: "TXT", class: 3 }).flags.ra).toBe(recursion);
    expect(shown(ask(named, { name: "version.bind.", type: "TXT", class: 3 }))).toEqual(["REFUSED"]);
  });
});

describe("cookies (RFC 7873)", () => {
  const answerer = serveCookies();

  test.each<[what: string, query: Query, rcode: string]>([
    ["an answer", query("a.z.", option(10, ...COOKIE)), "NOERROR"],
    ["NXDOMAIN", query("none.z.", option(10, ...COOKIE)), "NXDOMAIN"],
    ["REFUSED", query("www.example.com.", option(10, ...COOKIE)), "REFUSED"],
  ])("%s carries the client's and the server's part, each once", (_, asked, rcode) => {
    const first = ask(answerer, asked, from("udp"));
    const cookie = optionsOf(first)[10]!;
    expect([first.rcode, cookie]).toEqual([rcode, expect.stringMatching(/^010203040506070801000000[0-9a-f]{24}$/)]);
    // Sent back it stays as it is; many of them change nothing.
    const bytes = [...Buffer.from(cookie, "hex")];
    const again = ask(
      answerer,
      { ...asked, opt: { size: 1232, options: Buffer.from([...option(10, ...bytes), ...option(10, ...COOKIE)]) } },
      from("tcp"),
    );
    expect(again.opt!.options.filter(({ code }) => code === 10)).toHaveLength(1);
    expect(optionsOf(again)[10]).toBe(cookie);
    // From elsewhere it is replaced.
    expect(optionsOf(ask(answerer, query(asked.name, option(10, ...bytes)), from("udp", "192.0.2.9")))[10]).not.toBe(
      cookie,
    );
  });

  test.each([1, 7, 9, 15, 41])("one of %i bytes is malformed", (size) => {
    const reply = askBytes(answerer, writeQuery(query("a.z.", option(10, ...Array<number>(size).fill(1)))))!;
    expect([reply.length, readMessage(reply).rcode]).toEqual([12, "FORMERR"]);
  });

  test("a query without a question gets a cookie, and nothing without asking for one", () => {
    const header = writeHeader(7, 0x0100, 0, 0, 0, 1);
    const asked = Buffer.concat([header, writeOpt({ size: 1232, options: Buffer.from(option(10, ...COOKIE)) })]);
    const message = readMessage(askBytes(answerer, asked, from("udp"))!);
    expect([message.id, message.rcode, message.question]).toEqual([7, "NOERROR", undefined]);
    expect(optionsOf(message)[10]).toMatch(/^0102030405060708/);
    const bare = readMessage(askBytes(answerer, Buffer.concat([header, writeOpt({ size: 1232 })]), from("udp"))!);
    expect([bare.rcode, bare.opt?.options]).toEqual(["FORMERR", []]);
  });

  test("the room for a cookie is kept free in a full answer", () => {
    for (let size = 512; size < 560; size++) {
      const options = option(10, ...COOKIE);
      const asked = { name: "s.z.", type: "SRV", opt: { size, options: Buffer.from(options) } };
      const reply = askBytes(answerer, writeQuery(asked), from("udp"))!;
      expect(reply.length).toBeLessThanOrEqual(size);
      expect(optionsOf(readMessage(reply))[10]).toBeDefined();
    }
  });
});

describe("keepalive (RFC 7828)", () => {
  const answerer = serve({ keepalive: 100 });

  test.each([
    ["tcp", { 11: "0064" }],
    ["tls", { 11: "0064" }],
    ["udp", {}],
    ["https", {}],
  ] as const)("over %s", (transport, options) => {
    expect(optionsOf(ask(answerer, query("a.z.", option(11)), transport))).toEqual(options);
    expect(optionsOf(ask(answerer, query("a.z.", []), transport))).toEqual({});
  });

  test.each([
    ["tcp", "FORMERR"],
    ["tls", "FORMERR"],
    ["udp", "NOERROR"],
    ["https", "NOERROR"],
  ] as const)("with a value, over %s: %s", (transport, rcode) => {
    expect(ask(answerer, query("a.z.", option(11, 0, 9)), transport).rcode).toBe(rcode);
  });
});

describe("padding (RFC 8467)", () => {
  const answerer = serve();

  test("over encrypted transports alone, and only when asked", () => {
    const size = (transport: ClientTransport, options: readonly number[]): number =>
      askBytes(answerer, writeQuery(query("a.z.", options)), transport)!.length;
    const plain = size("tls", []);
    expect(["udp", "tcp"].map((transport) => size(transport as ClientTransport, option(12)))).toEqual([plain, plain]);
    expect(["tls", "https"].map((transport) => size(transport as ClientTransport, option(12, 0, 0)))).toEqual([
      468, 468,
    ]);
  });

  test("to whole blocks, whatever the size was", () => {
    const sizes = new Set<number>();
    for (let size = 460; size < 520; size++) {
      const asked = query(`t${size}.z.`, [], { type: "TXT" });
      const bare = askBytes(answerer, writeQuery(asked), "tls")!.length;
      const padded = askBytes(
        answerer,
        writeQuery({ ...asked, opt: { size: 1232, options: Buffer.from(option(12)) } }),
        "tls",
      )!;
      sizes.add(bare);
      expect(padded.length, `${bare} bytes`).toBe(bare % 468 === 0 ? bare : Math.ceil((bare + 4) / 468) * 468);
      expect(readMessage(padded).answer).toHaveLength(2);
    }
    for (const size of [463, 464, 465, 467, 468, 469]) expect(sizes).toContain(size);
  });
});

describe("TSIG (RFC 8945 5.2.1)", () => {
  const tsig = Buffer.from([
    ...writeName(parseLabels("key.")),
    0,
    250,
    0,
    255,
    0,
    0,
    0,
    0,
    0,
    21,
    1,
    97,
    0,
    0,
    0,
    1,
    2,
    3,
    4,
    1,
    44,
    0,
    2,
    9,
    9,
    0,
    7,
    0,
    0,
    0,
    0,
  ]);
  const question = Buffer.concat([writeName(parseLabels("a.z.")), Buffer.from([0, 1, 0, 1])]);

  test.each(["udp", "tcp", "tls", "https"] as const)("over %s: the key is not known, and nobody signs", (transport) => {
    const asked = Buffer.concat([writeHeader(0x1234, 0x0100, 1, 0, 0, 2), question, writeOpt({ size: 1232 }), tsig]);
    const reply = askBytes(serve(), asked, transport)!;
    const message = readMessage(reply);
    expect([message.rcode, message.answer, message.additional.map(({ type }) => type)]).toEqual([
      "RCODE9",
      [],
      ["TYPE250"],
    ]);
    // Key, type, class, TTL, then algorithm, time, fudge, no MAC, the query's id, BADKEY, nothing else.
    const record = [
      3, 107, 101, 121, 0, 0, 250, 0, 255, 0, 0, 0, 0, 0, 19, 1, 97, 0, 0, 0, 1, 2, 3, 4, 1, 44, 0, 0, 0x12, 0x34, 0,
      17, 0, 0,
    ];
    expect([...reply.subarray(-record.length)]).toEqual(record);
  });
});

describe("who may ask", () => {
  const answerer = serve({ allow: cidrs("10.0.0.0/8", "::1/128"), allowRecursion: cidrs("10.1.0.0/16") });

  test.each<[string, Query, string, number | undefined]>([
    ["10.1.2.3", query("a.z.", []), "NOERROR", undefined],
    ["::1", query("a.z.", []), "NOERROR", undefined],
    ["::ffff:10.1.2.3", query("a.z.", []), "NOERROR", undefined],
    ["11.1.2.3", query("a.z.", []), "REFUSED", 18],
    ["11.1.2.3", query("none.z.", []), "REFUSED", 18],
    ["11.1.2.3", query("id.server.", [], { class: 3 }), "REFUSED", 18],
    ["::2", query("a.z.", []), "REFUSED", 18],
    ["10.1.2.3", query("www.example.com.", []), "REFUSED", 20],
    ["10.2.2.3", query("www.example.com.", []), "REFUSED", 18],
    ["10.2.2.3", query("outside.alias.z.", []), "NOERROR", undefined],
  ])("%s asks %o: %s", (address, asked, rcode, ede) => {
    for (const transport of ["udp", "tcp", "tls", "https"] as const) {
      const message = ask(answerer, asked, from(transport, address));
      expect(message.rcode).toBe(rcode);
      expect(optionsOf(message)[15]).toBe(ede === undefined ? undefined : `00${ede.toString(16)}`);
      if (rcode === "REFUSED") expect(shown(message)).toEqual(["REFUSED"]);
    }
  });

  test("whoever is not known may not, where not everybody may", () => {
    expect(ask(answerer, query("a.z.", []), "udp").rcode).toBe("REFUSED");
  });

  test("malformed bytes tell nothing either", () => {
    expect(askBytes(answerer, Buffer.alloc(11), from("udp"))).toBeUndefined();
    expect(readMessage(askBytes(answerer, writeHeader(1, 0, 1, 0, 0, 0), from("udp"))!).rcode).toBe("FORMERR");
  });
});

describe("who asks too much", () => {
  const limited = (): QueryAnswerer =>
    serveCookies({ rateLimit: { rate: 2, exempt: cidrs("127.0.0.0/8"), memory: newRateMemory([3, 4]) } });

  test("is answered cut, with the question and the OPT", () => {
    const answerer = limited();
    const plain: Query = { name: "s.z.", type: "SRV", id: 5 };
    for (let i = 0; i < 5; i++) expect(ask(answerer, plain, from("udp")).answer).toHaveLength(2);
    const reply = askBytes(answerer, writeQuery(plain), from("udp"))!;
    const message = readMessage(reply);
    expect([message.flags.tc, message.flags.aa, message.rcode, message.question?.name]).toEqual([
      true,
      true,
      "NOERROR",
      "s.z.",
    ]);
    expect(reply).toHaveLength(writeQuery(plain).length);
    const withOpt = ask(answerer, query("s.z.", [], { type: "SRV" }), from("udp"));
    expect([withOpt.flags.tc, withOpt.additional, withOpt.opt?.size]).toEqual([true, [], 1232]);
    expect(ask(answerer, plain, from("tcp")).answer).toHaveLength(2);
    expect(ask(answerer, plain, from("udp", "127.0.0.9")).answer).toHaveLength(2);
    expect(ask(answerer, plain, from("udp", "192.0.3.1")).answer).toHaveLength(2);
  });

  test("BADVERS is an error, and stays one when it is cut", () => {
    const answerer = limited();
    const odd = (): Message =>
      readMessage(
        askBytes(answerer, writeQuery({ name: "a.z.", type: "A", opt: { size: 1232, version: 1 } }), from("udp"))!,
      );
    const seen = Array.from({ length: 7 }, odd);
    expect(seen.map(({ opt }) => opt?.extendedRcode)).toEqual(Array(7).fill(1));
    expect(seen.map(({ flags }) => flags.tc)).toEqual([false, false, false, false, false, true, true]);
  });

  test("unless it has shown that it is where it says", () => {
    const answerer = limited();
    const first = optionsOf(ask(answerer, query("a.z.", option(10, ...COOKIE)), from("udp")))[10]!;
    const known = query("a.z.", option(10, ...Buffer.from(first, "hex")));
    for (let i = 0; i < 50; i++) expect(ask(answerer, known, from("udp")).flags.tc).toBe(false);
    for (let i = 0; i < 9; i++) ask(answerer, query("a.z.", []), from("udp"));
    // The good cookie of the query before is not the next one's.
    expect(ask(answerer, known, from("udp")).flags.tc).toBe(false);
    expect(ask(answerer, { name: "a.z.", type: "A" }, from("udp")).flags.tc).toBe(true);
    const cut = ask(answerer, query("a.z.", option(10, ...COOKIE)), from("udp"));
    expect([cut.flags.tc, optionsOf(cut)[10]]).toEqual([true, first]);
  });

  test("errors and answers are counted apart, and errors without a question too", () => {
    const answerer = limited();
    const malformed = writeHeader(9, 0, 1, 0, 0, 0);
    for (let i = 0; i < 5; i++) expect(readMessage(askBytes(answerer, malformed, from("udp"))!).flags.tc).toBe(false);
    const reply = askBytes(answerer, malformed, from("udp"))!;
    expect([reply.length, readMessage(reply).flags.tc, readMessage(reply).rcode]).toEqual([12, true, "FORMERR"]);
    expect(ask(answerer, query("a.z.", []), from("udp")).flags.tc).toBe(false);
  });
});
