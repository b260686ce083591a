// A Kubernetes API server for tests: Namespaces, Services, EndpointSlices and Pods over HTTP or HTTPS on loopback, whose
// state, faults and watches a test holds in its hands. Written from the API documents of Kubernetes alone; it runs no
// controllers.
import { once } from "node:events";
import { createServer, type IncomingMessage, type RequestListener, type Server, type ServerResponse } from "node:http";
import { createServer as createHttpsServer } from "node:https";
import { createServer as createNetServer, type AddressInfo, type Socket } from "node:net";
import { text } from "node:stream/consumers";
import { makeCertificate } from "../certificates.ts";
import { forbidden, identify, type Tokens } from "./access.ts";
import { ApiFailure, notFound, serverError } from "./api-failure.ts";
import { recordRequest, type ApiRequest } from "./api-request.ts";
import { discover, openApiV2 } from "./discovery.ts";
import { formatKubeconfig, type Identity, type KubeconfigOptions } from "./kubeconfig.ts";
import { listPage } from "./list.ts";
import { keyOf, ObjectStore, type StoredEvent } from "./object-store.ts";
import { Reply } from "./reply.ts";
import { chooseRepresentation, type Representation } from "./representation.ts";
import {
  resourceOf,
  RESOURCES,
  type KubernetesObject,
  type Metadata,
  type Resource,
  type Target,
} from "./resources.ts";
import { Script } from "./script.ts";
import { Watch, type WatchListSupport } from "./watch.ts";
import { nameOf, write, type WritableState } from "./write.ts";

/** Above 2^53, where neighbours are one number in floating point. */
const FIRST_VERSION = 2n ** 53n + 1000n;

const OPENAPI_TYPE = "application/com.github.proto-openapi.spec.v2.v1.0+protobuf";

export interface ApiServerSettings {
  /** Default: false. */
  readonly tls?: boolean;
  /** The user of each bearer token, in place of everybody; client certificates are taken besides. */
  readonly tokens?: Tokens;
  /** Default: `served`. */
  readonly watchList?: WatchListSupport;
  /** Default: any number. */
  readonly pageSizeMax?: number;
  /** The resource version of the empty server. Default: one above 2^53. */
  readonly firstVersion?: bigint;
}

/** What to remove: an object, or what names it. */
export type ObjectName = Pick<KubernetesObject, "apiVersion" | "kind"> & {
  readonly metadata: Pick<Metadata, "name" | "namespace">;
};

/**
 * A test starts it, gives it objects, and closes it:
 *
 *     const server = await ApiServer.start({ tls: true, tokens: { secret: "reader" } });
 *     server.put({ apiVersion: "v1", kind: "Namespace", metadata: { name: "shop" } });
 *     server.script.next({ verb: "list", resource: "services" }, { failure: tooManyRequests(2) });
 *     server.watches[0]?.reset();
 *     await server.close();
 */
export class ApiServer {
  /** All requests since the start, in order of their arrival. */
  readonly requests: ApiRequest[] = [];
  /** Faults of requests that are still to come. */
  readonly script = new Script();
  /** The certificate to trust, in PEM; undefined without TLS. */
  readonly ca: string | undefined;
  /** The user of each token from now on; undefined: everybody is the administrator. Open watches stay. */
  tokens: Tokens | undefined;
  readonly #clientIdentity: Identity | undefined;
  readonly #settings: ApiServerSettings;
  readonly #listener = createNetServer({ noDelay: true }, (socket) => this.#accept(socket));
  /** What accepted connections are handed to. */
  readonly #server: Server;
  readonly #watches = new Set<Watch>();
  /** Connections by the port of their client: a TLS socket does not tell what is beneath it. */
  readonly #sockets = new Map<number, Socket>();
  #store: ObjectStore;
  #port = 0;
  #isWithholding = false;
  #held: StoredEvent[] | undefined;

