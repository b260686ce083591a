// UDP on node:dgram: following the local addresses, and limits. The contract suite has the rest.
import assert from "node:assert/strict";
import type { NetworkInterfaceInfo } from "node:os";
import { afterEach, describe, expect, test } from "vitest";
import type { ListInterfaces } from "../../src/net/listen-address.ts";
import { openUdp, type UdpSettings, type UdpTransport } from "../../src/server/udp-dgram.ts";
import { connectUdp, echo, echoOf, makeQuery, sized, until } from "../contract/transport-clients.ts";

const faults: Error[] = [];
const cleanUp: (() => Promise<void> | void)[] = [];

afterEach(async () => {
  for (const step of cleanUp.splice(0).reverse()) await step();
  assert.deepEqual(faults.splice(0), []);
});

async function open(host: string, settings: Partial<UdpSettings> = {}, answerer = echo): Promise<UdpTransport> {
  const transport = await openUdp({ host, port: 0 }, answerer, {
    onFault: (fault) => void faults.push(fault),
    ...settings,
  });
  cleanUp.push(() => transport.close());
  return transport;
}

async function answers(host: string, port: number): Promise<boolean> {
  const client = await connectUdp({ host, port });
  try {
    const query = makeQuery(5);
    await client.send(query);
    return (await client.receive(1_000)).equals(echoOf(query));
  } catch {
    // Connected UDP hears of a closed port as ECONNREFUSED.
    return false;
  } finally {
    client.close();
  }
}

const at = (address: string): NetworkInterfaceInfo => ({
  address,
  family: "IPv4",
  netmask: "255.0.0.0",
  mac: "",
  internal: true,
  cidr: null,
});

describe("UDP on node:dgram", () => {
  test("a wildcard follows addresses that come and go", async () => {
    let local = ["127.0.0.1", "127.0.1.5"];
    let checks = 0;
    const listInterfaces: ListInterfaces = () => {
      checks++;
      return { lo: local.map(at) };
    };
    const { address } = await open("0.0.0.0", { listInterfaces, limits: { recheckMs: 5 } });
    expect(await answers("127.0.1.5", address.port)).toBe(true);
    expect(await answers("127.0.1.6", address.port)).toBe(false);

    local = ["127.0.0.1", "127.0.1.6"];
    const seen = checks;
    await until(() => checks >= seen + 2, "two checks of the interfaces");
    expect(await answers("127.0.1.5", address.port)).toBe(false);
    expect(await answers("127.0.1.6", address.port)).toBe(true);
    expect(await answers("127.0.0.1", address.port)).toBe(true);
  });

  test("an address that is not ready is skipped; one in use is reported once", async () => {
    let local = ["127.0.0.1", "192.0.2.254"];
    let checks = 0;
    const listInterfaces: ListInterfaces = () => {
      checks++;
      return { lo: local.map(at) };
    };
    const { address } = await open("0.0.0.0", { listInterfaces, limits: { recheckMs: 5 } });
    expect(await answers("127.0.0.1", address.port)).toBe(true);

    const other = await openUdp({ host: "127.0.1.5", port: address.port }, echo, { onFault: () => undefined });
    local = ["127.0.0.1", "127.0.1.5"];
    const seen = checks;
    await until(() => checks >= seen + 4, "four checks of the interfaces");
    expect(faults.splice(0)).toMatchObject([{ code: "EADDRINUSE", address: { host: "127.0.1.5" } }]);
    await other.close();
    const freed = checks;
    await until(() => checks >= freed + 2, "two checks of the interfaces");
    expect(await answers("127.0.1.5", address.port)).toBe(true);
  });

  test("the sockets stay where the interfaces cannot be listed", async () => {
    let fails = false;
    let checks = 0;
    const bug = new Error("no netlink");
    const listInterfaces: ListInterfaces = () => {
      checks++;
      if (fails) throw bug;
      return { lo: [at("127.0.0.1")] };
    };
    const { address } = await open("0.0.0.0", { listInterfaces, limits: { recheckMs: 5 } });
    fails = true;
    const seen = checks;
    await until(() => checks >= seen + 3, "three checks of the interfaces");
    expect(await answers("127.0.0.1", address.port)).toBe(true);
    expect(faults.splice(0)).toEqual([bug]);
  });

  test("the machine's real wildcards", async () => {
    const { address } = await open("0.0.0.0");
    expect(await answers("127.0.0.1", address.port)).toBe(true);
  });

  test("an address that is taken behind a wildcard leaves nothing open", async () => {
    const taken = await open("127.0.1.5");
    const { port } = taken.address;
    const listInterfaces: ListInterfaces = () => ({ lo: [at("127.0.0.1"), at("127.0.1.5")] });
    const settings = { listInterfaces, onFault: (fault: Error) => void faults.push(fault) };
    await expect(openUdp({ host: "0.0.0.0", port }, echo, settings)).rejects.toMatchObject({
      code: "EADDRINUSE",
      address: { host: "127.0.1.5", port },
    });
    const free = await openUdp({ host: "127.0.0.1", port }, echo, settings);
    await free.close();
  });

  test("datagrams of every size are the answerer's to judge", async () => {
    const seen: number[] = [];
    const { address } = await open(
      "127.0.0.1",
      {},
      {
        answer(query, start, end, ...rest) {
          seen.push(end - start);
          return echo.answer(query, start, end, ...rest);
        },
        answerLate: (query, client) => echo.answerLate(query, client),
      },
    );
    const client = await connectUdp(address);
    cleanUp.push(() => client.close());
    await client.send(Buffer.alloc(0), Buffer.alloc(11), makeQuery(7, 65_507));
    expect((await client.receive()).equals(echoOf(makeQuery(7, 65_507)))).toBe(true);
    expect(seen).toEqual([0, 11, 65_507]);
  });

  test("a reply too long to send is counted, and its buffer serves again", async () => {
    const transport = await open("127.0.0.1", { limits: { repliesInFlight: 1 } }, sized);
    const client = await connectUdp(transport.address);
    cleanUp.push(() => client.close());
    const tooLong = makeQuery(1);
    tooLong.writeUInt16BE(65_535, 4);
    await client.send(tooLong);
    await until(() => transport.counts.sendErrors === 1, "the send error");
    const good = makeQuery(2);
    good.writeUInt16BE(12, 4);
    await client.send(good);
    expect((await client.receive()).readUInt16BE(0)).toBe(2);
    expect(transport.counts).toMatchObject({ received: 2, replies: 1, dropped: 0, socketErrors: 0 });
  });

  test("a client's port closed before the reply does no harm", async () => {
    const transport = await open("127.0.0.1");
    for (let i = 0; i < 20; i++) {
      const client = await connectUdp(transport.address);
      await client.send(makeQuery(i));
      client.close();
    }
    await until(() => transport.counts.received === 20, "all queries");
    expect(await answers("127.0.0.1", transport.address.port)).toBe(true);
  });
});
