// One HTTP/2 connection for all requests, whose silence is noticed; the scripted API server has HTTP/1.1, so a server
// with HTTP/2 stands before it.
import { createSecureServer } from "node:http2";
import type { Http2SecureServer, ServerHttp2Session } from "node:http2";
import { request } from "node:http";
import { connect, createServer } from "node:net";
import type { AddressInfo, Socket } from "node:net";
import { once } from "node:events";
import { text } from "node:stream/consumers";
import { afterEach, describe, expect, test } from "vitest";
import type { ApiTls } from "../../../src/sources/kubernetes/api-access.ts";
import { fixedCredentials } from "../../../src/sources/kubernetes/api-access.ts";
import { ApiConnection } from "../../../src/sources/kubernetes/api-connection.ts";
import type { ApiTimes } from "../../../src/sources/kubernetes/api-connection.ts";
import { unauthorized } from "../../support/api-server/api-failure.ts";
import { ApiServer } from "../../support/api-server/api-server.ts";
import { makeCertificate } from "../../support/certificates.ts";
import { NAMESPACE } from "./mirror.ts";

const ends: (() => unknown)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).toReversed()) await end();
});

const NEVER = new AbortController().signal;
const NAMESPACES = "/api/v1/namespaces";

interface Front {
  readonly api: ApiServer;
  readonly connection: ApiConnection;
  readonly server: Http2SecureServer;
  /** What the connection is opened with. */
  tls: () => Promise<ApiTls>;
  /** Passes no byte in either direction from now on, and closes nothing. */
  readonly freeze: () => void;
}

