// Checks that the records of a file make a zone: one SOA, name servers, nothing beside a CNAME or below a DNAME,
// nothing outside (RFC 1034 3.6.2 and 4.2.1, RFC 2181 5.2 and 10.1, RFC 4592 4.2 and 4.4, RFC 6672 2.4). Pure.
// warn-of-zone.ts has the warnings about valid zones.
import { TYPE } from "../dns/constants.ts";
import { formatName } from "../dns/name.ts";
import type { Place, Problem } from "../objects/problem.ts";
import type { ParsedZoneFile, ZoneFileSettings } from "./parse-zone-file.ts";
import { parseZoneFile } from "./parse-zone-file.ts";
import { formatType } from "../dns/type-names.ts";
import { warnOfZone } from "./warn-of-zone.ts";
import { ZoneProblems } from "./zone-problems.ts";
import type { Zone, ZoneRecord } from "./zone-record.ts";
import type { ZoneNode } from "./zone-tree.ts";
import { ZoneTree } from "./zone-tree.ts";

/** The zone of a file; undefined when `problems` has an error. */
export interface CheckedZone {
  readonly zone: Zone | undefined;
  readonly problems: readonly Problem[];
}

/** Types that may stand beside a CNAME (RFC 4034 2.5). */
const BESIDE_CNAME: ReadonlySet<number> = new Set([TYPE.CNAME, TYPE.RRSIG, TYPE.NSEC]);

/** Parses a zone file and checks its zone. Never throws, on any text. */
export function readZone(text: string, settings: ZoneFileSettings): CheckedZone {
  return checkZone(parseZoneFile(text, settings), settings.path);
}

/** Checks a parsed file, drops duplicate records, and lowers the TTLs of each RRset to the smallest (RFC 2181 5.2). */
export function checkZone(parsed: ParsedZoneFile, path: string): CheckedZone {
  const problems = new ZoneProblems(path);
  for (const problem of parsed.problems) problems.add(problem);
  if (problems.hasErrors) return { zone: undefined, problems: parsed.problems };
  const { origin } = parsed;
  const tree = new ZoneTree(origin);
  const outside = parsed.records.filter((record) => !tree.add(record));
  if (tree.apex?.has(TYPE.SOA) === true) checkRecords(tree, outside, path, problems);
  else failWithoutSoa(parsed, path, problems);
  if (problems.hasErrors) return { zone: undefined, problems: problems.list() };
  const records = [...tree.nodes()].flatMap((node) => levelTtls(node, problems));
  warnOfZone(tree, problems);
  return { zone: { origin, records }, problems: problems.list() };
}

// Without an SOA at the apex the zone's name is wrong, and so would be every other problem.
function failWithoutSoa({ origin, records }: ParsedZoneFile, path: string, problems: ZoneProblems): void {
  const zone = formatName(origin);
  const elsewhere = records.find(({ type }) => type === TYPE.SOA);
  if (elsewhere === undefined) {
    const advice = `add \`${zone} 3600 IN SOA ${under("ns", zone)} ${under("admin", zone)} 1 3600 600 604800 300\``;
    problems.fail(startOf(path), { code: "zone-soa", message: `the zone ${zone} has no SOA`, advice });
  } else {
    const owner = formatName(elsewhere.owner);
    const message = `the SOA is that of ${owner}, and the file is the zone ${zone}`;
    const advice = `name the file ${owner}zone, or begin it with \`$ORIGIN ${owner}\``;
    problems.fail(placeOf(elsewhere), { code: "zone-soa", message, advice });
  }
}

function checkRecords(tree: ZoneTree, outside: readonly ZoneRecord[], path: string, problems: ZoneProblems): void {
  const zone = formatName(tree.origin);
  for (const record of outside) {
    const message = `${formatName(record.owner)} is not in the zone ${zone}, and is left out`;
    const advice = "move it to the file of its own zone; a name without a final dot is below the origin";
    problems.warn(placeOf(record), { code: "zone-outside", message, advice });
  }
  const second = tree.apex?.of(TYPE.SOA)[1];
  if (second !== undefined) {
    const message = `the zone ${zone} has its SOA already`;
    problems.fail(placeOf(second), { code: "zone-soa", message, advice: "remove one of the two" });
  }
  if (tree.apex?.has(TYPE.NS) !== true) {
    const advice = `add \`${zone} 3600 IN NS ${under("ns", zone)}\``;
    problems.fail(startOf(path), { code: "zone-ns", message: `the zone ${zone} has no name server`, advice });
  }
  for (const node of tree.nodes()) checkNode(node, tree, problems);
}

function checkNode(node: ZoneNode, tree: ZoneTree, problems: ZoneProblems): void {
  const owner = formatName(node.owner);
  const fail = (type: number, code: string, message: string, advice: string, number = 0): void => {
    problems.fail(placeOf(node.of(type)[number]!), { code, message: `${owner} ${message}`, advice });
  };
  if (node.has(TYPE.SOA) && node !== tree.apex) {
    fail(TYPE.SOA, "zone-soa", "has an SOA within another zone", "give it a file of its own");
  }
  if (node.has(TYPE.CNAME)) checkCname(node, fail);
  if (node.of(TYPE.DNAME).length > 1) {
    fail(TYPE.DNAME, "zone-dname", "has a DNAME already", "remove one of the two", 1);
  }
  const above = tree.interruptionAbove(node.owner);
  if (above?.has(TYPE.DNAME) === true) {
    const message = `is below the DNAME of ${formatName(above.owner)}`;
    fail(firstType(node), "zone-dname", message, "remove the record or the DNAME");
  }
  if (!node.isWildcard()) return;
  for (const type of [TYPE.NS, TYPE.DNAME]) {
    if (!node.has(type)) continue;
    fail(type, "zone-wildcard", `can have no ${formatType(type)}`, "write one for each name that needs it");
  }
}

type Fail = (type: number, code: string, message: string, advice: string, number?: number) => void;

function checkCname(node: ZoneNode, fail: Fail): void {
  if (node.of(TYPE.CNAME).length > 1) {
    fail(TYPE.CNAME, "zone-cname", "has a CNAME already", "remove one of the two", 1);
  }
  const other = [...node.types()].find((type) => !BESIDE_CNAME.has(type));
  if (other === undefined) return;
  const message = `has a CNAME, and no ${formatType(other)} may stand beside it`;
  fail(other, "zone-cname", message, "remove one of the two, or write the target's records here");
}

// RRSIGs of several RRsets have one owner name and type, but the TTLs of their RRsets.
function levelTtls(node: ZoneNode, problems: ZoneProblems): ZoneRecord[] {
  return [...node.types()].flatMap((type) => {
    const set = node.of(type);
    const smallest = set.reduce((least, { ttl }) => Math.min(least, ttl), set[0]!.ttl);
    const other = set.find(({ ttl }) => ttl !== set[0]!.ttl);
    if (other === undefined || type === TYPE.RRSIG) return set;
    const which = `${formatType(type)} records of ${formatName(node.owner)}`;
    const message = `the ${which} differ in TTL, and ${smallest} counts`;
    problems.warn(placeOf(other), { code: "zone-ttl-differs", message, advice: "give all of them the same TTL" });
    return set.map((record) => ({ ...record, ttl: smallest }));
  });
}

function firstType(node: ZoneNode): number {
  const [type] = node.types();
  return type!;
}

function under(label: string, zone: string): string {
  return zone === "." ? `${label}.` : `${label}.${zone}`;
}

function startOf(path: string): Place {
  return { file: path, line: 1, column: 1 };
}

function placeOf({ file, line }: ZoneRecord): Place {
  return { file, line, column: 1 };
}
