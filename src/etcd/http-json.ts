// Requests to the JSON gateway of etcd: one member after the other until one answers; logs in where etcd wants a
// user. Knows the transport and the errors, and nothing of what is asked for.
import { Agent as HttpAgent, request as requestHttp } from "node:http";
import type { IncomingMessage } from "node:http";
import { Agent as HttpsAgent, request as requestHttps } from "node:https";
import { text } from "node:stream/consumers";
import { errorCode } from "../std/error-code.ts";

export type JsonObject = Readonly<Record<string, unknown>>;
type Reply = { readonly value: JsonObject } | Fault;

/** `isElsewhere`: another member may answer. */
interface Fault {
  readonly fault: string;
  readonly code?: number;
  readonly isElsewhere?: boolean;
}

/** Where etcd is, and how to get in. */
export interface EtcdAccess {
  /** `http://HOST:PORT` or `https://HOST:PORT`, at least one. */
  readonly endpoints: readonly URL[];
  /** PEM. */
  readonly tls?: { readonly ca?: string; readonly cert?: string; readonly key?: string };
  readonly login?: { readonly user: string; readonly password: string };
}

/** A member that takes longer has no quorum, or is no member. */
const TIMEOUT_MS = 5_000;
/** Far more than a page of keys. */
const REPLY_SIZE_MAX = 64 << 20;
/** Codes of gRPC. */
const CODE = { unavailable: 14, unauthenticated: 16 } as const;

export class HttpJson {
  readonly #access: EtcdAccess;
  readonly #http = new HttpAgent({ keepAlive: true });
  readonly #https: HttpsAgent;
  /** The member that answered last. */
  #current = 0;
  #token: string | undefined;

  constructor(access: EtcdAccess) {
    this.#access = access;
    this.#https = new HttpsAgent({ keepAlive: true, ...access.tls });
  }

  /** The reply of the first member that answers. */
  async post(path: string, body: JsonObject): Promise<Reply> {
    const reply = await this.#ask(path, body);
    if (!("fault" in reply) || !isLoginNeeded(reply) || this.#access.login === undefined) return reply;
    // There was none, or it has expired.
    const { user: name, password } = this.#access.login;
    const login = await this.#ask("auth/authenticate", { name, password }, false);
    if ("fault" in login) return login;
    this.#token = String(login.value["token"]);
    return this.#ask(path, body);
  }

  close(): void {
    this.#http.destroy();
    this.#https.destroy();
  }

  async #ask(path: string, body: JsonObject, hasToken = true): Promise<Reply> {
    const { endpoints } = this.#access;
    let fault: Fault = { fault: "no endpoint" };
    for (let tried = 0; tried < endpoints.length; tried++) {
      const reply = await this.#send(endpoints[this.#current]!, path, body, hasToken);
      if ("value" in reply || reply.isElsewhere !== true) return reply;
      fault = reply;
      this.#current = (this.#current + 1) % endpoints.length;
    }
    return fault;
  }

  async #send(endpoint: URL, path: string, body: JsonObject, hasToken: boolean): Promise<Reply> {
    const at = `etcd at ${endpoint.host}`;
    const authorization = hasToken && this.#token !== undefined ? { authorization: this.#token } : {};
    try {
      const { status, content } = await this.#exchange(endpoint, path, JSON.stringify(body), authorization);
      return readReply(at, status, content);
    } catch (error) {
      const { name } = error as Error;
      const reason = name === "TimeoutError" || name === "AbortError" ? "no answer in time" : errorCode(error);
      return { fault: `${at}: ${reason}`, isElsewhere: true };
    }
  }

  async #exchange(endpoint: URL, path: string, body: string, headers: Record<string, string>) {
    const signal = AbortSignal.timeout(TIMEOUT_MS);
    const isSecure = endpoint.protocol === "https:";
    const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>();
    const request = (isSecure ? requestHttps : requestHttp)(new URL(`/v3/${path}`, endpoint), {
      method: "POST",
      agent: isSecure ? this.#https : this.#http,
      headers: { ...headers, "content-type": "application/json", "content-length": Buffer.byteLength(body) },
      signal,
    });
    request.on("response", resolve);
    request.on("error", reject);
    request.end(body);
    const response = await promise;
    let size = 0;
    response.on("data", (chunk: Buffer) => {
      size += chunk.length;
      if (size > REPLY_SIZE_MAX) response.destroy(Object.assign(new Error("too large"), { code: "EMSGSIZE" }));
    });
    return { status: response.statusCode ?? 0, content: await text(response) };
  }
}

function readReply(at: string, status: number, content: string): Reply {
  const value = parseObject(content);
  if (value === undefined) return { fault: `${at}: its answer is no JSON (HTTP status ${status})`, isElsewhere: true };
  // Streams tell of errors in an object of their own.
  const error = typeof value["error"] === "object" ? (value["error"] as JsonObject) : value;
  const message = error["message"] ?? error["error"];
  if (status === 200 && message === undefined) return { value };
  const code = Number(error["code"] ?? error["grpc_code"]);
  return { fault: `${at}: ${String(message)}`, code, isElsewhere: code === CODE.unavailable };
}

function parseObject(content: string): JsonObject | undefined {
  try {
    const value: unknown = JSON.parse(content);
    return typeof value === "object" && value !== null ? (value as JsonObject) : undefined;
  } catch {
    return undefined;
  }
}

/** Etcd says `user name is empty` (3) to those without a token, and `invalid auth token` (16) when it has expired. */
function isLoginNeeded({ code, fault }: Fault): boolean {
  return code === CODE.unauthenticated || fault.includes("user name is empty");
}