/** An API server with HTTP/2, and a connection to it through a network that can freeze. */
async function open(times: Partial<ApiTimes> = {}, streamsMax = 100): Promise<Front> {
  const api = await ApiServer.start();
  api.put(NAMESPACE);
  const { cert, key } = makeCertificate({ names: ["localhost"] });
  const server = createSecureServer({ cert, key, settings: { maxConcurrentStreams: streamsMax } });
  server.on("request", (asked, reply) => {
    const { authorization } = asked.headers;
    const onward = request(`${api.url}${asked.url}`, { headers: authorization ? { authorization } : {} }, (answer) => {
      reply.writeHead(answer.statusCode!, { "content-type": "application/json" });
      answer.pipe(reply.stream);
    });
    asked.stream.on("close", () => onward.destroy());
    onward.on("error", () => undefined).end();
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const sockets: Socket[] = [];
  let isFrozen = false;
  const network = createServer((near) => {
    const far = connect((server.address() as AddressInfo).port, "127.0.0.1");
    for (const socket of [near, far]) sockets.push(socket.on("error", () => undefined));
    near.on("data", (bytes) => isFrozen || far.write(bytes));
    far.on("data", (bytes) => isFrozen || near.write(bytes));
  }).listen(0, "127.0.0.1");
  await once(network, "listening");
  const connection = new ApiConnection(
    {
      server: `https://127.0.0.1:${(network.address() as AddressInfo).port}`,
      cluster: "",
      tls: () => front.tls(),
      credentials: fixedCredentials("Bearer t"),
    },
    times,
  );
  ends.push(
    () => api.close(),
    () => server.close(),
    () => network.close(),
    () => sockets.forEach((socket) => socket.destroy()),
    () => connection.close(),
  );
  const front: Front = {
    api,
    connection,
    server,
    tls: async () => ({ ca: cert, servername: "localhost" }),
    freeze: () => void (isFrozen = true),
  };
  return front;
}

describe("HTTP/2", () => {
  test("carries all requests in one connection", async () => {
    const { connection, server } = await open();
    let sessions = 0;
    server.on("session", () => sessions++);
    const replies = await Promise.all([1, 2, 3].map(() => connection.get(() => NAMESPACES, NEVER)));
    for (const reply of replies) {
      if ("fault" in reply) expect.fail(reply.fault.message);
      expect(reply.status).toBe(200);
      expect(await text(reply.body)).toContain('"NamespaceList"');
    }
    expect(sessions).toBe(1);
  });

  test("lets watches last longer than HTTP/1.1 does", async () => {
    const { connection } = await open();
    const asked: number[] = [];
    const reply = await connection.get((seconds) => `${NAMESPACES}?n=${asked.push(seconds)}`, NEVER);
    expect("fault" in reply).toBe(false);
    expect(asked[0]).toBeGreaterThanOrEqual(300);
  });

  test("takes another connection where the server limits the streams of one", async () => {
    const { connection } = await open({ replyMs: 2_000 }, 3);
    const watches = Array.from({ length: 8 }, () => connection.get(() => `${NAMESPACES}?watch=1`, NEVER));
    for (const reply of await Promise.all(watches)) expect(reply).toMatchObject({ status: 200 });
  });

  test("begins anew after a fault of the files that it needs", async () => {
    const front = await open();
    const { tls } = front;
    front.tls = () => Promise.reject(new Error("the file is being replaced"));
    expect(await front.connection.get(() => NAMESPACES, NEVER)).toMatchObject({ fault: { kind: "network" } });
    front.tls = async () => ({ ...(await tls()), cert: "half a certificate" });
    expect(await front.connection.get(() => NAMESPACES, NEVER)).toMatchObject({ fault: { kind: "network" } });
    front.tls = tls;
    expect(await front.connection.get(() => NAMESPACES, NEVER)).toMatchObject({ status: 200 });
  });

  test("begins anew after a 401, and lets what is under way go on", async () => {
    const { connection, server, api } = await open();
    let sessions = 0;
    server.on("session", () => sessions++);
    const watch = await connection.get(() => `${NAMESPACES}?watch=1`, NEVER);
    if ("fault" in watch) expect.fail(watch.fault.message);
    api.script.next({ verb: "list" }, { failure: unauthorized() });
    expect(await connection.get(() => NAMESPACES, NEVER)).toMatchObject({ fault: { kind: "unauthorized" } });
    expect(await connection.get(() => NAMESPACES, NEVER)).toMatchObject({ status: 200 });
    expect(sessions).toBe(2);
    expect(watch.body.destroyed).toBe(false);
  });

  test("a server that goes away for new requests finishes those that it has", async () => {
    const { connection, server, api } = await open();
    const sessions: ServerHttp2Session[] = [];
    server.on("session", (session) => sessions.push(session));
    const [first, second] = await Promise.all([1, 2].map(() => connection.get(() => `${NAMESPACES}?watch=1`, NEVER)));
    if ("fault" in first! || "fault" in second!) expect.fail("no watch");
    sessions[0]!.goaway();
    first!.body.destroy();
    await expect.poll(() => connection.get(() => NAMESPACES, NEVER)).toMatchObject({ status: 200 });
    const event = once(second!.body, "data");
    api.put({ ...NAMESPACE, metadata: { name: "later" } });
    expect(String((await event)[0])).toContain("default");
    expect(second!.body.destroyed).toBe(false);
  });

  test("closed while it is being opened, leaves nothing open", async () => {
    const front = await open();
    const { tls } = front;
    const held = Promise.withResolvers<void>();
    front.tls = () => held.promise.then(tls);
    const asked = front.connection.get(() => NAMESPACES, NEVER);
    let sessions = 0;
    front.server.on("session", () => sessions++);
    await new Promise((resolve) => setImmediate(resolve));
    front.connection.close();
    held.resolve();
    expect(await asked).toMatchObject({ fault: { kind: "network", message: "closed" } });
    expect(sessions).toBe(0);
  });

  test("ends a connection that is silent, and opens another", async () => {
    const { connection, freeze } = await open({ pingMs: 50, replyMs: 500 });
    const reply = await connection.get(() => `${NAMESPACES}?watch=1`, NEVER);
    if ("fault" in reply) expect.fail(reply.fault.message);
    freeze();
    await expect(text(reply.body)).rejects.toThrow("does not answer a ping");
    // The frozen network gives the next one no answer either, but it is another connection.
    expect(await connection.get(() => NAMESPACES, NEVER)).toMatchObject({ fault: { kind: "network" } });
  });
});

test("a server whose certificate is not trusted is a fault", async () => {
  const api = await ApiServer.start({ tls: true });
  ends.push(() => api.close());
  const connection = new ApiConnection({
    server: api.url,
    cluster: "",
    tls: async () => ({}),
    credentials: fixedCredentials(undefined),
  });
  ends.push(() => connection.close());
  expect(await connection.get(() => NAMESPACES, NEVER)).toMatchObject({
    fault: { kind: "network", message: expect.stringMatching(/certificate/) },
  });
});
