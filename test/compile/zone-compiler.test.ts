import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { formatName } from "../../src/dns/name.ts";
import { parseCidr } from "../../src/net/ip.ts";
import { QueryAnswerer } from "../../src/answer/query-answerer.ts";
import { ask, shown } from "../support/core/ask.ts";
import { endpointPort, externalName, namespace, other, pod, port, service, slice } from "../support/core/objects.ts";
import { entryLines, snapshot } from "../support/core/table.ts";
import { batches, Cluster, finalChanges } from "../support/core/universe.ts";

const Z = "cluster.local.";
const SOA_OF = (owner: string): string => `authority ${owner} 5 SOA ns.dns.${Z} hostmaster.${Z} 1 7200 1800 86400 5`;

function answers(cluster: Cluster, name: string, type: string): readonly string[] {
  cluster.compiler.setReady({ areZonesKnown: true, isClusterReady: true });
  return shown(ask(new QueryAnswerer(cluster.reader, { ednsSize: 1232, recursion: false }, 1), { name, type }));
}

/** What the name holds; undefined when it is not there. */
function held(cluster: Cluster, name: string): readonly string[] | undefined {
  const entry = [...cluster.writer.entries()].find((each) => formatName(each.name) === name);
  return entry && entryLines(entry.name, entry.content);
}

describe("compiling step by step equals compiling at once", () => {
  test.each([
    { pods: "insecure" as const },
    { pods: "verified" as const },
    { pods: "disabled" as const, endpointPodNames: true },
  ])("%o", (settings) => {
    fc.assert(
      fc.property(batches, (all) => {
        const stepwise = new Cluster(settings);
        stepwise.publish([]);
        for (const batch of all) stepwise.publish(batch);
        const whole = new Cluster(settings);
        whole.publish(finalChanges(all.flat()));
        expect(snapshot(stepwise.writer)).toEqual(snapshot(whole.writer));
        expect(stepwise.reader.serial(0)).toBe(whole.reader.serial(0));
      }),
      { numRuns: 200 },
    );
  });

  test("two slices that repeat an endpoint, with other ports, come in either order", () => {
    const endpoints = [{ addresses: ["10.244.0.1"], ready: true }];
    const slices = [80, 81].map((number) =>
      slice(`a/s${number}`, { serviceName: "web", endpoints, ports: [endpointPort("http", number)] }),
    );
    const snapshots = [slices, slices.toReversed()].map((ordered) => {
      const cluster = new Cluster();
      cluster.put(service("a/web", { headless: true }));
      for (const each of ordered) cluster.put(each);
      return snapshot(cluster.writer);
    });
    expect(snapshots[0]).toEqual(snapshots[1]);
  });

  test("and when all objects go, nothing is left of them", () => {
    fc.assert(
      fc.property(batches, fc.constantFrom("insecure", "verified"), (all, pods) => {
        const cluster = new Cluster({ pods });
        const empty = snapshot(cluster.writer);
        for (const batch of all) cluster.publish(batch);
        cluster.publish(finalChanges([]));
        expect(snapshot(cluster.writer)).toEqual(empty);
      }),
      { numRuns: 100 },
    );
  });

  test("every entry makes a message that is read to its last byte, and each name is one that can be asked", () => {
    fc.assert(
      fc.property(batches, (all) => {
        const cluster = new Cluster({ pods: "verified" });
        for (const batch of all) cluster.publish(batch);
        for (const { name, content } of cluster.writer.entries()) {
          const lines = entryLines(name, content);
          expect(new Set(lines).size, "no record twice").toBe(lines.length);
          const records = content.sets.reduce((sum, set) => sum + set.answerCount + set.additionalCount, 0);
          expect(lines).toHaveLength(records);
        }
      }),
      { numRuns: 60 },
    );
  });
});

