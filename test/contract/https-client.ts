// DNS over HTTPS clients for tests, by node's HTTP/2 and HTTP/1.1. Uses nothing of the code under test.
import { once } from "node:events";
import {
  type ClientHttp2Session,
  connect as connectHttp2,
  type IncomingHttpHeaders,
  type IncomingHttpStatusHeader,
  type OutgoingHttpHeaders,
} from "node:http2";
import { Agent, type RequestOptions, request as requestHttp1 } from "node:https";
import type { ListenAddress } from "../../src/net/listen-address.ts";
import type { Client } from "./transport-clients.ts";

/** A response as tests check it. */
export interface HttpReply {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: Buffer;
}

/** A request as tests write it. */
export interface HttpAsk {
  readonly method?: string;
  readonly path?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Uint8Array;
}

/** A client of one server by one HTTP version; `ask` rejects without a response. */
export interface HttpClient {
  ask(ask: HttpAsk): Promise<HttpReply>;
  close(): void;
}

/** An HTTP/2 session with `server`, which trusts `ca`. */
export async function openSession(server: ListenAddress, ca: string): Promise<ClientHttp2Session> {
  const session = connectHttp2(originOf(server), { ca, maxSendHeaderBlockLength: 1024 * 1024 });
  // The session's streams report the error.
  session.on("error", () => undefined);
  await once(session, "connect");
  return session;
}

/** Sends one request on a session. */
export function askOn(session: ClientHttp2Session, ask: HttpAsk): Promise<HttpReply> {
  const { method = "GET", path = "/dns-query", headers, body } = ask;
  const fields: OutgoingHttpHeaders = { ...headers, ":method": method, ":path": path };
  return new Promise((resolve, reject) => {
    const stream = session.request(fields, { endStream: body === undefined });
    if (body !== undefined) stream.end(body);
    const chunks: Buffer[] = [];
    let response: (IncomingHttpHeaders & IncomingHttpStatusHeader) | undefined;
    let ended = false;
    stream.on("response", (received) => (response = received));
    stream.on("data", (chunk: Buffer) => chunks.push(chunk));
    stream.on("end", () => (ended = true));
    stream.on("error", reject);
    // A server may answer before it has the whole body, and reset the stream.
    stream.on("close", () => {
      if (response === undefined || !ended) return reject(new Error("closed without a whole response"));
      resolve({ status: response[":status"] ?? 0, headers: response, body: Buffer.concat(chunks) });
    });
  });
}

/** A client by HTTP/2 on one connection. */
export async function http2Client(server: ListenAddress, ca: string): Promise<HttpClient> {
  const session = await openSession(server, ca);
  return { ask: (ask) => askOn(session, ask), close: () => session.destroy() };
}

/** A client by HTTP/1.1 that keeps one connection open. */
export function http1Client(server: ListenAddress, ca: string): HttpClient {
  const agent = new Agent({ keepAlive: true, maxSockets: 1, ca });
  return {
    async ask({ method = "GET", path = "/dns-query", headers = {}, body }) {
      const options: RequestOptions = { agent, method, path, headers, host: server.host, port: server.port };
      const request = requestHttp1(options);
      request.end(body);
      const [response] = await once(request, "response");
      // A server that has answered need not read the rest of the body.
      request.on("error", () => undefined);
      const chunks: Buffer[] = await response.toArray();
      return { status: response.statusCode, headers: response.headers, body: Buffer.concat(chunks) };
    },
    close: () => agent.destroy(),
  };
}

/** The contract's client: posts each query on one session and collects the DNS replies. */
export async function connectHttps(server: ListenAddress, ca: string): Promise<Client> {
  const session = await openSession(server, ca);
  const replies: Buffer[] = [];
  const news = new EventTarget();
  const tell = (): boolean => news.dispatchEvent(new Event("news"));
  session.on("close", tell);
  const post = async (body: Uint8Array): Promise<void> => {
    const headers = { "content-type": "application/dns-message" };
    const reply = await askOn(session, { method: "POST", headers, body }).catch(() => undefined);
    if (reply?.status !== 200) return;
    replies.push(reply.body);
    tell();
  };
  return {
    async send(...queries) {
      for (const query of queries) void post(query);
      // The ping's reply shows that the server has read the queries before it.
      await new Promise((resolve) => session.ping(resolve));
    },
    async receive(timeoutMs = 5_000) {
      const signal = AbortSignal.timeout(timeoutMs);
      for (;;) {
        const reply = replies.shift();
        if (reply !== undefined) return reply;
        if (session.closed || session.destroyed) throw new Error("closed");
        await once(news, "news", { signal }).catch(() => {
          throw new Error(`no reply within ${timeoutMs} ms`);
        });
      }
    },
    close: () => session.destroy(),
  };
}

function originOf({ host, port }: ListenAddress): string {
  return `https://${host.includes(":") ? `[${host}]` : host}:${port}`;
}
