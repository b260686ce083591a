import fc from "fast-check";
import { afterEach, describe, expect, test, vi } from "vitest";
import { KnownClient } from "../../src/answer/client.ts";
import { formatName } from "../../src/dns/name.ts";
import { formatProblem } from "../../src/objects/problem.ts";
import { TableWriter } from "../../src/table/writer.ts";
import type { Zone } from "../../src/zonefile/zone-record.ts";
import { ask, shown } from "../support/core/ask.ts";
import { service } from "../support/core/objects.ts";
import { hostsOf, smallZone, StaticCluster, zoneOf } from "../support/core/static-zone.ts";
import { writeQuery } from "../support/wire.ts";

const Z = "cluster.local.";
const CLUSTER_SOA = (owner: string): string =>
  `authority ${owner} 5 SOA ns.dns.${Z} hostmaster.${Z} 1 7200 1800 86400 5`;
const FILE_SOA = (owner: string): string => `authority ${owner} 10 SOA ns.${owner} admin.${owner} 1 2 3 4 10`;

const answers = (cluster: StaticCluster, name: string, type = "A"): readonly string[] => {
  const bytes = writeQuery({ name, type });
  const reply = new Uint8Array(1232);
  const size = cluster.answerer.answer(bytes, 0, bytes.length, reply, 0, new KnownClient("udp"));
  return size < 0 ? ["handed over"] : shown(ask(cluster.answerer, { name, type }));
};
/** The rcode and the owner of the SOA, or what the answer says. */
const brief = (cluster: StaticCluster, name: string, type = "A"): string => {
  const [rcode = "", first = ""] = answers(cluster, name, type);
  const [section, owner, , , ...rdata] = first.split(" ");
  if (first === "") return rcode;
  return section === "authority" ? `${rcode} ${owner}` : rdata.join(" ");
};

describe("E32 zones inside zones", () => {
  const outer = smallZone("example.org", "www A 192.0.2.1", '*.w TXT "x"', "a.sub A 192.0.2.2", "sub A 192.0.2.3");
  const inner = smallZone("sub.example.org", "b A 192.0.2.4");

  test("each name is the nearest zone's", () => {
    const cluster = new StaticCluster();
    cluster.serve({ zones: [outer, inner] });
    expect(brief(cluster, "www.example.org.")).toBe("192.0.2.1");
    expect(brief(cluster, "b.sub.example.org.")).toBe("192.0.2.4");
    expect(answers(cluster, "a.sub.example.org.")).toEqual(["NXDOMAIN", FILE_SOA("sub.example.org.")]);
    expect(answers(cluster, "sub.example.org.")).toEqual(["NOERROR", FILE_SOA("sub.example.org.")]);
    expect(answers(cluster, "x.example.org.")).toEqual(["NXDOMAIN", FILE_SOA("example.org.")]);
    expect(answers(cluster, "sub.example.org.", "DS")).toEqual(["NOERROR", FILE_SOA("example.org.")]);
    expect(answers(cluster, "org.")).toEqual(["handed over"]);
  });

  test("what the outer one has there is back when the inner one goes, and the other way round", () => {
    const cluster = new StaticCluster();
    cluster.serve({ zones: [outer, inner] });
    cluster.serve({ zones: [outer] });
    expect(brief(cluster, "a.sub.example.org.")).toBe("192.0.2.2");
    expect(brief(cluster, "b.sub.example.org.")).toBe("NXDOMAIN example.org.");
    cluster.serve({ zones: [inner] });
    expect(brief(cluster, "b.sub.example.org.")).toBe("192.0.2.4");
    expect(answers(cluster, "www.example.org.")).toEqual(["handed over"]);
    expect(answers(cluster, "example.org.")).toEqual(["handed over"]);
  });

  test("a name between two zones exists, in the outer one", () => {
    const cluster = new StaticCluster();
    cluster.serve({ zones: [outer, smallZone("deep.between.example.org")] });
    expect(answers(cluster, "between.example.org.")).toEqual(["NOERROR", FILE_SOA("example.org.")]);
    expect(answers(cluster, "x.between.example.org.")).toEqual(["NXDOMAIN", FILE_SOA("example.org.")]);
  });

  test("one that changes, its serial with it", () => {
    const cluster = new StaticCluster();
    const version = (serial: number): ReturnType<typeof zoneOf> =>
      zoneOf("example.org", `$TTL 60\n@ SOA ns admin ${serial} 2 3 4 10\n@ NS ns.x.\nwww A 192.0.2.${serial}\n`);
    for (const serial of [5, 4]) {
      cluster.serve({ zones: [version(serial), inner] });
      expect(brief(cluster, "www.example.org.")).toBe(`192.0.2.${serial}`);
      expect(brief(cluster, "example.org.", "SOA")).toBe(`ns.example.org. admin.example.org. ${serial} 2 3 4 10`);
    }
    expect(brief(cluster, Z, "SOA")).toBe(`ns.dns.${Z} hostmaster.${Z} 1 7200 1800 86400 5`);
  });
});

