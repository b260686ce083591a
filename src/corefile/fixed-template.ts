// Templates whose answers do not depend on the query: as zones with their records. A name has the same answers
// whatever is asked, so a zone file can give them; anything else of a template is lost. Pure.
import type { PluginUse } from "./plugin-row.ts";
import { optionLines } from "./plugin-row.ts";
import { zonesOrBlock } from "./server-key.ts";

/** A zone, its records as lines of a zone file, and their smallest TTL. */
export interface TemplateZone {
  readonly zone: string;
  readonly records: string;
  readonly ttl: number;
}

type Made = { readonly zones: readonly TemplateZone[] } | { readonly lost: string };

const TTL_SECONDS = 60;
/** Azure's zone of machines: its own resolver denies what no machine has, so nothing changes if it is asked. */
const DENIED_BY_UPSTREAM = "internal.cloudapp.net";
/** A pattern that matches one name: `^host\.example\.org\.$`. */
const LITERAL = /^\^((?:[a-z0-9_-]+\\\.)+)\$$/i;
const RECORD = /^(\S+)\s+(?:(\d+)\s+)?(?:IN\s+)?(?:(\d+)\s+)?([A-Z][A-Z0-9]*)\s+(\S.*)$/i;

/** The zones of a template, or what of it is lost. */
export function zoneOfTemplate(use: PluginUse): Made {
  const [queryClass = "", type = "", ...names] = use.args.map(({ text }) => text);
  if (!/^(?:IN|ANY)$/i.test(queryClass)) return { lost: `class ${queryClass}` };
  const zones = zonesOrBlock(names, use.zones);
  const patterns = optionLines(use, "match").flatMap(([, ...words]) => words.map(({ text }) => text));
  const literals = patterns.map((pattern) => LITERAL.exec(pattern)?.[1]?.replaceAll("\\.", ".").slice(0, -1));
  const unknown = literals.indexOf(undefined);
  if (isDeniedAnyway(use, zones)) return { zones: [] };
  if (unknown !== -1) return { lost: `pattern ${patterns[unknown]}` };
  const owners = literals.length > 0 ? (literals as string[]).map((name) => name.toLowerCase()) : zones;
  if (owners.includes(".")) return { lost: "answers for all names" };
  const answers = optionLines(use, "answer").flatMap(([, ...words]) => words.map(({ text }) => text));
  const rcode = rcodeOf(use);
  if (rcode !== "NOERROR" || answers.length === 0) return denial(rcode, type, answers, literals.length > 0, owners);
  // All names of a zone, or one name alone.
  const labels = literals.length > 0 ? ["@"] : ["@", "*"];
  const made: TemplateZone[] = [];
  for (const zone of owners) {
    const records = answers.map((answer) => fixedRecord(answer, literals.length > 0 ? zone : undefined));
    const lost = records.find((record) => "lost" in record);
    if (lost !== undefined) return lost;
    const fixed = records as readonly FixedRecord[];
    const lines = labels.flatMap((label) => fixed.map(({ ttl, rest }) => `${label} ${ttl} ${rest}\n`));
    made.push({ zone, records: lines.join(""), ttl: Math.min(...fixed.map(({ ttl }) => ttl)) });
  }
  return { zones: made };
}

/** Whether the template only spares the upstream queries that it would deny. */
function isDeniedAnyway(use: PluginUse, zones: readonly string[]): boolean {
  const isDenial = rcodeOf(use) === "NXDOMAIN" && optionLines(use, "fallthrough").length > 0;
  return isDenial && zones.every((zone) => zone === DENIED_BY_UPSTREAM);
}

function rcodeOf(use: PluginUse): string {
  return optionLines(use, "rcode").at(-1)?.[1]?.text.toUpperCase() ?? "NOERROR";
}

function denial(
  rcode: string,
  type: string,
  answers: readonly string[],
  hasPattern: boolean,
  zones: readonly string[],
): Made {
  if (rcode !== "NXDOMAIN" || answers.length > 0) return { lost: `rcode ${rcode}` };
  if (hasPattern || type.toUpperCase() !== "ANY") return { lost: "rcode NXDOMAIN for some types or names" };
  return { zones: zones.map((zone) => ({ zone, records: "", ttl: TTL_SECONDS })) };
}

interface FixedRecord {
  readonly ttl: number;
  /** Type and data. */
  readonly rest: string;
}

/** The record of an answer for the query's own name, or for `name`. */
function fixedRecord(answer: string, name: string | undefined): FixedRecord | { readonly lost: string } {
  const [, owner = "", ttl, lateTtl, type = "", data = ""] =
    RECORD.exec(answer.replaceAll(/\{\{\s*\.Name\s*\}\}/g, "@")) ?? [];
  if (owner !== "@" && (name === undefined || owner.toLowerCase() !== `${name}.`)) return { lost: `answer ${answer}` };
  if (data.includes("{{") || data.includes("@")) return { lost: `answer ${answer}` };
  if (type.toUpperCase() === "CNAME") return { lost: "a CNAME, which a whole zone cannot be" };
  return { ttl: Number(ttl ?? lateTtl ?? TTL_SECONDS), rest: `${type.toUpperCase()} ${data}` };
}
