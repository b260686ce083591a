// Asks for the names of manifests as `explain` does, for the rule that starts from the answer: the server's own answers
// decide, and the reasons are those that `explain` tells.
import type { Options } from "../config/options.ts";
import type { AskName } from "../diagnostics/written-name.ts";
import { RCODE, TYPE } from "../dns/constants.ts";
import { parseName } from "../dns/name.ts";
import { findAsker } from "../explain/asker.ts";
import type { CandidateOutcome } from "../explain/explanation.ts";
import type { Route } from "../explain/explain-view.ts";
import { explain } from "../explain/explain.ts";
import { resolves } from "../explain/resolves.ts";
import type { LocalView } from "../explain/resolves.ts";
import type { LoadedCluster } from "./load-cluster.ts";
import { loadedView } from "./loaded-view.ts";

const ADDRESSES = [TYPE.A, TYPE.AAAA];
const UNKNOWN_ROUTE: Route = { domain: ".", upstreams: [] };

/** Compiles the names that are asked for, and all where there are zone files. */
export function nameAsker(loaded: LoadedCluster, options: Options): AskName {
  const view = openView(loadedView(loaded, options));
  const askers = new Map<string, ReturnType<typeof findAsker>>();
  return (question) => {
    const { name, type, from } = question;
    const asker = askers.get(from) ?? findAsker(from, view);
    askers.set(from, asker);
    if ("fault" in asker || parseName(name) === undefined) return undefined;
    // Nearly all names resolve, and need no evidence.
    if (resolves(name, type === undefined ? ADDRESSES : [TYPE[type]], asker, view)) return undefined;
    return explain(view, question).then((explanation) => {
      if ("fault" in explanation || explanation.isResolved) return undefined;
      const { candidates, decisive } = explanation;
      // Without a reason, upstreams would be asked.
      const { reason = { code: "not-served", name } } = candidates[decisive]!;
      return { reason, mayBeOutside: candidates.some(isOutside) };
    });
  };
}

/** As a server that has upstreams and lets pods ask, whatever the options of a check are. */
function openView(view: LocalView): LocalView {
  return {
    ...view,
    routeOf: (name) => view.routeOf(name) ?? UNKNOWN_ROUTE,
    ask: (query, client) => {
      const asked = view.ask(query, client);
      return typeof asked !== "string" && asked.note.rcode === RCODE.REFUSED ? "forwarded" : asked;
    },
  };
}

/** Whether the candidate is in no zone of this server. */
function isOutside({ outcome }: CandidateOutcome): boolean {
  return outcome !== "no-name" && outcome !== "no-records";
}
