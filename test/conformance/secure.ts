// Queries over TLS and HTTPS. The certificate is made for the run and has no issuer, so clients do not verify it.
import { once } from "node:events";
import { connect as connectHttp2, type ClientHttp2Session } from "node:http2";
import { request } from "node:https";
import { connect, type ConnectionOptions, type TLSSocket } from "node:tls";
import { ANSWER_TIMEOUT_MS, frame, type Endpoint } from "../support/network.ts";

/** Opens a connection to a TLS server; throws when the handshake fails. */
export async function openTls({ host, port }: Endpoint, options: ConnectionOptions = {}): Promise<TLSSocket> {
  const socket = connect({ host, port, rejectUnauthorized: false, ...options });
  socket.setTimeout(ANSWER_TIMEOUT_MS, () => socket.destroy(new Error("no answer over TLS")));
  await once(socket, "secureConnect");
  socket.on("error", () => {});
  return socket;
}

/** Resolves when the connection is closed, whatever ended it. */
export function closeOf(socket: TLSSocket): Promise<void> {
  return new Promise((resolve) => socket.resume().once("close", () => resolve()));
}

/** One message without its length. */
export async function exchangeTls(socket: TLSSocket, query: Buffer): Promise<Buffer> {
  socket.write(frame(query));
  let received: Buffer = Buffer.alloc(0);
  for await (const chunk of socket.iterator({ destroyOnReturn: false })) {
    received = Buffer.concat([received, chunk as Buffer]);
    if (received.length >= 2 && received.length >= received.readUInt16BE(0) + 2) return received.subarray(2);
  }
  throw new Error(`the server closed after ${received.length} bytes`);
}

/** One question over TLS, on a connection of its own. */
export async function askTls(server: Endpoint, query: Buffer): Promise<Buffer> {
  const socket = await openTls(server, { ALPNProtocols: ["dot"] });
  try {
    return await exchangeTls(socket, query);
  } finally {
    socket.destroy();
  }
}

/** What a DNS server says over HTTP. */
export interface HttpReply {
  readonly status: number;
  readonly headers: Readonly<Record<string, unknown>>;
  readonly body: Buffer;
}

/** An HTTP request, without its server. */
export interface HttpAsk {
  readonly method?: string;
  readonly path?: string;
  readonly contentType?: string;
  readonly body?: Buffer;
}

/** More than any path here: what is too long is the server's to say. */
const MOST_HEADER_BYTES = 256_000;

export const DNS_PATH = "/dns-query";
export const DNS_MESSAGE = "application/dns-message";

/** The path of a GET that asks a message. */
export function getPath(query: Buffer): string {
  return `${DNS_PATH}?dns=${query.toString("base64url")}`;
}

function headersOf({ contentType }: HttpAsk): Record<string, string> {
  return { accept: DNS_MESSAGE, ...(contentType === undefined ? {} : { "content-type": contentType }) };
}

/** Over HTTP/1.1, on a connection of its own. */
export async function askHttp1({ host, port }: Endpoint, ask: HttpAsk): Promise<HttpReply> {
  const { method = "GET", path = DNS_PATH } = ask;
  const asked = request({ host, port, method, path, headers: headersOf(ask), rejectUnauthorized: false, agent: false });
  asked.setTimeout(ANSWER_TIMEOUT_MS, () => asked.destroy(new Error("no answer over HTTP/1.1")));
  // A server that refuses a body may close while it is still being sent: its answer counts.
  asked.on("error", () => {});
  const answered = once(asked, "response");
  asked.end(ask.body);
  const [response] = (await answered) as [import("node:http").IncomingMessage];
  const chunks: Buffer[] = [];
  for await (const chunk of response) chunks.push(chunk as Buffer);
  asked.destroy();
  return { status: response.statusCode ?? 0, headers: response.headers, body: Buffer.concat(chunks) };
}

/** Opens an HTTP/2 session. */
export async function openHttp2({ host, port }: Endpoint): Promise<ClientHttp2Session> {
  const session = connectHttp2(`https://${host}:${port}`, {
    rejectUnauthorized: false,
    maxSendHeaderBlockLength: MOST_HEADER_BYTES,
  });
  session.on("error", () => {});
  await once(session, "connect");
  return session;
}

/** Over HTTP/2, on a session of its own. */
export async function askHttp2(server: Endpoint, ask: HttpAsk): Promise<HttpReply> {
  const session = await openHttp2(server);
  try {
    return await streamOf(session, ask);
  } finally {
    session.destroy();
  }
}

/** One stream of a session. */
export async function streamOf(session: ClientHttp2Session, ask: HttpAsk): Promise<HttpReply> {
  const { method = "GET", path = DNS_PATH } = ask;
  const stream = session.request({ ":method": method, ":path": path, ...headersOf(ask) });
  stream.setTimeout(ANSWER_TIMEOUT_MS, () => stream.destroy(new Error("no answer over HTTP/2")));
  const answered = once(stream, "response");
  stream.end(ask.body);
  const [headers] = (await answered) as [Record<string, unknown>];
  const chunks: Buffer[] = [];
  stream.on("data", (chunk: Buffer) => chunks.push(chunk)).on("error", () => {});
  if (!stream.readableEnded) await once(stream, "close");
  return { status: Number(headers[":status"]), headers, body: Buffer.concat(chunks) };
}

function http2Frame(type: number, flags: number, stream: number, payload: Buffer): Buffer {
  const head = Buffer.alloc(9);
  head.writeUIntBE(payload.length, 0, 3);
  head.writeUInt8(type, 3);
  head.writeUInt8(flags, 4);
  head.writeUInt32BE(stream, 5);
  return Buffer.concat([head, payload]);
}

/** Opens and resets one HTTP/2 stream after the other; tells whether the server ended that. RFC 9113 6, RFC 7541 6. */
export async function stormOfResets(server: Endpoint, count: number): Promise<boolean> {
  const socket = await openTls(server, { ALPNProtocols: ["h2"] });
  const closed = closeOf(socket).then(() => true);
  const literal = (index: number, text: string): Buffer =>
    Buffer.concat([Buffer.from([index, text.length]), Buffer.from(text)]);
  // GET, https, then :path and :authority as literals that nobody has to remember.
  const headers = Buffer.concat([Buffer.from([0x82, 0x87]), literal(0x04, `${DNS_PATH}?dns=AAAA`), literal(0x01, "x")]);
  const cancel = Buffer.from([0, 0, 0, 8]);
  socket.write(Buffer.concat([Buffer.from("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"), http2Frame(4, 0, 0, Buffer.alloc(0))]));
  for (let n = 0; n < count && !socket.destroyed; n += 100) {
    const frames = Array.from({ length: 100 }, (_, each) => {
      const stream = 1 + 2 * (n + each);
      return [http2Frame(1, 5, stream, headers), http2Frame(3, 0, stream, cancel)];
    });
    await new Promise((resolve) => socket.write(Buffer.concat(frames.flat()), resolve));
  }
  const open = new Promise<false>((resolve) => setTimeout(() => resolve(false), ANSWER_TIMEOUT_MS));
  const result = await Promise.race([closed, open]);
  socket.destroy();
  return result;
}
