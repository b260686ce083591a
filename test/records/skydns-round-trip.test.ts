// What the field `type` says: each value is one record, or a name without any, and all values together are the records
// of the cluster. So a server that reads them can answer as `serve` does on the manifests of each scenario.
import { readdirSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { optionsFromSettings } from "../../src/config/settings.ts";
import { foldedKey, formatName } from "../../src/dns/name.ts";
import { formatType } from "../../src/dns/type-names.ts";
import { CompiledCluster } from "../../src/planes/compiled-cluster.ts";
import { loadCluster } from "../../src/planes/load-cluster.ts";
import { skyDnsEntries } from "../../src/records/format-skydns.ts";
import { listRecords } from "../../src/records/list-records.ts";
import type { ListedRecord } from "../../src/records/listed-record.ts";
import { formatRdata } from "../../src/zonefile/rdata-text.ts";
import { wire } from "../support/core/table.ts";
import { readSettings } from "../support/scenario.ts";

const SCENARIOS = new URL("../scenarios/", import.meta.url);

interface Value {
  readonly host: string;
  readonly port: number;
  readonly priority: number;
  readonly weight: number;
  readonly text: string;
  readonly ttl: number;
  readonly type: string;
}

/** The name of a key: the part that begins with `~` is not of it. */
function nameOf(key: string): string {
  const labels = key.split("/").slice(2);
  return `${labels
    .filter((label) => !label.startsWith("~"))
    .toReversed()
    .join(".")}.`;
}

/** The line of a record as it would be without the layout; undefined: the name has none. */
function lineOf(key: string, { host, port, priority, weight, text, ttl, type }: Value): string | undefined {
  const data: Readonly<Record<string, string>> = {
    A: host,
    AAAA: host,
    CNAME: `${host}.`,
    PTR: `${host}.`,
    SRV: `${priority} ${weight} ${port} ${host}.`,
    TXT: JSON.stringify(text),
  };
  return type === "none" ? undefined : `${nameOf(key)} ${ttl} ${type} ${data[type]}`.toLowerCase();
}

const recordLine = ({ owner, ttl, type, rdata }: ListedRecord): string =>
  `${formatName(owner)} ${ttl} ${formatType(type)} ${formatRdata(type, rdata)}`.toLowerCase();

test.each(readdirSync(SCENARIOS))("the values of %s are its records", async (name) => {
  const folder = new URL(`${name}/`, SCENARIOS);
  const options = optionsFromSettings({ ...readSettings(folder) });
  const { cluster, zones } = await loadCluster([fileURLToPath(folder)], options);
  const list = listRecords(new CompiledCluster(cluster, zones, { ...options, listen: [] }).table, 1);
  const { values, leftOut } = skyDnsEntries(list, "/skydns");
  expect(leftOut).toEqual([]);

  const read = [...values].map(([key, text]) => [key, JSON.parse(text) as Value] as const);
  const records = list.zones
    .flatMap(({ ofCluster }) => ofCluster)
    .filter(({ type }) => !["NS", "SOA"].includes(formatType(type)));
  expect(read.flatMap(([key, value]) => lineOf(key, value) ?? []).toSorted()).toEqual(
    records.map(recordLine).toSorted(),
  );

  const owners = new Set(records.map(({ owner }) => foldedKey(owner)));
  const empty = read.filter(([, { type }]) => type === "none").map(([key]) => foldedKey(wire(nameOf(key))));
  expect(empty.filter((key) => owners.has(key))).toEqual([]);
  const existing = list.zones
    .filter(({ origin }) => origin === "cluster")
    .flatMap((zone) => [zone.apex, ...zone.empty]);
  for (const key of existing.map(foldedKey)) expect(empty).toContain(key);
});
