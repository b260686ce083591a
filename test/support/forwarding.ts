// A server that forwards to a scripted upstream, both on loopback. Each name of the upstream has its own script and its own
// count of queries, so that many tests can share one pair.
import { createSocket } from "node:dgram";
import type { Socket } from "node:dgram";
import { once } from "node:events";
import { startEngine } from "./engine.ts";
import type { Server, EngineSettings } from "./engine.ts";
import type { Endpoint } from "./network.ts";
import { rightAnswer, ScriptedUpstream } from "./scripted-upstream.ts";
import type { Asked, Script, ScriptedSettings } from "./scripted-upstream.ts";
import { readMessage, writeQuery } from "./wire.ts";
import type { Message, Query } from "./wire.ts";

/** Longer than any answer takes, on a busy machine too. */
const ANSWER_WITHIN_MS = 15_000;

/** The question of a query as `name type`, in lower case. */
export function questionOf(query: Uint8Array): string {
  const { question } = readMessage(Buffer.from(query));
  return `${question?.name.toLowerCase()} ${question?.type}`;
}

/** A scripted upstream with a script for each name; a name without one gets the right answer. */
export class NamedUpstream {
  readonly scripted: ScriptedUpstream;
  readonly #scripts: Map<string, Script>;

  private constructor(scripted: ScriptedUpstream, scripts: Map<string, Script>) {
    this.scripted = scripted;
    this.#scripts = scripts;
  }

  static async open(settings?: ScriptedSettings): Promise<NamedUpstream> {
    const scripts = new Map<string, Script>();
    const asked = new Map<string, number>();
    const scripted = await ScriptedUpstream.open((each: Asked) => {
      const name = questionOf(each.query).split(" ")[0]!;
      const nth = asked.get(name) ?? 0;
      asked.set(name, nth + 1);
      const script = scripts.get(name) ?? scripts.get("*");
      return script === undefined ? [{ bytes: rightAnswer(each.query) }] : script(each, nth);
    }, settings);
    return new NamedUpstream(scripted, scripts);
  }

  /** `name` is lower case with its final dot; `*` stands for all names without a script. `nth` counts queries for the name. */
  say(name: string, script: Script): void {
    this.#scripts.set(name, script);
  }

  get address(): string {
    return `127.0.0.1:${this.scripted.port}`;
  }

  /** The queries for that name, over all transports. */
  askedFor(name: string): readonly Asked[] {
    return this.scripted.taken.filter(({ query }) => questionOf(query).startsWith(`${name} `));
  }

  /** The queries of clients, without health probes, which ask for the root. */
  get asked(): readonly Asked[] {
    return this.scripted.taken.filter(({ query }) => query[12] !== 0);
  }

  close(): Promise<void> {
    return this.scripted.close();
  }
}

/** A client with one UDP socket. */
export class Asker {
  readonly #socket: Socket;
  readonly #waiting = new Map<number, (reply: Buffer) => void>();
  #id = 0;

  private constructor(socket: Socket) {
    this.#socket = socket;
    socket.on("message", (reply) => {
      const id = reply.readUInt16BE(0);
      this.#waiting.get(id)?.(reply);
      this.#waiting.delete(id);
    });
  }

  static async open({ host, port }: Endpoint, from = "127.0.0.1"): Promise<Asker> {
    const socket = createSocket({ type: "udp4", recvBufferSize: 1 << 22, sendBufferSize: 1 << 22 });
    socket.bind(0, from);
    await once(socket, "listening");
    socket.connect(port, host);
    await once(socket, "connect");
    return new Asker(socket);
  }

  /** Asks over UDP with a payload size of 1232, unless `query` says otherwise. */
  ask(name: string, type = "A", query: Partial<Query> = {}): Promise<Message> {
    return this.askPlain({ name, type, opt: { size: 1232 }, ...query });
  }

  /** Sends the query with an id of this client's. */
  async askPlain(query: Query): Promise<Message> {
    const id = (this.#id = (this.#id + 1) & 0xffff);
    const bytes = writeQuery({ ...query, id });
    const { promise, resolve, reject } = Promise.withResolvers<Buffer>();
    const timer = setTimeout(() => reject(new Error(`no answer to ${query.name} ${query.type}`)), ANSWER_WITHIN_MS);
    this.#waiting.set(id, resolve);
    this.#socket.send(bytes);
    const reply = await promise.finally(() => clearTimeout(timer));
    return readMessage(reply);
  }

  close(): void {
    this.#socket.close();
  }
}

/** A server, one client and the upstreams that it asks. */
export interface Forwarding {
  readonly server: Server;
  readonly endpoint: Endpoint;
  readonly client: Asker;
  /** The first upstream: the only one that is asked while it works. */
  readonly upstream: NamedUpstream;
  readonly upstreams: readonly NamedUpstream[];
  close(): Promise<void>;
}

/** Starts a server with these upstreams, one by default. */
export async function startForwarding(
  settings: EngineSettings = {},
  upstreams: readonly (ScriptedSettings | undefined)[] = [undefined],
): Promise<Forwarding> {
  const opened = await Promise.all(upstreams.map((each) => NamedUpstream.open(each)));
  const server = startEngine({
    listen: "127.0.0.1:0",
    upstream: opened.map(({ address }) => address),
    cacheSize: 1,
    ...settings,
  });
  const [endpoint] = await server.ready;
  const client = await Asker.open(endpoint!);
  return {
    server,
    endpoint: endpoint!,
    client,
    upstream: opened[0]!,
    upstreams: opened,
    close: async () => {
      client.close();
      await server.close();
      await Promise.all(opened.map((each) => each.close()));
    },
  };
}

/** The code of the extended error (RFC 8914) in a reply. */
export function edeOf({ opt }: Message): number | undefined {
  return opt?.options.find(({ code }) => code === 15)?.data.readUInt16BE(0);
}

/** `rcode` and the answers as `TYPE rdata`. */
export function gist({ rcode, answer }: Message): readonly string[] {
  return [rcode, ...answer.map(({ type, rdata }) => `${type} ${rdata}`)];
}
