// A healthy cluster as the doctor sees it, for tests to break: a situation, and the outcome of each question.
// No sockets.
import type { Situation } from "../../src/doctor/diagnose.ts";
import type { Observation, Outcome, Reply } from "../../src/doctor/observation.ts";
import { planProbes } from "../../src/doctor/plan.ts";
import { clusterDomainOf, searchSteps } from "../../src/doctor/search-steps.ts";
import { parseResolvConf } from "../../src/resolv-conf/resolv-conf.ts";

export const POD_CONF = `nameserver 10.96.0.10
search shop.svc.cluster.local svc.cluster.local cluster.local
options ndots:5
`;

/** What a test changes of the healthy situation. */
export interface Change {
  readonly conf?: string;
  readonly names?: readonly string[];
  readonly clusterDomain?: string;
  readonly isPod?: boolean;
  readonly isContainer?: boolean;
  /** Why the file can't be read. */
  readonly fault?: string;
}

/** The situation of a pod with this resolv.conf. */
export function situationOf({ conf: text = POD_CONF, names = ["web"], fault, ...change }: Change = {}): Situation {
  const file = "resolv.conf";
  const { conf } = parseResolvConf(text, file);
  return {
    resolvConf: fault === undefined ? { file, conf } : { file, fault },
    servers: conf.nameservers.map((host) => ({ host, port: 53 })),
    areServersOfFile: true,
    lookups: names.map((name) => ({ name, steps: searchSteps(name, conf), isWanted: true })),
    clusterDomain: change.clusterDomain ?? clusterDomainOf(conf),
    isPod: change.isPod ?? true,
    isContainer: change.isContainer ?? true,
    slowMs: 200,
  };
}

/** A reply with these fields. */
export function reply(fields: Partial<Reply> = {}): Reply {
  return {
    kind: "reply",
    ms: 2,
    rcode: "NOERROR",
    isTruncated: false,
    hasEdns: true,
    size: 100,
    answers: [],
    extendedErrors: [],
    ...fields,
  };
}

const ADDRESSES: Readonly<Record<string, string>> = {
  "kubernetes.default.svc.cluster.local.": "10.96.0.1",
  "web.shop.svc.cluster.local.": "10.96.0.80",
  "example.com.": "192.0.2.80",
  "api.example.com.": "192.0.2.81",
};

/** What a healthy server answers. */
function healthyOutcome({ probe, question }: Pick<Observation, "probe" | "question">): Outcome {
  if (question.type === "DNSKEY") {
    const isCut = probe.transport === "udp" && probe.ednsSize === undefined;
    return isCut ? reply({ isTruncated: true, size: 40 }) : reply({ size: 864, answers: ["", "", ""] });
  }
  if (question.type === "PTR") {
    const isServer = question.name.startsWith("10.0.96.10.");
    return isServer ? reply({ answers: ["kube-dns.kube-system.svc.cluster.local."] }) : reply({ rcode: "NXDOMAIN" });
  }
  const address = ADDRESSES[question.name];
  if (address === undefined) return reply({ rcode: "NXDOMAIN" });
  return reply({ answers: question.type === "A" ? [address] : [] });
}

/** What a question gets in place of the healthy outcome; undefined: that. */
export type Break = (each: Pick<Observation, "probe" | "question">, index: number) => Outcome | undefined;

/** All that a doctor observes in the situation. */
export function observe(situation: Situation, broken: Break = () => undefined): readonly Observation[] {
  const { servers, lookups, clusterDomain, resolvConf } = situation;
  const searches = resolvConf !== undefined && "conf" in resolvConf ? resolvConf.conf.searches : [];
  const input = { servers, lookups, searches, clusterDomain, outside: "example.com.", apiServerIp: "10.96.0.1" };
  const asked = planProbes({ ...input, token: "doctor-0" }).flatMap((probe) =>
    probe.questions.map((question) => ({ probe, question })),
  );
  return asked.map((each, index) => ({ ...each, outcome: broken(each, index) ?? healthyOutcome(each) }));
}