describe("zones among the cluster's names", () => {
  const problems = (cluster: StaticCluster): readonly string[] => cluster.compiler.problems.map(formatProblem);
  const refused = (zone: string): string =>
    `${zone}zone:2:1: the zone ${zone} is not served: the cluster has that name or names below it; give the zone another name`;

  test.each([
    Z,
    `svc.${Z}`,
    `pod.${Z}`,
    `dns.${Z}`,
    `dns-version.${Z}`,
    "96.10.in-addr.arpa.",
    "8.9.9.10.in-addr.arpa.",
  ])("%s is the cluster's", (name) => {
    const cluster = new StaticCluster();
    const before = answers(cluster, name, "SOA");
    cluster.serve({ zones: [smallZone(name.slice(0, -1), "www A 192.0.2.1")] });
    expect(problems(cluster)).toEqual([refused(name)]);
    expect(answers(cluster, name, "SOA")).toEqual(before);
    expect(brief(cluster, `www.${name}`)).toMatch(/^NXDOMAIN /);
  });

  test("a zone is served while the cluster has no name there, and again when it has none any more", () => {
    const cluster = new StaticCluster();
    const zone = smallZone("db.a.svc.cluster.local", "x A 192.0.2.1");
    const db = service("a/db", { clusterIPs: ["10.96.0.1"] });
    cluster.serve({ zones: [zone] });
    cluster.put(service("a/web"));
    expect([brief(cluster, `x.db.a.svc.${Z}`), problems(cluster)]).toEqual(["192.0.2.1", []]);
    expect(answers(cluster, `y.db.a.svc.${Z}`)).toEqual(["NXDOMAIN", FILE_SOA(`db.a.svc.${Z}`)]);
    cluster.put(db);
    expect(brief(cluster, `db.a.svc.${Z}`)).toBe("10.96.0.1");
    expect(answers(cluster, `x.db.a.svc.${Z}`)).toEqual(["NXDOMAIN", CLUSTER_SOA(Z)]);
    expect(problems(cluster)).toEqual([refused(`db.a.svc.${Z}`)]);
    cluster.serve({ zones: [zone] });
    expect(problems(cluster)).toHaveLength(1);
    cluster.remove(db);
    expect([brief(cluster, `x.db.a.svc.${Z}`), problems(cluster)]).toEqual(["192.0.2.1", []]);
    cluster.serve({});
    expect(answers(cluster, `x.db.a.svc.${Z}`)).toEqual(["NXDOMAIN", CLUSTER_SOA(Z)]);
  });

  test("a zone around the cluster leaves the cluster its names", () => {
    const cluster = new StaticCluster();
    const local = smallZone("local", "printer A 192.0.2.1", "web.a.svc.cluster A 192.0.2.2", "cluster A 192.0.2.3");
    const reverse = smallZone("10.in-addr.arpa", "1.0.96 PTR x.local.", "1.2.3 PTR printer.local.");
    cluster.put(service("a/web", { clusterIPs: ["10.96.0.1"] }));
    cluster.serve({ zones: [local, reverse] });
    expect(problems(cluster)).toEqual([]);
    expect(brief(cluster, "printer.local.")).toBe("192.0.2.1");
    expect(brief(cluster, `web.a.svc.${Z}`)).toBe("10.96.0.1");
    expect(answers(cluster, Z)).toEqual(["NOERROR", CLUSTER_SOA(Z)]);
    expect(answers(cluster, "x.local.")).toEqual(["NXDOMAIN", FILE_SOA("local.")]);
    expect(brief(cluster, "1.0.96.10.in-addr.arpa.", "PTR")).toBe(`web.a.svc.${Z}`);
    expect(brief(cluster, "1.2.3.10.in-addr.arpa.", "PTR")).toBe("printer.local.");
    expect(answers(cluster, "9.2.3.10.in-addr.arpa.", "PTR")).toEqual(["NXDOMAIN", FILE_SOA("10.in-addr.arpa.")]);
  });

  test("the zone of the root is around everything", () => {
    const cluster = new StaticCluster();
    cluster.serve({
      zones: [zoneOf(".", "$TTL 60\n@ SOA ns. admin. 1 2 3 4 10\n@ NS ns.\nwww.example. A 192.0.2.1\n")],
    });
    expect(brief(cluster, "www.example.")).toBe("192.0.2.1");
    expect(answers(cluster, "x.y.z.")).toEqual(["NXDOMAIN", "authority . 10 SOA ns. admin. 1 2 3 4 10"]);
    expect(answers(cluster, "arpa.")).toEqual(["NOERROR", "authority . 10 SOA ns. admin. 1 2 3 4 10"]);
    expect(answers(cluster, "x.local.")).toEqual(["NXDOMAIN", CLUSTER_SOA("local.")]);
    expect(brief(cluster, "localhost.")).toBe("127.0.0.1");
  });

  test("more zones than there is room for are told, and those that fit are served", () => {
    const cluster = new StaticCluster();
    const many = (tld: string): readonly ReturnType<typeof smallZone>[] =>
      Array.from({ length: 1_025 }, (_, i) => smallZone(`z${i}.${tld}`, `www A 192.0.2.${i % 256}`));
    for (const tld of ["a", "b"]) {
      cluster.serve({ zones: many(tld) });
      expect(cluster.compiler.problems.map(({ code }) => code)).toEqual(["too-many-zones", "too-many-zones"]);
      expect(brief(cluster, `www.z9.${tld}.`)).toBe("192.0.2.9");
      expect(answers(cluster, `www.z1022.${tld}.`, "TXT")).toEqual(["NOERROR", FILE_SOA(`z1022.${tld}.`)]);
      expect(answers(cluster, `www.z1023.${tld}.`)).toEqual(["handed over"]);
    }
  });
});

