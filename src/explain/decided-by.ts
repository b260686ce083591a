// What decided an answer: an access rule, a rewrite rule, a cluster, a zone file, a hosts file, a special name, or the
// upstreams of a stub domain or of all other names. Pure.
import { CAUSE } from "../answer/answer-note.ts";
import type { AnswerNote } from "../answer/answer-note.ts";
import { isReverseName } from "../zonefile/reverse-name.ts";
import type { DecidedBy } from "./explanation.ts";
import type { NameView } from "./explain-view.ts";
import { findPlace, plainName } from "./name-place.ts";
import { recordsFor } from "./zone-reason.ts";

/** A question after rewrite rules, and what the answer tells of itself; no note: it would be forwarded. */
export interface DecidedQuestion {
  readonly name: Uint8Array;
  /** Where its aliases lead: upstreams are those of that name. */
  readonly end: Uint8Array;
  readonly note: AnswerNote | undefined;
  readonly isAllowed: boolean;
}

export function findDecider({ name, end, note, isAllowed }: DecidedQuestion, view: NameView): DecidedBy {
  const subject = plainName(name);
  switch (note?.cause) {
    case CAUSE.NOT_ALLOWED:
      return { kind: "access", subject: isAllowed ? "--allow-recursion" : "--allow" };
    case CAUSE.REWRITE:
      return { kind: "rewrite", subject };
    case CAUSE.OVERRIDE:
      return { kind: "override", subject };
    case CAUSE.LOCAL:
    case CAUSE.REFERRAL:
    case CAUSE.NOT_READY:
    case CAUSE.LOOP:
      return localDecider(name, view);
    default:
      return routeDecider(end, note, view);
  }
}

function localDecider(name: Uint8Array, view: NameView): DecidedBy {
  const place = findPlace(name, view);
  switch (place.kind) {
    case "cluster":
      return { kind: "cluster", subject: place.cluster.domain };
    case "zone-file": {
      const { records, origin } = place.zone;
      const record = recordsFor(name, place.zone)[0] ?? records[0]!;
      return { kind: "zone-file", subject: plainName(origin), file: record.file, line: record.line };
    }
    case "hosts":
      return { kind: "hosts", subject: place.apex, file: place.file, line: place.entries[0]!.line };
    default:
      if (isReverseName(name)) return { kind: "reverse", subject: plainName(name) };
      return place.kind === "special"
        ? { kind: "special", subject: place.domain }
        : { kind: "nothing", subject: plainName(name) };
  }
}

function routeDecider(name: Uint8Array, note: AnswerNote | undefined, view: NameView): DecidedBy {
  const route = view.routeOf(name);
  if (route === undefined) return { kind: "nothing", subject: plainName(name) };
  const isCached = note?.cause === CAUSE.CACHE || note?.cause === CAUSE.STALE;
  return {
    kind: route.domain === "." ? "upstream" : "stub-domain",
    subject: route.upstreams.join(", ") || "none",
    ...(route.domain !== "." && { domain: route.domain }),
    ...(isCached && { isCached }),
  };
}
