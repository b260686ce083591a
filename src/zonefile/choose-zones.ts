// Merges the contents of all zone files and hosts files: of several files of one zone the first is served, hosts files
// add up. Pure. Does not know the cluster's zones.
import { formatName, lowerName } from "../dns/name.ts";
import { compareOrigins } from "../objects/origin.ts";
import type { Origin } from "../objects/origin.ts";
import type { Problem } from "../objects/problem.ts";
import { joinHostsLines } from "./hosts-lines.ts";
import type { HostsLines } from "./hosts-lines.ts";
import type { Zone } from "./zone-record.ts";

/** The content of one file. Plain data, so that a worker thread can post it. */
export type ZoneContent =
  | { readonly kind: "zone"; readonly zone: Zone }
  | { readonly kind: "hosts"; readonly entries: HostsLines };

/** The content of each zone file and hosts file by its path; the origins sort the files. */
export type ZoneContents = ReadonlyMap<string, FileContent>;

/** The content of one file, and where it comes from. */
export interface FileContent {
  readonly origin: Origin;
  readonly content: ZoneContent;
}

/** The zones and hosts to serve, in the order of their files. */
export interface ChosenZones {
  readonly zones: readonly Zone[];
  /** The lines of all hosts files. */
  readonly hosts: HostsLines;
  /** One for each file whose zone another file has already. */
  readonly problems: readonly Problem[];
}

/** Chooses, of the zones with one origin, that of the first file. */
export function chooseZones(contents: Iterable<readonly [path: string, FileContent]>): ChosenZones {
  const ranked = [...contents].toSorted(([, a], [, b]) => compareOrigins(a.origin, b.origin));
  const chosen = new Map<string, { readonly path: string; readonly zone: Zone }>();
  const hosts: HostsLines[] = [];
  const problems: Problem[] = [];
  for (const [path, { content }] of ranked) {
    if (content.kind === "hosts") {
      hosts.push(content.entries);
      continue;
    }
    const { zone } = content;
    const name = formatName(lowerName(zone.origin));
    const first = chosen.get(name);
    if (first === undefined) chosen.set(name, { path, zone });
    else problems.push(duplicateZone(name, path, first.path));
  }
  return { zones: [...chosen.values()].map(({ zone }) => zone), hosts: joinHostsLines(hosts), problems };
}

function duplicateZone(name: string, path: string, first: string): Problem {
  return {
    code: "duplicate-zone",
    severity: "error",
    message: `the zone ${name} is already in ${first}, which is served`,
    advice: "remove one of the two, or put the records of both into one",
    place: { file: path, line: 1, column: 1 },
  };
}
