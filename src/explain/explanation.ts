// Why a name resolves or not, as values that JSON can hold. Types only: explain.ts makes them, format-explanation.ts
// writes them for people, the admin server and `--format json` as they are. Fields are added, not renamed.
import type { Protocol, Service } from "../objects/kube-object.ts";
import type { Reason } from "../reasons/reason.ts";

/** What to explain. */
export interface ExplainQuestion {
  /** As a program has it: with a final dot the whole name, otherwise the search list applies. */
  readonly name: string;
  /** Such as `SRV`; undefined: A and AAAA, as programs ask for addresses. */
  readonly type?: string;
  /** Who asks: a namespace (`prod`), a pod (`prod/web-0`) or an IP address; undefined: a pod of `--namespace`. */
  readonly from?: string;
}

/** Why a name resolves or not. */
export interface Explanation {
  readonly question: { readonly name: string; readonly types: readonly string[]; readonly from: string };
  /** Whether one of the candidates has records of the type. */
  readonly isResolved: boolean;
  /** The answer in one sentence, with its cause. */
  readonly sentence: string;
  readonly search: SearchList;
  /** The names that a resolver asks for, in its order, up to the first that resolves. */
  readonly candidates: readonly CandidateOutcome[];
  /** The index of the candidate that the sentence is about. */
  readonly decisive: number;
  /** What else to know, and what to do: a sentence each, without a full stop. */
  readonly hints: readonly string[];
}

/** The search list that applies to the name. */
export interface SearchList {
  /** Whose it is: `namespace prod`, `pod prod/web-0`, `10.0.0.7`. */
  readonly of: string;
  /** The client's address, by which access rules judge it. */
  readonly address: string;
  /** Empty where there is none, and for a name that ends in a dot. */
  readonly domains: readonly string[];
  readonly ndots: number;
}

/** What became of one candidate. */
export interface CandidateOutcome {
  /** In text form, with the final dot. */
  readonly name: string;
  readonly outcome: Outcome;
  /** The mnemonic of the response code; empty where there is no reply. */
  readonly rcode: string;
  /** One for each type that was asked. */
  readonly replies: readonly TypeReply[];
  /** Why it has no records. */
  readonly reason?: Reason;
  readonly reasonText?: string;
  readonly decidedBy: DecidedBy;
  /** The name that rewrite rules make of it. */
  readonly rewrittenTo?: string;
  /** The objects behind the name. */
  readonly service?: ServiceChain;
}

/**
 * `records`: the name has some of the type; `no-records`: it exists without them; `no-name`: it does not exist;
 * `refused`, `failed`: another response code; `forwarded`: upstreams would be asked, and were not; `silence`: no reply.
 */
export type Outcome = "records" | "no-records" | "no-name" | "refused" | "failed" | "forwarded" | "silence";

/** The reply to one question. */
export interface TypeReply {
  readonly type: string;
  /** The mnemonic of the response code; empty where there is no reply. */
  readonly rcode: string;
  /** The answer section, as lines of a zone file. */
  readonly records: readonly string[];
  /** What the reply says in an extended error (RFC 8914). */
  readonly extendedError?: string;
  /** Undefined where there is no reply. */
  readonly size?: ReplySize;
}

/** The size of the reply without its additional section, and over which transports it is cut to that. */
export interface ReplySize {
  readonly bytes: number;
  /** Larger than 512 bytes: a client without EDNS gets it over TCP. */
  readonly isCutWithoutEdns: boolean;
  /** Larger than the server's limit for UDP: every client gets it over TCP. */
  readonly isCutWithEdns: boolean;
}

/**
 * What decided the answer. `subject`: the domain of the cluster or special name, the zone, the upstreams with commas,
 * the option of the access rule.
 */
export interface DecidedBy {
  readonly kind:
    | "cluster"
    | "reverse"
    | "zone-file"
    | "hosts"
    | "special"
    | "stub-domain"
    | "upstream"
    | "access"
    | "rewrite"
    | "override"
    | "nothing";
  readonly subject: string;
  /** The domain of the stub domain. */
  readonly domain?: string;
  readonly file?: string;
  readonly line?: number;
  /** Whether the answer was in the cache. */
  readonly isCached?: boolean;
}

/** An object, and where it is from. */
export interface ObjectPlace {
  readonly name: string;
  readonly file?: string;
  readonly line?: number;
  /** Of objects that come from no file: the source that has them. */
  readonly source?: string;
  /** Its resourceVersion there, if the source has versions. */
  readonly version?: string;
}

/** A service, and what its records are made from. */
export interface ServiceChain extends ObjectPlace {
  /** The domain of its cluster. */
  readonly domain: string;
  readonly namespace: string;
  /** `Headless` stands for the type of a service with `clusterIP: None`. */
  readonly type: Service["type"] | "Headless";
  readonly addresses: readonly string[];
  readonly externalName?: string;
  /** Absent: it selects no pods. */
  readonly selector?: Readonly<Record<string, string>>;
  readonly ports: readonly PortState[];
  /** The first of the pods that the selector matches, those that are not ready first. */
  readonly pods: readonly PodState[];
  readonly podCount: number;
  /** The first of its EndpointSlices. */
  readonly slices: readonly SliceState[];
  readonly sliceCount: number;
}

export interface PortState {
  readonly name: string;
  readonly protocol: Protocol;
  readonly port: number;
  readonly targetPort: number | string;
  /** The name of its SRV records. */
  readonly srv?: string;
  /** Why there is none. */
  readonly noSrv?: string;
}

export interface PodState extends ObjectPlace {
  readonly addresses: readonly string[];
  readonly isReady: boolean;
  /** Why it is not ready. */
  readonly why?: string;
}

export interface SliceState extends ObjectPlace {
  /** It follows from the service and its pods or Endpoints. */
  readonly isDerived: boolean;
  /** The first of its endpoints, those that are not ready first. */
  readonly endpoints: readonly EndpointState[];
  readonly endpointCount: number;
}

export interface EndpointState {
  readonly addresses: readonly string[];
  readonly isReady: boolean;
  /** The label of its own name below the service's. */
  readonly label: string;
  readonly pod?: string;
}
