// What a fault of the list is, and what is told of it. Types alone: the faults are in groups/, in one file a kind.
import type { ServerName } from "./subject.ts";
import type { Trial } from "./trial.ts";

/** One fault. */
export interface Fault {
  /** X…: the id of the specification. Y…: a fault that the specification does not have. */
  readonly id: string;
  readonly title: string;
  /** To which servers it can be done (default: ours alone). */
  readonly servers?: readonly ServerName[];
  /** Why this machine cannot do it, or nobody yet; undefined: it can. */
  readonly whyNot?: () => string | undefined;
  /** In which namespace of its own it runs. */
  readonly namespace?: "net";
  /** Puts a server under load, does what the title says, and tells the trial what is not as it should be. */
  readonly run: (trial: Trial) => Promise<void>;
}

/** What a fault did to a server: a line of the output. */
export interface Row {
  readonly id: string;
  readonly server: ServerName;
  readonly title: string;
  /** Absent: skipped, for the reason in `note`. */
  readonly pass?: boolean;
  /** Wrong answers; a failure (SERVFAIL, REFUSED) for a name of the cluster is one. */
  readonly W?: number;
  /** Lost: without a reply in time. */
  readonly L?: number;
  /** Failures for names of the upstream's, and for the cluster's where the fault may cause them. */
  readonly S?: number;
  /** Time to converge, milliseconds. */
  readonly T?: number;
  /** What the server used after the fault beyond what it used before. */
  readonly R?: { readonly MB: number; readonly fds: number };
  /** The fault with all that is around it. */
  readonly seconds?: number;
  readonly sent?: number;
  /** Of right answers, milliseconds: names of the cluster, names of the upstream. */
  readonly p99?: readonly [cluster: number, forwarded: number];
  /** The longest that the prober itself was late, milliseconds: where it is large, so are the other times. */
  readonly lag?: number;
  readonly faults?: readonly string[];
  readonly note?: string;
}

/** A fault that is not done, with the reason. */
export function notDone(id: string, title: string, reason: string): Fault {
  return { id, title, whyNot: () => reason, run: () => Promise.reject(new Error(reason)) };
}
