// Compiles the text of zone files and hosts files into a table that answers, with or without cluster objects beside it.
import { readFileSync } from "node:fs";
import { ZonesOnly } from "./zones-only.ts";
import type { ZoneSettings } from "../../../src/compile/zone-compiler.ts";
import { readZone } from "../../../src/zonefile/check-zone.ts";
import { parseHostsFile } from "../../../src/zonefile/parse-hosts-file.ts";
import { NO_LINES } from "../../../src/zonefile/hosts-lines.ts";
import type { HostsLines } from "../../../src/zonefile/hosts-lines.ts";
import type { Zone } from "../../../src/zonefile/zone-record.ts";
import { wire } from "./table.ts";
import { Cluster } from "./universe.ts";

/** The zone of a text; throws when it is none. */
export function zoneOf(origin: string, text: string, path = `${origin}.zone`): Zone {
  const include = (name: string): never => {
    throw new Error(`${name} is included`);
  };
  const { zone, problems } = readZone(text, { path, origin, include });
  if (zone === undefined) throw new Error(problems.map(({ message }) => message).join("; "));
  return zone;
}

/** The zone of a file of test/fixtures/zones. */
export function fixtureZone(origin: string): Zone {
  return zoneOf(origin, readFileSync(fixturePath(origin), "utf8"));
}

export function fixturePath(origin: string): URL {
  return new URL(`../../fixtures/zones/${origin}.zone`, import.meta.url);
}

/** A zone with SOA (serial 1, TTL 60, minimum 10) and NS, and these lines. */
export function smallZone(origin: string, ...lines: readonly string[]): Zone {
  const head = ["$TTL 60", "@ SOA ns admin 1 2 3 4 10", "@ NS ns.elsewhere.example."];
  return zoneOf(origin, [...head, ...lines, ""].join("\n"));
}

/** The lines of a hosts file. */
export function hostsOf(...lines: readonly string[]): HostsLines {
  return parseHostsFile(lines.join("\n"), { path: "hosts" }).entries;
}

/** A cluster beside which names are served. */
export class StaticCluster extends Cluster {
  readonly answerer: ZonesOnly;

  constructor(settings: Partial<ZoneSettings> = {}) {
    super(settings);
    this.answerer = new ZonesOnly(this.reader, { ednsSize: 1232, recursion: false }, 1);
    this.publish([]);
    this.compiler.setReady({ areZonesKnown: true, isClusterReady: true });
  }

  serve({ zones = [], hosts = NO_LINES, forwarded = [] }: Partial<ServedNames>): void {
    this.compiler.setStaticNames({ zones, hosts, forwarded: forwarded.map(wire) });
    this.writer.publish();
  }
}

interface ServedNames {
  readonly zones: readonly Zone[];
  readonly hosts: HostsLines;
  readonly forwarded: readonly string[];
}
