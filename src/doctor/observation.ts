// What `cluster-dns doctor` asks and what came back, as values: a probe is questions that leave one socket at once, an
// observation is one question of a probe with its outcome. Pure; probe/ does the asking.
import { formatListenAddress } from "../net/listen-address.ts";
import type { ListenAddress } from "../net/listen-address.ts";

/** The types that are asked for. */
export type QuestionType = "A" | "AAAA" | "PTR" | "DNSKEY";

/** `name` is absolute, with its final dot. */
export interface Question {
  readonly name: string;
  readonly type: QuestionType;
}

/**
 * Why a probe is sent. `plain`, `edns`, `alone` and `pair` ask for one name that the server should know; `anySource`
 * takes replies from any address; `outside`, `missing` and `large` are names of the internet; `cluster` is the service
 * of the API server; `wildcard` a missing name in a domain of the search list; `pointer` a reverse name; `step` a name
 * of a search. `reason` asks once more, with EDNS, why there is no answer.
 */
export type Purpose =
  | "plain"
  | "edns"
  | "alone"
  | "pair"
  | "anySource"
  | "outside"
  | "missing"
  | "large"
  | "cluster"
  | "wildcard"
  | "pointer"
  | "step"
  | "reason";

/** Questions that leave one socket without waiting for replies. */
export interface Probe {
  readonly purpose: Purpose;
  readonly server: ListenAddress;
  readonly transport: "udp" | "tcp";
  readonly questions: readonly Question[];
  /** The UDP size to announce by EDNS; absent: no EDNS. */
  readonly ednsSize?: number;
  readonly dnssecOk?: boolean;
}

/** A reply. */
export interface Reply {
  readonly kind: "reply";
  readonly ms: number;
  /** Mnemonic, such as `NXDOMAIN`. */
  readonly rcode: string;
  readonly isTruncated: boolean;
  readonly hasEdns: boolean;
  /** Bytes. */
  readonly size: number;
  /** Records of the type that was asked for: addresses and names as text, other types as `""`. */
  readonly answers: readonly string[];
  /** Extended errors (RFC 8914), with their texts as they came. */
  readonly extendedErrors: readonly { readonly code: number; readonly text: string }[];
  /** Who replied, if it is not who was asked. */
  readonly from?: string;
}

/** What came of a question. `late`: it was not asked, because the time for all was over. */
export type Outcome =
  | Reply
  | { readonly kind: "timeout"; readonly ms: number }
  | { readonly kind: "refused"; readonly ms: number }
  | { readonly kind: "malformed"; readonly ms: number }
  | { readonly kind: "error"; readonly ms: number; readonly code: string }
  | { readonly kind: "late" };

/** One question of a probe, and its outcome. */
export interface Observation {
  readonly probe: Probe;
  readonly question: Question;
  readonly outcome: Outcome;
}

/** Whether the reply has what was asked for. */
export function hasAnswer({ outcome }: Observation): boolean {
  return outcome.kind === "reply" && outcome.rcode === "NOERROR" && outcome.answers.length > 0;
}

/** A word for what kind of outcome it is: `records`, `NODATA`, an rcode, or `no reply`. */
export function verdict({ outcome }: Observation): string {
  if (outcome.kind !== "reply") return "no reply";
  if (outcome.rcode !== "NOERROR") return outcome.rcode;
  return outcome.answers.length > 0 ? "records" : outcome.isTruncated ? "a truncated reply" : "NODATA";
}

/** Whether the outcome says nothing about the name: an error of the server, or no reply. */
export function isFailure(observation: Observation): boolean {
  return !["records", "a truncated reply", "NODATA", "NXDOMAIN"].includes(verdict(observation));
}

/** One line of evidence: who was asked what, what came, after how long. */
export function formatObservation({ probe, question, outcome }: Observation): string {
  const edns = probe.ednsSize === undefined ? "" : " with EDNS";
  const asked = `${formatListenAddress(probe.server)} ${probe.transport.toUpperCase()}${edns}`;
  return `${asked}: ${question.name} ${question.type}: ${formatOutcome(outcome)}`;
}

const ANSWERS_SHOWN_MAX = 3;

/** What came, after how long. */
export function formatOutcome(outcome: Outcome): string {
  if (outcome.kind === "late") return "not asked, the time was over";
  const time = formatMs(outcome.ms);
  switch (outcome.kind) {
    case "reply":
      return `${formatReply(outcome)} in ${time}${outcome.from === undefined ? "" : ` from ${outcome.from}`}`;
    case "timeout":
      return `no reply in ${time}`;
    case "refused":
      return `connection refused in ${time}`;
    case "malformed":
      return `a malformed reply in ${time}`;
    case "error":
      return `${outcome.code} in ${time}`;
  }
}

function formatReply({ rcode, answers, isTruncated, size, extendedErrors }: Reply): string {
  const shown = answers.filter((answer) => answer !== "").slice(0, ANSWERS_SHOWN_MAX);
  const more = answers.length - shown.length;
  const list = [...shown, ...(more > 0 ? [`${more}${shown.length > 0 ? " more" : ""} records`] : [])];
  const parts = [
    rcode,
    ...(rcode === "NOERROR" && list.length === 0 ? ["no records"] : list),
    ...(isTruncated ? [`truncated at ${size} bytes`] : []),
    ...extendedErrors.map(({ code, text }) => `EDE ${code}${text === "" ? "" : ` "${text}"`}`),
  ];
  return parts.join(", ");
}

/** Whole milliseconds, at least 1. */
export function formatMs(ms: number): string {
  return `${Math.max(1, Math.round(ms))} ms`;
}
