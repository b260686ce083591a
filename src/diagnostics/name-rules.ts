// The rule that starts from the answer: each name of the manifests is asked for, and one without records is reported
// unless another rule has told why. Whether a service must exist is judged by those rules alone: one that the manifests
// lack may be another team's, or an operator's. Pure: what answers is passed in.
import { objectKey } from "../objects/kube-object.ts";
import type { Service } from "../objects/kube-object.ts";
import type { Problem } from "../objects/problem.ts";
import { formatReason } from "../reasons/reason.ts";
import type { Reason, ReasonCode } from "../reasons/reason.ts";
import { hasUnknownEndpoints } from "./answer-rules.ts";
import type { Code, CodeOfRules } from "./codes.ts";
import type { Finding } from "./finding.ts";
import { findingAt } from "./finding.ts";
import { adviceFor } from "./name-advice.ts";
import { writtenHost } from "./reference-rules.ts";
import type { DiagnosticView, PodSource } from "./view.ts";
import type { AskName, NameFault, WrittenName } from "./written-name.ts";
import { hostNames, podNames, serviceNames, wholeName } from "./written-names.ts";

/** Why a service does not resolve, or what is below its name. */
const OF_SERVICES: ReadonlySet<string> = new Set<Code>([
  "selector-no-pods",
  "selector-other-namespace",
  "selector-unseen-pods",
  "selector-idle-pods",
  "service-no-endpoints",
  "name-too-long",
  "external-name-ip",
  "external-name-loop",
  "external-name-not-full",
  "external-name-no-namespace",
  "external-name-no-service",
  "cluster-ip-taken",
  "cluster-ips-exhausted",
  "no-range-of-family",
  "no-second-family",
]);

/** Why the pods of a template have no names. */
const OF_PODS: ReadonlySet<string> = new Set<Code>([
  "subdomain-without-service",
  "stateful-set-service-missing",
  "stateful-set-service-not-headless",
  "stateful-set-service-other-pods",
]);

/** What other rules judge, and what only others know. */
const NO_FAULTS: ReadonlySet<ReasonCode> = new Set([
  "no-service",
  "no-namespace",
  "not-served",
  "delegated",
  "upstream-failed",
  "upstream-denied",
  "client-not-allowed",
  "recursion-not-allowed",
  "overridden",
]);

/** A state that passes, and names that another server may know. */
const HINTS: ReadonlySet<ReasonCode> = new Set(["endpoint-not-ready", "special-not-forwarded"]);

/** The name of an endpoint without a hostname, which is not known before it runs. */
const ADDRESS_LABEL = /^\d+(?:-\d+){3}$/;

/** The names without records of which none of the `known` problems tells. */
export async function findUnresolvedNames(
  view: DiagnosticView,
  known: readonly Problem[],
  ask: AskName,
): Promise<readonly Finding[]> {
  const judged = new JudgedNames(view, known);
  const findings: Finding[] = [];
  for (const name of writtenNames(view)) {
    if (judged.has(name)) continue;
    const fault = await ask(name.question);
    if (fault === undefined) continue;
    const found =
      (await podSettingsFinding(name, ask)) ?? (judged.isFault(name, fault) ? unresolved(name, fault) : undefined);
    if (found === undefined) continue;
    judged.add(name);
    findings.push(found);
  }
  return findings;
}

/** A service comes before its ports, its pods and the texts that name it. */
function* writtenNames(view: DiagnosticView): Generator<WrittenName> {
  for (const service of view.services) yield* serviceNames(view, service);
  yield* podNames(view);
  yield* hostNames(view);
}

/** What is known of names before they are asked for. */
class JudgedNames {
  readonly #view: DiagnosticView;
  readonly #known: ReadonlyMap<string | undefined, readonly Problem[]>;
  /** The services and pods of which a finding of this rule tells. */
  readonly #told = new Set<string>();

  constructor(view: DiagnosticView, known: readonly Problem[]) {
    this.#view = view;
    this.#known = Map.groupBy(known, ({ object }) => object);
  }

  /** Whether a finding tells that the name does not resolve. */
  has({ of, object, path }: WrittenName): boolean {
    switch (of.kind) {
      case "service":
        return this.#hasService(of.service);
      case "port":
        return this.#hasService(of.service) || this.#hasTargetPort(object, path);
      case "pod":
        return this.#told.has(`pods of ${object}`) || this.#hasCode(object, OF_PODS);
      case "reference": {
        const host = `${writtenHost(of.reference)}: `;
        return (this.#known.get(object) ?? []).some(
          ({ code, message }) => code.startsWith("reference-") && message.startsWith(host),
        );
      }
    }
  }

