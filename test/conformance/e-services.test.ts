// Section E: what the names of services, endpoints and pods are answered with. Kubernetes DNS specification 1.1.0;
// RFC 1034 4.3, 2308, 8020.
import { describe, expect } from "vitest";
import { readMessage, writeQuery, type Message } from "../support/wire.ts";
import type { CheckId } from "./catalog.ts";
import { ZONES } from "./fixture.ts";
import { askFor, linkTo, type Link } from "./links.ts";
import { ID, KUBERNETES, ZONE } from "./packets.ts";
import { checkOurs, conformanceSuite, notApplicable } from "./suite.ts";
import { IS_OURS, SERVER_NAME, startOurs } from "./target.ts";
import { expectMsBelow } from "../support/timing.ts";

const { over } = conformanceSuite();
const V6_ZONE = ZONES[3];
const TTL = 30;

/** A question, and the records (type and data) that answer it; none of NODATA and NXDOMAIN. Names end in the zone. */
type Row = readonly [
  name: string,
  type: string,
  wanted: "NODATA" | "NXDOMAIN" | readonly string[],
  additional?: readonly string[],
];

const service = (name: string): string => `${name}.default.svc.${ZONE}`;

const ROWS: Partial<Record<CheckId, readonly Row[]>> = {
  E01: [[KUBERNETES, "A", ["A 10.96.0.1"]]],
  E02: [[KUBERNETES, "AAAA", "NODATA"]],
  E03: [
    [service("nosuch"), "A", "NXDOMAIN"],
    [service("nosuch"), "AAAA", "NXDOMAIN"],
  ],
  E04: [
    [`default.svc.${ZONE}`, "A", "NODATA"],
    [`svc.${ZONE}`, "A", "NODATA"],
    [ZONE, "A", "NODATA"],
  ],
  E05: [
    [`nons.svc.${ZONE}`, "A", "NXDOMAIN"],
    [`x.nons.svc.${ZONE}`, "A", "NXDOMAIN"],
    [`empty.svc.${ZONE}`, "A", "NODATA"],
  ],
  E06: [
    [service("dual"), "A", ["A 10.96.0.20"]],
    [service("dual"), "AAAA", ["AAAA fd00:10:96::20"]],
  ],
  E07: [[service("_https._tcp.kubernetes"), "SRV", [`SRV 0 100 443 ${KUBERNETES}`], [`${KUBERNETES} A 10.96.0.1`]]],
  E08: [
    [service("_8080._tcp.unnamed"), "SRV", "NXDOMAIN"],
    [service("_https._udp.kubernetes"), "SRV", "NXDOMAIN"],
    [service("_http._tcp.kubernetes"), "SRV", "NXDOMAIN"],
  ],
  E09: [
    [service("_tcp.kubernetes"), "SRV", "NODATA"],
    [service("_udp.kubernetes"), "SRV", "NXDOMAIN"],
  ],
  E10: [
    ["1.0.96.10.in-addr.arpa.", "PTR", [`PTR ${KUBERNETES}`]],
    [`0.2.0.0.${V6_ZONE}`, "PTR", [`PTR ${service("dual")}`]],
    [`0.2.0.0.${V6_ZONE.toUpperCase()}`, "PTR", [`PTR ${service("dual")}`]],
  ],
  E11: [
    [service("headless"), "A", ["A 10.244.1.5", "A 10.244.1.6", "A 10.244.1.7"]],
    [service("published"), "A", ["A 10.244.4.1"]],
  ],
  E12: [[service("headless"), "AAAA", "NODATA"]],
  E13: [
    [service("not-ready"), "A", "NXDOMAIN"],
    [service("not-ready"), "AAAA", "NXDOMAIN"],
  ],
  E14: [
    [service("h-0.headless"), "A", ["A 10.244.1.5"]],
    [service("h-1.headless"), "A", ["A 10.244.1.6"]],
    [service("10-244-1-7.headless"), "A", ["A 10.244.1.7"]],
    // A host name replaces the name made of the address; an endpoint that is not ready has neither.
    [service("10-244-1-5.headless"), "A", "NXDOMAIN"],
    [service("10-244-1-8.headless"), "A", "NXDOMAIN"],
  ],
  E15: [
    [
      service("_http._tcp.headless"),
      "SRV",
      ["h-0", "h-1", "10-244-1-7"].map((name) => `SRV 0 33 80 ${service(`${name}.headless`)}`),
      [
        `${service("h-0.headless")} A 10.244.1.5`,
        `${service("h-1.headless")} A 10.244.1.6`,
        `${service("10-244-1-7.headless")} A 10.244.1.7`,
      ],
    ],
  ],
  E16: [["5.1.244.10.in-addr.arpa.", "PTR", [`PTR ${service("h-0.headless")}`]]],
  E17: [[`dns-version.${ZONE}`, "TXT", ['TXT "1.1.0"']]],
  E18: [[service("ext"), "CNAME", ["CNAME www.up.test."]]],
  E22: [
    [KUBERNETES, "HTTPS", "NODATA"],
    [KUBERNETES, "SVCB", "NODATA"],
    [service("headless"), "HTTPS", "NODATA"],
  ],
  E24: [
    [ZONE, "NS", [`NS ns.dns.${ZONE}`], [`ns.dns.${ZONE} A 10.96.0.10`]],
    [`ns.dns.${ZONE}`, "A", ["A 10.96.0.10"]],
    [ZONE, "DS", "NODATA"],
    [ZONE, "RRSIG", "NODATA"],
    [ZONE, "NSEC", "NODATA"],
    [ZONE, "DNSKEY", "NODATA"],
  ],
  E25: [
    [service("*"), "A", "NXDOMAIN"],
    [service("any"), "A", "NXDOMAIN"],
    [`kubernetes.*.svc.${ZONE}`, "A", "NXDOMAIN"],
    [`kubernetes.any.svc.${ZONE}`, "A", "NXDOMAIN"],
    [service("*.headless"), "A", "NXDOMAIN"],
    [service("_any._any.kubernetes"), "SRV", "NXDOMAIN"],
    [service("_*._*.kubernetes"), "SRV", "NXDOMAIN"],
  ],
  E26: [
    [service("x.kubernetes"), "A", "NXDOMAIN"],
    [service("x.nosuch"), "A", "NXDOMAIN"],
    [service("x.h-0.headless"), "A", "NXDOMAIN"],
  ],
  E28: [[service("twice"), "A", ["A 10.244.2.1", "A 10.244.2.2", "A 10.244.2.3"]]],
  E29: [service("google.com"), `google.com.svc.${ZONE}`, `google.com.${ZONE}`].flatMap((name) =>
    ["A", "AAAA"].map((type): Row => [name, type, "NXDOMAIN"]),
  ),
  E30: [
    ["9.9.96.10.in-addr.arpa.", "PTR", "NXDOMAIN"],
    [`f.f.f.f.${V6_ZONE}`, "PTR", "NXDOMAIN"],
  ],
  E32: [
    [`svc.svc.${ZONE}`, "A", "NODATA"],
    [`default.svc.svc.${ZONE}`, "A", ["A 10.96.0.32"]],
    [`default.svc.${ZONE}`, "A", "NODATA"],
    [service("default"), "A", "NXDOMAIN"],
    [service(`kubernetes.default.svc.${ZONE.slice(0, -1)}`), "A", "NXDOMAIN"],
    [`kubernetes.default.svc.svc.${ZONE}`, "A", "NXDOMAIN"],
  ],
};

