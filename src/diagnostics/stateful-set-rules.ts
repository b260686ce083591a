// Rules for StatefulSets and the headless service that gives their pods DNS names. Pure.
// Kubernetes: "StatefulSets", stable network ID and limitations.
import { objectKey } from "../objects/kube-object.ts";
import type { Service } from "../objects/kube-object.ts";
import type { Finding } from "./finding.ts";
import { finding } from "./finding.ts";
import type { DiagnosticView, PodSource } from "./view.ts";

/** StatefulSets whose `serviceName` is no service, a service that is not headless, or one that selects other pods. */
export function findMissingStatefulSetServices(view: DiagnosticView): readonly Finding[] {
  return view.podSources.flatMap((source) => {
    const { object, subdomain: serviceName } = source;
    if (object.kind !== "Workload" || object.workloadKind !== "StatefulSet" || !serviceName) return [];
    if (view.isUnusedService(object.namespace, serviceName)) return [];
    const service = view.registry.service(object.namespace, serviceName);
    const fault = faultOf(view, source, serviceName, service);
    if (fault === undefined) return [];
    const { code, isChoice, ...text } = fault;
    // Nobody needs the name of the only pod where its service has a cluster IP, or where no service was meant.
    const severity = isChoice && object.replicas <= 1 ? { severity: "hint" as const } : {};
    return [finding(code, object, ["spec", "serviceName"], { ...text, ...severity })];
  });
}

interface Fault {
  readonly code: Parameters<typeof finding>[0];
  readonly message: string;
  readonly advice: string;
  /** Known charts write it so on purpose for one replica. */
  readonly isChoice: boolean;
}

function faultOf(
  view: DiagnosticView,
  source: PodSource,
  serviceName: string,
  service: Service | undefined,
): Fault | undefined {
  const { namespace, name } = source.object;
  const podName = `${name}-0.${serviceName}`;
  if (service === undefined) {
    return {
      code: "stateful-set-service-missing",
      message: `namespace ${namespace} has no service ${serviceName}, so ${podName} is not a DNS name`,
      ...missingServiceAdvice(view, source, serviceName),
    };
  }
  if (!service.headless) {
    const what = service.type === "ExternalName" ? "is of type ExternalName" : "is not headless";
    return {
      code: "stateful-set-service-not-headless",
      message: `${objectKey(service)} ${what}, but the pods of a StatefulSet get their names from a headless service`,
      advice: `set \`clusterIP: None\` in ${serviceName}, or name a headless service`,
      isChoice: service.type !== "ExternalName",
    };
  }
  if (!view.hasOnlySelectedEndpoints(service) || view.servicesOf(source).includes(service)) return undefined;
  return {
    code: "stateful-set-service-other-pods",
    message: `the selector of ${objectKey(service)} does not match the template, so ${podName} is not a DNS name`,
    advice: "change the selector of the service to labels of spec.template.metadata.labels",
    isChoice: false,
  };
}

function missingServiceAdvice(
  view: DiagnosticView,
  source: PodSource,
  serviceName: string,
): Pick<Fault, "advice" | "isChoice"> {
  const headless = view.servicesOf(source).find((service) => service.headless);
  return headless === undefined
    ? { advice: `add a service ${serviceName} with \`clusterIP: None\``, isChoice: serviceName === source.object.name }
    : { advice: `use ${headless.name}, which is headless and selects the pods`, isChoice: false };
}
