// A client of node:http for tests of the scripted API server: whole answers, and watches line by line. It repeats nothing
// and hides nothing, so that a fault shows as the network has it.
import { once } from "node:events";
import { request as requestHttp, type IncomingHttpHeaders, type IncomingMessage, type RequestOptions } from "node:http";
import { request as requestHttps } from "node:https";
import { createInterface } from "node:readline";
import { text } from "node:stream/consumers";

/** What a client needs to know of a server. */
export interface Endpoint {
  readonly url: string;
  readonly ca: string | undefined;
}

interface AskOptions extends Pick<RequestOptions, "method"> {
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  /** A client certificate. */
  readonly identity?: { readonly cert: string; readonly key: string };
}

export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
}

/** An event of a watch. */
export interface WatchEvent {
  readonly type: string;
  readonly object: ApiValue;
}

/** A parsed answer, of any kind. */
export interface ApiValue {
  readonly kind?: string;
  readonly apiVersion?: string;
  readonly metadata: Readonly<Record<string, unknown>> & { readonly [field in "name" | "resourceVersion"]?: string };
  readonly items?: readonly ApiValue[];
  readonly [field: string]: unknown;
}

/** The whole answer; rejects when the connection breaks. */
export async function ask(server: Endpoint, path: string, options: AskOptions = {}): Promise<Answer> {
  const message = await open(server, path, options);
  return { status: message.statusCode!, headers: message.headers, text: await text(message) };
}

/** The JSON of an answer whose status is 200. */
export async function read(server: Endpoint, path: string): Promise<ApiValue> {
  const { status, text: body } = await ask(server, path);
  if (status !== 200) throw new Error(`${status} ${body}`);
  return JSON.parse(body) as ApiValue;
}

/** The response's head has come. */
export async function open(server: Endpoint, path: string, options: AskOptions = {}): Promise<IncomingMessage> {
  const { method = "GET", body, identity } = options;
  // Node.js gives no length by itself for DELETE.
  const headers = { ...options.headers, ...(body !== undefined && { "Content-Length": Buffer.byteLength(body) }) };
  const url = server.url + path;
  const request =
    server.ca === undefined
      ? requestHttp(url, { method, headers, agent: false })
      : requestHttps(url, { method, headers, agent: false, ca: server.ca, ...identity });
  // A break within the response comes here, too; the response itself tells of it.
  request.on("error", () => {}).end(body);
  const [message] = (await once(request, "response")) as [IncomingMessage];
  return message;
}

/** An open watch, read line by line. */
export class WatchReader {
  readonly #message: IncomingMessage;
  readonly #lines: AsyncIterator<string>;

  private constructor(message: IncomingMessage) {
    this.#message = message;
    this.#lines = createInterface({ input: message })[Symbol.asyncIterator]();
  }

  static async open(server: Endpoint, path: string): Promise<WatchReader> {
    const message = await open(server, path);
    if (message.statusCode !== 200) throw new Error(`${message.statusCode} ${await text(message)}`);
    return new WatchReader(message);
  }

  /** Undefined: the watch has ended. Rejects when the connection breaks. */
  async line(): Promise<string | undefined> {
    const { value, done } = await this.#lines.next();
    return done === true ? undefined : value;
  }

  async event(): Promise<WatchEvent | undefined> {
    const line = await this.line();
    return line === undefined ? undefined : (JSON.parse(line) as WatchEvent);
  }

  /** The next `count` events as `TYPE NAME`; a bookmark has no name. */
  async names(count: number): Promise<string[]> {
    const names: string[] = [];
    while (names.length < count) {
      const event = await this.event();
      if (event === undefined) return [...names, "(end)"];
      names.push(`${event.type} ${event.object.metadata.name ?? ""}`.trim());
    }
    return names;
  }

  close(): void {
    this.#message.destroy();
  }
}
