// The answer of an explanation in one sentence, with its cause: the same words on a terminal, in JSON and on a page.
// Pure.
import type { CandidateOutcome, DecidedBy, ObjectPlace, ServiceChain } from "./explanation.ts";

/** Of very many records the first are named. */
const ADDRESSES_MAX = 8;

/** `NAME does not resolve: REASON.` or `NAME resolves to ADDRESS, ADDRESS: WHAT.`; the name as the user has it. */
export function sentenceOf(
  typed: string,
  { outcome, reasonText, replies, service, decidedBy, name }: CandidateOutcome,
): string {
  const isOpen = outcome === "forwarded" && reasonText === undefined;
  const alias = service?.externalName;
  if (isOpen && alias !== undefined)
    return `${typed} is an alias of ${alias}, which is forwarded to ${decidedBy.subject}; nobody was asked.`;
  if (isOpen) return `${typed} is forwarded to ${decidedBy.subject}; nobody was asked.`;
  if (outcome !== "records") return `${typed} does not resolve: ${reasonText ?? "the server sends no reply"}.`;
  const values = replies.flatMap(({ type, records }) => valuesOf(type, records));
  const shown = values.slice(0, ADDRESSES_MAX).join(", ");
  const more = values.length > ADDRESSES_MAX ? ` and ${values.length - ADDRESSES_MAX} more` : "";
  return `${typed} resolves to ${shown}${more}: ${whatOf(name, decidedBy, service)}.`;
}

/** The data of the records of the type, from lines of a zone file. */
function valuesOf(type: string, records: readonly string[]): readonly string[] {
  return records.flatMap((record) => {
    const [, , , own, ...data] = record.split(" ");
    return own === type || type === "ANY" ? [data.join(" ")] : [];
  });
}

/** What the name stands for. */
function whatOf(name: string, decidedBy: DecidedBy, service: ServiceChain | undefined): string {
  if (service !== undefined) return describeService(name, service);
  const { kind, subject, domain, isCached } = decidedBy;
  const from = isCached === true ? ", from the cache" : "";
  switch (kind) {
    case "cluster":
      return /^[^.]+\.[^.]+\.pod\./.test(name) ? "the address that the name spells" : `the cluster ${subject}`;
    case "zone-file":
      return `the zone ${subject}${placeText(decidedBy)}`;
    case "hosts":
      return `a hosts file${placeText(decidedBy)}`;
    case "special":
      return `every server has names under ${subject}`;
    case "stub-domain":
      return `the stub domain ${domain}, upstream ${subject}${from}`;
    case "upstream":
      return `upstream ${subject}${from}`;
    case "override":
      return "the program overrides the answer";
    default:
      return `the cluster has the name`;
  }
}

function describeService(name: string, service: ServiceChain): string {
  const { type, externalName } = service;
  const own = `${service.name}.${service.namespace}.svc.${service.domain}.`.toLowerCase();
  const before = name.toLowerCase().endsWith(`.${own}`) ? name.slice(0, -own.length - 1) : "";
  const part = before === "" ? "" : before.startsWith("_") ? `port ${before} of ` : `endpoint ${before} of `;
  const alias = type === "ExternalName" ? `, an alias of ${externalName}` : "";
  return `${part}service ${service.name} in namespace ${service.namespace}${placeText(service)}${alias}`;
}

/** ` (web.yaml:3)`, or ` (source kubernetes)`; empty where neither is known. */
export function placeText(place: Partial<ObjectPlace>): string {
  const words = placeWords(place);
  return words === undefined ? "" : ` (${words})`;
}

/** `web.yaml:3`, or `source kubernetes, resourceVersion 7`. */
export function placeWords({ file, line, source, version }: Partial<ObjectPlace>): string | undefined {
  if (file !== undefined) return `${file}:${line}`;
  if (source === undefined) return undefined;
  return `source ${source}${version === undefined ? "" : `, resourceVersion ${version}`}`;
}
