// The form of a row in the table of operators' kinds: what a controller makes for a resource, as functions of its
// fields. Helpers that keep the rows short. Pure; every field may be missing or of any type.
import type { WorkloadKind } from "../kube-object.ts";

/** The resource, as far as rows ask for it: paths have dots, `spec.kafka.replicas`. */
export interface Resource {
  readonly name: string;
  readonly namespace: string;
  /** A whole number; `otherwise` if the field is missing or of another type. */
  readonly count: (path: string, otherwise: number) => number;
  readonly text: (path: string, otherwise: string) => string;
  readonly flag: (path: string, otherwise: boolean) => boolean;
  /** Whether the field is there and neither null nor false. */
  readonly has: (path: string) => boolean;
  /** The mappings in a list. */
  readonly items: (path: string) => readonly Resource[];
  readonly label: (key: string) => string | undefined;
}

/** A service that a controller makes. `ports` is text: `amqp:5672 https:443>8443 dns:53/UDP`. */
export interface MadeService {
  readonly name: string;
  readonly ports: string;
  readonly headless?: true;
  /** Instead of the labels of all pods. */
  readonly labels?: Readonly<Record<string, string>>;
}

/** Pods that a controller makes, through a workload or by itself. */
export interface MadePods {
  readonly name: string;
  readonly count: number;
  /** A StatefulSet by default. */
  readonly form?: WorkloadKind;
  /** The kind that owns the pods, with its group, if that is none of Kubernetes' own. */
  readonly owner?: string;
  readonly first?: number;
  /** The subdomain of the pods' host names. */
  readonly subdomain?: string;
  /** Beside the labels of all pods. */
  readonly labels?: Readonly<Record<string, string>>;
}

export interface Made {
  /** The labels of all pods, and the selector of all services. */
  readonly labels?: Readonly<Record<string, string>>;
  readonly pods: readonly MadePods[];
  readonly services: readonly MadeService[];
}

/** One kind of one operator. */
export interface OperatorRow {
  readonly operator: string;
  /** The kind and its group, `Kafka.kafka.strimzi.io`. */
  readonly kind: string;
  readonly make: (resource: Resource) => Made;
}

/** A service with an address. */
export function service(name: string, ports: string, labels?: MadeService["labels"]): MadeService {
  return { name, ports, ...(labels && { labels }) };
}

/** A headless service. */
export function headless(name: string, ports: string, labels?: MadeService["labels"]): MadeService {
  return { name, ports, headless: true, ...(labels && { labels }) };
}

/** The pods of a StatefulSet of that name, in the subdomain of a headless service. */
export function set(name: string, count: number, subdomain?: string, more?: Partial<MadePods>): MadePods {
  return { name, count, ...(subdomain !== undefined && { subdomain }), ...more };
}

/** The pods of a Deployment of that name. */
export function deployment(name: string, count: number, labels?: MadePods["labels"]): MadePods {
  return { name, count, form: "Deployment", ...(labels && { labels }) };
}
