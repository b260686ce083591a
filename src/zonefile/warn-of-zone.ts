// Warnings about valid zones: targets without addresses or with a CNAME (RFC 2181 10.3, RFC 2782), names without their
// final dot, and records hidden by a delegation (RFC 1034 4.2.1). Pure.
import { TYPE } from "../dns/constants.ts";
import { formatName } from "../dns/name.ts";
import { readTarget } from "../dns/rdata.ts";
import type { Place } from "../objects/problem.ts";
import { formatType } from "../dns/type-names.ts";
import { faultOfDoubledOwner, faultOfRelativeTarget } from "./missing-dot.ts";
import type { Fault, ZoneProblems } from "./zone-problems.ts";
import type { ZoneRecord } from "./zone-record.ts";
import type { ZoneNode, ZoneTree } from "./zone-tree.ts";

/** Types at a delegation that the parent zone has (RFC 4035 2.6), and glue. */
const AT_DELEGATION: ReadonlySet<number> = new Set([TYPE.NS, TYPE.DS, TYPE.NSEC, TYPE.RRSIG, TYPE.A, TYPE.AAAA]);
const BELOW_DELEGATION: ReadonlySet<number> = new Set([TYPE.A, TYPE.AAAA]);

/** Types whose rdata is one name that needs no address. */
const NAMES: ReadonlySet<number> = new Set([TYPE.CNAME, TYPE.DNAME, TYPE.PTR]);

/** Adds warnings about the zone to `problems`. */
export function warnOfZone(tree: ZoneTree, problems: ZoneProblems): void {
  for (const node of tree.nodes()) {
    const above = tree.interruptionAbove(node.owner);
    warnOfHidden(node, above, tree, problems);
    if (above !== undefined) continue;
    warnOfOwner(node, tree, problems);
    for (const type of node.types()) {
      for (const record of node.of(type)) {
        const fault = faultOfTarget(record, node, tree);
        if (fault !== undefined) problems.warn(placeOf(record), fault);
      }
    }
  }
}

function warnOfOwner(node: ZoneNode, tree: ZoneTree, problems: ZoneProblems): void {
  const fault = faultOfDoubledOwner(node, tree);
  const [type] = node.types();
  if (fault !== undefined && type !== undefined) problems.warn(placeOf(node.of(type)[0]!), fault);
}

function warnOfHidden(node: ZoneNode, above: ZoneNode | undefined, tree: ZoneTree, problems: ZoneProblems): void {
  const cut = above ?? (tree.isDelegation(node) ? node : undefined);
  if (cut === undefined) return;
  const seen = cut === node ? AT_DELEGATION : BELOW_DELEGATION;
  const hidden = [...node.types()].find((type) => !seen.has(type));
  if (hidden === undefined) return;
  const what = `the ${formatType(hidden)} of ${formatName(node.owner)}`;
  const message = `${what} is never served, because ${formatName(cut.owner)} is delegated`;
  const advice = "move it to the zone that is delegated to, or remove the NS records";
  problems.warn(placeOf(node.of(hidden)[0]!), { code: "zone-hidden", message, advice });
}

function faultOfTarget(record: ZoneRecord, owner: ZoneNode, tree: ZoneTree): Fault | undefined {
  const { type, rdata } = record;
  const target = readTarget(type, rdata) ?? (NAMES.has(type) ? rdata : undefined);
  // The root name means "no target" (RFC 2782, RFC 7505).
  if (target === undefined || target.length === 1 || !tree.contains(target)) return undefined;
  const node = tree.find(target);
  const isCut = node !== undefined && tree.isDelegation(node);
  const cut = tree.interruptionAbove(target) ?? (isCut ? node : undefined);
  // Below another cut, only glue of the cut's own name servers is known.
  if (cut !== undefined && !(cut === owner && record.type === TYPE.NS)) return undefined;
  if (node?.hasAddress() === true) return undefined;
  if (node === undefined) {
    const fault = faultOfRelativeTarget(target, type, tree);
    if (fault !== undefined) return fault;
  }
  // An alias and a pointer may lead to any name.
  if (NAMES.has(type)) return undefined;
  const what = `the target ${formatName(target)} of the ${formatType(record.type)}`;
  return node?.has(TYPE.CNAME) === true
    ? { code: "zone-target", message: `${what} is an alias`, advice: "name what the alias leads to" }
    : {
        code: "zone-target",
        message: `${what} has no address`,
        advice: "add an A or AAAA record, or correct the target",
      };
}

function placeOf({ file, line }: ZoneRecord): Place {
  return { file, line, column: 1 };
}
