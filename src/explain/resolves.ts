// Whether a name resolves, as `explain` tells it, without the evidence: for those who ask for very many names.
// Opens nothing; the view's answerer is asked.
import type { AskedReply } from "../answer/asked-reply.ts";
import { KnownClient } from "../answer/client.ts";
import type { Client } from "../answer/client.ts";
import { RCODE } from "../dns/constants.ts";
import { readSections } from "../dns/message.ts";
import { isAtOrBelow, lowerName, parseName } from "../dns/name.ts";
import { parseIp } from "../net/ip.ts";
import { clientQuery } from "./ask-candidate.ts";
import { candidateNames } from "./asker.ts";
import type { Asker } from "./asker.ts";
import type { ExplainView } from "./explain-view.ts";
import { hasRecords } from "./find-reason.ts";

/** A view whose answerer needs nobody else. */
export interface LocalView extends ExplainView {
  readonly ask: (query: Uint8Array, client: Client) => AskedReply;
}

/** Whether a name of the search list has records of one of the types. `name` is valid. */
export function resolves(name: string, types: readonly number[], { search }: Asker, view: LocalView): boolean {
  const client = new KnownClient("tcp", parseIp(search.address));
  const names = candidateNames(name, search).map((candidate) => lowerName(parseName(candidate)!));
  // The order is of no matter here, and a whole name of a cluster is nearly always the one that resolves.
  const apexes = view.clusters.map(({ domain }) => parseName(domain)!);
  if (names.length > 1 && apexes.some((apex) => isAtOrBelow(names.at(-1)!, apex))) names.reverse();
  return names.some((wire) => types.some((type) => hasType(view.ask(clientQuery(wire, type), client), type)));
}

function hasType(asked: AskedReply, type: number): boolean {
  if (typeof asked === "string" || asked.note.rcode !== RCODE.NOERROR) return false;
  return hasRecords(readSections(asked.reply).answer, type);
}
