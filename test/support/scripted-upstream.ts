// An upstream that follows a script, over UDP and TCP on one port, or over TLS or HTTPS; and the messages to script it
// with. It records every query.
import { createSocket, type Socket as DatagramSocket } from "node:dgram";
import { once } from "node:events";
import { createSecureServer, type Http2SecureServer, type ServerHttp2Stream } from "node:http2";
import { createServer, type Server, type Socket } from "node:net";
import { createServer as createTlsServer } from "node:tls";
import type { Upstream } from "../../src/net/upstream.ts";
import { frame } from "./network.ts";
import {
  parseLabels,
  readMessage,
  writeHeader,
  writeName,
  writeOpt,
  writeOption,
  writeQuestion,
  writeRecord,
} from "./wire.ts";
import type { WireRecord } from "./wire.ts";

export interface Asked {
  readonly transport: Upstream["protocol"];
  readonly query: Buffer;
  /** The asker's. */
  readonly port: number;
  readonly atMs: number;
}

/** One thing that an upstream does about a query. */
export interface Step {
  readonly bytes?: Uint8Array;
  /** Over UDP: from a socket that is not the one that was asked. */
  readonly fromOtherPort?: boolean;
  readonly afterMs?: number;
  /** Over a stream: ends the connection. */
  readonly end?: boolean;
}

/** What to do about the `nth` query (from 0); nothing: silence. */
export type Script = (asked: Asked, nth: number) => readonly Step[];

export interface ScriptedSettings {
  /** Default: a free one. */
  readonly port?: number;
  /** Default: UDP and TCP. `udp`: TCP is refused. */
  readonly serve?: "udp" | "udp+tcp" | "tls" | "https";
  readonly identity?: { readonly cert: string; readonly key: string };
}

export class ScriptedUpstream {
  script: Script;
  readonly taken: Asked[] = [];
  /** Connections accepted, of all kinds, and TLS sessions that were resumed among them. */
  connections = 0;
  resumed = 0;
  readonly #sockets = new Set<Socket>();
  readonly #timers = new Set<NodeJS.Timeout>();
  #udp: DatagramSocket | undefined;
  #stranger: DatagramSocket | undefined;
  #server: Server | Http2SecureServer | undefined;
  #port = 0;
  readonly #serve: NonNullable<ScriptedSettings["serve"]>;

  private constructor(script: Script, serve: NonNullable<ScriptedSettings["serve"]>) {
    this.script = script;
    this.#serve = serve;
  }

  static async open(script: Script, { port = 0, serve = "udp+tcp", identity }: ScriptedSettings = {}) {
    const upstream = new ScriptedUpstream(script, serve);
    for (let tries = 1; ; tries++) {
      try {
        await upstream.#listen(port, identity ?? { cert: "", key: "" });
        return upstream;
      } catch (error) {
        await upstream.close();
        // A TCP port that is free may be taken for UDP.
        if (port !== 0 || tries === 10) throw error;
      }
    }
  }

