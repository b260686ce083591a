// Follows one resource of an API server: a list, then a watch from the version of the list on, for ever. What it passes
// on is never older than what it passed on before. Every fault of the server is met here.
// Kubernetes API concepts: "Efficient detection of changes", "Streaming lists", "Retrieving large results sets in
// chunks", "410 Gone responses".
import type { Readable } from "node:stream";
import type { KubeObject } from "../../objects/kube-object.ts";
import type { Problem } from "../../objects/problem.ts";
import type { ApiConnection, ApiReply } from "./api-connection.ts";
import { faultOfStatus, networkFault } from "./api-reply.ts";
import type { ApiFault } from "./api-reply.ts";
import { Backoff } from "./backoff.ts";
import { compareVersions, KnownVersions } from "./known-versions.ts";
import { identifyEvent, parseListed, versionOf, visitInSlices } from "./listed-objects.ts";
import type { ListedObject } from "./listed-objects.ts";
import { readPages } from "./read-pages.ts";
import { pathOf } from "./resources.ts";
import type { Selection } from "./resources.ts";
import { readEvents } from "./watch-lines.ts";
import type { WatchEvent } from "./watch-lines.ts";

/** What a reflector tells its owner. */
export interface ReflectorEvents {
  /** Objects that are new or changed, and the keys of those that are gone. */
  onChange(objects: readonly KubeObject[], removedKeys: readonly string[]): void;
  /** Why an object can't be used; an empty list when it can again. */
  onObjectProblems(key: string, problems: readonly Problem[]): void;
  /** Everything that the server has was passed on, for the first time. */
  onSynced(): void;
  /** The server answers, or why it does not. */
  onReached(fault: ApiFault | undefined): void;
}

/** What has happened, for the operator. */
export interface ReflectorCounts {
  events: number;
  lists: number;
  /** Differences that no event told of. */
  drift: number;
  faults: number;
}

/** Lists with an older version than was seen before that version is believed: the server's data was restored. */
const OLDER_MAX = 3;
const INITIAL_EVENTS_END = "k8s.io/initial-events-end";
/** Without an event for so long, a list by events is not one. */
const INITIAL_END_MS = 10_000;
/** A watch that fails so often is given up for a new list. */
const REFUSALS_MAX = 5;
const SHORT_WATCH_MS = 1_000;
const OLDER: ApiFault = { kind: "failed", message: "the API server has an older state than before" };

/** The server knows no list by events: it has begun an ordinary watch. */
class NoInitialEnd extends Error {
  override message = "the API server does not tell where its first events end";
}

interface Comparison {
  readonly seen: ReadonlySet<string>;
  readonly newer: readonly ListedObject[];
  readonly version: string;
}

export class Reflector {
  readonly counts: ReflectorCounts = { events: 0, lists: 0, drift: 0, faults: 0 };
  readonly #selection: Selection;
  readonly #connection: ApiConnection;
  readonly #events: ReflectorEvents;
  readonly #known = new KnownVersions();
  readonly #backoff = new Backoff();
  /** Objects that can't be used. */
  readonly #unusable = new Set<string>();
  /** Where the watch goes on; undefined: list first. */
  #version: string | undefined;
  /** The latest version of all, which a list must not fall behind. */
  #latest = "";
  #olderLists = 0;
  /** Faults since the last event. */
  #refusals = 0;
  #streams = true;
  /** Of the watch that is open. */
  #body: Readable | undefined;
  #isSynced = false;
  #comparison: Comparison | undefined;
  /** Objects that a comparison passes on again, which is no drift. */
  readonly #retaken = new Set<string>();

  constructor(selection: Selection, connection: ApiConnection, events: ReflectorEvents) {
    this.#selection = selection;
    this.#connection = connection;
    this.#events = events;
  }

  get objects(): number {
    return this.#known.size;
  }

  /** The keys of the objects that were passed on. */
  keys(): Iterable<string> {
    return this.#known.keys();
  }

  /** The last version of an object that was passed on. */
  versionOf(key: string): string | undefined {
    return this.#known.versionOf(key);
  }

