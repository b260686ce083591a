import { describe, expect, test } from "vitest";
import { HAND_OVER } from "../../src/answer/answerer.ts";
import { CNAME_COUNT_MAX } from "../../src/answer/query-context.ts";
import type { ZonesOnly } from "../support/core/zones-only.ts";
import { ENTRY_FLAG } from "../../src/table/layout.ts";
import { ask, clientFrom, shown } from "../support/core/ask.ts";
import { encodeEntry } from "../../src/compile/encode-entry.ts";
import { fillNames, serveZone } from "../support/core/sample-zone.ts";
import type { Served } from "../support/core/sample-zone.ts";
import { records, wire } from "../support/core/table.ts";
import { writeQuery } from "../support/wire.ts";
import type { Query } from "../support/wire.ts";

const SOA = "z. 5 SOA ns.z. hostmaster.z. 7 7200 1800 86400 5";
const HINFO = 'HINFO "RFC8482" ""';

function isHandedOver(answerer: ZonesOnly, query: Query): boolean {
  const bytes = writeQuery(query);
  return answerer.answer(bytes, 0, bytes.length, new Uint8Array(1232), 0, clientFrom("udp")) === HAND_OVER;
}

describe("what a name holds", () => {
  test.each<[name: string, type: string, lines: readonly string[]]>([
    ["a.z.", "A", ["NOERROR", "answer a.z. 30 A 10.0.0.1"]],
    ["a.z.", "AAAA", ["NOERROR", "answer a.z. 30 AAAA fd00::1"]],
    ["v4.z.", "A", ["NOERROR", "answer v4.z. 0 A 10.0.0.2"]],
    ["z.", "SOA", ["NOERROR", "answer z. 30 SOA ns.z. hostmaster.z. 7 7200 1800 86400 5"]],
    ["z.", "NS", ["NOERROR", "answer z. 30 NS ns.z.", "additional ns.z. 30 A 10.0.0.53"]],
    ["*.z.", "TXT", ["NOERROR", 'answer *.z. 30 TXT "star"']],
    [
      "s.z.",
      "SRV",
      [
        "NOERROR",
        "answer s.z. 30 SRV 0 50 80 a.z.",
        "answer s.z. 30 SRV 0 50 81 v4.z.",
        "additional a.z. 30 A 10.0.0.1",
        "additional a.z. 30 AAAA fd00::1",
        "additional v4.z. 30 A 10.0.0.2",
      ],
    ],
    // NODATA: a name, an empty non-terminal, a name without sets, the apex.
    ["v4.z.", "AAAA", ["NOERROR", `authority ${SOA}`]],
    ["a.z.", "SOA", ["NOERROR", `authority ${SOA}`]],
    ["a.z.", "TYPE65280", ["NOERROR", `authority ${SOA}`]],
    ["ent.z.", "A", ["NOERROR", `authority ${SOA}`]],
    ["ent.z.", "ANY", ["NOERROR", `authority ${SOA}`]],
    ["empty.z.", "TXT", ["NOERROR", `authority ${SOA}`]],
    ["z.", "A", ["NOERROR", `authority ${SOA}`]],
    // NXDOMAIN: beside, below, no wildcard, a name with a label more than any.
    ["x.z.", "A", ["NXDOMAIN", `authority ${SOA}`]],
    ["x.z.", "SOA", ["NXDOMAIN", `authority ${SOA}`]],
    ["x.z.", "ANY", ["NXDOMAIN", `authority ${SOA}`]],
    ["x.a.z.", "A", ["NXDOMAIN", `authority ${SOA}`]],
    ["a.b.c.d.e.f.g.z.", "A", ["NXDOMAIN", `authority ${SOA}`]],
    ["a.z", "ANY", ["NOERROR", `answer a.z. 30 ${HINFO}`]],
    ["z.", "ANY", ["NOERROR", expect.stringMatching(/^answer z\. 30 /) as string]],
    ["in.alias.z.", "ANY", ["NOERROR", "answer in.alias.z. 30 CNAME a.z."]],
    // A zone of one name in another one.
    ["5.1.10.arpa.", "PTR", ["NOERROR", "answer 5.1.10.arpa. 30 PTR a.z."]],
    ["5.1.10.arpa.", "A", ["NOERROR", "authority 5.1.10.arpa. 5 SOA ns.z. hostmaster.z. 7 7200 1800 86400 5"]],
    ["5.1.10.arpa.", "SOA", ["NOERROR", "answer 5.1.10.arpa. 30 SOA ns.z. hostmaster.z. 7 7200 1800 86400 5"]],
    ["x.5.1.10.arpa.", "A", ["NXDOMAIN", "authority 5.1.10.arpa. 5 SOA ns.z. hostmaster.z. 7 7200 1800 86400 5"]],
    ["6.1.10.arpa.", "PTR", ["NXDOMAIN", "authority 10.arpa. 5 SOA ns.z. hostmaster.z. 7 7200 1800 86400 5"]],
    ["1.10.arpa.", "PTR", ["NOERROR", "authority 10.arpa. 5 SOA ns.z. hostmaster.z. 7 7200 1800 86400 5"]],
  ])("%s %s", (name, type, lines) => {
    const message = ask(serveZone(fillNames).answerer, { name, type });
    expect(shown(message)).toEqual(lines);
    expect(message.flags).toMatchObject({ qr: true, aa: true, tc: false, ra: false, z: false, ad: false, cd: false });
  });

  test("letter case is folded to look up, and comes back as it was asked", () => {
    const { answerer } = serveZone(fillNames);
    const message = ask(answerer, { name: "eNt.Z.", type: "A" });
    expect(message.question?.name).toBe("eNt.Z.");
    expect(message.authority[0]!.owner).toBe("Z.");
    expect(shown(ask(answerer, { name: "S.Z.", type: "SRV" }))).toContain("answer S.Z. 30 SRV 0 50 80 a.z.");
  });

  test.each([true, false])("RD %s comes back, and the other flags of the query do not", (rd) => {
    const message = ask(serveZone(fillNames).answerer, { name: "a.z.", type: "A", flags: rd ? 0x03ff : 0x02ff });
    expect(message.flags).toEqual({ qr: true, aa: true, tc: false, rd, ra: false, z: false, ad: false, cd: false });
    expect(message.rcode).toBe("NOERROR");
  });

  test.each([
    [0, 0],
    [0x8000, 0x8000],
    [0x7fff, 0],
  ])("an OPT gets one back: flags %i", (flags, back) => {
    const { answerer } = serveZone(fillNames);
    const opt = { size: 4096, flags, options: Buffer.from([0, 100, 0, 1, 7]) };
    expect(ask(answerer, { name: "a.z.", type: "A", opt }).opt).toEqual({
      size: 1232,
      extendedRcode: 0,
      version: 0,
      flags: back,
      options: [],
    });
    expect(ask(answerer, { name: "a.z.", type: "A" }).opt).toBeUndefined();
  });
});