const lower = (lines: readonly string[]): string[] => lines.map((line) => line.toLowerCase()).toSorted();

/** What is wrong with the answer to a row. */
function rowFaults([name, type, wanted, additional = []]: Row, message: Message): string[] {
  const { flags, rcode } = message;
  const fault = (what: string): string => `${name} ${type}: ${what}`;
  const faults: string[] = [];
  const wantedRcode = wanted === "NXDOMAIN" ? "NXDOMAIN" : "NOERROR";
  if (rcode !== wantedRcode) faults.push(fault(rcode));
  if (!flags.aa || flags.tc || flags.ad) faults.push(fault(`flags ${JSON.stringify(flags)}`));
  const answer = lower(message.answer.map((record) => `${record.type} ${record.rdata}`));
  const wantedAnswer = typeof wanted === "string" ? [] : lower(wanted);
  if (answer.join("\n") !== wantedAnswer.join("\n")) faults.push(fault(`answer ${answer.join(", ") || "empty"}`));
  const ttls = new Set(message.answer.map(({ ttl }) => ttl));
  if (ttls.size > 1 || (type !== "TXT" && [...ttls].some((ttl) => ttl !== TTL)))
    faults.push(fault(`TTL ${[...ttls].join(" ")}`));
  const beside = message.additional.map((record) => `${record.owner} ${record.type} ${record.rdata}`.toLowerCase());
  const missing = lower(additional).filter((line) => !beside.includes(line));
  if (missing.length > 0) faults.push(fault(`no ${missing.join(", ")} in additional`));
  return typeof wanted === "string" ? [...faults, ...negativeFaults(message).map(fault)] : faults;
}

