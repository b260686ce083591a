// What would not resolve, or not as written, in a set of objects each of which is valid by itself. The rules are beside
// this file, one group a file; adding one is a function, a row in codes.ts and a section in docs/errors.md. Pure.
import type { Registry } from "../cluster/registry.ts";
import { findOldEndpoints } from "./endpoints-rules.ts";
import { findLostExternalNames } from "./external-name-rules.ts";
import type { Finding } from "./finding.ts";
import { findIdleHostNames } from "./host-name-rules.ts";
import { findCutResolvConfs } from "./pod-dns-rules.ts";
import { findNamespaceNamedSvc, findShadowedNames } from "./search-path-rules.ts";
import { findIdleSelectors, findMissingTargetPorts } from "./selector-rules.ts";
import { findUngovernedStatefulSets } from "./stateful-set-rules.ts";
import type { DiagnosticSettings } from "./view.ts";
import { DiagnosticView } from "./view.ts";

const RULES: readonly ((view: DiagnosticView) => readonly Finding[])[] = [
  findIdleSelectors,
  findMissingTargetPorts,
  findUngovernedStatefulSets,
  findIdleHostNames,
  findLostExternalNames,
  findOldEndpoints,
  findNamespaceNamedSvc,
  findShadowedNames,
  findCutResolvConfs,
];

/** The findings of all rules on what the registry holds after its controllers ran; in no order. */
export function diagnose(registry: Registry, settings: DiagnosticSettings): readonly Finding[] {
  const view = new DiagnosticView(registry, settings);
  return RULES.flatMap((rule) => rule(view));
}
