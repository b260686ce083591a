// The suite's clients: UDP and TCP over IPv4 and IPv6, from sockets connected to one address, which do not see a reply from
// another one. A missing reply is an error after `ANSWER_TIMEOUT_MS`.
import { createSocket, type Socket } from "node:dgram";
import { once } from "node:events";
import { connect } from "node:net";
import { ANSWER_TIMEOUT_MS, frame, TcpClient, type Endpoint } from "../support/network.ts";
import { readMessage, writeQuery, type Message, type Query } from "../support/wire.ts";

/** How long nothing may come where nothing should, milliseconds. */
const SILENCE_MS = 250;
/** A good query, which is to be answered whatever was sent before. */
const GOOD: Query = { name: "kubernetes.default.svc.cluster.local.", type: "A" };
const GOOD_ID = 0x7777;

/** One server asked in one way. */
export interface Link {
  readonly transport: "udp" | "tcp";
  readonly endpoint: Endpoint;
  /** The reply to a message whose first two bytes are its id. */
  ask(query: Buffer): Promise<Buffer>;
}

/** A connected UDP socket that keeps what comes. */
export class Datagrams {
  readonly received: Buffer[] = [];
  readonly #socket: Socket;
  #wake: () => void = () => {};

  private constructor(socket: Socket) {
    this.#socket = socket;
    socket.on("message", (reply) => {
      this.received.push(reply);
      this.#wake();
    });
    // A closed port: the wait for the reply reports it.
    socket.on("error", () => {});
  }

  static async open(server: Endpoint): Promise<Datagrams> {
    const socket = createSocket(server.host.includes(":") ? "udp6" : "udp4");
    socket.connect(server.port, server.host);
    await once(socket, "connect");
    return new Datagrams(socket);
  }

  send(...datagrams: readonly Buffer[]): void {
    for (const datagram of datagrams) this.#socket.send(datagram, () => {});
  }

  /** Resolves when `isThere` holds; false when it does not after `withinMs`. */
  async until(isThere: () => boolean, withinMs = ANSWER_TIMEOUT_MS): Promise<boolean> {
    const deadline = performance.now() + withinMs;
    while (!isThere()) {
      const leftMs = deadline - performance.now();
      if (leftMs <= 0) return false;
      const { promise, resolve } = Promise.withResolvers<void>();
      const timer = setTimeout(resolve, leftMs);
      this.#wake = resolve;
      await promise;
      clearTimeout(timer);
    }
    return true;
  }

  close(): void {
    this.#socket.close();
  }
}

/** Opens a socket for `use` and closes it after. */
export async function withDatagrams<T>(server: Endpoint, use: (client: Datagrams) => Promise<T>): Promise<T> {
  const client = await Datagrams.open(server);
  try {
    return await use(client);
  } finally {
    client.close();
  }
}

/** Opens a connection for `use` and closes it after. */
export async function withConnection<T>(server: Endpoint, use: (client: TcpClient) => Promise<T>): Promise<T> {
  const client = await TcpClient.open(server);
  try {
    return await use(client);
  } finally {
    client.close();
  }
}

/** The datagram that answers, undefined when none comes within `withinMs`. */
export function askUdp(server: Endpoint, query: Buffer, withinMs: number): Promise<Buffer | undefined> {
  return withDatagrams(server, async (client) => {
    const find = (): Buffer | undefined =>
      client.received.find((reply) => reply.length >= 2 && reply.readUInt16BE(0) === query.readUInt16BE(0));
    client.send(query);
    await client.until(() => find() !== undefined, withinMs);
    return find();
  });
}

/** A link over UDP or TCP, with a socket for each question. */
export function linkTo(transport: "udp" | "tcp", endpoint: Endpoint): Link {
  const ask = async (query: Buffer): Promise<Buffer> => {
    if (transport === "tcp") {
      return await withConnection(endpoint, async (client) => {
        await client.write(frame(query));
        return await client.next();
      });
    }
    const reply = await askUdp(endpoint, query, ANSWER_TIMEOUT_MS);
    if (reply === undefined) throw new Error(`no answer over UDP to ${query.subarray(0, 60).toString("hex")}`);
    return reply;
  };
  return { transport, endpoint, ask };
}

/** Asks and decodes. */
export async function askFor(link: Link, query: Query): Promise<Message> {
  return readMessage(await link.ask(writeQuery(query)));
}

/** Whether the good query gets its answer. */
export async function isAlive(link: Link): Promise<boolean> {
  const { answer } = await askFor(link, { ...GOOD, id: GOOD_ID });
  return answer.some(({ rdata }) => rdata === "10.96.0.1");
}

/** What comes back for messages that deserve no answer, as hex; the good query after them must be answered. */
export async function repliesTo(link: Link, messages: readonly Buffer[]): Promise<string[]> {
  const replies = link.transport === "udp" ? await datagramsFor(link, messages) : await streamFor(link, messages);
  if (!(await isAlive(link))) throw new Error("the good query has another answer");
  return replies.map((reply) => reply.toString("hex"));
}

function datagramsFor({ endpoint }: Link, messages: readonly Buffer[]): Promise<Buffer[]> {
  return withDatagrams(endpoint, async (client) => {
    const isGood = (reply: Buffer): boolean => reply.length > 2 && reply.readUInt16BE(0) === GOOD_ID;
    client.send(...messages, writeQuery({ ...GOOD, id: GOOD_ID }));
    if (!(await client.until(() => client.received.some(isGood)))) throw new Error("the good query has no answer");
    // Other threads may answer what this one does not: what they say has to be waited for.
    await client.until(() => client.received.length > 1, SILENCE_MS);
    return client.received.filter((reply) => !isGood(reply));
  });
}

/** Each on a connection of its own, which the server may close. */
async function streamFor({ endpoint }: Link, messages: readonly Buffer[]): Promise<Buffer[]> {
  const replies = await Promise.all(
    messages.map((message) =>
      withConnection(endpoint, async (client) => {
        await client.write(frame(message));
        const silence = new Promise<undefined>((resolve) => setTimeout(() => resolve(undefined), SILENCE_MS));
        return await Promise.race([client.next().catch(() => undefined), silence]);
      }),
    ),
  );
  return replies.filter((reply) => reply !== undefined);
}

/** Opens a connection whose end can be watched. */
export async function watchedConnection(
  server: Endpoint,
  localAddress?: string,
): Promise<{ readonly socket: import("node:net").Socket; readonly closedMs: Promise<number> }> {
  const local = localAddress === undefined ? {} : { localAddress };
  const socket = connect({ host: server.host, port: server.port, noDelay: true, ...local });
  await once(socket, "connect");
  const openedAtMs = performance.now();
  const closedMs = new Promise<number>((resolve) => {
    const closed = (): void => resolve(performance.now() - openedAtMs);
    socket.on("end", closed).on("error", closed).on("close", closed);
  });
  return { socket, closedMs };
}
