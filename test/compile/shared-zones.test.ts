// Several clusters in one table: what they share, and what they keep apart.
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { CLUSTERS_MAX } from "../../src/compile/zone-numbers.ts";
import { QueryAnswerer } from "../../src/answer/query-answerer.ts";
import { isAtOrBelow, parseName } from "../../src/dns/name.ts";
import { parseCidr } from "../../src/net/ip.ts";
import { TableReader } from "../../src/table/reader.ts";
import { ask, shown } from "../support/core/ask.ts";
import { namespace, service } from "../support/core/objects.ts";
import { entryLines, snapshot } from "../support/core/table.ts";
import { batches, Cluster, finalChanges } from "../support/core/universe.ts";

const EAST = { clusterDomain: "east.local" };
const WEST = { clusterDomain: "west.local" };

/** The names below the domain, with what they hold. */
function linesBelow({ writer }: Cluster, domain: string): readonly (readonly string[])[] {
  const apex = parseName(domain)!;
  const entries = [...writer.entries()].filter(({ name }) => isAtOrBelow(name, apex));
  return entries.map(({ name, content }) => entryLines(name, content)).toSorted();
}

describe("clusters in one table", () => {
  test("have the names that each has alone, and the same ones whatever came first", () => {
    fc.assert(
      fc.property(batches, batches, (ofEast, ofWest) => {
        const [east, west] = Cluster.together([EAST, WEST]) as [Cluster, Cluster];
        const steps = Math.max(ofEast.length, ofWest.length);
        for (let i = 0; i < steps; i++) {
          east.publish(ofEast[i] ?? []);
          west.publish(ofWest[i] ?? []);
        }
        const [whole, other] = Cluster.together([EAST, WEST]) as [Cluster, Cluster];
        other.publish(finalChanges(ofWest.flat()));
        whole.publish(finalChanges(ofEast.flat()));
        expect(snapshot(east.writer)).toEqual(snapshot(whole.writer));
        for (const [domain, changes] of [
          ["east.local", ofEast],
          ["west.local", ofWest],
        ] as const) {
          const alone = new Cluster({ clusterDomain: domain });
          alone.publish(finalChanges(changes.flat()));
          expect(linesBelow(east, domain)).toEqual(linesBelow(alone, domain));
        }
      }),
      { numRuns: 25 },
    );
  });

  test("of an address that both have, the first one's name counts, also at the apex of a reverse zone", () => {
    const ranges = { serviceCidrs: [parseCidr("10.9.9.8/32")!], podCidrs: [] };
    const [east, west] = Cluster.together([
      { ...EAST, ...ranges },
      { ...WEST, ...ranges },
    ]) as [Cluster, Cluster];
    const apex = (): readonly string[] => {
      const reader = new TableReader(east.writer.buffer);
      for (const { compiler } of [east, west]) compiler.setReady({ areZonesKnown: true, isClusterReady: true });
      const answerer = new QueryAnswerer(reader, { ednsSize: 1232, recursion: false }, 1);
      return ["NS", "PTR"].flatMap((type) =>
        shown(ask(answerer, { name: "8.9.9.10.in-addr.arpa.", type })).filter((line) => line.includes(` ${type} `)),
      );
    };
    const web = service("a/web", { clusterIPs: ["10.9.9.8"] });
    const ns = "answer 8.9.9.10.in-addr.arpa. 30 NS ns.dns.east.local.";
    const pointer = (domain: string): string => `answer 8.9.9.10.in-addr.arpa. 30 PTR web.a.svc.${domain}.`;
    west.put(namespace("a"), web);
    expect(apex()).toEqual([ns, pointer("west.local")]);
    east.put(namespace("a"), web);
    expect(apex()).toEqual([ns, pointer("east.local")]);
    east.remove(web);
    expect(apex()).toEqual([ns, pointer("west.local")]);
    west.remove(web);
    expect(apex()).toEqual([ns]);
  });

  test("are as many as the table has zones for", () => {
    const settings = Array.from({ length: CLUSTERS_MAX }, (_, i) => ({ clusterDomain: `c${i}.local` }));
    const clusters = Cluster.together(settings);
    for (const cluster of clusters) cluster.put(namespace("a"), service("a/web", { clusterIPs: ["10.96.0.1"] }));
    for (const { clusterDomain } of settings)
      expect(linesBelow(clusters[0]!, `web.a.svc.${clusterDomain}`)).toHaveLength(1);
    expect(() => Cluster.together([...settings, { clusterDomain: "more.local" }])).toThrow("a zone for each cluster");
  });
});
