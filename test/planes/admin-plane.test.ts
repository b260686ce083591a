// The admin server of a server, over HTTP: which address serves what, from the first moment to the last.
import { get as httpGet } from "node:http";
import type { IncomingMessage } from "node:http";
import { createServer } from "node:net";
import type { AddressInfo } from "node:net";
import { once } from "node:events";
import { afterEach, describe, expect, test } from "vitest";
import { optionsFromSettings } from "../../src/config/settings.ts";
import { formatListenAddress } from "../../src/net/listen-address.ts";
import { createLog } from "../../src/observe/log.ts";
import { startServer } from "../../src/planes/server.ts";
import type { Server } from "../../src/planes/server.ts";
import { reasonAgainstBatches } from "../support/batch/open-batch.ts";
import { service } from "../support/cluster.ts";
import { zoneOf } from "../support/core/static-zone.ts";
import { ScriptedSource } from "../support/scripted-source.ts";

const REMOTE = { isRemote: true, isControlled: false, precedence: 20 } as const;

const closing: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).toReversed()) await close();
});

function start(settings: Parameters<typeof optionsFromSettings>[0], sources: readonly ScriptedSource[] = []): Server {
  const input = { paths: [], objects: [service("web", "10.96.0.80")], log: createLog("silent"), sources };
  const server = startServer(optionsFromSettings(settings), input);
  closing.push(() => server.close());
  return server;
}

async function get({ adminAddresses }: Server, path: string, index = 0): Promise<readonly [number, string]> {
  const response = await fetch(`${formatListenAddress(adminAddresses[index]!)}${path}`);
  return [response.status, await response.text()];
}

describe("the admin server", () => {
  test("is not there unless it is asked for", async () => {
    const server = start({});
    await server.ready;
    expect(server.adminAddresses).toEqual([]);
  });

  test("has everything at --admin, and at other addresses one probe", async () => {
    const server = start({ admin: ["0", "[::1]:0"], health: "0", ready: "0" });
    await server.ready;
    expect(server.addresses).toHaveLength(1);
    const statuses = ["/health", "/ready"].map((path) =>
      Promise.all(server.adminAddresses.map(async (_, i) => (await get(server, path, i))[0])),
    );
    expect(await Promise.all(statuses)).toEqual([
      [200, 200, 200, 404],
      [200, 200, 404, 200],
    ]);
  });

  test("is asked by the names of --admin-host", async () => {
    const server = start({ admin: "0", adminHost: "DNS.example" });
    await server.ready;
    const { host, port } = server.adminAddresses[0]!;
    const statusAs = async (name: string): Promise<number | undefined> => {
      const [response] = (await once(
        httpGet({ host, port, path: "/health", headers: { host: name } }),
        "response",
      )) as [IncomingMessage];
      response.resume();
      return response.statusCode;
    };
    expect(await statusAs("dns.example:80")).toBe(200);
    expect(await statusAs("evil.example:80")).toBe(421);
  });

  test("tells what the server waits for, then that it is ready, then that it stops", async () => {
    const [local, remote] = [new ScriptedSource("local"), new ScriptedSource("remote", REMOTE)];
    const server = start({ admin: "0" }, [local, remote]);
    await Promise.all([local.started, remote.started]);
    const reasons = (...sources: string[]): string =>
      [
        "the server is starting",
        ...sources.map((id) => `source ${id} has not synced`),
        "zone cluster.local. is not ready",
        "",
      ].join("\n");
    expect(await get(server, "/health")).toEqual([200, "OK"]);
    expect(await get(server, "/ready")).toEqual([503, reasons("local", "remote")]);
    local.sync();
    await expect.poll(() => get(server, "/ready")).toEqual([503, reasons("remote")]);
    remote.sync();
    await server.ready;
    expect(await get(server, "/ready")).toEqual([200, "OK"]);
    remote.setStatus({ state: "stale", sinceMs: Date.now() - 60_000, reason: "no route" });
    const [status, text] = await get(server, "/ready?verbose");
    expect([status, JSON.parse(text)]).toMatchObject([
      200,
      {
        ready: true,
        sources: [
          { id: "program", state: "synced" },
          { id: "local", state: "synced" },
          { id: "remote", state: "stale", ageSeconds: 60, reason: "no route" },
        ],
        zones: [{ name: "cluster.local.", ready: true, serial: expect.any(Number) as number }],
      },
    ]);
    server.announceClose();
    expect(await get(server, "/ready")).toEqual([503, "the server is stopping\n"]);
    expect(await get(server, "/health")).toEqual([200, "OK"]);
  });

  test("names the zones of files", async () => {
    const files = new ScriptedSource("files", { feeds: { cluster: false, zoneFiles: true } });
    const server = start({ admin: "0" }, [files]);
    await files.started;
    const zone = zoneOf("example.org", "@ 60 SOA ns admin 77 2 3 4 10\n@ 60 NS ns\nns 60 A 192.0.2.53\n");
    files.replaceZones(new Map([["a.zone", { origin: files.origin, content: { kind: "zone", zone } }]]));
    files.sync();
    await server.ready;
    const { zones } = JSON.parse((await get(server, "/ready?verbose"))[1]) as { zones: { name: string }[] };
    expect(zones).toMatchObject([{ name: "cluster.local." }, { name: "example.org.", ready: true, serial: 77 }]);
  });

  test.skipIf(reasonAgainstBatches() !== undefined)("names the threads of all addresses", async () => {
    const server = start({
      admin: "0",
      listen: ["127.0.0.1:0", "[::1]:0"],
      udpTransport: "batch",
      udpWorkers: 2,
    });
    await server.ready;
    const { workers } = JSON.parse((await get(server, "/ready?verbose"))[1]) as { workers: string[] };
    expect(workers).toEqual(
      server.addresses.flatMap((address) => [0, 1].map((i) => `udp ${formatListenAddress(address)} #${i}`)),
    );
  });

  test("a port that is taken fails the start, and is told before any other", async () => {
    const [admin, dns] = await Promise.all(
      [0, 1].map(async () => {
        const holder = createServer().listen(0, "127.0.0.1");
        await once(holder, "listening");
        closing.push(async () => holder.close());
        return (holder.address() as AddressInfo).port;
      }),
    );
    const local = new ScriptedSource("local");
    const server = start({ listen: `127.0.0.1:${dns}`, admin: String(admin) }, [local]);
    await expect(server.ready).rejects.toMatchObject({
      name: "ListenError",
      message: expect.stringContaining(`cannot listen on http://127.0.0.1:${admin} (TCP): the port is in use; stop`),
    });
    expect(local.isClosed).toBe(true);
  });
});