describe("hosts files", () => {
  test("their addresses lie before those of zones around them, which have the rest", () => {
    const cluster = new StaticCluster();
    const zone = smallZone("example.org", 'web TXT "zone"', "other A 192.0.2.9", "*.wild A 192.0.2.8");
    cluster.serve({
      zones: [zone],
      hosts: hostsOf("192.0.2.1 web.example.org", "192.0.2.2 x.wild.example.org example.org", "fd00::9 nas"),
    });
    expect(brief(cluster, "web.example.org.")).toBe("192.0.2.1");
    expect(brief(cluster, "web.example.org.", "TXT")).toBe('"zone"');
    expect(answers(cluster, "web.example.org.", "AAAA")).toEqual(["NOERROR", FILE_SOA("example.org.")]);
    expect(answers(cluster, "x.web.example.org.")).toEqual(["NXDOMAIN", FILE_SOA("example.org.")]);
    expect(answers(cluster, "z.x.wild.example.org.")).toEqual(["NXDOMAIN", FILE_SOA("example.org.")]);
    expect(brief(cluster, "other.example.org.")).toBe("192.0.2.9");
    expect([brief(cluster, "x.wild.example.org."), brief(cluster, "y.wild.example.org.")]).toEqual([
      "192.0.2.2",
      "192.0.2.8",
    ]);
    // The apex is the zone's.
    expect(answers(cluster, "example.org.")).toEqual(["NOERROR", FILE_SOA("example.org.")]);
    expect(brief(cluster, "1.2.0.192.in-addr.arpa.", "PTR")).toBe("web.example.org.");
    expect(brief(cluster, "nas.", "AAAA")).toBe("fd00::9");
    expect(answers(cluster, "nas.")).toEqual(["NOERROR", CLUSTER_SOA("nas.")]);
    expect(answers(cluster, "x.nas.")).toEqual(["handed over"]);
    cluster.serve({ hosts: hostsOf("192.0.2.1 web.example.org") });
    expect(answers(cluster, "web.example.org.", "TXT")).toEqual(["handed over"]);
    expect(answers(cluster, "x.web.example.org.")).toEqual(["handed over"]);
  });

  test("with --hosts-authoritative their names are zones of their own", () => {
    const cluster = new StaticCluster({ hostsAuthoritative: true });
    const zone = smallZone("example.org", 'web TXT "zone"');
    cluster.serve({ zones: [zone], hosts: hostsOf("192.0.2.1 web.example.org") });
    expect(brief(cluster, "web.example.org.")).toBe("192.0.2.1");
    expect(answers(cluster, "web.example.org.", "TXT")).toEqual(["NOERROR", CLUSTER_SOA("web.example.org.")]);
    expect(answers(cluster, "x.web.example.org.")).toEqual(["NXDOMAIN", CLUSTER_SOA("web.example.org.")]);
  });

  test("the cluster's names and addresses stand before theirs, and theirs show again when those go", () => {
    const cluster = new StaticCluster();
    cluster.serve({ hosts: hostsOf(`10.96.0.7 web.a.svc.${Z} seven`) });
    const state = (): string[] => [brief(cluster, `web.a.svc.${Z}`), brief(cluster, "7.0.96.10.in-addr.arpa.", "PTR")];
    expect(state()).toEqual(["10.96.0.7", `web.a.svc.${Z}`]);
    const web = service("a/web", { clusterIPs: ["10.96.0.8"] });
    const seven = service("b/seven", { clusterIPs: ["10.96.0.7"] });
    cluster.put(web, seven);
    expect(state()).toEqual(["10.96.0.8", `seven.b.svc.${Z}`]);
    cluster.remove(web, seven);
    expect(state()).toEqual(["10.96.0.7", `web.a.svc.${Z}`]);
    cluster.serve({});
    expect(state()).toEqual([`NXDOMAIN ${Z}`, "NXDOMAIN 96.10.in-addr.arpa."]);
  });

  test("localhost stays what it is", () => {
    const cluster = new StaticCluster();
    cluster.serve({ hosts: hostsOf("127.0.0.1 localhost me", "::1 localhost ip6-localhost", "192.0.2.1 localhost") });
    expect(answers(cluster, "localhost.")).toEqual(["NOERROR", "answer localhost. 30 A 127.0.0.1"]);
    expect(brief(cluster, "x.localhost.")).toBe("127.0.0.1");
    expect(brief(cluster, "1.0.0.127.in-addr.arpa.", "PTR")).toBe("localhost.");
    expect([brief(cluster, "me."), brief(cluster, "ip6-localhost.", "AAAA")]).toEqual(["127.0.0.1", "::1"]);
  });
});

