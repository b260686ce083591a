// A server in a program's own process, as tests want it: its objects can be changed, its questions seen, its answers
// overridden. planes/server.ts is the server itself.
import { Resolver } from "node:dns/promises";
import type { ResolverOptions } from "node:dns";
import type { Counts } from "../answer/counts.ts";
import type { Options } from "../config/options.ts";
import { SettingsError } from "../config/settings.ts";
import { formatName, isAtOrBelow, parseName } from "../dns/name.ts";
import { formatType, parseType } from "../dns/type-names.ts";
import { formatListenAddress } from "../net/listen-address.ts";
import type { ListenAddress } from "../net/listen-address.ts";
import type { Explanation } from "../explain/explanation.ts";
import type { KubeObject } from "../objects/kube-object.ts";
import { objectsByKey } from "../objects/kube-object.ts";
import type { Problem } from "../objects/problem.ts";
import { createLog } from "../observe/log.ts";
import { LogOutput } from "../observe/log-output.ts";
import { startServer } from "../planes/server.ts";
import type { Server } from "../planes/server.ts";
import { NO_RESOLV_CONF } from "../resolv-conf/resolv-conf.ts";
import { nearest } from "../std/nearest.ts";
import { MILLISECONDS, RECORD_TYPE, requireFields } from "./field-forms.ts";
import type { ObjectInput } from "./object-types.ts";
import { Overrides } from "./overrides.ts";
import type { OverrideAnswer } from "./overrides.ts";
import { ObjectError, parseKeys, parseObjects } from "./parse-objects.ts";
import { takeExplainQuestion } from "./take-arguments.ts";
import type { ExplainOptions } from "./take-arguments.ts";
import { QuestionLog } from "./question-log.ts";
import type { Question } from "./question-log.ts";
import { WatchedAnswerer } from "./watched-answerer.ts";

/** What to wait for; see `asked`. */
export interface AskedOptions {
  /** Such as `AAAA`; default: any. */
  readonly type?: string;
  /** How long to wait, milliseconds; default 2,000. */
  readonly timeoutMs?: number;
}

/** Where an embedded server's objects come from. */
export interface EmbeddedInput {
  readonly paths: readonly string[];
  readonly objects: unknown;
  /** How many questions to keep; 0: none, and no overrides. */
  readonly questionsMax: number;
}

const ASKED_FIELDS = { type: RECORD_TYPE, timeoutMs: MILLISECONDS };
const TIMEOUT_MS = 2_000;
/** Names in the message of a question that did not come. */
const NAMES_SHOWN_MAX = 10;

/** A running server. `close` it, or declare it by `await using`. */
export class EmbeddedServer implements AsyncDisposable {
  readonly #options: Options;
  readonly #server: Server;
  readonly #log: QuestionLog;
  readonly #overrides = new Overrides();
  readonly #isWatched: boolean;
  readonly #initial: ReadonlyMap<string, KubeObject>;
  #isClosed = false;
  #objects: Map<string, KubeObject>;

  /** Starts a server. Rejects with an `ObjectError`, a `ListenError` or a `SourceError`, with nothing left open. */
  static async start(options: Options, input: EmbeddedInput): Promise<EmbeddedServer> {
    const embedded = new EmbeddedServer(options, input);
    await embedded.#server.ready;
    return embedded;
  }