describe("names that spell an address", () => {
  test.each<[name: string, type: string, lines: readonly string[]]>([
    ["10-9-8-7.pod.z.", "A", ["NOERROR", "answer 10-9-8-7.pod.z. 30 A 10.9.8.7"]],
    ["10-9-8-7.pod.z.", "AAAA", ["NOERROR", `authority ${SOA}`]],
    ["10-9-8-7.pod.z.", "TXT", ["NOERROR", `authority ${SOA}`]],
    ["10-9-8-7.pod.z.", "ANY", ["NOERROR", `answer 10-9-8-7.pod.z. 30 ${HINFO}`]],
    ["FD00--5.pod.z.", "AAAA", ["NOERROR", "answer FD00--5.pod.z. 30 AAAA fd00::5"]],
    ["fd00--5.pod.z.", "A", ["NOERROR", `authority ${SOA}`]],
    ["--.pod.z.", "AAAA", ["NOERROR", "answer --.pod.z. 30 AAAA ::"]],
    ["256-1-1-1.pod.z.", "A", ["NXDOMAIN", `authority ${SOA}`]],
    ["web.pod.z.", "A", ["NXDOMAIN", `authority ${SOA}`]],
    ["x.10-9-8-7.pod.z.", "A", ["NXDOMAIN", `authority ${SOA}`]],
    ["10-9-8-7.x.pod.z.", "A", ["NXDOMAIN", `authority ${SOA}`]],
    ["10-9-8-7.z.", "A", ["NXDOMAIN", `authority ${SOA}`]],
    ["pod.z.", "A", ["NOERROR", `authority ${SOA}`]],
    ["10-244-1-5.known.z.", "A", ["NOERROR", "answer 10-244-1-5.known.z. 30 A 10.244.1.5"]],
    ["10-244-1-5.known.z.", "AAAA", ["NOERROR", `authority ${SOA}`]],
    ["10-244-1-6.known.z.", "A", ["NXDOMAIN", `authority ${SOA}`]],
    ["10-244-1-6.known.z.", "ANY", ["NXDOMAIN", `authority ${SOA}`]],
    ["fd00--5.known.z.", "AAAA", ["NOERROR", "answer fd00--5.known.z. 30 AAAA fd00::5"]],
    ["fd00--6.known.z.", "AAAA", ["NXDOMAIN", `authority ${SOA}`]],
    ["x.10-244-1-5.known.z.", "A", ["NXDOMAIN", `authority ${SOA}`]],
    // The key that marks a known address is no name that exists; what lies below it neither.
    ["\\010\\244\\001\\005.known.z.", "A", ["NXDOMAIN", `authority ${SOA}`]],
    ["\\010\\244\\001\\005.known.z.", "ANY", ["NXDOMAIN", `authority ${SOA}`]],
    ["1-2-.known.z.", "A", ["NXDOMAIN", `authority ${SOA}`]],
    ["x.\\010\\244\\001\\005.known.z.", "A", ["NXDOMAIN", `authority ${SOA}`]],
    ["10-244-1-5.\\010\\244\\001\\005.known.z.", "A", ["NXDOMAIN", `authority ${SOA}`]],
  ])("%s %s", (name, type, lines) => {
    expect(shown(ask(serveZone(fillNames).answerer, { name, type }))).toEqual(lines);
  });

  test("a key of 16 bytes that spells another address gives that one its own answer", () => {
    const { answerer } = serveZone(({ put }) => {
      put("known.z.", [], ENTRY_FLAG.KNOWN_ADDRESS_LABELS);
      put("1-2-3-4-5-6-7-88.known.z.", [], ENTRY_FLAG.HIDDEN);
    });
    expect(ask(answerer, { name: "1-2-3-4-5-6-7-88.known.z.", type: "AAAA" }).rcode).toBe("NXDOMAIN");
    expect(
      ask(answerer, { name: "312d-322d-332d-342d-352d-362d-372d-3838.known.z.", type: "AAAA" }).answer,
    ).toHaveLength(1);
  });
});