describe("who overrides special names", () => {
  test("a zone at the name, or around it", () => {
    const cluster = new StaticCluster();
    cluster.serve({ zones: [smallZone("alt", "www A 192.0.2.1"), smallZone("in-addr.arpa"), smallZone("arpa")] });
    expect(brief(cluster, "www.alt.")).toBe("192.0.2.1");
    expect(answers(cluster, "x.alt.")).toEqual(["NXDOMAIN", FILE_SOA("alt.")]);
    expect(answers(cluster, "1.1.168.192.in-addr.arpa.", "PTR")).toEqual(["NXDOMAIN", FILE_SOA("in-addr.arpa.")]);
    expect(answers(cluster, "home.arpa.")).toEqual(["NXDOMAIN", FILE_SOA("arpa.")]);
    cluster.serve({});
    expect(answers(cluster, "www.alt.")).toEqual(["NXDOMAIN", CLUSTER_SOA("alt.")]);
  });

  test("zones and hosts below one leave it the rest", () => {
    const cluster = new StaticCluster();
    cluster.serve({
      zones: [smallZone("home.alt", "www A 192.0.2.1"), smallZone("0.0.127.in-addr.arpa", "9 PTR nine.")],
      hosts: hostsOf("192.0.2.2 router.home.arpa"),
    });
    expect([brief(cluster, "www.home.alt."), brief(cluster, "router.home.arpa.")]).toEqual(["192.0.2.1", "192.0.2.2"]);
    for (const zone of ["alt.", "home.arpa."]) {
      expect(answers(cluster, zone)).toEqual(["NOERROR", CLUSTER_SOA(zone)]);
      expect(answers(cluster, `x.${zone}`)).toEqual(["NXDOMAIN", CLUSTER_SOA(zone)]);
    }
    expect(brief(cluster, "9.0.0.127.in-addr.arpa.", "PTR")).toBe("nine.");
    expect(answers(cluster, "1.0.0.127.in-addr.arpa.", "PTR")).toEqual(["NXDOMAIN", FILE_SOA("0.0.127.in-addr.arpa.")]);
  });

  test("domains that others are asked for, at, around or below a special name", () => {
    const cluster = new StaticCluster();
    cluster.serve({ forwarded: ["Consul.Local.", "alt.", "168.192.in-addr.arpa.", "arpa.", "."] });
    for (const name of ["consul.local.", "a.b.consul.local.", "www.test.", "1.168.192.in-addr.arpa.", "home.arpa."]) {
      expect(answers(cluster, name), name).toEqual(["handed over"]);
    }
    expect(answers(cluster, "xconsul.local.")).toEqual(["NXDOMAIN", CLUSTER_SOA("local.")]);
    expect(answers(cluster, "x.invalid.")).toEqual(["NXDOMAIN", CLUSTER_SOA("invalid.")]);
    expect(answers(cluster, "1.0.96.10.in-addr.arpa.", "PTR")).toEqual([
      "NXDOMAIN",
      CLUSTER_SOA("96.10.in-addr.arpa."),
    ]);
  });

  test("a forwarded domain inside a zone is not the zone's; a zone or host inside it is ours", () => {
    const cluster = new StaticCluster();
    cluster.serve({
      zones: [
        smallZone("example.org", "a.corp A 192.0.2.1", "to CNAME a.corp"),
        smallZone("in.corp.example.org", "x A 192.0.2.2"),
      ],
      hosts: hostsOf("192.0.2.3 host.corp.example.org", "192.0.2.4 corp.example.org"),
      forwarded: ["corp.example.org.", "cluster.local.", "example.org."],
    });
    for (const name of ["a.corp.example.org.", "corp.example.org."])
      expect(answers(cluster, name)).toEqual(["handed over"]);
    expect(answers(cluster, "to.example.org.")).toEqual([
      "NOERROR",
      "answer to.example.org. 60 CNAME a.corp.example.org.",
    ]);
    expect(brief(cluster, "x.in.corp.example.org.")).toBe("192.0.2.2");
    expect(brief(cluster, "host.corp.example.org.")).toBe("192.0.2.3");
    expect(brief(cluster, "x.example.org.")).toBe("NXDOMAIN example.org.");
    expect(brief(cluster, `x.${Z}`)).toBe(`NXDOMAIN ${Z}`);
  });
});

