// Asks a DNS server many questions, and collects the records of its answers: for commands that compare it with
// manifests. Follows truncated replies over TCP; asks a question again if no reply comes.
import { CLASS_IN, RCODE, TYPE } from "../dns/constants.ts";
import { readSections } from "../dns/message.ts";
import { equalNames } from "../dns/name.ts";
import type { ResourceRecord } from "../dns/resource-record.ts";
import { openExchange } from "../forward/open-exchange.ts";
import { writeUpstreamQuery } from "../forward/upstream-query.ts";
import type { Exchange } from "../forward/exchange.ts";
import type { Upstream } from "../net/upstream.ts";

const QUESTIONS_AT_ONCE = 32;
const TRIES = 3;
const TIMEOUT_MS = 2_000;

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

/** Asks all questions; a question without a reply ends it with a fault, such as `timeout`. */
export async function askRecords(
  server: Upstream,
  questions: readonly Asked[],
): Promise<ServerAnswers | { readonly fault: string }> {
  const exchange = openExchange(server, {
    now: () => performance.now(),
    mixedCase: false,
    onMismatch: () => undefined,
  });
  const records: ResourceRecord[] = [];
  const refused: { asked: Asked; rcode: number }[] = [];
  const waiting = questions.values();
  let fault: string | undefined;
  const work = async (): Promise<void> => {
    for (const asked of waiting) {
      if (fault !== undefined) return;
      const result = await askOne(exchange, asked);
      if ("fault" in result) fault = result.fault;
      else if (result.rcode === RCODE.NOERROR || result.rcode === RCODE.NXDOMAIN) records.push(...result.records);
      else refused.push({ asked, rcode: result.rcode });
    }
  };
  try {
    await Promise.all(Array.from({ length: QUESTIONS_AT_ONCE }, work));
  } finally {
    exchange.close();
  }
  return fault === undefined ? { records, refused } : { fault };
}

async function askOne(
  exchange: Exchange,
  { name, type }: Asked,
): Promise<{ rcode: number; records: readonly ResourceRecord[] } | { fault: string }> {
  const query = writeUpstreamQuery({ name, type, class: CLASS_IN, dnssecOk: false, checkingDisabled: false });
  for (let tries = 1; ; tries++) {
    const result = await exchange.exchange(query, TIMEOUT_MS);
    if ("reply" in result) {
      const { answer } = readSections(result.reply);
      const own = answer.filter(
        (each) => equalNames(each.owner, name) && (each.type === type || each.type === TYPE.CNAME),
      );
      return { rcode: result.reply[3]! & 0x0f, records: own };
    }
    if (tries === TRIES) return { fault: result.fault };
  }
}
