// Explanations of a running server: the objects, zone files and upstreams that it has now, and the answers of its own
// answerer, which asks upstreams where a query would. Loaded when somebody asks for the first explanation.
import { HAND_OVER } from "../answer/answerer.ts";
import type { LateAnswerer } from "../answer/answerer.ts";
import { newAnswerNote } from "../answer/answer-note.ts";
import type { AskedReply } from "../answer/asked-reply.ts";
import { KnownClient } from "../answer/client.ts";
import type { Client } from "../answer/client.ts";
import type { Options } from "../config/options.ts";
import { MESSAGE_SIZE_MAX } from "../dns/constants.ts";
import { explain } from "../explain/explain.ts";
import type { QuestionFault } from "../explain/explain.ts";
import type { Explanation, ExplainQuestion } from "../explain/explanation.ts";
import type { ExplainView, Route } from "../explain/explain-view.ts";
import type { Problem } from "../objects/problem.ts";
import type { ResolvConf } from "../resolv-conf/resolv-conf.ts";
import type { UpstreamRow } from "../status-page/status-view.ts";
import type { FileContent } from "../zonefile/choose-zones.ts";
import type { NamedObjects } from "./control-plane.ts";
import { optionsView, routeByOptions } from "./loaded-view.ts";

/** Each may wait for upstreams several times. */
const EXPLANATIONS_MAX = 4;

/** The parts of a server that explanations are made from. */
export interface ExplainParts {
  readonly options: Options;
  /** None before the first load. */
  readonly clusters: () => readonly NamedObjects[];
  readonly zoneContents: () => readonly (readonly [path: string, content: FileContent])[];
  readonly problems: () => readonly Problem[];
  /** Undefined where nothing is forwarded. */
  readonly upstreams: () => readonly UpstreamRow[] | undefined;
  /** The server's answers, neither counted nor logged: for queries of the listener that has this number. */
  readonly unseen: { readonly answerer: LateAnswerer; readonly listener: number };
}

/** What explains names. */
export interface Explainer {
  /** `isBusy`: nothing is wrong with the question, but it can't be explained now. */
  explain(question: ExplainQuestion, node: ResolvConf): Promise<Explanation | (QuestionFault & { isBusy?: true })>;
}

export class ExplainPlane implements Explainer {
  readonly #parts: ExplainParts;
  #running = 0;

  constructor(parts: ExplainParts) {
    this.#parts = parts;
  }

  async explain(question: ExplainQuestion, node: ResolvConf): ReturnType<Explainer["explain"]> {
    if (this.#parts.clusters().length === 0) return { fault: "the server has not loaded its objects", isBusy: true };
    if (this.#running >= EXPLANATIONS_MAX)
      return { fault: `${EXPLANATIONS_MAX} explanations are under way: try again`, isBusy: true };
    this.#running++;
    try {
      return await explain(this.#view(node), question);
    } finally {
      this.#running--;
    }
  }

  #view(node: ResolvConf): ExplainView {
    const { options, clusters, zoneContents, problems } = this.#parts;
    const { pods, endpointPodNames } = options;
    return {
      ...optionsView(options),
      clusters: clusters().map(({ domain, registry, versionOf }) => {
        return { domain, registry, pods, endpointPodNames, versionOf };
      }),
      files: zoneContents(),
      problems: problems(),
      node,
      routeOf: (name) => this.#routeOf(name),
      ask: (query, client) => this.#ask(query, client),
    };
  }

  /** The options name stub domains; which upstreams are used is known to the forward plane. */
  #routeOf(name: Uint8Array): Route | undefined {
    const route = routeByOptions(name, this.#parts.options);
    if (route?.domain !== ".") return route;
    const rows = this.#parts.upstreams() ?? [];
    const upstreams = rows.filter(({ domain }) => domain === ".").map(({ upstream }) => upstream);
    return upstreams.length === 0 ? undefined : { ...route, upstreams };
  }

  async #ask(query: Uint8Array, client: Client): Promise<AskedReply> {
    const { answerer, listener } = this.#parts.unseen;
    const address = new Uint8Array(16);
    const size = client.readAddress(address);
    const own = new KnownClient(client.transport, address.slice(0, size), client.port, listener);
    const note = newAnswerNote();
    const buffer = new Uint8Array(MESSAGE_SIZE_MAX);
    const end = answerer.answer(query, 0, query.length, buffer, 0, own, note);
    const reply = end === HAND_OVER ? await answerer.answerLate(query, own, note) : buffer.slice(0, end);
    return reply.length === 0 ? "silence" : { reply, note };
  }
}
