// Stands between a server and its upstream, over UDP and TCP on one port of 127.0.0.1, and does to the messages what
// bad networks and forgers do. `faults` may change at any time. Knows no names and judges nothing.
import { randomBytes } from "node:crypto";
import { createSocket } from "node:dgram";
import type { RemoteInfo, Socket as DatagramSocket } from "node:dgram";
import { once } from "node:events";
import { connect, createServer } from "node:net";
import type { Server, Socket } from "node:net";
import type { Endpoint } from "../support/network.ts";
import { rightAnswer } from "../support/scripted-upstream.ts";
import { randomPort } from "./ports.ts";

/** What is done to messages; shares are from 0 to 1. Absent: nothing. */
export interface ProxyFaults {
  /** Before each reply. */
  readonly delayMs?: number;
  /** Of queries, and again of replies. */
  readonly dropShare?: number;
  readonly duplicateShare?: number;
  /** Of replies that are held until the next one, at most `REORDER_MS`. */
  readonly reorderShare?: number;
  /** Of replies in which some bytes change. */
  readonly corruptShare?: number;
  /** Of replies that keep their id, and are else what chance gives. */
  readonly garbageShare?: number;
  readonly wrongIdShare?: number;
  /** Of replies that come from a port that nobody asked. */
  readonly wrongPortShare?: number;
  /** Of replies that keep their header and question alone, with TC. */
  readonly truncateShare?: number;
  /** Nothing comes through, and nothing is refused. */
  readonly blackhole?: boolean;
  /** Forged replies with random ids, before each query is passed on: to the port that asked, and to random ports. */
  readonly spoof?: { readonly toAsker: number; readonly toOthers: number; readonly aSecondMax: number };
  /** What becomes of TCP connections (default `pass`). */
  readonly tcp?: "pass" | "close" | "silent";
}

const REORDER_MS = 50;
const CORRUPT_BYTES = 3;
const TC = 0x02;
/** A forged answer, which must never reach a client. */
export const POISON = "192.0.2.66";

interface Asker extends Pick<RemoteInfo, "address" | "port"> {
  readonly id: number;
}

export class FaultProxy {
  faults: ProxyFaults = {};
  /** Queries that came, over UDP and TCP connections; and forged replies that were sent. */
  queries = 0;
  connections = 0;
  forged = 0;
  readonly #upstream: Endpoint;
  readonly #host: string;
  readonly #streams = new Set<Socket>();
  /** By the id under which the query was passed on. */
  readonly #askers = new Map<number, Asker>();
  #port = 0;
  #nextId = 0;
  #forgedIn = { second: 0, count: 0 };
  #udp: DatagramSocket | undefined;
  #stranger: DatagramSocket | undefined;
  #onward: DatagramSocket | undefined;
  #tcp: Server | undefined;
  #held: (() => void) | undefined;

  private constructor(upstream: Endpoint, host: string) {
    this.#upstream = upstream;
    this.#host = host;
  }

  /** A proxy on a free port, or on a given one. */
  static async open(upstream: Endpoint, listen: Partial<Endpoint> = {}): Promise<FaultProxy> {
    const proxy = new FaultProxy(upstream, listen.host ?? "127.0.0.1");
    for (let tries = 1; ; tries++) {
      proxy.#port = listen.port ?? randomPort();
      try {
        await proxy.openPort();
        return proxy;
      } catch (error) {
        await proxy.closePort();
        if (tries === 10 || listen.port !== undefined) throw error;
      }
    }
  }

  get port(): number {
    return this.#port;
  }

  /** As `--upstream` takes it. */
  get address(): string {
    return `${this.#host}:${this.#port}`;
  }

