// The connections of a listener, on a real server with real clients. The transports' tests cover the protocols.
import { once } from "node:events";
import { connect, createServer, type AddressInfo, type Server, type Socket } from "node:net";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { type Connection, OpenConnections } from "../../src/server/open-connections.ts";

const CLIENT = "127.0.0.1";

/** A connection that records its calls and ends only when it is destroyed. */
class Stubborn implements Connection {
  readonly calls: string[] = [];
  isBusy = false;
  readonly socket: Socket;

  constructor(socket: Socket) {
    this.socket = socket;
  }

  finish(): void {
    this.calls.push("finish");
  }

  evict(): void {
    this.calls.push("evict");
    this.socket.destroy();
  }

  destroy(): void {
    this.calls.push("destroy");
    this.socket.destroy();
  }
}

let server: Server;
let open: OpenConnections<Stubborn>;
const counts = { accepted: 0, open: 0, evicted: 0, acceptErrors: 0 };
let faults: Error[];
const clients: Socket[] = [];

beforeEach(async () => {
  Object.assign(counts, { accepted: 0, open: 0, evicted: 0, acceptErrors: 0 });
  faults = [];
  server = createServer();
  open = new OpenConnections(server, { connections: 3, connectionsPerClient: 2 }, counts, (fault) =>
    faults.push(fault),
  );
  await once(server.listen(0, CLIENT), "listening");
});
afterEach(() => {
  for (const client of clients.splice(0)) client.destroy();
  server.close();
});

/** The server's socket of a new client. */
async function accept(): Promise<Socket> {
  const accepted = once(server, "connection");
  clients.push(connect((server.address() as AddressInfo).port, CLIENT));
  const [socket] = (await accepted) as [Socket];
  return socket;
}

/** A new client's connection, admitted and tracked. */
async function admit(): Promise<Stubborn> {
  const connection = new Stubborn(await accept());
  const client = open.admit(connection.socket);
  expect(client).toBe(CLIENT);
  open.track(connection, connection.socket, client!);
  return connection;
}

describe("admission", () => {
  test("at a client's limit the least recently used is evicted; recently used and busy ones stay", async () => {
    const [first, second] = [await admit(), await admit()];
    open.touch(first);
    const third = await admit();
    third.isBusy = true;
    expect(second.calls).toEqual(["evict"]);
    // Now the first is idle for longest, and then only busy ones are left.
    const fourth = await admit();
    fourth.isBusy = true;
    expect([first.calls, third.calls]).toEqual([["evict"], []]);
    await admit();
    expect(third.calls).toEqual(["evict"]);
    expect(counts).toMatchObject({ accepted: 5, evicted: 3, acceptErrors: 0 });
  });

  test("closed and untracked connections do not count", async () => {
    const [first, second] = [await admit(), await admit()];
    open.untrack(first);
    const closed = once(second.socket, "close");
    second.socket.destroy();
    await closed;
    await admit();
    await admit();
    expect([first.calls, second.calls, counts.evicted]).toEqual([[], [], 0]);
  });

  test("a socket that is closed already is not admitted", async () => {
    const socket = await accept();
    const closed = once(socket, "close");
    socket.destroy();
    await closed;
    expect(open.admit(socket)).toBeUndefined();
    expect(counts).toMatchObject({ accepted: 1, evicted: 0, acceptErrors: 0 });
  });
});

test("a failing accept is reported once, until one succeeds", async () => {
  const fault = (text: string): void => void server.emit("error", new Error(text));
  fault("first");
  fault("second");
  await admit();
  fault("third");
  expect(faults.map(({ message }) => message)).toEqual(["first", "third"]);
  expect(counts.acceptErrors).toBe(3);
});

test("closing waits until nothing more comes, finishes all connections, and destroys the rest", async () => {
  const [deaf, other] = [await admit(), await admit()];
  let received = 0;
  const drained = open.close(() => (received < 6 ? ++received : received));
  await expect.poll(() => deaf.calls).toEqual(["finish"]);
  expect(received).toBe(6);
  expect(server.listening).toBe(false);
  other.socket.destroy();
  await drained;
  await open.close(() => received);
  expect([deaf.calls, other.calls]).toEqual([["finish", "destroy"], ["finish"]]);
});
