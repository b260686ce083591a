// The problems of an API that does not give what it is asked for: each told once, with what the operator can do. Pure.
// Kubernetes: "Using RBAC Authorization", "Authenticating".
import type { Problem } from "../../objects/problem.ts";
import type { ApiFault } from "./api-reply.ts";
import type { Selection } from "./resources.ts";

/** How it stands with a part of a resource. */
export interface FollowedState {
  readonly selection: Selection;
  isSynced: boolean;
  /** Wall clock, milliseconds; undefined: the last request was answered as it should be. */
  failingSinceMs: number | undefined;
  fault: ApiFault | undefined;
}

/** The present problems; those that may pass, after `staleMs`. `server`: as in the access. */
export function problemsOf(followed: readonly FollowedState[], server: string, staleMs: number): readonly Problem[] {
  const problems = new Map<string, Problem>();
  for (const { selection, fault, failingSinceMs } of followed) {
    if (fault === undefined) continue;
    const isLasting = Date.now() - (failingSinceMs ?? Date.now()) >= staleMs;
    if (fault.kind === "forbidden") {
      const { name, group } = selection.resource;
      const apiGroup = group.startsWith("/apis/") ? group.split("/")[2]! : "";
      problems.set(`forbidden ${name}`, {
        code: "api-forbidden",
        severity: "error",
        message: `the API server forbids to read ${name}: ${fault.message}`,
        advice: `grant the verbs list and watch of ${name} in the API group "${apiGroup}"`,
      });
    } else if (fault.kind === "unauthorized" && isLasting) {
      problems.set("unauthorized", {
        code: "api-unauthorized",
        severity: "error",
        message: `the API server at ${server} does not accept the credentials: ${fault.message}`,
        advice: "renew the token or the certificate",
      });
    } else if (isLasting) {
      problems.set("unreachable", {
        code: "api-unreachable",
        severity: "warning",
        message: `the API server at ${server} does not answer as it should: ${fault.message}`,
        advice: "what it told last stays in effect; nothing needs to be done once it is back",
      });
    }
  }
  return [...problems.values()];
}