  private constructor(settings: ApiServerSettings) {
    this.#settings = settings;
    this.tokens = settings.tokens;
    this.#store = new ObjectStore(settings.firstVersion ?? FIRST_VERSION);
    const answer: RequestListener = (message, response) => void this.#answer(message, response);
    if (settings.tls === true) {
      const identity = makeCertificate({ names: ["localhost"] });
      this.ca = identity.cert;
      this.#clientIdentity = makeCertificate();
      const clients = { ca: this.#clientIdentity.cert, requestCert: true, rejectUnauthorized: false };
      this.#server = createHttpsServer({ ...identity, ...clients }, answer);
    } else {
      this.#server = createServer(answer);
    }
  }

  /** An empty server on a free port of 127.0.0.1. */
  static async start(settings: ApiServerSettings = {}): Promise<ApiServer> {
    const server = new ApiServer(settings);
    await server.#listen();
    return server;
  }

  /** `http://127.0.0.1:PORT`, or https. */
  get url(): string {
    return `http${this.ca === undefined ? "" : "s"}://127.0.0.1:${this.#port}`;
  }

  /** The resource version of the newest change. */
  get version(): string {
    return String(this.#store.version);
  }

  /** All objects as they are now. */
  get objects(): readonly KubernetesObject[] {
    return RESOURCES.flatMap((resource) => this.#store.at(resource, this.#store.version)).map(({ value }) => value);
  }

  /** The watches that are open now, the oldest first. */
  get watches(): readonly Watch[] {
    return [...this.#watches];
  }

  /** The text of a kubeconfig for this server. */
  kubeconfig(options: KubeconfigOptions = {}): string {
    return formatKubeconfig({ url: this.url, ca: this.ca, clientIdentity: this.#clientIdentity }, options);
  }

  /** Adds or replaces objects as they are given, and completes their metadata. */
  put(...objects: readonly KubernetesObject[]): void {
    for (const object of objects) this.#publish(this.#store.put(object, this.#isWithholding));
  }

  /** Removes the objects of these names that there are. */
  remove(...objects: readonly ObjectName[]): void {
    for (const object of objects) {
      const event = this.#store.remove(resourceOf(object), keyOf(object.metadata), this.#isWithholding);
      if (event !== undefined) this.#publish(event);
    }
  }

  /** Puts `objects`, and removes all others. */
  replaceAll(objects: readonly KubernetesObject[]): void {
    const nameOf = (object: ObjectName): string => `${object.kind} ${keyOf(object.metadata)}`;
    const kept = new Set(objects.map(nameOf));
    this.remove(...this.objects.filter((object) => !kept.has(nameOf(object))));
    this.put(...objects);
  }

  /** Forgets the history: versions before now are gone for lists, pages and watches that begin. */
  compact(): void {
    this.#store.compact();
  }

  /** Sends a bookmark to every open watch whose client wants bookmarks. */
  sendBookmarks(): void {
    for (const watch of this.#watches) watch.bookmark(this.#store.version);
  }

  /** Makes changes of which no watch hears, now or later. */
  withhold(change: () => void): void {
    this.#isWithholding = true;
    try {
      change();
    } finally {
      this.#isWithholding = false;
    }
  }

  /** Makes changes, and gives open watches what `rewrite` makes of their events: twice, in another order. */
  rewrite(change: () => void, rewrite: (events: readonly StoredEvent[]) => readonly StoredEvent[]): void {
    const held: StoredEvent[] = (this.#held = []);
    try {
      change();
    } finally {
      this.#held = undefined;
    }
    for (const event of rewrite(held)) this.#publish(event);
  }

  /** Ends the listener and all connections. */
  async close(): Promise<void> {
    if (!this.#listener.listening) return;
    const closed = once(this.#listener, "close");
    this.#listener.close();
    for (const socket of this.#sockets.values()) socket.destroy();
    await closed;
  }

  /**
   * Closes, and listens on the same port again, without a history as after a crash. With `objects`, the state is another
   * one, whose versions begin at `version`, as after a restored backup.
   */
  async restart(objects?: readonly KubernetesObject[], version = this.#store.version): Promise<void> {
    await this.close();
    if (objects !== undefined) {
      this.#store = new ObjectStore(version);
      this.put(...objects);
    }
    this.#store.compact();
    await this.#listen();
  }

  async #listen(): Promise<void> {
    this.#listener.listen(this.#port, "127.0.0.1");
    await once(this.#listener, "listening");
    this.#port = (this.#listener.address() as AddressInfo).port;
  }

  #accept(socket: Socket): void {
    const port = socket.remotePort!;
    this.#sockets.set(port, socket);
    socket.on("close", () => this.#sockets.delete(port)).on("error", () => {});
    const by = this.script.takeConnection();
    if (by === undefined) this.#server.emit("connection", socket);
    else if (by === "reset") socket.resetAndDestroy();
    else if (by === "close") socket.destroy();
  }

  #publish(event: StoredEvent): void {
    if (event.isWithheld) return;
    if (this.#held !== undefined) this.#held.push(event);
    else for (const watch of this.#watches) watch.deliver(event);
  }

  async #answer(message: IncomingMessage, response: ServerResponse): Promise<void> {
    const request = recordRequest(message);
    this.requests.push(request);
    const fault = this.script.take(request);
    const reply = new Reply(request, response, this.#sockets.get(message.socket.remotePort!) ?? message.socket, fault);
    await fault.hold;
    if (fault.refuse !== undefined) {
      reply.break(fault.refuse);
      return;
    }
    try {
      request.user = identify(request, message.socket, this.tokens);
      const { failure, answer } = fault;
      if (answer !== undefined) await reply.send(answer.status ?? 200, answer.body, answer.headers);
      else if (failure === undefined) await this.#route(request, message, reply);
      else throw failure === "forbidden" ? forbidden(request) : failure;
    } catch (error) {
      await reply.fail(error instanceof ApiFailure ? error : serverError(500, undefined, String(error)));
    }
  }

  async #route(request: ApiRequest, message: IncomingMessage, reply: Reply): Promise<void> {
    const { target, verb, path } = request;
    if (target === undefined) {
      await sendDiscovery(path, reply);
      return;
    }
    const representation = chooseRepresentation(request.headers.accept);
    if (representation === undefined) throw new ApiFailure(406, "NotAcceptable", "only JSON is served");
    if (verb === "watch") {
      this.#watch(request, target, reply, representation);
      return;
    }
    const headers = { "Content-Type": representation.contentType };
    if (verb === "list") {
      const page = listPage(this.#store, target, request.query, this.#settings.pageSizeMax ?? Infinity);
      await reply.send(200, representation.list(target.resource, page), headers);
    } else if (verb === "get") {
      const found = this.#store.find(target.resource, keyOf(nameOf(target)));
      if (found === undefined) throw notFound(target.resource.plural, target.name!);
      await reply.send(200, representation.object(found), headers);
    } else {
      const { status, object } = write(request, target, await text(message), this.#writable());
      await reply.send(status, JSON.stringify(object));
    }
  }

  #watch(request: ApiRequest, target: Target, reply: Reply, representation: Representation): void {
    const watch = new Watch(request, target, reply, representation);
    reply.onClose(() => this.#watches.delete(watch));
    watch.begin(this.#store, this.#settings.watchList ?? "served");
    this.#watches.add(watch);
    const seconds = Number(request.query.get("timeoutSeconds") ?? 0);
    if (seconds > 0) watch.endAfter(seconds, () => this.#store.version);
  }

  /** The state as requests that write see it. */
  #writable(): WritableState {
    const find = (resource: Resource, key: string): KubernetesObject | undefined =>
      this.#store.find(resource, key)?.value;
    return {
      find,
      all: (resource) => this.#store.at(resource, this.#store.version).map(({ value }) => value),
      put: (object) => {
        this.put(object);
        return find(resourceOf(object), keyOf(object.metadata))!;
      },
      remove: (object) => this.remove(object),
    };
  }
}

async function sendDiscovery(path: string, reply: Reply): Promise<void> {
  const found = discover(path);
  if (found !== undefined) await reply.send(200, JSON.stringify(found));
  else if (path === "/openapi/v2") await reply.send(200, openApiV2(), { "Content-Type": OPENAPI_TYPE });
  else throw new ApiFailure(404, "NotFound", "the server could not find the requested resource");
}