  /** The upstream as its askers know it. */
  get upstream(): Upstream {
    const protocol = this.#serve === "udp+tcp" ? "udp" : this.#serve;
    const common = { text: `${protocol}://127.0.0.1:${this.#port}`, protocol, host: "127.0.0.1", port: this.#port };
    return protocol === "https" ? { ...common, path: "/dns-query" } : common;
  }

  get port(): number {
    return this.#port;
  }

  /** Ends all connections, but listens on. */
  dropConnections(): void {
    for (const socket of this.#sockets) socket.destroy();
  }

  async close(): Promise<void> {
    for (const timer of this.#timers) clearTimeout(timer);
    this.dropConnections();
    for (const socket of [this.#udp, this.#stranger]) socket?.close();
    this.#udp = this.#stranger = undefined;
    if (this.#server?.listening === true) {
      this.#server.close();
      await once(this.#server, "close");
    }
  }

  async #listen(wanted: number, identity: { cert: string; key: string }): Promise<void> {
    let port = wanted;
    if (this.#serve !== "udp") {
      this.#server = this.#makeServer(identity).listen(port, "127.0.0.1");
      this.#server.on(this.#serve === "udp+tcp" ? "connection" : "secureConnection", (socket) => this.#accept(socket));
      await once(this.#server, "listening");
      port = (this.#server.address() as { port: number }).port;
    }
    this.#port = port;
    if (this.#serve !== "udp" && this.#serve !== "udp+tcp") return;
    const [udp, stranger] = [createSocket("udp4"), createSocket("udp4")];
    [this.#udp, this.#stranger] = [udp, stranger];
    udp.on("message", (query, from) =>
      this.#act({ transport: "udp", query, port: from.port, atMs: performance.now() }, ({ bytes, fromOtherPort }) => {
        if (bytes !== undefined) (fromOtherPort === true ? stranger : udp).send(bytes, from.port, from.address);
      }),
    );
    udp.bind(port, "127.0.0.1");
    try {
      await once(udp, "listening");
    } catch (error) {
      // A port that is free over TCP may be another test's over UDP.
      if ((error as NodeJS.ErrnoException).code !== "EADDRINUSE" || wanted !== 0) throw error;
      this.#server?.close();
      return this.#listen(wanted, identity);
    }
    stranger.bind(0, "127.0.0.1");
    await once(stranger, "listening");
    this.#port = udp.address().port;
  }

  #makeServer(identity: { cert: string; key: string }): Server | Http2SecureServer {
    if (this.#serve === "udp+tcp") return createServer();
    if (this.#serve === "tls") return createTlsServer({ ...identity, ALPNProtocols: ["dot"] });
    const server = createSecureServer(identity);
    server.on("stream", (stream: ServerHttp2Stream, headers) => {
      const chunks: Buffer[] = [];
      stream.on("error", () => undefined);
      stream.on("data", (chunk: Buffer) => chunks.push(chunk));
      stream.on("end", () => {
        const fits = headers[":method"] === "POST" && headers["content-type"] === "application/dns-message";
        const query = fits && headers[":path"] === "/dns-query" ? Buffer.concat(chunks) : Buffer.alloc(0);
        this.#act({ transport: "https", query, port: 0, atMs: performance.now() }, ({ bytes, end }) => {
          if (end === true) return stream.session?.destroy();
          stream.respond({ ":status": 200, "content-type": "application/dns-message" });
          stream.end(bytes);
        });
      });
    });
    return server;
  }

  #accept(socket: Socket & { isSessionReused?: () => boolean }): void {
    this.connections++;
    if (socket.isSessionReused?.() === true) this.resumed++;
    this.#sockets.add(socket);
    socket.on("error", () => undefined);
    socket.on("close", () => this.#sockets.delete(socket));
    if (this.#serve === "https") return;
    const transport = this.#serve === "tls" ? "tls" : "tcp";
    let held = Buffer.alloc(0);
    socket.on("data", (chunk: Buffer) => {
      held = Buffer.concat([held, chunk]);
      while (held.length >= 2 && held.length >= 2 + held.readUInt16BE(0)) {
        const query = held.subarray(2, 2 + held.readUInt16BE(0));
        held = held.subarray(2 + query.length);
        this.#act({ transport, query, port: socket.remotePort ?? 0, atMs: performance.now() }, ({ bytes, end }) => {
          if (bytes !== undefined && !socket.destroyed) socket.write(frame(bytes));
          if (end === true) socket.destroy();
        });
      }
    });
  }

  #act(asked: Asked, take: (step: Step) => void): void {
    this.taken.push(asked);
    for (const step of this.script(asked, this.taken.length - 1)) {
      if (step.afterMs === undefined) {
        take(step);
        continue;
      }
      const timer = setTimeout(() => {
        this.#timers.delete(timer);
        if (this.#udp !== undefined || asked.transport !== "udp") take(step);
      }, step.afterMs);
      this.#timers.add(timer);
    }
  }
}

/** A record for `writeReply`, of 60 s unless it says otherwise; `rdata` as bytes, see `address` and `name`. */
export type ScriptedRecord = WireRecord & { readonly owner: string; readonly type: string };

export interface ScriptedReply {
  readonly id?: number;
  /** The header's second word without the response code; default: QR, RD, RA. */
  readonly flags?: number;
  readonly rcode?: number;
  readonly question?: { readonly name: string; readonly type: string; readonly class?: number };
  /** No question at all. */
  readonly headerOnly?: boolean;
  readonly answer?: readonly ScriptedRecord[];
  readonly authority?: readonly ScriptedRecord[];
  readonly additional?: readonly ScriptedRecord[];
  /** Default: an OPT where the query has one. */
  readonly edns?: boolean;
  /** Further options in the OPT, as bytes. */
  readonly options?: Uint8Array;
  /** Extended errors in the OPT. */
  readonly errors?: readonly (readonly [code: number, text: string])[];
}

/** The reply to `query`, right but for what `reply` says. */
export function writeReply(query: Uint8Array, reply: ScriptedReply = {}): Buffer {
  const asked = readMessage(Buffer.from(query));
  const { id = asked.id, flags = 0x8180, rcode = 0, answer = [], authority = [], additional = [] } = reply;
  const edns = (reply.edns ?? asked.opt !== undefined) && reply.headerOnly !== true;
  const counts = [answer.length, authority.length, additional.length + (edns ? 1 : 0)];
  const { name: qname, type: qtype, class: qclass } = reply.question ?? {};
  const question = qname === undefined ? asked.questionBytes : writeQuestion(qname, qtype, qclass);
  const header = writeHeader(id, flags | (rcode & 0x0f), reply.headerOnly === true ? 0 : 1, ...counts);
  const errors = (reply.errors ?? []).map(([code, text]) => writeError(code, text));
  const options = Buffer.concat([reply.options ?? Buffer.alloc(0), ...errors]);
  const opt = edns ? writeOpt({ size: 1232, flags: asked.opt?.flags ?? 0, options }) : Buffer.alloc(0);
  if (edns) opt[5] = rcode >> 4;
  return Buffer.concat([
    header,
    reply.headerOnly === true ? Buffer.alloc(0) : question,
    ...[...answer, ...authority, ...additional].map((record) => writeRecord({ ttl: 60, ...record })),
    opt,
  ]);
}

function writeError(code: number, text: string): Buffer {
  return writeOption(15, Buffer.concat([Buffer.from([code >> 8, code & 0xff]), Buffer.from(text)]));
}

/** RDATA of an A record. */
export function address(text: string): Uint8Array {
  return Uint8Array.from(text.split(".").map(Number));
}

/** A name in wire form, which is also RDATA of CNAME, NS, PTR and DNAME. */
export function name(text: string): Uint8Array {
  return new Uint8Array(writeName(parseLabels(text)));
}

/** RDATA of a SOA record. */
export function soa(minimum = 60): Uint8Array {
  const numbers = Buffer.alloc(20);
  [1, 2, 3, 4, minimum].forEach((value, i) => numbers.writeUInt32BE(value, i * 4));
  return Buffer.concat([name("ns.up.test."), name("admin.up.test."), numbers]);
}

/** The right answer to any A question: 192.0.2.1. */
export function rightAnswer(query: Uint8Array, ttl = 60): Buffer {
  const { question } = readMessage(Buffer.from(query));
  const owner = question?.name ?? ".";
  return writeReply(query, { answer: [{ owner, type: "A", ttl, rdata: address("192.0.2.1") }] });
}

/** `A 192.0.2.1` and the like, for each record of an answer. */
export function answerOf(reply: Uint8Array): string[] {
  return readMessage(Buffer.from(reply)).answer.map(({ type, rdata }) => `${type} ${rdata}`);
}