describe("names that are always there", () => {
  const cluster = new Cluster();
  test.each<[name: string, type: string, lines: readonly string[]]>([
    [Z, "SOA", ["NOERROR", `answer ${Z} 30 SOA ns.dns.${Z} hostmaster.${Z} 7 7200 1800 86400 5`]],
    [Z, "NS", ["NOERROR", `answer ${Z} 30 NS ns.dns.${Z}`, `additional ns.dns.${Z} 30 A 127.0.0.1`]],
    [`ns.dns.${Z}`, "A", ["NOERROR", `answer ns.dns.${Z} 30 A 127.0.0.1`]],
    [`dns-version.${Z}`, "TXT", ["NOERROR", `answer dns-version.${Z} 28800 TXT "1.1.0"`]],
  ])("%s %s", (name, type, lines) => {
    cluster.publish([], 7);
    expect(answers(cluster, name, type)).toEqual(lines);
  });

  test.each([`svc.${Z}`, `pod.${Z}`, `dns.${Z}`])("%s exists", (name) => {
    cluster.publish([], 1);
    expect(answers(cluster, name, "A")).toEqual(["NOERROR", SOA_OF(Z)]);
  });

  test.each([
    "96.10.in-addr.arpa.",
    "244.10.in-addr.arpa.",
    "10.in-addr.arpa.",
    "168.192.in-addr.arpa.",
    "d.f.ip6.arpa.",
  ])("%s is a zone", (apex) => {
    cluster.publish([], 1);
    expect(answers(cluster, apex, "NS")).toEqual([
      "NOERROR",
      `answer ${apex} 30 NS ns.dns.${Z}`,
      `additional ns.dns.${Z} 30 A 127.0.0.1`,
    ]);
    expect(answers(cluster, apex, "SOA")[1]).toMatch(`answer ${apex} 30 SOA ns.dns.${Z} `);
    expect(answers(cluster, `1.${apex}`, "PTR")).toEqual(["NXDOMAIN", SOA_OF(apex)]);
  });

  test("the name server has the DNS service's addresses, while there is one with any", () => {
    const own = new Cluster();
    own.compiler.setServerAddresses(["127.0.0.1", "::1"]);
    const addresses = (): readonly string[] => held(own, `ns.dns.${Z}`)!.map((line) => line.split(" ").at(-1)!);
    expect(addresses()).toEqual(["127.0.0.1", "::1"]);
    const dns = service("kube-system/kube-dns", { clusterIPs: ["10.96.0.10"] });
    own.put(service("default/kube-dns", { clusterIPs: ["10.96.0.9"] }));
    expect(addresses()).toEqual(["127.0.0.1", "::1"]);
    own.put(dns);
    expect(addresses()).toEqual(["10.96.0.10"]);
    expect(held(own, "96.10.in-addr.arpa.")).toContain(`additional ns.dns.${Z} 30 A 10.96.0.10`);
    own.compiler.setServerAddresses(["127.0.0.2"]);
    expect(addresses()).toEqual(["10.96.0.10"]);
    own.put(service("kube-system/kube-dns", { headless: true }));
    expect(addresses()).toEqual(["127.0.0.2"]);
    own.put(dns);
    own.remove(dns);
    expect(addresses()).toEqual(["127.0.0.2"]);
  });
});

describe("namespaces and pods", () => {
  const p = pod("a/p", { ips: ["10.244.0.1", "fd00::1"] });
  test.each<
    [pods: "insecure" | "verified" | "disabled", name: string, type: string, rcode: string, rdata: string | undefined]
  >([
    ["insecure", "10-244-0-1.a", "A", "NOERROR", "10.244.0.1"],
    ["insecure", "1-2-3-4.a", "A", "NOERROR", "1.2.3.4"],
    ["insecure", "1-2-3-4.b", "A", "NXDOMAIN", undefined],
    ["verified", "10-244-0-1.a", "A", "NOERROR", "10.244.0.1"],
    ["verified", "fd00--1.a", "AAAA", "NOERROR", "fd00::1"],
    ["verified", "fd00--1.a", "A", "NOERROR", undefined],
    ["verified", "1-2-3-4.a", "A", "NXDOMAIN", undefined],
    ["verified", "10-244-0-1.b", "A", "NXDOMAIN", undefined],
    ["verified", "10-244-0-1.c", "A", "NXDOMAIN", undefined],
    ["verified", "\\010\\244\\000\\001.a", "A", "NXDOMAIN", undefined],
    ["verified", "\\010\\244\\000\\001.a", "ANY", "NXDOMAIN", undefined],
    ["disabled", "10-244-0-1.a", "A", "NXDOMAIN", undefined],
    ["disabled", "a", "A", "NOERROR", undefined],
  ])("pods %s: %s.pod %s", (pods, name, type, rcode, rdata) => {
    const cluster = new Cluster({ pods });
    cluster.put(p, other("c/x", "Deployment"));
    const [code, ...records] = answers(cluster, `${name}.pod.${Z}`, type);
    expect([code, records[0]?.startsWith("answer") ? records[0].split(" ").at(-1) : undefined]).toEqual([rcode, rdata]);
  });

  test("a known address lasts as long as a running pod of the namespace has it", () => {
    const cluster = new Cluster({ pods: "verified" });
    const rcode = (): string => answers(cluster, `10-244-0-1.a.pod.${Z}`, "A")[0]!;
    const q = pod("a/q", { ips: ["10.244.0.1"], ready: false });
    cluster.put(p, q);
    expect(rcode()).toBe("NOERROR");
    cluster.remove(p);
    expect(rcode()).toBe("NOERROR");
    cluster.put({ ...q, phase: "Succeeded" });
    expect(rcode()).toBe("NXDOMAIN");
    cluster.put({ ...q, phase: "Pending" });
    expect(rcode()).toBe("NOERROR");
    cluster.put({ ...q, ips: ["10.244.0.2"] });
    expect(rcode()).toBe("NXDOMAIN");
  });

  test("a namespace is there with its first object and gone with its last", () => {
    const cluster = new Cluster();
    const there = (): boolean[] => ["svc", "pod"].map((kind) => held(cluster, `a.${kind}.${Z}`) !== undefined);
    expect(there()).toEqual([false, false]);
    cluster.put(p, namespace("a"));
    expect(there()).toEqual([true, true]);
    cluster.remove(namespace("a"));
    expect(there()).toEqual([true, true]);
    cluster.remove(p);
    expect(there()).toEqual([false, false]);
  });
});

