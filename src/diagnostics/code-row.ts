// What the table of codes says of a code, and the documents that its rows refer to.
// The rows are in codes.ts, codes-of-zones.ts and codes-of-rules.ts.
import type { FieldPath } from "../objects/field.ts";
import type { Severity } from "../objects/problem.ts";

/** The description of a code. */
export interface CodeRow {
  /** The severity of nearly all problems of this code; the rest are less severe. */
  readonly severity: Severity;
  readonly summary: string;
  /** The document with the rule; absent for rules of this program. */
  readonly source?: string;
  /** The field with the fault, for problems that have only the place of their object. */
  readonly field?: FieldPath;
  /** The commands that can report it. */
  readonly reportedBy: readonly Command[];
}

type Command = "check" | "serve" | "resolv-conf" | "env" | "import-corefile";

export const KUBERNETES = "https://kubernetes.io/docs";
export const SERVICE = `${KUBERNETES}/concepts/services-networking/service/`;
export const SLICES = `${KUBERNETES}/concepts/services-networking/endpoint-slices/`;
export const POD_DNS = `${KUBERNETES}/concepts/services-networking/dns-pod-service/`;
export const CLUSTER_IPS = `${KUBERNETES}/concepts/services-networking/cluster-ip-allocation/`;
export const DUAL_STACK = `${KUBERNETES}/concepts/services-networking/dual-stack/`;
export const STATEFUL_SET = `${KUBERNETES}/concepts/workloads/controllers/statefulset/`;
export const NAMES = `${KUBERNETES}/concepts/overview/working-with-objects/names/`;
export const OBJECTS = `${KUBERNETES}/concepts/overview/working-with-objects/`;
export const TEMPLATES =
  "https://docs.redhat.com/en/documentation/openshift_container_platform/4.19/html/images/using-templates";
export const YAML = "https://yaml.org/spec/1.2.2/";
export const RFC = "https://www.rfc-editor.org/rfc/rfc";

export const EVERYWHERE = ["check", "serve"] as const;
export const CHECK = ["check"] as const;