describe("aliases", () => {
  const a = "answer in.alias.z. 30 CNAME a.z.";
  test.each<[name: string, type: string, lines: readonly string[]]>([
    ["in.alias.z.", "A", ["NOERROR", a, "answer a.z. 30 A 10.0.0.1"]],
    ["in.alias.z.", "CNAME", ["NOERROR", a]],
    ["in.alias.z.", "TXT", ["NOERROR", a, `authority ${SOA}`]],
    ["in.alias.z.", "SOA", ["NOERROR", a, `authority ${SOA}`]],
    ["x.in.alias.z.", "A", ["NXDOMAIN", `authority ${SOA}`]],
    ["missing.alias.z.", "A", ["NXDOMAIN", "answer missing.alias.z. 30 CNAME none.z.", `authority ${SOA}`]],
    ["nodata.alias.z.", "AAAA", ["NOERROR", "answer nodata.alias.z. 30 CNAME v4.z.", `authority ${SOA}`]],
    ["ent.alias.z.", "A", ["NOERROR", "answer ent.alias.z. 30 CNAME ent.z.", `authority ${SOA}`]],
    ["outside.alias.z.", "A", ["NOERROR", "answer outside.alias.z. 30 CNAME www.example.com."]],
    [
      "twice.alias.z.",
      "AAAA",
      ["NOERROR", "answer twice.alias.z. 30 CNAME in.alias.z.", a, "answer a.z. 30 AAAA fd00::1"],
    ],
    [
      "far.alias.z.",
      "A",
      ["NOERROR", "answer far.alias.z. 30 CNAME outside.alias.z.", "answer outside.alias.z. 30 CNAME www.example.com."],
    ],
    [
      "spelled.alias.z.",
      "A",
      ["NOERROR", "answer spelled.alias.z. 30 CNAME 10-9-8-7.pod.z.", "answer 10-9-8-7.pod.z. 30 A 10.9.8.7"],
    ],
    ["spelled.alias.z.", "AAAA", ["NOERROR", "answer spelled.alias.z. 30 CNAME 10-9-8-7.pod.z.", `authority ${SOA}`]],
    [
      "known.alias.z.",
      "A",
      ["NOERROR", "answer known.alias.z. 30 CNAME 10-244-1-5.known.z.", "answer 10-244-1-5.known.z. 30 A 10.244.1.5"],
    ],
    ["unknown.alias.z.", "A", ["NXDOMAIN", "answer unknown.alias.z. 30 CNAME 10-244-1-6.known.z.", `authority ${SOA}`]],
    [
      "hidden.alias.z.",
      "A",
      ["NXDOMAIN", "answer hidden.alias.z. 30 CNAME \\010\\244\\001\\005.known.z.", `authority ${SOA}`],
    ],
    [
      "apex.alias.z.",
      "SOA",
      ["NOERROR", "answer apex.alias.z. 30 CNAME z.", "answer z. 30 SOA ns.z. hostmaster.z. 7 7200 1800 86400 5"],
    ],
    [
      "rev.alias.z.",
      "A",
      [
        "NXDOMAIN",
        "answer rev.alias.z. 30 CNAME x.1.10.arpa.",
        "authority 10.arpa. 5 SOA ns.z. hostmaster.z. 7 7200 1800 86400 5",
      ],
    ],
  ])("%s %s", (name, type, lines) => {
    expect(shown(ask(serveZone(fillNames).answerer, { name, type }))).toEqual(lines);
  });

  test("SRV records behind an alias belong to its target, and their addresses to theirs", () => {
    expect(shown(ask(serveZone(fillNames).answerer, { name: "srv.alias.z.", type: "SRV" }))).toEqual([
      "NOERROR",
      "answer srv.alias.z. 30 CNAME s.z.",
      "answer s.z. 30 SRV 0 50 80 a.z.",
      "answer s.z. 30 SRV 0 50 81 v4.z.",
      "additional a.z. 30 A 10.0.0.1",
      "additional a.z. 30 AAAA fd00::1",
      "additional v4.z. 30 A 10.0.0.2",
    ]);
  });

  test.each(Array.from({ length: CNAME_COUNT_MAX + 3 }, (_, length) => length))("a chain of %i aliases", (length) => {
    const { answerer } = serveZone(({ put }) => {
      for (let i = 0; i < length; i++) put(`n${i}.z.`, [records("CNAME", [`n${i + 1}.z.`])]);
      put(`n${length}.z.`, [records("A", ["10.0.0.1", "10.0.0.2"])]);
    });
    const message = ask(answerer, { name: "n0.z.", type: "A" });
    const fits = length <= 10;
    expect([message.rcode, message.flags.tc]).toEqual([fits ? "NOERROR" : "SERVFAIL", false]);
    expect(message.answer.map(({ owner, type }) => `${owner} ${type}`)).toEqual(
      fits ? [...Array.from({ length }, (_, i) => `n${i}.z. CNAME`), `n${length}.z. A`, `n${length}.z. A`] : [],
    );
    expect([...message.authority, ...message.additional]).toEqual([]);
  });

  test("aliases that lead to each other end in SERVFAIL", () => {
    const { answerer } = serveZone(({ put }) => {
      put("a.z.", [records("CNAME", ["b.z."])]);
      put("b.z.", [records("CNAME", ["a.z."])]);
      put("c.z.", [records("CNAME", ["c.z."])]);
    });
    for (const name of ["a.z.", "b.z.", "c.z."]) {
      expect(shown(ask(answerer, { name, type: "A", opt: { size: 1232 } }))).toEqual(["SERVFAIL"]);
      expect(shown(ask(answerer, { name, type: "CNAME" }))).toHaveLength(2);
    }
  });

  test("a chain that leaves our zones is handed over where others can be asked, and RD asks for it", () => {
    const { answerer } = serveZone(fillNames, { ednsSize: 1232, recursion: true });
    expect(isHandedOver(answerer, { name: "outside.alias.z.", type: "A", flags: 0x0100 })).toBe(true);
    const alone = ask(answerer, { name: "outside.alias.z.", type: "A", flags: 0 });
    expect([alone.answer.length, alone.flags.ra, alone.flags.rd]).toEqual([1, true, false]);
  });
});

