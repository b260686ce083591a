// Section A: what genreport asks of every name server, with and without EDNS; RFC 8906 8, RFC 6891.
import { describe, expect, test } from "vitest";
import {
  parseType,
  readMessage,
  writeHeader,
  writeQuery,
  type Query,
  writeOption,
  writeQuestion,
  writeTsig,
} from "../support/wire.ts";
import { CHECKS, testName, type CheckId } from "./catalog.ts";
import { faultsOf, rcodeOf, sizeFaults, type ReplyKind } from "./judge.ts";
import { ANY_SUBNET, COOKIE, ID, message, OPTION, soaQuery, ZONE } from "./packets.ts";
import { conformanceSuite } from "./suite.ts";
import { IS_OURS } from "./target.ts";

const { over } = conformanceSuite();
const NSID = writeOption(OPTION.NSID);
const EXPIRE = writeOption(OPTION.EXPIRE);
const UNKNOWN = writeOption(OPTION.UNKNOWN);
const edns = (more: Partial<NonNullable<Query["opt"]>> = {}): Partial<Query> => ({ opt: { size: 4096, ...more } });
const DO = 0x8000;

type Row = readonly [id: CheckId, query: Buffer, wanted: ReplyKind];
const ROWS: readonly Row[] = [
  ["A01", soaQuery(), "plain"],
  ["A02", soaQuery({ flags: 0x0400 }), "plain"],
  ["A03", soaQuery({ flags: 0x0020 }), "plain"],
  ["A04", soaQuery({ flags: 0x0010 }), "plain"],
  ["A05", soaQuery({ flags: 0x0080 }), "plain"],
  ["A06", soaQuery({ flags: 0x0100 }), "plain"],
  ["A07", soaQuery({ flags: 0x0200 }), "plain"],
  ["A08", soaQuery({ flags: 0x0040 }), "plain"],
  ["A09", writeHeader(ID, 0x7800, 0, 0, 0, 0), "notimp"],
  ["A10", writeHeader(ID, 0x7ff0, 0, 0, 0, 0), "notimp"],
  ["A13", soaQuery(edns()), "edns"],
  ["A14", soaQuery(edns({ version: 1 })), "badvers"],
  ["A16", soaQuery(edns({ options: UNKNOWN })), "edns"],
  ["A16", soaQuery(edns({ options: writeOption(65_001, "deadbeef") })), "edns"],
  ["A17", soaQuery(edns({ version: 1, options: UNKNOWN })), "badvers"],
  ["A18", soaQuery(edns({ flags: DO })), "edns"],
  ["A19", soaQuery({ flags: 0x0010, ...edns({ flags: DO }) }), "edns"],
  ["A20", soaQuery(edns({ version: 1, flags: DO })), "badvers"],
  ["A21", soaQuery(edns({ flags: 0x0080 })), "edns"],
  ["A22", soaQuery(edns({ options: Buffer.concat([NSID, ANY_SUBNET, EXPIRE, COOKIE]) })), "edns"],
  ["A23", soaQuery(edns({ options: NSID })), "edns"],
  ["A24", soaQuery(edns({ options: COOKIE })), "edns"],
  ["A25", soaQuery(edns({ options: EXPIRE })), "edns"],
  ["A26", soaQuery(edns({ options: ANY_SUBNET })), "edns"],
  ["A27", soaQuery(edns({ version: 1, options: NSID })), "badvers"],
  ["A28", soaQuery(edns({ version: 1, options: COOKIE })), "badvers"],
  ["A29", soaQuery(edns({ version: 1, options: EXPIRE })), "badvers"],
  ["A30", soaQuery(edns({ version: 1, options: ANY_SUBNET })), "badvers"],
  ["A32", soaQuery(edns({ flags: DO, options: COOKIE })), "edns"],
  ["A33", soaQuery({ flags: 0x0120, ...edns({ options: COOKIE }) }), "edns"],
  ["A36", message(0x7800, [1, 0, 0, 0], writeQuestion(ZONE, 6)), "notimp"],
];

