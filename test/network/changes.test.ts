// The objects change while the server runs: names follow, and the zone's serial only rises. RFC 1982 3.2.
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, expect, test, vi } from "vitest";
import { headless, service, startServer, type RunningServer } from "../support/cluster.ts";
import { gist, startForwarding } from "../support/forwarding.ts";
import { UdpClient } from "../support/network.ts";
import { readMessage, writeQuery, type Message } from "../support/wire.ts";

let running: RunningServer | undefined;
let udp: UdpClient | undefined;
afterEach(async () => {
  udp?.close();
  await running?.server.close();
  udp = running = undefined;
});

async function start(objects: readonly unknown[]): Promise<(name: string, type: string) => Promise<Message>> {
  const started = await startServer({ objects });
  const client = await UdpClient.open(started.endpoint);
  running = started;
  udp = client;
  return async (name, type) => readMessage(await client.ask(writeQuery({ name, type })));
}

const isLater = (serial: number, than: number): boolean => ((serial - than) | 0) > 0;

test("the serial rises with every change, in every zone", async () => {
  const ask = await start([service("web", "10.96.0.1")]);
  const zones = ["cluster.local.", "96.10.in-addr.arpa."];
  const serials = async (): Promise<number[]> =>
    Promise.all(zones.map(async (zone) => Number((await ask(zone, "SOA")).answer[0]?.rdata.split(" ")[2])));
  let before = await serials();
  for (let n = 2; n < 12; n++) {
    await running?.server.setObjects([service("web", `10.96.0.${n}`)]);
    const after = await serials();
    expect(after.map((serial, index) => isLater(serial, before[index] ?? NaN))).toEqual([true, true]);
    before = after;
  }
});

test("the serial of a negative answer is the zone's", async () => {
  const ask = await start([service("web", "10.96.0.1")]);
  const apex = (await ask("cluster.local.", "SOA")).answer[0]?.rdata;
  expect(apex).toMatch(/^ns\.dns\./);
  expect((await ask("nosuch.default.svc.cluster.local.", "A")).authority[0]?.rdata).toBe(apex);
});

test("a name comes, changes and goes with its object", async () => {
  const ask = await start([service("web", "10.96.0.1")]);
  const name = "other.default.svc.cluster.local.";
  const answers = async (): Promise<readonly [string, string | undefined]> => {
    const { rcode, answer } = await ask(name, "A");
    return [rcode, answer[0]?.rdata];
  };
  expect(await answers()).toEqual(["NXDOMAIN", undefined]);
  await running?.server.setObjects([service("web", "10.96.0.1"), service("other", "10.96.0.2")]);
  expect(await answers()).toEqual(["NOERROR", "10.96.0.2"]);
  await running?.server.setObjects([service("web", "10.96.0.1"), service("other", "10.96.0.3")]);
  expect(await answers()).toEqual(["NOERROR", "10.96.0.3"]);
  expect((await ask("2.0.96.10.in-addr.arpa.", "PTR")).rcode).toBe("NXDOMAIN");
  expect((await ask("3.0.96.10.in-addr.arpa.", "PTR")).answer[0]?.rdata).toBe(name);
  await running?.server.setObjects([service("web", "10.96.0.1")]);
  expect(await answers()).toEqual(["NXDOMAIN", undefined]);
  expect((await ask("web.default.svc.cluster.local.", "A")).answer[0]?.rdata).toBe("10.96.0.1");
});

test("a namespace goes with the last object that lives in it", async () => {
  const ask = await start([{ apiVersion: "v1", kind: "ConfigMap", metadata: { name: "web", namespace: "shop" } }]);
  expect((await ask("shop.svc.cluster.local.", "A")).rcode).toBe("NOERROR");
  expect((await ask("1-2-3-4.shop.pod.cluster.local.", "A")).answer[0]?.rdata).toBe("1.2.3.4");
  await running?.server.setObjects([]);
  expect((await ask("shop.svc.cluster.local.", "A")).rcode).toBe("NXDOMAIN");
  expect((await ask("1-2-3-4.shop.pod.cluster.local.", "A")).rcode).toBe("NXDOMAIN");
  expect((await ask("svc.cluster.local.", "A")).rcode).toBe("NOERROR");
});

test("a headless service loses its name with its last endpoint, and has it again with the next", async () => {
  const ask = await start(headless("db", [{ address: "10.244.1.1" }]));
  const name = "db.default.svc.cluster.local.";
  expect((await ask(name, "A")).answer).toHaveLength(1);
  await running?.server.setObjects(headless("db", []));
  expect((await ask(name, "A")).rcode).toBe("NXDOMAIN");
  await running?.server.setObjects(headless("db", [{ address: "10.244.1.2" }, { address: "10.244.1.3" }]));
  expect((await ask(name, "A")).answer).toHaveLength(2);
});

test("what upstreams said before a zone file came is asked for again", async () => {
  const folder = mkdtempSync(join(tmpdir(), "changes-"));
  const forwarding = await startForwarding({ paths: [folder] });
  try {
    const { client, upstream } = forwarding;
    const name = "www.up.example.";
    for (let n = 0; n < 3; n++) expect(gist(await client.ask(name))).toEqual(["NOERROR", "A 192.0.2.1"]);
    expect(upstream.askedFor(name)).toHaveLength(1);
    writeFileSync(join(folder, "example.net.zone"), "@ 60 SOA ns admin 1 1 1 1 1\n@ NS ns\nns A 192.0.2.7\n");
    await vi.waitFor(async () => {
      expect(gist(await client.ask("ns.example.net."))).toEqual(["NOERROR", "A 192.0.2.7"]);
      await client.ask(name);
      expect(upstream.askedFor(name)).toHaveLength(2);
    }, 15_000);
  } finally {
    await forwarding.close();
    rmSync(folder, { recursive: true });
  }
});
