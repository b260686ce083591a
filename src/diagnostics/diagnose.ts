// Runs the diagnostic rules: names that would not resolve, or not as written, although every object is valid. Pure.
// Each file in this folder has a group of rules. A new rule is a function, a row in codes.ts and a section in
// docs/errors.md.
import type { Registry } from "../cluster/registry.ts";
import { findOldEndpoints } from "./endpoints-rules.ts";
import { findUnresolvedExternalNames } from "./external-name-rules.ts";
import type { Finding } from "./finding.ts";
import { findUnusedHostNames } from "./host-name-rules.ts";
import { findLongNames } from "./long-name-rules.ts";
import { findCutResolvConfs } from "./pod-dns-rules.ts";
import { findNamespaceNamedSvc, findShadowedNames } from "./search-path-rules.ts";
import { findUnmatchedSelectors, findMissingTargetPorts } from "./selector-rules.ts";
import { findMissingStatefulSetServices } from "./stateful-set-rules.ts";
import type { DiagnosticSettings } from "./view.ts";
import { DiagnosticView } from "./view.ts";

const RULES: readonly ((view: DiagnosticView) => readonly Finding[])[] = [
  findUnmatchedSelectors,
  findMissingTargetPorts,
  findMissingStatefulSetServices,
  findUnusedHostNames,
  findUnresolvedExternalNames,
  findOldEndpoints,
  findNamespaceNamedSvc,
  findShadowedNames,
  findCutResolvConfs,
  findLongNames,
];

/** The findings of all rules on a registry whose controllers have run, in no particular order. */
export function diagnose(registry: Registry, settings: DiagnosticSettings): readonly Finding[] {
  const view = new DiagnosticView(registry, settings);
  return RULES.flatMap((rule) => rule(view));
}
