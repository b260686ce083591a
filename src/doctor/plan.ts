// What `cluster-dns doctor` asks: the probes for each server, from the search list and the names. Pure.
// Each question is for a rule; a server is asked about 30, and a pair of A and AAAA for each step of a search.
import { isIpv4, parseIp } from "../net/ip.ts";
import type { ListenAddress } from "../net/listen-address.ts";
import { isAskable } from "./search-steps.ts";
import type { Probe, Purpose, Question, QuestionType } from "./observation.ts";

/** Pairs of A and AAAA for one name, AAAA alone, and A with EDNS: what is lost at times needs more than one try. */
const TRIES = 4;
/** What the doctor announces: the largest answer that every path carries (DNS flag day 2020), bytes. */
export const EDNS_SIZE = 1232;
/** Domains of the search list in which a missing name is asked. */
const WILDCARD_DOMAINS_MAX = 8;

/** The input of `planProbes`. Names are absolute, with their final dot. */
export interface PlanInput {
  readonly servers: readonly ListenAddress[];
  /** The names that each lookup asks for, in order. */
  readonly lookups: readonly { readonly steps: readonly string[] }[];
  readonly searches: readonly string[];
  /** Without a final dot; undefined: unknown. */
  readonly clusterDomain: string | undefined;
  /** A name that every resolver of the internet knows; undefined: none is asked. */
  readonly outside: string | undefined;
  /** The address of the API server's service, which a pod has in its environment. */
  readonly apiServerIp: string | undefined;
  /** A label that is in no zone. */
  readonly token: string;
}

/** The name whose address the service of the API server has. */
function apiServerName(clusterDomain: string): string {
  return `kubernetes.default.svc.${clusterDomain}.`;
}

/** All probes, those of one server together. They do not depend on each other. */
export function planProbes(input: PlanInput): readonly Probe[] {
  return input.servers.flatMap((server) => [
    ...aliveProbes(input, server),
    ...outsideProbes(input, server),
    ...clusterProbes(input, server),
    ...input.lookups.flatMap(({ steps }) => steps.map((step) => addressPair("step", server, step))),
  ]);
}

/** One name in all ways: over UDP and TCP, with and without EDNS, as pairs, and by a socket that is not connected. */
function aliveProbes({ clusterDomain, outside, lookups }: PlanInput, server: ListenAddress): readonly Probe[] {
  const name = clusterDomain === undefined ? (outside ?? lookups[0]?.steps[0] ?? ".") : apiServerName(clusterDomain);
  const ask = (purpose: Purpose, transport: Probe["transport"], type: QuestionType = "A"): Probe => ({
    purpose,
    server,
    transport,
    questions: [{ name, type }],
    ...(purpose === "edns" && { ednsSize: EDNS_SIZE }),
  });
  return [
    ask("plain", "udp"),
    ask("plain", "tcp"),
    ask("edns", "tcp"),
    ask("anySource", "udp"),
    ...Array.from({ length: TRIES }, () => [
      ask("edns", "udp"),
      ask("alone", "udp", "AAAA"),
      addressPair("pair", server, name),
    ]).flat(),
  ];
}

function outsideProbes({ outside, token }: PlanInput, server: ListenAddress): readonly Probe[] {
  if (outside === undefined) return [];
  const missing: Question = { name: `${token}.${outside.split(".").at(-2)}.`, type: "A" };
  // The keys of the root are everywhere, and do not fit into 512 bytes.
  const large: Pick<Probe, "purpose" | "server" | "questions"> = {
    purpose: "large",
    server,
    questions: [{ name: ".", type: "DNSKEY" }],
  };
  return [
    addressPair("outside", server, outside),
    { purpose: "missing", server, transport: "udp", questions: [missing] },
    { ...large, transport: "udp" },
    { ...large, transport: "udp", ednsSize: EDNS_SIZE, dnssecOk: true },
    { ...large, transport: "tcp", ednsSize: EDNS_SIZE, dnssecOk: true },
  ];
}

function clusterProbes(input: PlanInput, server: ListenAddress): readonly Probe[] {
  const { clusterDomain, searches, token, apiServerIp } = input;
  const single = (purpose: Purpose, name: string, type: QuestionType): Probe => ({
    purpose,
    server,
    transport: "udp",
    questions: [{ name, type }],
  });
  // A name server of a cluster is itself a service, so its address has a name in the cluster domain.
  const pointers = [server.host, ...(apiServerIp === undefined ? [] : [apiServerIp])].flatMap(reverseName);
  return [
    ...(clusterDomain === undefined ? [] : [addressPair("cluster", server, apiServerName(clusterDomain))]),
    ...searches
      .slice(0, WILDCARD_DOMAINS_MAX)
      .map((domain) => `${token}.${domain}.`)
      .filter(isAskable)
      .map((name) => single("wildcard", name, "A")),
    ...pointers.map((name) => single("pointer", name, "PTR")),
  ];
}

function addressPair(purpose: Purpose, server: ListenAddress, name: string): Probe {
  const questions = [
    { name, type: "A" },
    { name, type: "AAAA" },
  ] as const;
  return { purpose, server, transport: "udp", questions };
}

/** RFC 1035 3.5, RFC 3596 2.5; nothing for loopback addresses, which no service has. */
function reverseName(address: string): readonly string[] {
  const bytes = parseIp(address);
  if (bytes === undefined || address.startsWith("127.") || address === "::1") return [];
  if (isIpv4(address)) return [`${[...bytes].toReversed().join(".")}.in-addr.arpa.`];
  const nibbles = Buffer.from(bytes).toString("hex").split("").toReversed().join(".");
  return [`${nibbles}.ip6.arpa.`];
}