describe("a change costs what it changes", () => {
  afterEach(() => void vi.restoreAllMocks());

  const COUNT = 1000;
  const blocked = Array.from({ length: COUNT }, (_, i) => `0.0.0.0 ad${i}.example.com`);
  const large = (): ReturnType<typeof zoneOf> =>
    smallZone("example.net", ...Array.from({ length: COUNT }, (_, i) => `w${i} A 192.0.2.1`));
  const small = (last: number): ReturnType<typeof zoneOf> => smallZone("example.org", `www A 192.0.2.${last}`);
  const first = { zones: [large(), small(1)], hosts: hostsOf(...blocked), forwarded: [] };
  /** The special names and the zones' apexes may be put again each time. */
  const FIXED_NAMES_MAX = 100;

  test.each<[what: string, next: Partial<typeof first>, name: string, answer: string]>([
    ["of a small zone", { zones: [first.zones[0]!, small(2)] }, "www.example.org.", "192.0.2.2"],
    ["of the order of zones", { zones: first.zones.toReversed() }, "w7.example.net.", "192.0.2.1"],
    ["of a zone that comes", { zones: [...first.zones, smallZone("x.org", "a A 192.0.2.3")] }, "a.x.org.", "192.0.2.3"],
    ["of one line", { hosts: hostsOf(...blocked.with(7, "192.0.2.4 new")) }, "new.", "192.0.2.4"],
    ["of one hosts file", { hosts: hostsOf(...blocked, "192.0.2.5 new ad1.example.com") }, "new.", "192.0.2.5"],
  ])("%s: the others' names are not put again", (_, next, name, answer) => {
    const cluster = new StaticCluster();
    cluster.serve(first);
    const puts = [vi.spyOn(TableWriter.prototype, "put"), vi.spyOn(TableWriter.prototype, "putEntry")];
    cluster.serve({ ...first, ...next });
    expect(puts.reduce((sum, { mock }) => sum + mock.calls.length, 0)).toBeLessThan(2 * FIXED_NAMES_MAX);
    expect(brief(cluster, name)).toBe(answer);
  });
});

