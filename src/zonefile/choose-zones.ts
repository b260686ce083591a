// What all zone files and hosts files hold together: of the files of one zone the first one serves, hosts files add up.
// Pure; whether a zone stands in the way of the cluster's own is not known here.
import { formatName, lowerName } from "../dns/name.ts";
import { compareOrigins } from "../objects/origin.ts";
import type { Origin } from "../objects/origin.ts";
import type { Problem } from "../objects/problem.ts";
import type { HostsEntry } from "./parse-hosts-file.ts";
import type { Zone } from "./zone-record.ts";

/** What one file holds. Plain data, so that a worker can hand it over. */
export type ZoneContent =
  | { readonly kind: "zone"; readonly zone: Zone }
  | { readonly kind: "hosts"; readonly entries: readonly HostsEntry[] };

/** The content of each zone file and hosts file by its path; the origins sort the files. */
export type ZoneContents = ReadonlyMap<string, { readonly origin: Origin; readonly content: ZoneContent }>;

/** What is served, in the order of the files. */
export interface ChosenZones {
  readonly zones: readonly Zone[];
  /** The lines of all hosts files. */
  readonly hosts: readonly HostsEntry[];
  /** One of each file whose zone is in another one too. */
  readonly problems: readonly Problem[];
}

/** Chooses, of the zones with one origin, that of the first file. */
export function chooseZones(contents: ZoneContents): ChosenZones {
  const ranked = [...contents].toSorted(([, a], [, b]) => compareOrigins(a.origin, b.origin));
  const chosen = new Map<string, { readonly path: string; readonly zone: Zone }>();
  const hosts: HostsEntry[] = [];
  const problems: Problem[] = [];
  for (const [path, { content }] of ranked) {
    if (content.kind === "hosts") {
      // Not spread into arguments, of which there may be too many.
      for (const entry of content.entries) hosts.push(entry);
      continue;
    }
    const { zone } = content;
    const name = formatName(lowerName(zone.origin));
    const first = chosen.get(name);
    if (first === undefined) chosen.set(name, { path, zone });
    else problems.push(duplicateZone(name, path, first.path));
  }
  return { zones: [...chosen.values()].map(({ zone }) => zone), hosts, problems };
}

function duplicateZone(name: string, path: string, first: string): Problem {
  return {
    code: "duplicate-zone",
    severity: "error",
    message: `the zone ${name} is in ${first} already, and that file serves`,
    advice: "remove one of the two, or put the records of both into one",
    place: { file: path, line: 1, column: 1 },
  };
}