over("all", ({ check }) => {
  for (const [id, query, wanted] of ROWS) {
    check(id, async (link) => {
      const reply = await link.ask(query);
      expect(faultsOf(wanted, query, reply)).toEqual([]);
      if (!IS_OURS) return;
      const { flags, opt } = readMessage(reply);
      expect({ ra: flags.ra, ad: flags.ad, size: opt?.size ?? 1232 }).toEqual({ ra: false, ad: false, size: 1232 });
    });
  }

  check("A11", async (link) => {
    const query = soaQuery({ type: "TYPE666" });
    const reply = await link.ask(query);
    expect(faultsOf("plain", query, reply)).toEqual([]);
    expect(readMessage(reply).answer).toEqual([]);
  });

  check("A15", async (link) => {
    const query: Query = { name: ZONE, type: "DNSKEY", id: ID, flags: 0, opt: { size: 512, flags: DO } };
    const reply = await link.ask(writeQuery(query));
    expect(readMessage(reply).flags.tc ? [] : faultsOf("edns", writeQuery(query), reply)).toEqual([]);
    expect(link.transport === "udp" ? sizeFaults(query, reply) : []).toEqual([]);
  });

  check("A34", async (link) => {
    const reply = readMessage(await link.ask(message(0, [1, 0, 0, 1], writeQuestion(ZONE, 6), writeTsig({ id: ID }))));
    expect(rcodeOf(reply)).toBe("RCODE9");
    expect(reply).toMatchObject({ id: ID, answer: [] });
    expect(reply.additional.map(({ type }) => type)).toEqual(["TYPE250"]);
  });
});

over("tcp", ({ check }) => {
  check("A12", async (link) => {
    const query = soaQuery();
    expect(faultsOf("plain", query, await link.ask(query))).toEqual([]);
  });
  check("A31", async (link) => {
    const query = soaQuery({ type: "DNSKEY", ...edns({ size: 512, flags: DO }) });
    expect(faultsOf("edns", query, await link.ask(query))).toEqual([]);
  });
});

/** Names and numbers of the types that genreport asks for. */
const TYPES = new Map(
  `
    A 1, NS 2, MD 3, MF 4, CNAME 5, SOA 6, MB 7, MG 8, MR 9, NULL 10, WKS 11, PTR 12, HINFO 13, MINFO 14, MX 15,
    TXT 16, RP 17, AFSDB 18, X25 19, ISDN 20, RT 21, NSAP 22, NSAP-PTR 23, SIG 24, KEY 25, PX 26, GPOS 27, AAAA 28,
    LOC 29, NXT 30, SRV 33, NAPTR 35, KX 36, CERT 37, A6 38, DNAME 39, APL 42, DS 43, SSHFP 44, IPSECKEY 45,
    RRSIG 46, NSEC 47, DNSKEY 48, DHCID 49, NSEC3 50, NSEC3PARAM 51, TLSA 52, SMIMEA 53, HIP 55, CDS 59,
    CDNSKEY 60, OPENPGPKEY 61, SPF 99, NID 104, L32 105, L64 106, LP 107, EUI48 108, EUI64 109, URI 256, CAA 257,
    AVC 258, DOA 259, DLV 32769, TYPE1000 1000
`
    .split(",")
    .map((pair) => pair.trim().split(" "))
    .map(([name, number]) => [name!, Number(number)]),
);

over("all", ({ check }) => {
  check("A35", async (link) => {
    const faults = await Promise.all(
      [...TYPES].map(async ([name, type]) => {
        const query = message(0, [1, 0, 0, 0], writeQuestion(ZONE, type));
        return faultsOf("plain", query, await link.ask(query)).map((fault) => `${name}: ${fault}`);
      }),
    );
    expect(faults.flat()).toEqual([]);
  });
});

describe("the suite itself", () => {
  test("65 types are asked for", () => {
    expect(TYPES.size).toBe(65);
    expect(parseType("TYPE1000")).toBe(TYPES.get("TYPE1000"));
    expect(testName("A35")).toBe(`A35 ${CHECKS.A35}`);
  });
});
