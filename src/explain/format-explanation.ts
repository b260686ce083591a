// An explanation as text for people: one sentence with the cause, then the evidence. Pure.
// What could disguise a line of a terminal is spelled out.
import { visible } from "../std/visible.ts";
import type {
  CandidateOutcome,
  DecidedBy,
  EndpointState,
  Explanation,
  Outcome,
  PodState,
  PortState,
  ServiceChain,
  SearchList,
  SliceState,
  TypeReply,
} from "./explanation.ts";
import { placeText } from "./sentence.ts";

/** Each line ends in a newline. */
export function formatExplanation(explanation: Explanation): string {
  const { sentence, search, candidates, decisive, hints } = explanation;
  const lines = [
    sentence,
    ...hints.map((hint) => `  hint: ${hint}`),
    "",
    ...askerLines(search),
    ...candidates.flatMap((candidate, i) => candidateLines(candidate, i === decisive)),
  ];
  return lines.map((line) => `${visible(line)}\n`).join("");
}

/** Who asks, and with which search list. */
export function askerLines({ of, address, domains, ndots }: SearchList): readonly string[] {
  return [
    `asked by ${of}${of === address ? "" : ` at ${address}`}`,
    domains.length === 0 ? "no search list" : `search list: ${domains.join(" ")} (ndots ${ndots})`,
  ];
}

function candidateLines(candidate: CandidateOutcome, isDecisive: boolean): readonly string[] {
  const { name, reasonText, decidedBy, rewrittenTo, service } = candidate;
  const lines = [
    ...replyLines(candidate),
    ...(reasonText === undefined ? [] : [`  why: ${reasonText}`]),
    ...(isDecisive || decidedBy.kind !== "cluster" ? [`  decided by ${deciderText(decidedBy)}`] : []),
    ...(rewrittenTo === undefined ? [] : [`  rewritten to ${rewrittenTo}`]),
    // The others are told in short.
    ...(isDecisive && service !== undefined ? serviceLines(service).map((line) => `  ${line}`) : []),
  ];
  return ["", name, ...lines];
}

/** Types with the same reply share a line. */
function replyLines({ replies, outcome }: CandidateOutcome): readonly string[] {
  const byText = Map.groupBy(replies, (reply) => [replyStatus(reply, outcome), ...reply.records].join("\n    "));
  return [...byText].flatMap(([text, group]) => `  ${group.map(({ type }) => type).join(", ")}: ${text}`.split("\n"));
}

/** What became of the question, in a word or few; `outcome`: of all questions for the name. */
export function replyStatus({ rcode, records }: TypeReply, outcome: Outcome): string {
  if (rcode === "") return outcome === "forwarded" ? "forwarded, and nobody was asked" : "no reply";
  return rcode === "NOERROR" && records.length === 0 ? "no records" : rcode;
}

/** What decided an answer. */
export function deciderText(decidedBy: DecidedBy): string {
  const { kind, subject, domain, isCached } = decidedBy;
  const cached = isCached === true ? " (from the cache)" : "";
  switch (kind) {
    case "cluster":
      return `the cluster ${subject}`;
    case "reverse":
      return "the reverse names of the cluster";
    case "zone-file":
      return `the zone ${subject}${placeText(decidedBy)}`;
    case "hosts":
      return `a hosts file${placeText(decidedBy)}`;
    case "special":
      return `the special name ${subject}`;
    case "stub-domain":
      return `the stub domain ${domain}: ${subject}${cached}`;
    case "upstream":
      return `upstream ${subject}${cached}`;
    case "access":
      return `the access rule ${subject}`;
    case "rewrite":
      return "a rewrite rule";
    case "override":
      return "an override of the program";
    case "nothing":
      return "nothing: no zone has the name, and there is no upstream";
  }
}

function serviceLines(service: ServiceChain): readonly string[] {
  const { name, namespace, type, addresses, externalName, selector, ports, pods, podCount, slices, sliceCount } =
    service;
  const labels = selector && Object.entries(selector).map(([key, value]) => `${key}=${value}`);
  const where = externalName === undefined ? addresses.join(", ") : externalName;
  return [
    `service ${namespace}/${name}${placeText(service)}: ${type}${where === "" ? "" : ` ${where}`}`,
    ...(type === "ExternalName" ? [] : [`  selector: ${labels === undefined ? "none" : labels.join(", ")}`]),
    ...ports.map((port) => `  port ${portText(port)}`),
    ...(labels === undefined ? [] : [`  pods: ${podCount}`]),
    ...pods.map((pod) => `    ${podText(pod)}`),
    ...more(podCount - pods.length),
    ...slices.flatMap(sliceLines),
    ...(sliceCount > slices.length ? [`  and ${sliceCount - slices.length} more EndpointSlices`] : []),
  ];
}

function portText({ name, protocol, port, targetPort, srv, noSrv }: PortState): string {
  const target = targetPort === port ? "" : ` to ${targetPort}`;
  return `${name === "" ? "" : `${name} `}${port}/${protocol}${target}: ${srv ?? `no SRV records: ${noSrv}`}`;
}

function podText({ name, addresses, isReady, why, ...place }: PodState): string {
  const at = addresses.length === 0 ? "" : ` ${addresses.join(", ")}`;
  return `${name}${placeText(place)}${at}: ${isReady ? "ready" : `not ready: ${why}`}`;
}

function sliceLines({ name, isDerived, endpoints, endpointCount, ...place }: SliceState): readonly string[] {
  const what = isDerived ? "(follows from the objects above)" : `${name}${placeText(place)}`;
  return [
    `  EndpointSlice ${what}: ${endpointCount}`,
    ...endpoints.map(endpointLine),
    ...more(endpointCount - endpoints.length),
  ];
}

function endpointLine({ addresses, isReady, label, pod }: EndpointState): string {
  const target = pod === undefined ? "" : ` pod ${pod}`;
  return `    ${label} ${addresses.join(", ")}${target}: ${isReady ? "ready" : "not ready"}`;
}

function more(count: number): readonly string[] {
  return count > 0 ? [`    and ${count} more`] : [];
}