/** A negative answer has one SOA, for as long as that itself says. RFC 2308 5. */
function negativeFaults({ authority }: Message): string[] {
  const [soa, ...others] = authority;
  if (soa?.type !== "SOA" || others.length > 0)
    return [`authority ${authority.map(({ type }) => type).join(" ") || "empty"}`];
  const minimum = Number(soa.rdata.split(" ").at(-1));
  return soa.ttl <= minimum ? [] : [`SOA for ${soa.ttl} s, minimum ${minimum}`];
}

over("all", ({ check }) => {
  for (const [id, rows] of Object.entries(ROWS) as [CheckId, readonly Row[]][]) {
    check(id, async (link) => {
      const faults = await Promise.all(
        rows.map(async (row) => rowFaults(row, await askFor(link, { name: row[0], type: row[1], flags: 0 }))),
      );
      expect(faults.flat()).toEqual([]);
    });
  }

  check("E03", async (link) => {
    if (!IS_OURS) return;
    // The owner of the SOA is a pointer, and its two names share one copy of the zone's name.
    const soaBytes = 2 + 10 + ("ns.dns.cluster.local".length + 2) + ("hostmaster".length + 3) + 20;
    const asked = [
      [service("nosuch"), "A"],
      [KUBERNETES, "AAAA"],
      [ZONE, "SOA"],
    ] as const;
    for (const [name, type] of asked) {
      const query = writeQuery({ name, type, id: ID });
      expect((await link.ask(query)).length, name).toBeLessThanOrEqual(query.length + soaBytes);
    }
  });

  check("E19", async (link) => {
    const startedMs = performance.now();
    const { rcode, answer } = await askFor(link, { name: service("la"), type: "A" });
    expectMsBelow(performance.now() - startedMs, 100);
    expect(answer.filter(({ type }) => type === "CNAME").length).toBeLessThanOrEqual(10);
    if (IS_OURS) expect(rcode).toBe("SERVFAIL");
  });

  check("E23", async (link) => {
    const query = writeQuery({ name: KUBERNETES, type: "ANY", id: ID });
    const reply = await link.ask(query);
    const { rcode, answer } = readMessage(reply);
    expect(rcode).toBe("NOERROR");
    if (link.transport === "udp") expect(reply.length).toBeLessThanOrEqual(query.length * 3);
    expect(answer.length).toBe(1);
    if (IS_OURS) expect(`${answer[0]!.type} ${answer[0]!.rdata}`).toBe('HINFO "RFC8482" ""');
  });

  check("E24", async (link) => {
    const { answer } = await askFor(link, { name: ZONE, type: "SOA" });
    expect(answer).toHaveLength(1);
    expect(answer[0]!.rdata).toMatch(
      /^ns\.dns\.cluster\.local\. hostmaster\.cluster\.local\. \d+ 7200 1800 86400 \d+$/,
    );
  });

  check("E29", async (link) => {
    // An answer from elsewhere would not be authoritative, and would take its time.
    const startedMs = performance.now();
    for (let n = 0; n < 20; n++) {
      const { rcode, flags } = await askFor(link, { name: `n${n}.example.com.default.svc.${ZONE}`, type: "A" });
      expect({ rcode, aa: flags.aa }).toEqual({ rcode: "NXDOMAIN", aa: true });
    }
    expectMsBelow(performance.now() - startedMs, 2_000);
  });
});