  /** Passes on objects that the owner could not use before, those of `keys` that are there. */
  async retake(keys: readonly string[], signal: AbortSignal): Promise<void> {
    const own = keys.filter((key) => this.#known.has(key));
    if (own.length === 0 || this.#comparison !== undefined) return;
    for (const key of own) {
      this.#known.forget(key);
      this.#retaken.add(key);
    }
    await this.#compare(signal);
  }

  /** Follows the resource until `signal` aborts. Never rejects for a fault of the server. */
  async run(signal: AbortSignal): Promise<void> {
    const comparing = setInterval(
      () => void this.#compare(signal),
      this.#connection.times.compareMs * (0.75 + Math.random() / 2),
    ).unref();
    while (!signal.aborted) {
      const fault = this.#version === undefined ? await this.#list(signal) : await this.#watch(signal);
      if (fault === undefined || signal.aborted) continue;
      this.counts.faults++;
      this.#comparison = undefined;
      if (fault.kind !== "gone") this.#events.onReached(fault);
      // A server that has lost its data knows nothing of the version.
      if (fault.kind === "gone" || ++this.#refusals >= REFUSALS_MAX) this.#version = undefined;
      await this.#backoff.wait(fault, signal);
    }
    clearInterval(comparing);
  }

  async #list(signal: AbortSignal): Promise<ApiFault | undefined> {
    this.counts.lists++;
    if (this.#olderLists >= OLDER_MAX) this.#believeOlder();
    const fault = this.#streams ? await this.#listByStream(signal) : await this.#listByPages(signal);
    if (!this.#streams || fault?.kind !== "unsupported") return fault;
    this.#streams = false;
    return this.#listByPages(signal);
  }

  /** One request: events for all objects, then those of a watch. Ends when the watch does. */
  async #listByStream(signal: AbortSignal): Promise<ApiFault | undefined> {
    const query = { sendInitialEvents: "true", resourceVersionMatch: "NotOlderThan" };
    const reply = await this.#open(query, signal);
    return "fault" in reply ? reply.fault : this.#follow(reply, new Set());
  }

  async #listByPages(signal: AbortSignal): Promise<ApiFault | undefined> {
    const seen = new Set<string>();
    const listed = await readPages(this.#connection, this.#selection, signal, async (items, version, isFirst) => {
      // The list has begun again: what was deleted meanwhile is not in it.
      if (isFirst) seen.clear();
      if (compareVersions(version, this.#latest) < 0) return OLDER;
      const changed: KubeObject[] = [];
      await visitInSlices(items, (item) => {
        seen.add(item.key);
        this.#take(item, changed);
      });
      this.#events.onChange(changed, []);
      return undefined;
    });
    if ("fault" in listed) {
      if (listed.fault === OLDER) this.#olderLists++;
      return listed.fault;
    }
    return this.#completeList(seen, listed.version);
  }

  /** Goes on from the last version until the watch ends. */
  async #watch(signal: AbortSignal): Promise<ApiFault | undefined> {
    const openedAtMs = performance.now();
    const reply = await this.#open({ resourceVersion: this.#version! }, signal);
    if ("fault" in reply) return reply.fault;
    this.#events.onReached(undefined);
    const fault = await this.#follow(reply, undefined);
    if (fault !== undefined || performance.now() - openedAtMs > SHORT_WATCH_MS) return fault;
    // A watch that ends at once must not be asked for again and again.
    return { kind: "failed", message: "the API server ends each watch at once" };
  }

  #open(
    query: Readonly<Record<string, string>>,
    signal: AbortSignal,
  ): Promise<ApiReply | { readonly fault: ApiFault }> {
    const watch = { watch: "1", allowWatchBookmarks: "true", ...query };
    return this.#connection.get(
      (seconds) => pathOf(this.#selection, { ...watch, timeoutSeconds: String(seconds) }),
      signal,
    );
  }

  /** Takes events until the watch ends. `initial`: the keys of a list that has not ended. */
  async #follow({ body, watchSeconds }: ApiReply, initial: Set<string> | undefined): Promise<ApiFault | undefined> {
    let seen = initial;
    this.#body = body;
    const limitMs = watchSeconds * 1000 + this.#connection.times.lateMs;
    const timer = setTimeout(() => body.destroy(new Error("the API server does not end a watch in time")), limitMs);
    const waiting = seen && setTimeout(() => body.destroy(new NoInitialEnd()), INITIAL_END_MS);
    try {
      for await (const event of readEvents(body)) {
        waiting?.refresh();
        if (event.type === "ERROR") return faultOfStatus(event.object);
        if (seen === undefined && this.#isFromBefore(event)) return { kind: "gone", message: OLDER.message };
        if (seen !== undefined && event.type === "BOOKMARK") {
          if (!isInitialEnd(event)) throw new NoInitialEnd();
          clearTimeout(waiting);
          const fault = this.#completeList(seen, versionOf(event.object) ?? "");
          if (fault !== undefined) return fault;
          seen = undefined;
        } else this.#takeEvent(event, seen);
      }
      return seen === undefined ? undefined : { kind: "network", message: "the API server ended a list too early" };
    } catch (error) {
      if (error instanceof NoInitialEnd) return { kind: "unsupported", message: error.message };
      return networkFault(error);
    } finally {
      clearTimeout(timer);
      clearTimeout(waiting);
      body.destroy();
    }
  }

  /** Whether a bookmark lies before what came already: the server has lost data, and would be silent for long. */
  #isFromBefore(event: WatchEvent): boolean {
    return event.type === "BOOKMARK" && compareVersions(versionOf(event.object) ?? "", this.#version ?? "") < 0;
  }

  #takeEvent(event: WatchEvent, seen: Set<string> | undefined): void {
    const { type } = event;
    if (type === "BOOKMARK") return this.#advance(versionOf(event.object) ?? "");
    const listed = identifyEvent(event, this.#selection.resource);
    // Nothing that is known here; what it says comes with a later list.
    if (listed === undefined) return;
    this.counts.events++;
    seen?.add(listed.key);
    const changed: KubeObject[] = [];
    if (type === "ADDED" || type === "MODIFIED") this.#take(listed, changed);
    else if (type === "DELETED") this.#remove([listed.key], listed.version);
    if (changed.length > 0) this.#events.onChange(changed, []);
    if (seen === undefined) this.#advance(listed.version);
  }

  /** Parses the object if it is news, and adds it to `changed`. */
  #take(listed: ListedObject, changed: KubeObject[]): void {
    const { key, version } = listed;
    if (this.#known.isOld(key, version)) return;
    const { object, problems } = parseListed(listed, this.#selection.resource);
    // Not before: a line that can't be parsed must be news the next time.
    this.#known.put(key, version);
    if (problems.length > 0) {
      this.#unusable.add(key);
      return this.#events.onObjectProblems(key, problems);
    }
    if (this.#unusable.delete(key)) this.#events.onObjectProblems(key, []);
    if (object === undefined) this.#events.onChange([], [key]);
    else changed.push(object);
  }

  #remove(keys: readonly string[], version: string): void {
    const removed = keys.filter((key) => this.#known.remove(key, version));
    for (const key of removed) if (this.#unusable.delete(key)) this.#events.onObjectProblems(key, []);
    if (removed.length > 0) this.#events.onChange([], removed);
  }

  /** All objects of a list of that version were taken: what is not among them is gone. */
  #completeList(seen: ReadonlySet<string>, version: string): ApiFault | undefined {
    if (compareVersions(version, this.#latest) < 0) {
      this.#olderLists++;
      return OLDER;
    }
    this.#olderLists = 0;
    this.#refusals = 0;
    this.#remove(this.#known.missingFrom(seen, version), version);
    this.#version = version;
    this.#latest = version;
    this.#events.onReached(undefined);
    if (!this.#isSynced) this.#events.onSynced();
    this.#isSynced = true;
    return undefined;
  }

  /** The watch has come to this version. */
  #advance(version: string): void {
    this.#backoff.succeeded();
    this.#refusals = 0;
    if (this.#version === undefined || compareVersions(version, this.#version) <= 0) return;
    this.#version = version;
    this.#latest = version;
    this.#applyComparison();
  }

  /** The server has had older versions than before, again and again: its data was restored from a backup. */
  #believeOlder(): void {
    this.#olderLists = 0;
    this.#latest = "";
    this.#known.forgetVersions();
  }

  /** Lists everything beside the watch, to find what no event has told of. */
  async #compare(signal: AbortSignal): Promise<void> {
    if (this.#version === undefined || this.#comparison !== undefined) return;
    const seen = new Set<string>();
    const newer: ListedObject[] = [];
    const listed = await readPages(this.#connection, this.#selection, signal, async (items, _version, isFirst) => {
      if (isFirst) {
        seen.clear();
        newer.length = 0;
      }
      await visitInSlices(items, (item) => {
        seen.add(item.key);
        if (!this.#known.isOld(item.key, item.version)) newer.push(item);
      });
      return undefined;
    });
    if ("fault" in listed || this.#version === undefined) return;
    if (compareVersions(listed.version, this.#version) < 0) return this.#listAgain();
    this.#comparison = { seen, newer, version: listed.version };
    this.#applyComparison();
  }

  /** Ends the watch, and lists. */
  #listAgain(): void {
    this.#version = undefined;
    this.#body?.destroy(new Error(OLDER.message));
  }

  /** What the list has and the watch, once it has come as far, has not is drift. */
  #applyComparison(): void {
    const comparison = this.#comparison;
    if (comparison === undefined || compareVersions(this.#version ?? "", comparison.version) < 0) return;
    this.#comparison = undefined;
    const changed: KubeObject[] = [];
    const missed = comparison.newer.filter(({ key, version }) => !this.#known.isOld(key, version));
    for (const each of missed) this.#take(each, changed);
    const missing = this.#known.missingFrom(comparison.seen, comparison.version);
    this.counts.drift += missed.filter(({ key }) => !this.#retaken.has(key)).length + missing.length;
    this.#retaken.clear();
    this.#events.onChange(changed, []);
    this.#remove(missing, comparison.version);
  }
}

function isInitialEnd({ object }: WatchEvent): boolean {
  const { metadata } = (object ?? {}) as { readonly metadata?: { readonly annotations?: Record<string, unknown> } };
  return metadata?.annotations?.[INITIAL_EVENTS_END] === "true";
}
