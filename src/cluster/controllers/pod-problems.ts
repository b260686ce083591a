// The limits of simulated pods, and the problems of workloads that reach them. Only values and texts.
// docs/workloads.md.
import type { Problem } from "../../objects/problem.ts";

/** Of all workloads: the most that Kubernetes supports in one cluster ("Considerations for large clusters"). */
export const PODS_MAX = 150_000;
/** A typing error in one workload must not leave the others without pods. */
export const WORKLOAD_PODS_MAX = 10_000;

export type PodFault = Pick<Problem, "code" | "message" | "advice">;

/** More pods than the limits allow. */
export function tooManyPods(lacking: number, asked: number): PodFault {
  const limits = `a workload has at most ${WORKLOAD_PODS_MAX} pods, and all workloads have ${PODS_MAX}`;
  return {
    code: "too-many-pods",
    message: `${lacking} of ${asked} pods are not simulated: ${limits}`,
    advice: "ask for fewer replicas",
  };
}

/** More pods than the pod range has addresses. */
export function podRangeFull(lacking: number, asked: number): PodFault {
  return {
    code: "pod-range-full",
    message: `${lacking} of ${asked} pods lack an address: the pod range is full`,
    advice: "widen --pod-cidr, or ask for fewer replicas",
  };
}