describe("services", () => {
  const web = service("a/web", { clusterIPs: ["10.96.0.1"], ports: [port("http", 80)] });

  test("the names between a port's and its service come and go with it", () => {
    const cluster = new Cluster();
    cluster.put(web);
    expect(answers(cluster, `_tcp.web.a.svc.${Z}`, "SRV")).toEqual(["NOERROR", SOA_OF(Z)]);
    expect(answers(cluster, `_udp.web.a.svc.${Z}`, "SRV")).toEqual(["NXDOMAIN", SOA_OF(Z)]);
    cluster.put({ ...web, ports: [port("dns", 53, 53, "UDP")] });
    expect(held(cluster, `_tcp.web.a.svc.${Z}`)).toBeUndefined();
    expect(held(cluster, `_udp.web.a.svc.${Z}`)).toEqual([]);
    expect(held(cluster, `_http._tcp.web.a.svc.${Z}`)).toBeUndefined();
  });

  test("an alias follows what its target becomes", () => {
    const cluster = new Cluster();
    cluster.put(externalName("a/alias", "web.a.svc.cluster.local"));
    const alias = `answer alias.a.svc.${Z} 30 CNAME web.a.svc.${Z}`;
    expect(answers(cluster, `alias.a.svc.${Z}`, "A")).toEqual(["NXDOMAIN", alias, SOA_OF(Z)]);
    cluster.put(web);
    expect(answers(cluster, `alias.a.svc.${Z}`, "A")).toEqual([
      "NOERROR",
      alias,
      `answer web.a.svc.${Z} 30 A 10.96.0.1`,
    ]);
  });

  test("a change touches the names concerned only: those of others stay as they lie in memory", () => {
    const cluster = new Cluster();
    cluster.put(web, service("a/db", { clusterIPs: ["10.96.0.2"], ports: [port("sql", 5432)] }));
    const before = cluster.writer.heapBytes.used;
    cluster.put({ ...web });
    expect(cluster.writer.heapBytes.used).toBe(before);
    cluster.put({ ...web, clusterIPs: ["10.96.0.3"] });
    const grown = cluster.writer.heapBytes.used - before;
    // web, _http._tcp.web, two reverse names; and no more than that.
    expect(grown).toBeGreaterThan(0);
    expect(grown).toBeLessThan(1024);
  });

  test("the serial is the one that was given, whatever changed", () => {
    const cluster = new Cluster();
    cluster.publish([], 0xffff_fff0);
    expect(cluster.reader.serial(0) >>> 0).toBe(0xffff_fff0);
  });

  test("a slice's label that is no service's name belongs to no service", () => {
    const endpoint = { addresses: ["10.244.0.1"], ready: true };
    const strange = slice("a/s", { serviceName: "web/x", endpoints: [endpoint], ports: [endpointPort("http", 80)] });
    const cluster = new Cluster();
    const empty = snapshot(cluster.writer);
    cluster.put({ ...web }, slice("a/t", { serviceName: "web", endpoints: [endpoint] }));
    cluster.put(strange);
    cluster.remove(web, slice("a/t"));
    expect(held(cluster, "1.0.244.10.in-addr.arpa.")).toBeUndefined();
    cluster.remove(strange);
    expect(snapshot(cluster.writer)).toEqual(empty);
  });
});