over("each transport", ({ check }) => {
  check("E21", async (link, context) => {
    if (["knot", "nsd", "unbound"].includes(SERVER_NAME)) notApplicable(context, "the names of pods are computed");
    const rows: readonly Row[] = [
      [`10-244-1-5.default.pod.${ZONE}`, "A", ["A 10.244.1.5"]],
      [`10-244-1-5.default.pod.${ZONE}`, "AAAA", "NODATA"],
      [`10-9-9-9.default.pod.${ZONE}`, "A", ["A 10.9.9.9"]],
      [`fd00--1.default.pod.${ZONE}`, "AAAA", ["AAAA fd00::1"]],
      [`256-1-1-1.default.pod.${ZONE}`, "A", "NXDOMAIN"],
      [`10-244-1-5.nons.pod.${ZONE}`, "A", "NXDOMAIN"],
    ];
    for (const row of rows) expect(rowFaults(row, await askFor(link, { name: row[0], type: row[1] }))).toEqual([]);
  });

  check("E27", async (link) => {
    const first = new Map<string, number>();
    if (link.transport === "tcp") {
      for (let n = 0; n < 60; n++) {
        const { answer } = await askFor(link, { name: service("headless"), type: "A" });
        first.set(answer[0]!.rdata, 1);
      }
      expect(first.size).toBe(3);
      return;
    }
    for (let round = 0; round < 30; round++) {
      const answers = await Promise.all(
        Array.from({ length: 100 }, () => askFor(link, { name: service("headless"), type: "A" })),
      );
      for (const { answer } of answers) {
        const addresses = answer.map(({ rdata }) => rdata);
        expect(addresses.toSorted()).toEqual(["10.244.1.5", "10.244.1.6", "10.244.1.7"]);
        first.set(addresses[0]!, (first.get(addresses[0]!) ?? 0) + 1);
      }
    }
    // Of 3,000; chance alone leaves a range of 150 about a thousand once in a hundred million runs.
    for (const count of first.values()) expect(Math.abs(count - 1_000)).toBeLessThanOrEqual(150);
    expect(first.size).toBe(3);
    // A client that asks for both families in turn gets each address of a pair first as often, too.
    if (!IS_OURS) return;
    first.clear();
    for (let n = 0; n < 1_600; n++) {
      const { answer } = await askFor(link, { name: service("pair"), type: n % 2 === 0 ? "A" : "AAAA" });
      expect(answer).toHaveLength(2);
      first.set(answer[0]!.rdata, (first.get(answer[0]!.rdata) ?? 0) + 1);
    }
    expect(first.size).toBe(4);
    for (const count of first.values()) expect(Math.abs(count - 400)).toBeLessThanOrEqual(100);
  });
});

describe("servers with other settings", () => {
  const withMode = async (mode: string, use: (link: Link) => Promise<void>): Promise<void> => {
    const target = await startOurs(["--pods", mode]);
    try {
      await use(linkTo("udp", target.v4!));
    } finally {
      await target.stop();
    }
  };
  const rcodeOf = async (link: Link, name: string): Promise<string> => (await askFor(link, { name, type: "A" })).rcode;

  checkOurs("E21", async () => {
    await withMode("disabled", async (link) => {
      expect(await rcodeOf(link, `10-244-4-1.default.pod.${ZONE}`)).toBe("NXDOMAIN");
    });
    await withMode("verified", async (link) => {
      expect(await rcodeOf(link, `10-244-4-1.default.pod.${ZONE}`)).toBe("NOERROR");
      expect(await rcodeOf(link, `10-244-4-2.default.pod.${ZONE}`)).toBe("NXDOMAIN");
      // The system's name of an endpoint is made of its address: another process makes the same.
      expect(await rcodeOf(link, service("10-244-1-7.headless"))).toBe("NOERROR");
    });
  });
});