describe("what is handed over", () => {
  test.each<[what: string, query: Query]>([
    ["a name outside", { name: "www.example.com.", type: "A" }],
    ["the root", { name: ".", type: "NS" }],
    ["AXFR", { name: "z.", type: "AXFR" }],
    ["IXFR", { name: "z.", type: "IXFR" }],
    ["another class", { name: "a.z.", type: "A", class: 3 }],
  ])("%s", (_, query) => {
    expect(isHandedOver(serveZone(fillNames).answerer, query)).toBe(true);
  });

  test("replies and scraps are not: there is nothing to say to them, here or there", () => {
    const { answerer } = serveZone(fillNames);
    const reply = writeQuery({ name: "a.z.", type: "A", flags: 0x8000 });
    for (const bytes of [reply, reply.subarray(0, 11), reply.subarray(0, 0)]) {
      expect(answerer.answer(bytes, 0, bytes.length, new Uint8Array(1232), 0, clientFrom("udp"))).toBe(0);
    }
  });
});

describe("zones that are not ready", () => {
  const NOT_READY = { code: 15, data: Buffer.from([0, 14]) };

  /** `z.` and `late.`, which is not ready, with a delegation to itself in `z.` and chains between them. */
  function serveTwo(): Served {
    const served = serveZone((table) => {
      fillNames(table);
      const { put, writer } = table;
      const putLate = (name: string, sets: Parameters<typeof put>[1] = []): void => {
        const content = encodeEntry(
          { name: wire(name), sets: sets ?? [] },
          { apexSize: wire("late.").length, zone: 1, kind: 0 },
        );
        writer.put(wire(name), content);
      };
      const times = { refreshSeconds: 7200, retrySeconds: 1800, expireSeconds: 86_400, minimumSeconds: 5 };
      writer.setZoneSoa(1, { ttlSeconds: 30, negativeTtlSeconds: 5, ...times, mname: wire("ns."), rname: wire("a.") });
      writer.setZoneReady(1, false);
      putLate("late.");
      putLate("a.late.", [records("A", ["10.0.0.9"])]);
      putLate("a.b.late.", [records("CNAME", ["a.z."])]);
      put("to-late.z.", [records("CNAME", ["a.late."])]);
      put("through-late.z.", [records("CNAME", ["a.b.late."])]);
      put("d.z.", [records("TYPE39", ["late."])], ENTRY_FLAG.REDIRECTS);
      put("fwd.late.", [], ENTRY_FLAG.FOREIGN);
    });
    return served;
  }

  const names = ["late.", "a.late.", "b.late.", "x.late.", "x.y.late.", "to-late.z.", "through-late.z.", "a.d.z."];
  test.each(names.flatMap((name) => ["A", "SOA", "ANY", "TXT", "DS"].map((type) => [name, type] as const)))(
    "%s %s is SERVFAIL with the extended error",
    (name, type) => {
      const { answerer, table } = serveTwo();
      const message = ask(answerer, { name, type, opt: { size: 1232 } });
      // ANY is answered with the alias itself.
      if (type === "ANY" && name.endsWith("-late.z.")) {
        expect(message.rcode).toBe("NOERROR");
        return;
      }
      const isSynthesized = type === "ANY" && name === "a.d.z.";
      expect(shown(message)[0]).toBe(isSynthesized ? "NOERROR" : "SERVFAIL");
      if (isSynthesized) return;
      expect(shown(message)).toEqual(["SERVFAIL"]);
      expect([message.flags.aa, message.opt?.options]).toEqual([false, [NOT_READY]]);
      const plain = ask(answerer, { name, type });
      expect([shown(plain), plain.opt]).toEqual([["SERVFAIL"], undefined]);
      table.writer.setZoneReady(1, true);
      expect(ask(answerer, { name, type, opt: { size: 1232 } }).opt?.options).toEqual([]);
    },
  );

  test("all others are answered as ever", () => {
    const { answerer, table } = serveTwo();
    const questions = [
      "z.",
      "a.z.",
      "none.z.",
      "ent.z.",
      "srv.alias.z.",
      "outside.alias.z.",
      "10-9-8-7.pod.z.",
      "d.z.",
    ];
    const answers = (): unknown[] =>
      questions.flatMap((name) => ["A", "NS", "DS"].map((type) => shown(ask(answerer, { name, type }))));
    const before = answers();
    expect(before).not.toContainEqual(["SERVFAIL"]);
    table.writer.setZoneReady(1, true);
    expect(answers()).toEqual(before);
  });

  test("names in no zone are handed over when all zones are known, and SERVFAIL before that", () => {
    const { answerer, table } = serveTwo();
    const outside = ["www.example.com.", ".", "fwd.late.", "x.fwd.late."].map((name) => ({ name, type: "A" }));
    expect(outside.map((query) => isHandedOver(answerer, query))).toEqual(outside.map(() => true));
    table.writer.setZoneReady(1, true);
    table.writer.setZonesKnown(false);
    for (const query of [...outside, { name: "outside.alias.z.", type: "A" }]) {
      const message = ask(answerer, { ...query, opt: { size: 1232 } });
      expect([shown(message), message.opt?.options]).toEqual([["SERVFAIL"], [NOT_READY]]);
    }
    expect(shown(ask(answerer, { name: "a.late.", type: "A" }))).toEqual(["NOERROR", "answer a.late. 30 A 10.0.0.9"]);
  });

  test("DS at the apex of a ready zone waits for the zone around it", () => {
    const { answerer, table } = serveTwo();
    const place = { apexSize: wire("in.late.").length, zone: 2, kind: 0 };
    table.writer.setZoneSoa(2, {
      ttlSeconds: 1,
      negativeTtlSeconds: 1,
      mname: wire("ns."),
      rname: wire("a."),
      refreshSeconds: 1,
      retrySeconds: 1,
      expireSeconds: 1,
      minimumSeconds: 1,
    });
    table.writer.put(wire("in.late."), encodeEntry({ name: wire("in.late."), sets: [] }, place));
    expect(ask(answerer, { name: "in.late.", type: "A" }).rcode).toBe("NOERROR");
    expect(ask(answerer, { name: "in.late.", type: "DS" }).rcode).toBe("SERVFAIL");
    table.writer.setZoneReady(1, true);
    expect(ask(answerer, { name: "in.late.", type: "DS" }).rcode).toBe("NOERROR");
  });
});