describe("step by step equals at once", () => {
  const zones = [
    smallZone("example.org", "www A 192.0.2.1", "a.sub A 192.0.2.2", "*.w A 192.0.2.3", "cut NS x.", "d DNAME e"),
    zoneOf("example.org", "$TTL 60\n@ SOA ns admin 2 2 3 4 10\n@ NS x.\nwww A 192.0.2.9\n", "other.zone"),
    smallZone("sub.example.org", "b A 192.0.2.4"),
    smallZone("x.cut.example.org", "b A 192.0.2.4"),
    smallZone("web.a.svc.cluster.local", "b A 192.0.2.5"),
    smallZone("local", "printer A 192.0.2.6", "b.web.a.svc.cluster A 192.0.2.7"),
    smallZone("10.in-addr.arpa", "9.9.9 PTR x."),
    smallZone("1.0.96.10.in-addr.arpa", 'x TXT "x"'),
  ];
  const hostsLines = [
    ...[
      "192.0.2.10 www.example.org",
      "10.96.0.1 one",
      "192.0.2.13 www.example.org x.home.arpa",
      "192.0.2.10 example.org",
    ],
    ...["192.0.2.11 a.b.sub.example.org test x.test", `192.0.2.12 web.a.svc.${Z}`, "127.0.0.1 localhost"],
    ...["192.0.2.12 1.0.96.10.in-addr.arpa consul.local", "192.0.2.10 one b.sub.example.org"],
  ];
  const forwarded = ["sub.example.org.", "alt.", "consul.local."];
  const objects = [service("a/web", { clusterIPs: ["10.96.0.1"] }), service("b/db", { clusterIPs: ["10.96.0.2"] })];

  /** Everything in the table; of the zones what they answer, as their places follow from what was before. */
  const snapshot = (cluster: StaticCluster): readonly string[] =>
    [...cluster.writer.entries()]
      .map(({ name, content }) => {
        const sets = content.sets.map((set) => Buffer.concat([set.answers, set.additional]).toString("hex"));
        const negative = answers(cluster, formatName(name), "TYPE65000");
        return [formatName(name), content.flags, content.apexSize, ...negative, ...sets].join(" ");
      })
      .toSorted();

  test("whatever comes in whatever order", () => {
    const step = fc.oneof(
      fc.record({
        zones: fc.uniqueArray(fc.constantFrom(...zones), { selector: ({ origin }) => formatName(origin) }),
        hosts: fc.subarray(hostsLines).map((lines) => hostsOf(...lines)),
        forwarded: fc.subarray(forwarded),
      }),
      fc.record({ objects: fc.subarray(objects) }),
    );
    fc.assert(
      fc.property(fc.array(step, { minLength: 1, maxLength: 6 }), (steps) => {
        const stepwise = new StaticCluster();
        let last = { served: {}, objects: [] as typeof objects };
        for (const each of steps) {
          if ("objects" in each) {
            stepwise.remove(...objects.filter((object) => !each.objects.includes(object)));
            stepwise.put(...each.objects);
            last = { ...last, objects: each.objects };
          } else {
            stepwise.serve(each);
            last = { ...last, served: each };
          }
        }
        const whole = new StaticCluster();
        whole.put(...last.objects);
        whole.serve(last.served);
        expect(stepwise.compiler.problems).toEqual(whole.compiler.problems);
        expect(snapshot(stepwise)).toEqual(snapshot(whole));
      }),
      { numRuns: 150 },
    );
  });
});

