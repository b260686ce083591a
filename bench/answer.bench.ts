// What an answer costs by its kind: nanoseconds, and bytes allocated (none is the aim). Run by micro.ts.
import { KnownClient } from "../src/answer/client.ts";
import { QueryAnswerer } from "../src/answer/query-answerer.ts";
import { optionsFromSettings } from "../src/config/settings.ts";
import { accessSettings } from "../src/planes/access-settings.ts";
import { HAND_OVER } from "../src/answer/answerer.ts";
import type { Answerer } from "../src/answer/answerer.ts";
import { RewritingAnswerer } from "../src/answer/rewriting-answerer.ts";
import type { RewriteRule } from "../src/dns/rewrite-rule.ts";
import { readMessage, writeQuery } from "../test/support/wire.ts";
import type { CompiledZone } from "./compiled-zone.ts";
import { CLUSTER_DOMAIN, endpointLabel, PORT_NAME, serviceName } from "./cluster.ts";
import type { ModelService } from "./cluster.ts";
import { measureMicro } from "./micro-measure.ts";
import type { MicroRow } from "./micro-measure.ts";

const EDNS_SIZE = 1232;
/** Different queries of a kind: more than a processor's nearest cache holds answers of. */
const QUERIES = 1024;

interface Kind {
  readonly name: string;
  readonly question: (service: ModelService) => { readonly name: string; readonly type: string };
  /** Rcode, records in the answer section, TC. */
  readonly expected: string;
  readonly of?: "cluster-ip" | "headless";
  readonly withoutEdns?: true;
  readonly rules?: readonly RewriteRule[];
}

const RULES = 100;
const PLAIN_RULE = { field: "name", mode: "stop", isAnswerAuto: true, answers: [] } as const;

/** Rules for names that nothing asks for. */
function otherRules(kind: "exact" | "suffix"): readonly RewriteRule[] {
  return Array.from({ length: RULES }, (_, i) => ({
    ...PLAIN_RULE,
    match: { kind, from: `.web-${i}.example.`.slice(kind === "exact" ? 1 : 0) },
    to: `.web-${i}.default.svc.${CLUSTER_DOMAIN}.`.slice(kind === "exact" ? 1 : 0),
  }));
}

const SUFFIX_RULE: RewriteRule = {
  ...PLAIN_RULE,
  match: { kind: "suffix", from: ".internal.example." },
  to: `.svc.${CLUSTER_DOMAIN}.`,
};