  private constructor(options: Options, { paths, objects, questionsMax }: EmbeddedInput) {
    this.#options = options;
    this.#initial = objectsByKey(parseObjects(objects, options.namespace));
    this.#objects = new Map(this.#initial);
    this.#log = new QuestionLog(questionsMax);
    this.#isWatched = questionsMax > 0;
    const isSilent = options.logLevel === "silent" && options.queryLog === undefined;
    const output = isSilent ? undefined : LogOutput.standard();
    this.#server = startServer(options, {
      paths,
      // They follow below.
      objects: [],
      log: createLog(options.logLevel, output),
      ...(output && { output }),
      ...(this.#isWatched && {
        wrapAnswerer: (own, isSeen) => new WatchedAnswerer(own, this.#overrides, isSeen ? this.#log : undefined),
      }),
    });
    // What fails here fails `ready` too.
    void this.#server.updateObjects([...this.#objects.values()]).catch(() => undefined);
  }

  /** The IP address of the first listener. */
  get address(): string {
    return this.addresses[0]!.host;
  }

  /** The port of the first listener, for UDP and TCP. */
  get port(): number {
    return this.addresses[0]!.port;
  }

  /** Address and port of the first listener as `setServers` of node:dns takes it, such as `127.0.0.1:5353`. */
  get nameserver(): string {
    const { host, port } = this.addresses[0]!;
    return formatListenAddress({ host, port });
  }

  /** All addresses that the server listens on. */
  get addresses(): readonly ListenAddress[] {
    return this.#server.addresses;
  }

  /** The addresses of the admin server, in the order of `admin`, `health` and `ready`; none without these settings. */
  get adminAddresses(): readonly ListenAddress[] {
    return this.#server.adminAddresses;
  }

  /** What is wrong with the input right now: faults of files, and what the objects say together. */
  get problems(): readonly Problem[] {
    return this.#server.problems;
  }

  /** What has been answered since the start. */
  get counts(): Counts {
    return this.#server.counts;
  }

  /** The last questions and their answers, in order. */
  get questions(): readonly Question[] {
    return this.#log.all;
  }

  /** A resolver of node:dns that asks this server. */
  resolver(options?: ResolverOptions): Resolver {
    const resolver = new Resolver(options);
    resolver.setServers([this.nameserver]);
    return resolver;
  }

  /**
   * Adds objects, or puts them in place of their namesakes, as `kubectl apply` does. Resolves when their answers are
   * served. Rejects with an `ObjectError` if an object is not valid; then nothing has changed.
   */
  async apply(objects: ObjectInput | readonly ObjectInput[]): Promise<void> {
    this.#requireOpen();
    const parsed = parseObjects(objects, this.#options.namespace);
    for (const [key, object] of objectsByKey(parsed)) this.#objects.set(key, object);
    await this.#server.updateObjects(parsed);
  }

  /** Puts these objects in place of all that the program passed in. Resolves and rejects as `apply` does. */
  async set(objects: ObjectInput | readonly ObjectInput[]): Promise<void> {
    this.#requireOpen();
    await this.#replace(objectsByKey(parseObjects(objects, this.#options.namespace)));
  }

  /**
   * Removes objects that the program passed in; of these only kind, name and namespace count. Resolves when their
   * answers are gone. Rejects with an `ObjectError` if there is no such object; then nothing has changed.
   */
  async delete(objects: ObjectInput | readonly ObjectInput[]): Promise<void> {
    this.#requireOpen();
    const keys = parseKeys(objects, this.#options.namespace);
    for (const key of keys) {
      if (this.#objects.has(key)) continue;
      const near = nearest(key, this.#objects.keys());
      const advice = near === undefined ? "" : `; did you mean ${near}?`;
      throw new ObjectError(`${key}: no such object was passed in by this program${advice}`, key);
    }
    for (const key of keys) this.#objects.delete(key);
    await this.#server.updateObjects([], keys);
  }

  /**
   * Resolves with the first question for this name, asked already or within the timeout; then it rejects with an
   * `Error` that lists the names that were asked. `name`: a full name, or one below `svc` such as `web.default`.
   * Rejects with a `SettingsError` on a bad name or option.
   */
  async asked(name: string, options: AskedOptions = {}): Promise<Question> {
    this.#requireWatch();
    requireFields("asked", options, ASKED_FIELDS);
    const { type, timeoutMs = TIMEOUT_MS } = options;
    const wanted = formatName(this.#toName(name)).slice(0, -1).toLowerCase();
    const wantedType = type === undefined ? undefined : formatType(parseType(type)!);
    const found = await this.#log.find(
      (question) => question.name === wanted && (wantedType ?? question.type) === question.type,
      timeoutMs,
    );
    if (found !== undefined) return found;
    const names = [...new Set(this.questions.map((question) => `${question.name} ${question.type}`))];
    const shown = names.slice(-NAMES_SHOWN_MAX).join(", ");
    throw new Error(
      `nobody asked for ${wanted}${wantedType === undefined ? "" : ` ${wantedType}`} within ${timeoutMs} ms; ` +
        (shown === "" ? "there was no question" : `asked: ${shown}`),
    );
  }

  /**
   * Puts an answer in place of the server's own for a name: a full name, or one below `svc` such as `web.default`.
   * Ends with `reset()`, or by itself where `times` is given. Throws a `SettingsError` if the name is a
   * wildcard or the answer makes no sense.
   */
  override(name: string, answer: OverrideAnswer): void {
    this.#requireWatch();
    const wire = this.#toName(name);
    if (name.split(".").includes("*"))
      throw new SettingsError(`name: ${JSON.stringify(name)} is a wildcard; override each name by itself`);
    this.#overrides.set(wire, answer);
  }

  /**
   * Explains why a name resolves or not: the search list, what becomes of each name of it, and the objects behind them.
   * `name`: as a program has it; a name that ends in a dot is not searched for. Names that are forwarded are asked of
   * upstreams. Rejects with a `SettingsError` if the name, an option, or who asks is not valid.
   */
  async explain(name: string, options: ExplainOptions = {}): Promise<Explanation> {
    this.#requireOpen();
    const question = takeExplainQuestion(name, options);
    const explanation = await this.#server.explain(question, NO_RESOLV_CONF);
    if ("fault" in explanation) throw new SettingsError(explanation.fault);
    return explanation;
  }

  /** Forgets overrides and questions, and has the objects of the start again. Resolves when these are served. */
  async reset(): Promise<void> {
    this.#requireOpen();
    this.#overrides.clear();
    await this.#replace(this.#initial);
    this.#log.clear();
  }

  /**
   * Stops taking queries, answers what is in hand, frees sockets and watches. May be called twice. Whoever waits in
   * `asked`, and each later change, gets the `Error` "the server is closed".
   */
  async close(): Promise<void> {
    this.#isClosed = true;
    this.#overrides.clear();
    this.#log.endWaits(closedError());
    await this.#server.close();
  }

  /** As `close`. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #replace(objects: ReadonlyMap<string, KubeObject>): Promise<void> {
    const removed = [...this.#objects.keys()].filter((key) => !objects.has(key));
    this.#objects = new Map(objects);
    await this.#server.updateObjects([...objects.values()], removed);
  }

  /** The full name in wire form. A name whose last label is a namespace, or `svc`, lies in the cluster's domain. */
  #toName(text: string): Uint8Array {
    const { clusterDomain } = this.#options;
    const name = typeof text === "string" ? parseName(text) : undefined;
    if (name === undefined) throw new SettingsError(`name: ${JSON.stringify(text)} is no DNS name`);
    if (text.endsWith(".") || isAtOrBelow(name, parseName(clusterDomain)!)) return name;
    const labels = text.split(".");
    const last = labels.at(-1)!.toLowerCase();
    const isService = labels.length > 1 && this.#server.hasNamespace(last);
    const suffix = isService ? `.svc.${clusterDomain}` : last === "svc" ? `.${clusterDomain}` : "";
    return parseName(`${text}${suffix}`) ?? name;
  }

  #requireOpen(): void {
    if (this.#isClosed) throw closedError();
  }

  #requireWatch(): void {
    this.#requireOpen();
    if (this.#isWatched) return;
    throw new SettingsError("questions: 0 means that no question is seen; set `questions` to how many to keep");
  }
}

function closedError(): Error {
  return new Error("the server is closed");
}
