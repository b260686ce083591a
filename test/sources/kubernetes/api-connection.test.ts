// One HTTP/2 connection for all requests, whose silence is noticed; the scripted API server has HTTP/1.1, so a server
// with HTTP/2 stands before it.
import { createSecureServer } from "node:http2";
import type { Http2SecureServer } from "node:http2";
import { request } from "node:http";
import { connect, createServer } from "node:net";
import type { AddressInfo, Socket } from "node:net";
import { once } from "node:events";
import { text } from "node:stream/consumers";
import { afterEach, describe, expect, test } from "vitest";
import { fixedCredentials } from "../../../src/sources/kubernetes/api-access.ts";
import { ApiConnection } from "../../../src/sources/kubernetes/api-connection.ts";
import type { ApiTimes } from "../../../src/sources/kubernetes/api-connection.ts";
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
  readonly connection: ApiConnection;
  readonly server: Http2SecureServer;
  /** Passes no byte in either direction from now on, and closes nothing. */
  readonly freeze: () => void;
}

/** An API server with HTTP/2, and a connection to it through a network that can freeze. */
async function open(times: Partial<ApiTimes> = {}): Promise<Front> {
  const api = await ApiServer.start();
  api.put(NAMESPACE);
  const { cert, key } = makeCertificate({ names: ["localhost"] });
  const server = createSecureServer({ cert, key });
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
      tls: async () => ({ ca: cert, servername: "localhost" }),
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
  return { connection, server, freeze: () => void (isFrozen = true) };
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
