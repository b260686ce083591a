// Keys that follow a table name by name, held against the list of all names: for random clusters that change at random.
import fc from "fast-check";
import { expect, test } from "vitest";
import { SharedZones } from "../../src/compile/shared-zones.ts";
import { parseCidr } from "../../src/net/ip.ts";
import { skyDnsEntries } from "../../src/records/format-skydns.ts";
import { listRecords } from "../../src/records/list-records.ts";
import { SkyDnsKeys } from "../../src/records/skydns-keys.ts";
import { TableReader } from "../../src/table/reader.ts";
import { RecordedWriter } from "../../src/table/recorded-writer.ts";
import { externalName, port, service } from "../support/core/objects.ts";
import { replace } from "../support/core/origins.ts";
import { batches, Cluster, FAMILIES } from "../support/core/universe.ts";

type PodsMode = "insecure" | "verified" | "disabled";

/** A cluster, the keys that follow it, and what they have added up to. */
class Followed {
  readonly writer = new RecordedWriter([3, 4], () => undefined);
  readonly cluster: Cluster;
  readonly keys = new SkyDnsKeys("/skydns");
  readonly values = new Map<string, string>();

  constructor(pods: PodsMode) {
    const settings = {
      clusterDomain: "cluster.local",
      ttlSeconds: 30,
      serviceCidrs: ["10.96.0.0/16", "fd00:10::/108"].map((text) => parseCidr(text)!),
      podCidrs: ["10.244.0.0/16", "10.9.9.8/31"].map((text) => parseCidr(text)!),
    };
    const shared = new SharedZones(this.writer, [settings]);
    this.cluster = new Cluster({ pods }, FAMILIES, { writer: this.writer, shared, rank: 0 });
  }

  follow(): ReadonlyMap<string, string | undefined> {
    const changes = this.keys.update(new TableReader(this.writer.buffer), this.writer.takeChanged());
    for (const [key, value] of changes) {
      if (value === undefined) this.values.delete(key);
      else this.values.set(key, value);
    }
    return changes;
  }

  listed(): ReturnType<typeof skyDnsEntries> {
    return skyDnsEntries(listRecords(new TableReader(this.writer.buffer), 1), "/skydns");
  }
}

test("keys add up to those of the list, whatever changes in which steps", () => {
  const property = fc.property(batches, fc.constantFrom<PodsMode>("insecure", "verified", "disabled"), (all, pods) => {
    const followed = new Followed(pods);
    for (const changes of all) {
      followed.cluster.publish(changes);
      followed.follow();
      const { values, leftOut } = followed.listed();
      expect(new Map([...followed.values].toSorted())).toEqual(new Map([...values].toSorted()));
      expect(followed.keys.leftOut).toBe(leftOut.length);
    }
  });
  fc.assert(property, { numRuns: 60 });
});

test("a change touches the keys of its names, and of no others", () => {
  const followed = new Followed("insecure");
  const web = (ip: string) => service("shop/web", { clusterIPs: [ip], ports: [port("http", 80)] });
  followed.cluster.publish([replace([web("10.96.0.80"), externalName("shop/db", "db.example.com")])]);
  followed.follow();
  followed.cluster.publish([replace([web("10.96.0.81"), externalName("shop/db", "db.example.com")])]);
  const changed = [...followed.follow()].filter(([key, value]) => value === undefined || followed.values.has(key));
  expect(changed.map(([key]) => key).filter((key) => key.includes("/db"))).toEqual([]);
  expect(changed.map(([key]) => key)).toEqual(
    expect.arrayContaining(["/skydns/arpa/in-addr/10/96/0/80", "/skydns/arpa/in-addr/10/96/0/81"]),
  );
});
