// The connections of a listener on a real server, with sockets of real clients; what is spoken on them is in the tests
// of the transports.
import { once } from "node:events";
import { connect, createServer, type AddressInfo, type Server, type Socket } from "node:net";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { type Connection, OpenConnections } from "../../src/server/open-connections.ts";

const CLIENT = "127.0.0.1";

/** A connection that notes what it is told, and ends only when it is destroyed. */
class Stubborn implements Connection {
  readonly told: string[] = [];
  isBusy = false;
  readonly socket: Socket;

  constructor(socket: Socket) {
    this.socket = socket;
  }

  finish(): void {
    this.told.push("finish");
  }

  evict(): void {
    this.told.push("evict");
    this.socket.destroy();
  }

  destroy(): void {
    this.told.push("destroy");
    this.socket.destroy();
  }
}

let server: Server;
let open: OpenConnections<Stubborn>;
const counts = { accepted: 0, evicted: 0, acceptErrors: 0 };
let faults: Error[];
const clients: Socket[] = [];

beforeEach(async () => {
  Object.assign(counts, { accepted: 0, evicted: 0, acceptErrors: 0 });
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

/** A new client's connection, let in and held. */
async function letIn(): Promise<Stubborn> {
  const connection = new Stubborn(await accept());
  const client = open.admit(connection.socket);
  expect(client).toBe(CLIENT);
  open.track(connection, connection.socket, client!);
  return connection;
}

describe("who is let in", () => {
  test("at a client's limit the longest idle goes; who has been of use stays, and so does who is busy", async () => {
    const [first, second] = [await letIn(), await letIn()];
    open.touch(first);
    const third = await letIn();
    third.isBusy = true;
    expect(second.told).toEqual(["evict"]);
    // Now the first is idle for longest, and then only busy ones are left.
    const fourth = await letIn();
    fourth.isBusy = true;
    expect([first.told, third.told]).toEqual([["evict"], []]);
    await letIn();
    expect(third.told).toEqual(["evict"]);
    expect(counts).toEqual({ accepted: 5, evicted: 3, acceptErrors: 0 });
  });

  test("who has closed, or was let go, takes no room", async () => {
    const [first, second] = [await letIn(), await letIn()];
    open.untrack(first);
    const closed = once(second.socket, "close");
    second.socket.destroy();
    await closed;
    await letIn();
    await letIn();
    expect([first.told, second.told, counts.evicted]).toEqual([[], [], 0]);
  });

  test("a socket that is gone again is nobody's", async () => {
    const socket = await accept();
    const closed = once(socket, "close");
    socket.destroy();
    await closed;
    expect(open.admit(socket)).toBeUndefined();
    expect(counts).toEqual({ accepted: 1, evicted: 0, acceptErrors: 0 });
  });
});

test("that nothing can be accepted is told once, until something can", async () => {
  const fault = (text: string): void => void server.emit("error", new Error(text));
  fault("first");
  fault("second");
  await letIn();
  fault("third");
  expect(faults.map(({ message }) => message)).toEqual(["first", "third"]);
  expect(counts.acceptErrors).toBe(3);
});

test("closing waits until nothing more comes, asks all to finish, and cuts off who does not", async () => {
  const [deaf, other] = [await letIn(), await letIn()];
  let received = 0;
  const drained = open.close(() => (received < 6 ? ++received : received));
  await expect.poll(() => deaf.told).toEqual(["finish"]);
  expect(received).toBe(6);
  expect(server.listening).toBe(false);
  other.socket.destroy();
  await drained;
  await open.close(() => received);
  expect([deaf.told, other.told]).toEqual([["finish", "destroy"], ["finish"]]);
});
