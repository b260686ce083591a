// Runs the diagnostic rules: names that would not resolve, or not as written, although every object is valid. Pure.
// Each file in this folder has a group of rules. A new rule is a function, a row in codes.ts and a section in
// docs/errors.md. The rule of name-rules.ts runs after these, as it asks only for names that they have not judged.
import { findServicesWithoutEndpoints, findTooLongNames } from "./answer-rules.ts";
import { findEndpointsWithoutService, findOldEndpoints } from "./endpoints-rules.ts";
import { findUnresolvedExternalNames } from "./external-name-rules.ts";
import type { Finding } from "./finding.ts";
import { findUnusedHostNames } from "./host-name-rules.ts";
import { findOtherNamespaces } from "./namespace-rules.ts";
import { findUnknownOperators } from "./operator-rules.ts";
import { findCutResolvConfs } from "./pod-dns-rules.ts";
import { findBrokenReferences } from "./reference-rules.ts";
import { findNamespaceNamedSvc, findShadowedNames } from "./search-path-rules.ts";
import { findIdlePods, findUnmatchedSelectors, findMissingTargetPorts } from "./selector-rules.ts";
import { findMissingStatefulSetServices } from "./stateful-set-rules.ts";
import type { DiagnosticView } from "./view.ts";

const RULES: readonly ((view: DiagnosticView) => readonly Finding[])[] = [
  findServicesWithoutEndpoints,
  findTooLongNames,
  findUnmatchedSelectors,
  findIdlePods,
  findMissingTargetPorts,
  findMissingStatefulSetServices,
  findUnusedHostNames,
  findUnresolvedExternalNames,
  findOldEndpoints,
  findEndpointsWithoutService,
  findNamespaceNamedSvc,
  findShadowedNames,
  findCutResolvConfs,
  findOtherNamespaces,
  findBrokenReferences,
  findUnknownOperators,
];

/** The findings of all rules on a registry whose controllers have run, in no particular order. */
export function diagnose(view: DiagnosticView): readonly Finding[] {
  return RULES.flatMap((rule) => rule(view));
}
