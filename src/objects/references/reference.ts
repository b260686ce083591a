// A reference: a field of an object that names a service, or a text in it that looks like the name of one. `check`
// resolves references as a pod would; nothing else reads them. Types only.
import type { FieldPath } from "../field.ts";
import type { Place } from "../problem.ts";

/** A field whose value is a service by the definition of its kind, such as the backend of an Ingress. */
export interface ServiceTarget {
  readonly form: "service";
  readonly namespace: string;
  readonly name: string;
  /** The number or name of a port of the service. */
  readonly port?: number | string;
}

/**
 * A host in a text, in lower case without a trailing dot. `full`: it has a label `svc`; `url`: it follows a scheme;
 * `pair`: the value is HOST:PORT; `name`: the field is for host names.
 */
export interface HostTarget {
  readonly form: "full" | "url" | "pair" | "name";
  readonly host: string;
  readonly port?: number;
}

/** A reference, with the object that contains it. */
export interface Reference {
  /** The key of the object. */
  readonly object: string;
  /** The namespace of the object; empty if it has none. */
  readonly namespace: string;
  /** The place of the object. */
  readonly place?: Place;
  readonly path: FieldPath;
  readonly target: ServiceTarget | HostTarget;
}