  /** Listens again, on the port that it had. */
  async openPort(): Promise<void> {
    this.#tcp = createServer((socket) => this.#acceptStream(socket)).listen(this.#port, this.#host);
    await once(this.#tcp, "listening");
    this.#udp = await openSocket(this.address, (query, from) => this.#takeQuery(query, from));
    this.#stranger = await openSocket("127.0.0.1:0");
    this.#onward = await openSocket("127.0.0.1:0", (reply) => this.#takeReply(reply));
  }

  /** From now on the system refuses what comes to the port. */
  async closePort(): Promise<void> {
    this.#askers.clear();
    for (const socket of [this.#udp, this.#stranger, this.#onward]) socket?.close();
    this.#udp = this.#stranger = this.#onward = undefined;
    for (const stream of this.#streams) stream.destroy();
    if (this.#tcp?.listening !== true) return;
    this.#tcp.close();
    await once(this.#tcp, "close");
  }

  #takeQuery(query: Buffer, { address, port }: RemoteInfo): void {
    this.queries++;
    const { blackhole, dropShare, spoof } = this.faults;
    if (spoof !== undefined) this.#forge(query, port, spoof);
    if (blackhole === true || happens(dropShare) || query.length < 12) return;
    const id = (this.#nextId = (this.#nextId + 1) & 0xffff);
    this.#askers.set(id, { address, port, id: query.readUInt16BE(0) });
    this.#onward?.send(withId(query, id), this.#upstream.port, this.#upstream.host);
  }

  #takeReply(bytes: Buffer): void {
    const asker = bytes.length < 12 ? undefined : this.#askers.get(bytes.readUInt16BE(0));
    if (asker === undefined) return;
    this.#askers.delete(bytes.readUInt16BE(0));
    const { faults } = this;
    if (faults.blackhole === true || happens(faults.dropShare)) return;
    const reply = spoil(withId(bytes, happens(faults.wrongIdShare) ? asker.id ^ 0x5a5a : asker.id), faults);
    const send = (): void => {
      const socket = happens(faults.wrongPortShare) ? this.#stranger : this.#udp;
      socket?.send(reply, asker.port, asker.address);
      if (happens(faults.duplicateShare)) socket?.send(reply, asker.port, asker.address);
    };
    this.#schedule(send, faults);
  }

  #schedule(send: () => void, { delayMs = 0, reorderShare }: ProxyFaults): void {
    if (this.#held === undefined && happens(reorderShare)) {
      this.#held = send;
      setTimeout(() => this.#release(), REORDER_MS).unref();
      return;
    }
    if (delayMs > 0) setTimeout(send, delayMs).unref();
    else send();
    this.#release();
  }

  #release(): void {
    const held = this.#held;
    this.#held = undefined;
    held?.();
  }

  #forge(query: Buffer, askerPort: number, spoof: NonNullable<ProxyFaults["spoof"]>): void {
    const { toAsker, toOthers, aSecondMax } = spoof;
    const second = Math.floor(performance.now() / 1000);
    if (second !== this.#forgedIn.second) this.#forgedIn = { second, count: 0 };
    const left = aSecondMax - this.#forgedIn.count;
    if (left < toAsker + toOthers) return;
    this.#forgedIn.count += toAsker + toOthers;
    const reply = poisoned(query);
    const right = query.readUInt16BE(0);
    const send = (port: number): void => {
      const id = Math.floor(Math.random() * 0x10000);
      // A forger may be lucky once in 65,536 times; this one never is, so that what gets through is the server's fault.
      this.#udp?.send(withId(reply, id === right ? id ^ 1 : id), port, "127.0.0.1");
      this.forged++;
    };
    for (let n = 0; n < toAsker; n++) send(askerPort);
    for (let n = 0; n < toOthers; n++) send(1024 + Math.floor(Math.random() * 64_000));
  }

  #acceptStream(socket: Socket): void {
    this.connections++;
    this.#streams.add(socket);
    socket.on("error", () => undefined).on("close", () => this.#streams.delete(socket));
    const { tcp = "pass", blackhole } = this.faults;
    if (tcp === "close") socket.destroy();
    if (tcp !== "pass" || blackhole === true) return;
    const onward = connect(this.#upstream.port, this.#upstream.host);
    this.#streams.add(onward);
    onward.on("error", () => undefined).on("close", () => this.#streams.delete(onward));
    socket.pipe(onward).pipe(socket);
  }
}

/** An open socket; what cannot be sent is lost. */
async function openSocket(address: string, take?: (bytes: Buffer, from: RemoteInfo) => void): Promise<DatagramSocket> {
  const socket = createSocket({ type: "udp4", recvBufferSize: 1 << 22, sendBufferSize: 1 << 22 });
  if (take !== undefined) socket.on("message", take);
  socket.on("error", () => undefined);
  const [host, port] = address.split(":");
  socket.bind(Number(port), host);
  // Rejects where the port is taken.
  await once(socket, "listening");
  return socket;
}

function happens(share: number | undefined): boolean {
  return share !== undefined && Math.random() < share;
}

function withId(message: Buffer, id: number): Buffer {
  const copy = Buffer.from(message);
  copy.writeUInt16BE(id, 0);
  return copy;
}

/** What a bad network makes of a reply; its id stays. */
function spoil(reply: Buffer, { truncateShare, garbageShare, corruptShare }: ProxyFaults): Buffer {
  if (happens(truncateShare)) return truncated(reply);
  if (happens(garbageShare)) return Buffer.concat([reply.subarray(0, 2), randomBytes(reply.length - 2)]);
  if (!happens(corruptShare)) return reply;
  for (let n = 0; n < CORRUPT_BYTES; n++) {
    reply[2 + Math.floor(Math.random() * (reply.length - 2))] = Math.floor(Math.random() * 256);
  }
  return reply;
}

/** Header and question with TC. */
function truncated(reply: Buffer): Buffer {
  let end = 12;
  while (end < reply.length && reply[end] !== 0) end += reply[end]! + 1;
  const cut = Buffer.from(reply.subarray(0, end + 5));
  cut[2] = cut[2]! | TC;
  cut.fill(0, 6, 12);
  return cut;
}

/** A reply to the query with another address than the right one. */
function poisoned(query: Buffer): Buffer {
  const reply = rightAnswer(query);
  const right = Buffer.from([192, 0, 2, 1]);
  Buffer.from(POISON.split(".").map(Number)).copy(reply, reply.lastIndexOf(right));
  return reply;
}
