// UDP and TCP together: one port for both, fallback, all or nothing.
import assert from "node:assert/strict";
import { afterEach, describe, expect, test, vi } from "vitest";
import type { ListenAddress } from "../../src/net/listen-address.ts";
import { ListenError } from "../../src/server/listen-error.ts";
import { type Listeners, openListeners } from "../../src/server/listen.ts";
import { openTcp } from "../../src/server/tcp.ts";
import { openUdp } from "../../src/server/udp-dgram.ts";
import { TlsIdentity } from "../../src/server/tls-identity.ts";
import { connectTcp, connectTls, connectUdp, echo, echoOf, makeQuery } from "../contract/transport-clients.ts";
import { makeCertificate } from "../support/certificates.ts";

// The real one, but for the tests that need a port which is free over TCP and taken over UDP.
vi.mock(import("../../src/server/udp-dgram.ts"), async (importOriginal) => {
  const original = await importOriginal();
  return { ...original, openUdp: vi.fn<typeof openUdp>(original.openUdp) };
});

const faults: Error[] = [];
const cleanUp: (() => Promise<void> | void)[] = [];
const events = { onFault: (fault: Error): void => void faults.push(fault) };

afterEach(async () => {
  for (const step of cleanUp.splice(0).reverse()) await step();
  assert.deepEqual(faults.splice(0), []);
});

async function open(addresses: readonly ListenAddress[], fallbackPort?: number): Promise<Listeners> {
  const listeners = await openListeners(addresses, echo, { ...events, ...(fallbackPort && { fallbackPort }) });
  cleanUp.push(() => listeners.close());
  return listeners;
}

async function expectAnswers(address: ListenAddress): Promise<void> {
  for (const connect of [connectUdp, connectTcp]) {
    const client = await connect(address);
    await client.send(makeQuery(3));
    expect(await client.receive()).toEqual(echoOf(makeQuery(3)));
    client.close();
  }
}

/** A port that nothing listens on at 127.0.0.1, over either protocol. */
async function freePort(): Promise<number> {
  const listeners = await openListeners([{ host: "127.0.0.1", port: 0 }], echo, events);
  await listeners.close();
  return listeners.addresses[0]!.port;
}

