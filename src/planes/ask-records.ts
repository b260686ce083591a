// Asks a DNS server many questions, and collects the records of its answers: to compare it with manifests.
// Ends at the first question that gets no reply: without its answer there is nothing to compare.
import { RCODE, TYPE } from "../dns/constants.ts";
import { readSections } from "../dns/message.ts";
import { equalNames } from "../dns/name.ts";
import type { ResourceRecord } from "../dns/resource-record.ts";
import type { Upstream } from "../net/upstream.ts";
import { AskedServer } from "./asked-server.ts";

const QUESTIONS_AT_ONCE = 32;

/** A question of class IN. */
export interface Asked {
  readonly name: Uint8Array;
  readonly type: number;
}

/** What a server said. */
export interface ServerAnswers {
  /** Of the names and types that were asked for; an alias counts for every type. */
  readonly records: readonly ResourceRecord[];
  /** Questions without an answer, such as SERVFAIL and REFUSED, and their rcodes. */
  readonly refused: readonly { readonly asked: Asked; readonly rcode: number }[];
}

/** Asks all questions; a question without a reply ends it with a fault, a sentence about the server. */
export async function askRecords(
  server: Upstream,
  questions: readonly Asked[],
): Promise<ServerAnswers | { readonly fault: string }> {
  const asking = new AskedServer(server);
  const records: ResourceRecord[] = [];
  const refused: { asked: Asked; rcode: number }[] = [];
  const waiting = questions.values();
  let fault: string | undefined;
  const work = async (): Promise<void> => {
    for (const asked of waiting) {
      if (fault !== undefined) return;
      const result = await asking.ask(asked.name, asked.type);
      if ("fault" in result) fault = result.fault;
      else if (result.rcode === RCODE.NOERROR || result.rcode === RCODE.NXDOMAIN)
        records.push(...recordsOf(result.reply, asked));
      else refused.push({ asked, rcode: result.rcode });
    }
  };
  try {
    await Promise.all(Array.from({ length: QUESTIONS_AT_ONCE }, work));
  } finally {
    asking.close();
  }
  return fault === undefined ? { records, refused } : { fault };
}

/** The records of the type at the name itself, and an alias there: what an alias leads to is asked for by its name. */
function recordsOf(reply: Uint8Array, { name, type }: Asked): readonly ResourceRecord[] {
  return readSections(reply).answer.filter(
    (each) => equalNames(each.owner, name) && (each.type === type || each.type === TYPE.CNAME),
  );
}
