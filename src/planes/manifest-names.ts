// Answers the questions of `expect` from a loaded cluster, as a server would and without a socket.
// Forwards nothing: a name outside the cluster and its zones is said to be so.
import { CAUSE } from "../answer/answer-note.ts";
import { KnownClient } from "../answer/client.ts";
import { CLASS_IN } from "../dns/constants.ts";
import { writeQuestion } from "../dns/message.ts";
import { parseName } from "../dns/name.ts";
import { formatType } from "../dns/type-names.ts";
import type { Expectation, Outcome, Why } from "../expect/expectation.ts";
import { readOutcome } from "../expect/read-outcome.ts";
import type { NameService } from "../expect/resolve.ts";
import { candidateNames, findAsker } from "../explain/asker.ts";
import type { ExplainView } from "../explain/explain-view.ts";
import { explain } from "../explain/explain.ts";
import { parseIp } from "../net/ip.ts";

const OUTSIDE = "the name is outside the cluster and its zones, and no server is asked";

type FoundAsker = ReturnType<typeof findAsker>;

export class ManifestNames implements NameService {
  readonly #view: ExplainView;
  /** By `from`. */
  readonly #askers = new Map<string, FoundAsker>();

  constructor(view: ExplainView) {
    this.#view = view;
  }

  candidatesOf({ name, from }: Expectation): readonly string[] | string {
    if (from === undefined) return [asItIs(name)];
    const asker = this.#askerOf(from);
    return "fault" in asker ? asker.fault : candidateNames(name, asker.search);
  }

  async ask(name: string, { type, from }: Expectation): Promise<Outcome> {
    const asker = this.#askerOf(from ?? this.#view.namespace);
    const client = new KnownClient("tcp", "fault" in asker ? undefined : parseIp(asker.search.address));
    // Without RD, so that nothing is left to upstreams, and an alias of a name outside is answered as it is.
    const asked = await this.#view.ask(writeQuestion({ name: parseName(name)!, type, class: CLASS_IN }), client);
    if (typeof asked === "string" || asked.note.cause === CAUSE.NOT_SERVED) {
      return { status: "unasked", name, answer: [], fault: OUTSIDE };
    }
    return readOutcome(asked.reply, { name, type, rcode: asked.note.rcode });
  }

  async explain({ name, type, from }: Expectation): Promise<Why | undefined> {
    const question = from === undefined ? { name: asItIs(name) } : { name, from };
    const explanation = await explain(this.#view, { ...question, type: formatType(type) });
    if ("fault" in explanation) return undefined;
    const { candidates, decisive, sentence, hints } = explanation;
    const { reason, reasonText = sentence.replace(/\.$/, "") } = candidates[decisive]!;
    const details = hints.map((hint) => `hint: ${hint}`);
    return { ...(reason !== undefined && { code: reason.code }), text: reasonText, details };
  }

  #askerOf(from: string): FoundAsker {
    const known = this.#askers.get(from);
    if (known !== undefined) return known;
    const found = findAsker(from, this.#view);
    this.#askers.set(from, found);
    return found;
  }
}

/** The name that no search list applies to. */
function asItIs(name: string): string {
  return candidateNames(name, { domains: [], ndots: 0 })[0]!;
}
