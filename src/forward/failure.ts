// A failure to get an answer from upstreams, as clients get to know it: the response code, and an extended error with
// the sentence of the catalogue of reasons, or with what the upstream says itself. Pure.
// RFC 8914 3 (extended errors may be passed on).
import type { CacheContent } from "../cache/cache-entry.ts";
import { EDE, RCODE } from "../dns/constants.ts";
import { readExtendedErrors } from "../dns/extended-error.ts";
import { rcodeOf } from "../dns/message.ts";
import { rcodeName } from "../dns/rcode-name.ts";
import type { Upstream } from "../net/upstream.ts";
import { formatReason } from "../reasons/reason.ts";
import type { Reason } from "../reasons/reason.ts";
import { visible } from "../std/visible.ts";
import { FAILURE_CAUSES } from "./failure-cause.ts";
import type { FailureCause } from "./failure-cause.ts";

/** Why there is no answer. */
export interface Failure {
  readonly failed: true;
  readonly rcode: number;
  readonly ede: number;
  readonly text: string;
}

/** The code and the text of an extended error; code 0: none. */
export type ToldError = Required<Pick<CacheContent, "ede" | "text">>;

/** Codes that say something of this server where it has them: those of upstreams become "other". */
const OWN_CODES: readonly number[] = [EDE.STALE, EDE.STALE_NXDOMAIN, EDE.NOT_AUTHORITATIVE, EDE.NO_REACHABLE_AUTHORITY];
const TEXT_SIZE_MAX = 255;

export function failureOf(reason: Reason, ede: number = EDE.OTHER, rcode: number = RCODE.SERVFAIL): Failure {
  return { failed: true, rcode, ede, text: formatReason(reason) };
}

/** The failure of an upstream that gave no usable reply; undefined: none of them is up. */
export function upstreamFailure(upstream: Upstream | undefined, fault: FailureCause): Failure {
  const isUnreachable = fault === "timeout" || fault === "unreachable";
  const ede = isUnreachable ? EDE.NO_REACHABLE_AUTHORITY : EDE.NETWORK_ERROR;
  if (upstream === undefined) return failureOf({ code: "no-upstream" }, ede);
  const cause = fault === "timeout" ? "timed out" : FAILURE_CAUSES[fault].text;
  return failureOf({ code: "upstream-failed", upstream: shortText(upstream), cause }, ede);
}

/** The failure that the upstream's reply is. */
export function errorReply(upstream: Upstream, reply: Uint8Array): Failure {
  const { rcode } = rcodeOf(reply);
  const cause = `answers ${rcodeName(rcode)}`;
  const own = failureOf({ code: "upstream-failed", upstream: shortText(upstream), cause });
  return { ...own, ...toldError(reply), rcode: rcode === RCODE.REFUSED ? RCODE.REFUSED : RCODE.SERVFAIL };
}

/** What a reply says in an extended error; undefined: nothing that can be passed on. */
export function toldError(reply: Uint8Array): ToldError | undefined {
  const [told] = readExtendedErrors(reply);
  const text = visible(told?.text.toString() ?? "");
  if (told === undefined || text === "" || Buffer.byteLength(text) > TEXT_SIZE_MAX) return undefined;
  return { ede: OWN_CODES.includes(told.code) ? EDE.OTHER : told.code, text };
}

/** The failure as the content of an answer. */
export function failureContent({ rcode, ede, text }: Failure): CacheContent {
  return { rcode, ede, text, authenticated: false, answer: [], authority: [] };
}

/** The upstream's name without the port that it has unless told. */
function shortText({ text }: Upstream): string {
  return text.replace(/:53$/, "");
}