describe("reverse names", () => {
  const ptr = (cluster: Cluster, name: string): readonly string[] =>
    answers(cluster, name, "PTR").map((line) => line.replace(/ 30 PTR /, " "));
  const web = service("a/web", { clusterIPs: ["10.96.0.1"] });
  const db = service("a/db", { headless: true });
  const endpoint = (ip: string): ReturnType<typeof slice> =>
    slice("a/s", { serviceName: "db", endpoints: [{ addresses: [ip], ready: true }] });

  test("a cluster IP wins over an endpoint, and the endpoint is back when it goes", () => {
    const cluster = new Cluster();
    const name = "1.0.96.10.in-addr.arpa.";
    cluster.put(db, endpoint("10.96.0.1"));
    expect(ptr(cluster, name)).toEqual(["NOERROR", `answer ${name} 10-96-0-1.db.a.svc.${Z}`]);
    cluster.put(web, service("b/web", { clusterIPs: ["10.96.0.1"] }));
    expect(ptr(cluster, name)).toEqual(["NOERROR", `answer ${name} web.a.svc.${Z}`, `answer ${name} web.b.svc.${Z}`]);
    cluster.remove(web, service("b/web"));
    expect(ptr(cluster, name)).toEqual(["NOERROR", `answer ${name} 10-96-0-1.db.a.svc.${Z}`]);
    cluster.remove(db);
    expect(ptr(cluster, name)).toEqual(["NXDOMAIN", SOA_OF("96.10.in-addr.arpa.")]);
  });

  test("an address outside the ranges is a zone of its own", () => {
    const cluster = new Cluster();
    cluster.put(db, endpoint("198.18.0.1"));
    const name = "1.0.18.198.in-addr.arpa.";
    expect(ptr(cluster, name)[0]).toBe("NOERROR");
    expect(answers(cluster, name, "A")).toEqual(["NOERROR", SOA_OF(name)]);
    expect(answers(cluster, `x.${name}`, "PTR")).toEqual(["NXDOMAIN", SOA_OF(name)]);
    expect(answers(cluster, "2.0.18.198.in-addr.arpa.", "PTR")).toEqual(["REFUSED"]);
    expect(answers(cluster, "18.198.in-addr.arpa.", "PTR")).toEqual(["REFUSED"]);
  });

  test("partial names above a known address exist, in the private zone around it", () => {
    const cluster = new Cluster();
    cluster.put(db, endpoint("10.1.2.3"));
    expect(answers(cluster, "2.1.10.in-addr.arpa.", "PTR")).toEqual(["NOERROR", SOA_OF("10.in-addr.arpa.")]);
    expect(answers(cluster, "4.2.1.10.in-addr.arpa.", "PTR")).toEqual(["NXDOMAIN", SOA_OF("10.in-addr.arpa.")]);
  });

  test("an address whose name is a zone's apex has PTR beside NS, in any order of events", () => {
    const name = "8.9.9.10.in-addr.arpa.";
    const dns = service("kube-system/kube-dns", { clusterIPs: ["10.96.0.10"] });
    const cluster = new Cluster({ podCidrs: [parseCidr("10.9.9.8/31")!] });
    const types = (): string[] =>
      [
        ...new Set(
          held(cluster, name)
            ?.filter((line) => line.startsWith("answer"))
            .map((line) => line.split(" ")[3]!),
        ),
      ].toSorted();
    expect(types()).toEqual(["NS"]);
    cluster.put(db, endpoint("10.9.9.8"));
    expect(types()).toEqual(["NS", "PTR"]);
    cluster.put(dns);
    expect(types()).toEqual(["NS", "PTR"]);
    expect(held(cluster, name)).toContain(`additional ns.dns.${Z} 30 A 10.96.0.10`);
    cluster.remove(db);
    expect(types()).toEqual(["NS"]);
    expect(held(cluster, name)).toContain(`additional ns.dns.${Z} 30 A 10.96.0.10`);
  });
});