const KINDS: readonly Kind[] = [
  {
    name: "A, cluster IP",
    question: (service) => ({ name: serviceName(service), type: "A" }),
    expected: "NOERROR 1",
    of: "cluster-ip",
  },
  {
    name: "A, 10 endpoints",
    question: (service) => ({ name: serviceName(service), type: "A" }),
    expected: "NOERROR 10",
    of: "headless",
  },
  {
    name: "A, an endpoint's own name",
    question: (service) => ({ name: `${endpointLabel(service.endpoints[0]!)}.${serviceName(service)}`, type: "A" }),
    expected: "NOERROR 1",
  },
  {
    name: "SRV, cluster IP",
    question: (service) => ({ name: `_${PORT_NAME}._tcp.${serviceName(service)}`, type: "SRV" }),
    expected: "NOERROR 1",
    of: "cluster-ip",
  },
  {
    name: "SRV, 10 endpoints",
    question: (service) => ({ name: `_${PORT_NAME}._tcp.${serviceName(service)}`, type: "SRV" }),
    expected: "NOERROR 10",
    of: "headless",
  },
  {
    name: "SRV, truncated",
    question: (service) => ({ name: `_${PORT_NAME}._tcp.${serviceName(service)}`, type: "SRV" }),
    expected: "NOERROR 6 TC",
    of: "headless",
    withoutEdns: true,
  },
  {
    name: "PTR",
    question: ({ endpoints }) => ({
      name: `${endpoints[0]!.split(".").toReversed().join(".")}.in-addr.arpa.`,
      type: "PTR",
    }),
    expected: "NOERROR 1",
  },
  {
    name: "nothing of that type",
    question: (service) => ({ name: serviceName(service), type: "AAAA" }),
    expected: "NOERROR 0",
  },
  {
    name: "no such name",
    question: (service) => ({ name: `www.example.com.${service.namespace}.svc.${CLUSTER_DOMAIN}.`, type: "A" }),
    expected: "NXDOMAIN 0",
  },
  {
    name: "A, a pod's address",
    question: ({ namespace, endpoints }) => ({
      name: `${endpointLabel(endpoints[0]!)}.${namespace}.pod.${CLUSTER_DOMAIN}.`,
      type: "A",
    }),
    expected: "NOERROR 1",
  },
  {
    name: "A, cluster IP, 100 rules for other names",
    question: (service) => ({ name: serviceName(service), type: "A" }),
    expected: "NOERROR 1",
    of: "cluster-ip",
    rules: otherRules("exact"),
  },
  {
    name: "A, cluster IP, 100 rules for other suffixes",
    question: (service) => ({ name: serviceName(service), type: "A" }),
    expected: "NOERROR 1",
    of: "cluster-ip",
    rules: otherRules("suffix"),
  },
  {
    name: "A, cluster IP, by a rule for its suffix",
    question: ({ name, namespace }) => ({ name: `${name}.${namespace}.internal.example.`, type: "A" }),
    expected: "NOERROR 1",
    of: "cluster-ip",
    rules: [...otherRules("suffix"), SUFFIX_RULE],
  },
  { name: "SOA", question: () => ({ name: `${CLUSTER_DOMAIN}.`, type: "SOA" }), expected: "NOERROR 1" },
  { name: "TXT", question: () => ({ name: `dns-version.${CLUSTER_DOMAIN}.`, type: "TXT" }), expected: "NOERROR 1" },
];

/** A row for each kind of answer; throws when an answer is not of its kind. */
export function benchAnswers(zone: CompiledZone, services: readonly ModelService[]): readonly MicroRow[] {
  // As a server has them: what denies says why.
  const settings = accessSettings(optionsFromSettings({ ednsSize: EDNS_SIZE }));
  const own = new QueryAnswerer(zone.reader, settings, 1);
  const reply = new Uint8Array(EDNS_SIZE);
  const client = new KnownClient("udp", Uint8Array.of(127, 0, 0, 1));
  return KINDS.map((kind) => {
    const { rules } = kind;
    const answerer: Answerer = rules ? new RewritingAnswerer({ ...settings, rewriteRules: rules }, own, own) : own;
    const fitting = services.filter(
      ({ clusterIp }) => kind.of === undefined || (kind.of === "headless") === (clusterIp === undefined),
    );
    const queries = Array.from({ length: QUERIES }, (_, i) => {
      // A step that meets all services in no order that a prefetcher knows.
      const question = kind.question(fitting[(i * 7919) % fitting.length]!);
      const opt = kind.withoutEdns === true ? undefined : { size: EDNS_SIZE };
      return new Uint8Array(writeQuery({ ...question, ...(opt && { opt }) }));
    });
    for (const query of queries) checkKind(kind, reply, answerer.answer(query, 0, query.length, reply, 0, client));
    return measureMicro(kind.name, (i) => {
      const query = queries[i % QUERIES]!;
      return answerer.answer(query, 0, query.length, reply, 0, client);
    });
  });
}

function checkKind(kind: Kind, reply: Uint8Array, size: number): void {
  if (size === HAND_OVER) throw new Error(`${kind.name}: handed over`);
  const { rcode, answer, flags } = readMessage(Buffer.from(reply.subarray(0, size)));
  const got = `${rcode} ${answer.length}${flags.tc ? " TC" : ""}`;
  if (got !== kind.expected) throw new Error(`${kind.name}: ${got}, not ${kind.expected}`);
}