describe("while a zone is added or removed", () => {
  /** Every answer to each name that is given at some moment of the change to `zones`. */
  function answersMeanwhile(cluster: StaticCluster, zones: readonly Zone[], names: readonly string[]): string[][] {
    const seen = names.map((name) => new Set([brief(cluster, name)]));
    const look = (): void => seen.forEach((each, i) => each.add(brief(cluster, names[i]!)));
    for (const method of ["put", "remove"] as const) {
      const write = TableWriter.prototype[method] as (...args: unknown[]) => boolean;
      vi.spyOn(TableWriter.prototype, method).mockImplementation(function (this: TableWriter, ...args: unknown[]) {
        const hasChanged = write.apply(this, args);
        look();
        return hasChanged;
      });
    }
    cluster.serve({ zones });
    look();
    vi.restoreAllMocks();
    return seen.map((each) => [...each]);
  }

  test("each name has its old answer, then its new one", () => {
    const cluster = new StaticCluster();
    const zone = smallZone("new.example", "www A 192.0.2.1", "b.ent A 192.0.2.2", "*.w A 192.0.2.3");
    const names = ["www", "missing", "ent", "x.w", "x.ent"].map((label) => `${label}.new.example.`);
    expect(answersMeanwhile(cluster, [zone], [...names, "new.example.", "example."])).toEqual([
      ["handed over", "192.0.2.1"],
      ["handed over", "NXDOMAIN new.example."],
      ["handed over", "NOERROR new.example."],
      ["handed over", "192.0.2.3"],
      ["handed over", "NXDOMAIN new.example."],
      ["handed over", "NOERROR new.example."],
      ["handed over"],
    ]);
  });

  test("with one inside it, a name of the inner one is never missing in the outer one", () => {
    const cluster = new StaticCluster();
    const outer = smallZone("new.example", "www A 192.0.2.1");
    const inner = smallZone("sub.new.example", "www A 192.0.2.2");
    const names = ["www.new.example.", "www.sub.new.example.", "missing.sub.new.example."];
    expect(answersMeanwhile(cluster, [outer, inner], names)).toEqual([
      ["handed over", "192.0.2.1"],
      ["handed over", "192.0.2.2"],
      ["handed over", "NXDOMAIN sub.new.example."],
    ]);
  });

  test("inside another one, its names move to it", () => {
    const cluster = new StaticCluster();
    const outer = smallZone("old.example", "www A 192.0.2.1", "a.sub A 192.0.2.2");
    cluster.serve({ zones: [outer] });
    const inner = smallZone("sub.old.example", "a A 192.0.2.3");
    const names = ["www.old.example.", "a.sub.old.example.", "missing.sub.old.example."];
    expect(answersMeanwhile(cluster, [outer, inner], names)).toEqual([
      ["192.0.2.1"],
      ["192.0.2.2", "192.0.2.3"],
      ["NXDOMAIN old.example.", "NXDOMAIN sub.old.example."],
    ]);
  });

  test("the same when it goes", () => {
    const cluster = new StaticCluster();
    cluster.serve({ zones: [smallZone("old.example", "a.www A 192.0.2.2", "www A 192.0.2.1", "*.w A 192.0.2.3")] });
    const names = ["www", "a.www", "x.w", "missing"].map((label) => `${label}.old.example.`);
    expect(answersMeanwhile(cluster, [], names)).toEqual([
      ["192.0.2.1", "handed over"],
      ["192.0.2.2", "handed over"],
      ["192.0.2.3", "handed over"],
      ["NXDOMAIN old.example.", "handed over"],
    ]);
  });
});
