// What a record of a query does not hold, and the main thread knows: the pod that asked, and the cause in one word.
// docs/query-log.md explains each cause.
import { CAUSE } from "../answer/answer-note.ts";
import { RCODE } from "../dns/constants.ts";
import type { QueryRecord } from "./query-record.ts";
import { REPLY_CLASS } from "./record-layout.ts";

/** What knows the cluster. */
export interface ClusterView {
  /** The pod at an address in canonical form, as `NAMESPACE/NAME`. */
  podAt(address: string): string | undefined;
  /** What a name of local zones stands for, in one word; the name is in wire form, lower case. */
  kindOf(name: Uint8Array): string;
}

const WORDS: readonly string[] = Object.keys(CAUSE).map((cause) => cause.toLowerCase().replaceAll("_", "-"));

/** What made the answer, in one word. */
export function causeWord(record: QueryRecord, cluster: Pick<ClusterView, "kindOf">): string {
  const { cause } = record;
  if (cause !== CAUSE.LOCAL) return WORDS[cause]!;
  if (record.replyClass === REPLY_CLASS.SUCCESS) return cluster.kindOf(record.nameBytes);
  return record.rcode === RCODE.NXDOMAIN ? "no-name" : "no-type";
}
