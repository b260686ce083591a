// WATCH: one open watch, and what it begins with. Kubernetes API concepts, "Efficient detection of changes", "Watch
// bookmarks" and "Streaming lists".
import { ApiFailure, invalidOptions, tooLarge } from "./api-failure.ts";
import type { ApiRequest } from "./api-request.ts";
import { parseVersion } from "./list.ts";
import { asOfVersion, type ObjectStore, type StoredEvent, type StoredObject } from "./object-store.ts";
import type { Reply } from "./reply.ts";
import type { Representation } from "./representation.ts";
import { compileSelector, type Selector } from "./selectors.ts";
import type { Target } from "./resources.ts";

/** Whether a server has the feature WatchList; one that ignores it sends no bookmark at the end of initial events. */
export type WatchListSupport = "served" | "refused" | "ignored";

/** A watch that a client has open. A test can break it, or write into it. */
export class Watch {
  readonly request: ApiRequest;
  readonly resource: string;
  readonly #target: Target;
  readonly #reply: Reply;
  readonly #matches: Selector;
  readonly #representation: Representation;
  readonly #wantsBookmarks: boolean;
  /** What the client has: a version that is still to come is no failure. */
  #after = 0n;
  #timer: NodeJS.Timeout | undefined;

  /** `target` is that of the request. */
  constructor(request: ApiRequest, target: Target, reply: Reply, representation: Representation) {
    this.request = request;
    this.#target = target;
    this.resource = target.resource.plural;
    this.#reply = reply;
    this.#matches = compileSelector(target, request.query);
    this.#representation = representation;
    this.#wantsBookmarks = request.query.get("allowWatchBookmarks") === "true";
  }

  /** Sends the beginning: initial objects, or the changes since the version that the client has. Throws what fails. */
  begin(store: ObjectStore, watchList: WatchListSupport): void {
    const { query } = this.request;
    const isStreamed = watchList !== "ignored" && checkOptions(query, watchList);
    const asked = parseVersion(query.get("resourceVersion") || "0");
    if (isStreamed && asked > store.version) throw tooLarge(asked, store.version);
    const isAnyVersion = asked === 0n;
    const hasInitialEvents = isStreamed || (isAnyVersion && query.get("sendInitialEvents") !== "false");
    this.#reply.open(200, { "Content-Type": this.#representation.contentType });
    if (hasInitialEvents) {
      for (const object of store.at(this.#target.resource, store.version)) this.#sendIf("ADDED", object);
      if (isStreamed) this.bookmark(store.version, true);
    } else if (!isAnyVersion) {
      this.#after = asked;
      this.#replay(store, asked);
    }
  }

  /** Ends the watch after the time that its client wants, with a last bookmark. */
  endAfter(seconds: number, version: () => bigint): void {
    this.#timer = setTimeout(() => {
      this.bookmark(version());
      this.end();
    }, seconds * 1000);
    this.#reply.onClose(() => clearTimeout(this.#timer));
  }

  /** Sends a change, if it is one for this watch. */
  deliver({ resource, before, after, version }: StoredEvent): void {
    if (resource !== this.#target.resource || version <= this.#after) return;
    const [was, is] = [before, after].map((object) => object !== undefined && this.#matches(object.value));
    if (is) this.#sendObject(was ? "MODIFIED" : "ADDED", after!);
    else if (was) this.#sendObject("DELETED", asOfVersion(before!, version));
  }

  /** Sends a bookmark, if the client wants bookmarks. */
  bookmark(version: bigint, isInitialEnd = false): void {
    if (!this.#wantsBookmarks) return;
    const annotations = { annotations: { "k8s.io/initial-events-end": "true" } };
    const metadata = { resourceVersion: String(version), creationTimestamp: null, ...(isInitialEnd && annotations) };
    this.send(this.#representation.formatEvent("BOOKMARK", this.#representation.bookmark(this.#target, metadata)));
  }

  /** Sends any text as a line. */
  send(line: string): void {
    this.#reply.write(`${line}\n`);
  }

  /** Sends an ERROR event, and ends the watch. */
  fail({ status }: ApiFailure): void {
    this.send(JSON.stringify({ type: "ERROR", object: status }));
    this.end();
  }

  end(): void {
    this.#reply.end();
  }

  /** Resets the connection. */
  reset(): void {
    this.#reply.break("reset");
  }

  /** Closes the connection in the middle of the response. */
  close(): void {
    this.#reply.break("close");
  }

  /** Sends nothing more, and leaves the connection open. */
  halfOpen(): void {
    this.#reply.break("half-open");
  }

  #replay(store: ObjectStore, version: bigint): void {
    try {
      for (const event of store.since(version)) if (!event.isWithheld) this.deliver(event);
    } catch (error) {
      // The response has begun when the server finds out.
      if (!(error instanceof ApiFailure)) throw error;
      this.fail(error);
    }
  }

  #sendIf(type: string, object: StoredObject): void {
    if (this.#matches(object.value)) this.#sendObject(type, object);
  }

  #sendObject(type: string, object: StoredObject): void {
    this.send(this.#representation.formatEvent(type, this.#representation.object(object)));
  }
}

/** Whether the client wants a stream that begins with the list; throws 422 for options that do not go together. */
function checkOptions(query: URLSearchParams, watchList: WatchListSupport): boolean {
  const match = query.get("resourceVersionMatch");
  const sendInitialEvents = query.get("sendInitialEvents");
  if (sendInitialEvents === null) {
    if (match === null) return false;
    throw invalidOptions("resourceVersionMatch: Forbidden: resourceVersionMatch is forbidden for watch");
  }
  if (watchList === "refused") {
    throw invalidOptions("sendInitialEvents: Forbidden: sendInitialEvents is forbidden for watch without WatchList");
  }
  if (match !== "NotOlderThan") {
    throw invalidOptions("resourceVersionMatch: Forbidden: sendInitialEvents requires NotOlderThan");
  }
  return sendInitialEvents === "true";
}
