// A failure to get an answer from upstreams, as clients get to know it: the response code, and an extended error with
// the sentence of the catalogue of reasons, behind what the upstream says itself. Pure.
// RFC 8914 3 (extended errors may be passed on).
import type { CacheContent } from "../cache/cache-entry.ts";
import { ERRORS_SIZE_MAX, TEXT_SIZE_MAX } from "../cache/cache-layout.ts";
import { EDE, OPTION, RCODE } from "../dns/constants.ts";
import { readExtendedErrors } from "../dns/extended-error.ts";
import { rcodeOf } from "../dns/message.ts";
import { rcodeName } from "../dns/rcode-name.ts";
import type { Upstream } from "../net/upstream.ts";
import { formatReason } from "../reasons/reason.ts";
import type { Reason } from "../reasons/reason.ts";
import { visible } from "../std/visible.ts";
import { FAILURE_CAUSES } from "./failure-cause.ts";
import type { FailureCause } from "./failure-cause.ts";
import type { DownUpstream } from "./upstream-group.ts";

/** The extended errors of an answer. */
export type ToldErrors = Pick<CacheContent, "ede" | "text" | "furtherErrors">;

/** Why there is no answer. */
export interface Failure extends ToldErrors {
  readonly failed: true;
  readonly rcode: number;
  /** No upstream is responsible for the name. */
  readonly isUnrouted?: true;
}

interface ToldError {
  readonly code: number;
  readonly text: string;
}

export function failureOf(reason: Reason, ede: number = EDE.OTHER, rcode: number = RCODE.SERVFAIL): Failure {
  return { failed: true, rcode, ede, text: cut(formatReason(reason)) };
}

/** The failure of an upstream that gave no usable reply; undefined: none of them is up, for the reasons of `down`. */
export function upstreamFailure(
  upstream: Upstream | undefined,
  fault: FailureCause,
  down: readonly DownUpstream[] = [],
): Failure {
  const isUnreachable = fault === "timeout" || fault === "unreachable";
  const ede = isUnreachable ? EDE.NO_REACHABLE_AUTHORITY : EDE.NETWORK_ERROR;
  if (upstream !== undefined) return failureOf(reasonOf({ upstream, cause: fault }), ede);
  return failureOf({ code: "no-upstream", failures: down.map((each) => formatReason(reasonOf(each))) }, ede);
}

function reasonOf({ upstream, cause }: DownUpstream): Reason {
  const text = cause === "timeout" ? "timed out" : FAILURE_CAUSES[cause].text;
  return { code: "upstream-failed", upstream: shortText(upstream), cause: text };
}

/** The failure that the upstream's reply is. */
export function errorReply(upstream: Upstream, reply: Uint8Array): Failure {
  const { rcode } = rcodeOf(reply);
  const cause = `answers ${rcodeName(rcode)}`;
  const own = formatReason({ code: "upstream-failed", upstream: shortText(upstream), cause });
  const told = asContent([...readTold(reply), { code: EDE.OTHER, text: own }]);
  return { failed: true, ...told, rcode: rcode === RCODE.REFUSED ? RCODE.REFUSED : RCODE.SERVFAIL };
}

/** What a reply says in extended errors, as far as there is room; undefined: nothing. */
export function toldErrors(reply: Uint8Array): ToldErrors | undefined {
  const told = readTold(reply);
  return told.length === 0 ? undefined : asContent(told);
}

/** The failure as the content of an answer. */
export function failureContent({ failed: _failed, isUnrouted: _isUnrouted, ...failure }: Failure): CacheContent {
  return { ...failure, authenticated: false, answer: [], authority: [] };
}

/** The extended errors of a reply that say anything. */
function readTold(reply: Uint8Array): readonly ToldError[] {
  const told = readExtendedErrors(reply).map(({ code, text }) => ({ code, text: cut(visible(text.toString())) }));
  return told.filter(({ code, text }) => code !== EDE.OTHER || text !== "");
}

function asContent([first, ...others]: readonly ToldError[]): ToldErrors {
  const { code: ede, text } = first!;
  let further = Buffer.alloc(0);
  for (const error of others) {
    const longer = Buffer.concat([further, writeError(error)]);
    if (longer.length <= ERRORS_SIZE_MAX - TEXT_SIZE_MAX) further = longer;
  }
  return { ede, ...(text !== "" && { text }), ...(further.length > 0 && { furtherErrors: further }) };
}

/** An extended error as an option (RFC 8914 2). */
function writeError({ code, text }: ToldError): Buffer {
  const option = Buffer.alloc(6 + Buffer.byteLength(text));
  option.writeUInt16BE(OPTION.EDE, 0);
  option.writeUInt16BE(option.length - 4, 2);
  option.writeUInt16BE(code, 4);
  option.write(text, 6);
  return option;
}

/** The beginning of a text that is too long; of whole characters. */
function cut(text: string): string {
  const bytes = Buffer.from(text);
  return bytes.length <= TEXT_SIZE_MAX
    ? text
    : new TextDecoder().decode(bytes.subarray(0, TEXT_SIZE_MAX), { stream: true });
}

/** The upstream's name without the port that it has unless told. */
function shortText({ text }: Upstream): string {
  return text.replace(/:53$/, "");
}