  /** Takes note that a finding tells of the name. */
  add({ of, object }: WrittenName): void {
    if (of.kind === "service") this.#told.add(object);
    if (of.kind === "pod") this.#told.add(`pods of ${object}`);
  }

  /** Whether the name should resolve. */
  isFault({ of }: WrittenName, { reason, mayBeOutside }: NameFault): boolean {
    if (NO_FAULTS.has(reason.code)) return false;
    if (of.kind === "reference") {
      if (mayBeOutside && wholeName(this.#view, of.reference.target) === undefined) return false;
      // Browsers and other machines may know the name.
      if (reason.code === "special-not-forwarded") return false;
    }
    const service = this.#serviceIn(reason);
    if (service === undefined) return true;
    if (service.maker !== undefined || this.#hasService(service)) return false;
    return this.#areEndpointsKnown(service, reason);
  }

  #serviceIn(reason: Reason): Service | undefined {
    return "service" in reason ? this.#view.registry.service(reason.namespace, reason.service) : undefined;
  }

  /** Whether the manifests tell all endpoints that the service would have, their names and ports. */
  #areEndpointsKnown(service: Service, reason: Reason): boolean {
    const view = this.#view;
    if (hasUnknownEndpoints(view, service)) return false;
    // What writes slices by hand may write more of them.
    if (reason.code === "no-endpoint-name")
      return view.hasOnlySelectedEndpoints(service) && !ADDRESS_LABEL.test(reason.label);
    if (reason.code !== "no-endpoint-port" || service.selector === undefined) return true;
    // Only the operator knows all ports of the pods that it makes.
    const pods = view.selected(service.namespace, service.selector);
    return !pods.some(({ object }) => object.kind === "Workload" && object.maker !== undefined);
  }

  #hasService(service: Service): boolean {
    const key = objectKey(service);
    return this.#told.has(key) || this.#hasCode(key, OF_SERVICES);
  }

  #hasTargetPort(object: string, [, , index]: WrittenName["path"]): boolean {
    const known: readonly (Problem & Partial<Pick<Finding, "path">>)[] = this.#known.get(object) ?? [];
    return known.some(({ code, path }) => code === "target-port-missing" && path?.[2] === index);
  }

  #hasCode(object: string, codes: ReadonlySet<string>): boolean {
    return this.#known.get(object)?.some(({ code }) => codes.has(code)) === true;
  }
}

function unresolved(name: WrittenName, { reason }: NameFault): Finding {
  const { question, of } = name;
  const code: CodeOfRules = question.type === "SRV" ? "srv-missing" : "name-not-resolved";
  const whole = question.name.replace(/\.$/, "");
  const subject = of.kind === "reference" ? writtenHost(of.reference) : whole;
  return findingAt(code, name, {
    message: `${subject}: ${formatReason(reason)}`,
    advice: adviceFor(reason, question),
    ...(HINTS.has(reason.code) && { severity: "hint" }),
  });
}

/** Of a host that other pods of the namespace find, and the pod with the text does not. */
async function podSettingsFinding(name: WrittenName, ask: AskName): Promise<Finding | undefined> {
  const { of, question } = name;
  if (of.kind !== "reference" || of.pod === undefined) return undefined;
  const { namespace } = of.pod.object;
  if (question.from === namespace || (await ask({ ...question, from: namespace })) !== undefined) return undefined;
  const host = writtenHost(of.reference);
  return findingAt("name-not-resolved", name, settingsText(host, of.pod));
}

function settingsText(host: string, { spec }: PodSource): Parameters<typeof findingAt>[2] {
  const { dnsPolicy, hostNetwork } = spec;
  if (dnsPolicy === "None" || dnsPolicy === "ClusterFirstWithHostNet" || (dnsPolicy === "ClusterFirst" && !hostNetwork))
    return {
      message: `${host}: the search list of this dnsConfig does not lead to it, other than that of the namespace`,
      advice: "use the whole name, or add the domains of the cluster to `searches`",
    };
  const policy = dnsPolicy === "ClusterFirst" ? "Default (hostNetwork)" : dnsPolicy;
  return {
    // The node may ask the cluster's server.
    severity: "hint",
    message: `${host}: the pod does not ask the cluster's DNS server: its dnsPolicy is ${policy}`,
    advice: `set \`dnsPolicy: ${hostNetwork ? "ClusterFirstWithHostNet" : "ClusterFirst"}\``,
  };
}
