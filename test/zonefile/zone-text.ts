// What the tests of zone files share: a zone around the lines at hand, and records in a form that is easy to compare.
import { formatName } from "../../src/dns/name.ts";
import type { ZoneFileSettings } from "../../src/zonefile/parse-zone-file.ts";
import { parseZoneFile } from "../../src/zonefile/parse-zone-file.ts";
import { formatType } from "../../src/dns/type-names.ts";
import type { ZoneRecord } from "../../src/zonefile/zone-record.ts";
import type { Problem } from "../../src/objects/problem.ts";

/** The zone `example.org.` in a file of its name, whose included files are `files`. */
export function settingsFor(files: Readonly<Record<string, string>> = {}): ZoneFileSettings {
  return {
    path: "example.org.zone",
    origin: "example.org",
    include: (path, place) => {
      const text = Object.hasOwn(files, path) ? files[path] : undefined;
      if (text !== undefined) return { path, text };
      return { code: "test-include", severity: "error", message: `no ${path}`, advice: "make it", place };
    },
  };
}

/** `owner ttl type hex`. */
export function showRecord({ owner, ttl, type, rdata }: ZoneRecord): string {
  return `${formatName(owner)} ${ttl} ${formatType(type)} ${Buffer.from(rdata).toString("hex")}`;
}

/** `severity code file:line:column`. */
export function showProblem({ severity, code, place }: Problem): string {
  return `${severity} ${code} ${place?.file}:${place?.line}:${place?.column}`;
}

/** The data of the record `type data` in hex; or what is wrong with it, and in which column. */
export function readData(type: string, data: string): string {
  const { records, problems } = parseZoneFile(`@ 60 ${type} ${data}`, settingsFor());
  const [problem] = problems;
  if (problem === undefined) return Buffer.from(records[0]!.rdata).toString("hex");
  return `${problem.place!.column - `@ 60 ${type} `.length}: ${problem.message}`;
}