describe("openListeners", () => {
  test("every address answers over UDP and TCP on one port", async () => {
    const { addresses } = await open([
      { host: "127.0.0.1", port: 0 },
      { host: "127.0.1.5", port: 0 },
    ]);
    expect(addresses.map(({ host }) => host)).toEqual(["127.0.0.1", "127.0.1.5"]);
    for (const address of addresses) await expectAnswers(address);
  });

  test("the wildcards of both families share a port", async (context) => {
    const { addresses } = await open([{ host: "0.0.0.0", port: 0 }]);
    const { port } = addresses[0]!;
    await expectAnswers({ host: "127.0.0.1", port });
    try {
      await open([{ host: "::", port }]);
    } catch (error) {
      if (error instanceof ListenError && ["EAFNOSUPPORT", "EADDRNOTAVAIL"].includes(error.code)) {
        context.skip(error.message);
      }
      throw error;
    }
    await expectAnswers({ host: "::1", port });
  });

  test.each(["tcp", "udp"])("a port taken over %s only is an error within a second", async (protocol) => {
    const openOne = protocol === "tcp" ? openTcp : openUdp;
    const taken = await openOne({ host: "127.0.0.1", port: await freePort() }, echo, events);
    cleanUp.push(() => taken.close());
    const start = performance.now();
    await expect(openListeners([taken.address], echo, events)).rejects.toMatchObject({
      name: "ListenError",
      code: "EADDRINUSE",
      protocol: protocol.toUpperCase(),
    });
    expect(performance.now() - start).toBeLessThan(1_000);
  });

  test.each(["tcp", "udp"])("a port taken over %s gives way to the fallback", async (protocol) => {
    const openOne = protocol === "tcp" ? openTcp : openUdp;
    const taken = await openOne({ host: "127.0.0.1", port: await freePort() }, echo, events);
    cleanUp.push(() => taken.close());
    const fallbackPort = await freePort();
    const { addresses } = await open([taken.address], fallbackPort);
    expect(addresses).toEqual([{ host: "127.0.0.1", port: fallbackPort }]);
    await expectAnswers(addresses[0]!);
  });

  test("addresses with a scheme are TLS alone, with the certificate that is given", async () => {
    const pem = makeCertificate();
    const listeners = await openListeners(
      [
        { host: "127.0.0.1", port: 0 },
        { scheme: "tls", host: "127.0.0.1", port: 0 },
        { scheme: "https", host: "127.0.0.1", port: 0 },
      ],
      echo,
      { ...events, identity: new TlsIdentity(pem) },
    );
    cleanUp.push(() => listeners.close());
    const [plain, tls, https] = listeners.addresses;
    expect([plain, tls, https].map((each) => each?.scheme)).toEqual([undefined, "tls", "https"]);
    await expectAnswers(plain!);
    for (const [address, protocol] of [
      [tls!, "dot"],
      [https!, "h2"],
    ] as const) {
      const client = await connectTls(address, { ca: pem.cert, ALPNProtocols: [protocol] });
      expect(client.socket.alpnProtocol).toBe(protocol);
      client.close();
      await expect(connectTls(address, { ca: pem.cert, ALPNProtocols: ["other"] })).rejects.toThrow(/ALERT|alert/);
      // Nothing is at its port over UDP.
      const udp = await openUdp({ host: address.host, port: address.port }, echo, events);
      await udp.close();
    }
  });

  test("the fallback is not for addresses with a scheme", async () => {
    const taken = await openTcp({ host: "127.0.0.1", port: 0 }, echo, events);
    cleanUp.push(() => taken.close());
    const settings = { ...events, identity: new TlsIdentity(makeCertificate()), fallbackPort: await freePort() };
    await expect(openListeners([{ ...taken.address, scheme: "tls" }], echo, settings)).rejects.toMatchObject({
      code: "EADDRINUSE",
      message: expect.stringContaining(`tls://127.0.0.1:${taken.address.port} (TCP)`),
    });
  });

  test("a scheme without a certificate is a fault of the caller", async () => {
    await expect(open([{ scheme: "tls", host: "127.0.0.1", port: 0 }])).rejects.toThrow("tls without a certificate");
  });

  test("the fallback is not for addresses of another machine", async () => {
    const fallbackPort = await freePort();
    await expect(open([{ host: "192.0.2.254", port: 5300 }], fallbackPort)).rejects.toMatchObject({
      code: "EADDRNOTAVAIL",
      address: { port: 5300 },
    });
  });

  test("one address that fails closes those opened before it", async () => {
    const taken = await open([{ host: "127.0.1.5", port: 0 }]);
    const { port } = taken.addresses[0]!;
    const wanted = { host: "127.0.0.1", port };
    await expect(open([wanted, taken.addresses[0]!])).rejects.toMatchObject({ code: "EADDRINUSE" });
    const again = await open([wanted]);
    await expectAnswers(again.addresses[0]!);
  });

  test("a free port that is taken over UDP is passed over, and not kept", async () => {
    const refused: number[] = [];
    const refuse: typeof openUdp = async (address) => {
      refused.push(address.port);
      throw new ListenError(address, "UDP", Object.assign(new Error(), { code: "EADDRINUSE" }));
    };
    vi.mocked(openUdp).mockImplementationOnce(refuse).mockImplementationOnce(refuse);
    const { addresses } = await open([{ host: "127.0.0.1", port: 0 }]);
    await expectAnswers(addresses[0]!);
    expect(refused).toHaveLength(2);
    for (const port of refused.filter((each) => each !== addresses[0]!.port)) await open([{ host: "127.0.0.1", port }]);
  });

  test("no free port over UDP at all is an error", async () => {
    const error = new ListenError(
      { host: "127.0.0.1", port: 1 },
      "UDP",
      Object.assign(new Error(), { code: "EACCES" }),
    );
    const real = vi.mocked(openUdp).getMockImplementation()!;
    vi.mocked(openUdp).mockRejectedValue(error);
    try {
      await expect(open([{ host: "127.0.0.1", port: 0 }])).rejects.toBe(error);
    } finally {
      vi.mocked(openUdp).mockImplementation(real);
    }
  });

  test("close answers pending queries over both, within a second", async () => {
    const listeners = await open([{ host: "127.0.0.1", port: 0 }]);
    const address = listeners.addresses[0]!;
    const clients = [await connectUdp(address), await connectTcp(address)];
    for (const client of clients) await client.send(makeQuery(1), makeQuery(2));
    const start = performance.now();
    await listeners.close();
    expect(performance.now() - start).toBeLessThan(1_000);
    for (const client of clients) {
      for (const id of [1, 2]) expect(await client.receive()).toEqual(echoOf(makeQuery(id)));
      client.close();
    }
  });
});
