// A name that manifests have or use, the question that clients ask for it, and what the server's answer says of it.
// Who runs the rules passes in what asks (planes/name-asker.ts). Types only.
import type { FieldPath } from "../objects/field.ts";
import type { Service } from "../objects/kube-object.ts";
import type { Place } from "../objects/problem.ts";
import type { HostTarget, Reference } from "../objects/references/reference.ts";
import type { Reason } from "../reasons/reason.ts";
import type { PodSource } from "./view.ts";

/** A question as `explain` takes it. */
export interface NameQuestion {
  /** With a final dot the whole name, otherwise the search list of `from` applies. */
  readonly name: string;
  /** Undefined: addresses. */
  readonly type?: "A" | "AAAA" | "SRV";
  /** A namespace, or a pod as NAMESPACE/NAME. */
  readonly from: string;
}

/** Why a question gets no records. */
export interface NameFault {
  readonly reason: Reason;
  /** Whether one of the names of the search list is in no local zone, so that others may have it. */
  readonly mayBeOutside: boolean;
}

/** Undefined: the question gets records, or only others know. */
export type AskName = (question: NameQuestion) => Promise<NameFault | undefined> | undefined;

/** A question for a name, and what in the manifests has the name. */
export interface WrittenName {
  readonly question: NameQuestion;
  /** The key of the object that has the name, with its place and the field. */
  readonly object: string;
  readonly place?: Place;
  readonly path: FieldPath;
  readonly of:
    | { readonly kind: "service"; readonly service: Service }
    | { readonly kind: "port"; readonly service: Service }
    | { readonly kind: "pod"; readonly service: string }
    | {
        readonly kind: "reference";
        readonly reference: Reference & { readonly target: HostTarget };
        readonly pod?: PodSource;
      };
}
