// Section D, streams: how queries and replies share a TCP connection. RFC 7766 6.2, 7 and 8; RFC 1035 4.2.2.
import { once } from "node:events";
import { expect } from "vitest";
import { frame, type TcpClient } from "../support/network.ts";
import { readMessage, writeQuery } from "../support/wire.ts";
import { LARGE, largeName } from "./fixture.ts";
import { askFor, isAlive, linkTo, watchedConnection, withConnection } from "./links.ts";
import { ID, KUBERNETES, ZONE } from "./packets.ts";
import { conformanceSuite } from "./suite.ts";
import { descriptorCount, needPid } from "./usage.ts";

const { over } = conformanceSuite("whole");
const query = (id: number, name = KUBERNETES): Buffer => writeQuery({ name, type: "A", id });
const framed = (count: number, from = 0): Buffer =>
  Buffer.concat(Array.from({ length: count }, (_, n) => frame(query(from + n))));

async function takeIds(client: TcpClient, count: number): Promise<number[]> {
  const ids: number[] = [];
  for (let n = 0; n < count; n++) {
    const { id, answer } = readMessage(await client.next());
    ids.push(answer[0]?.rdata === "10.96.0.1" ? id : -1);
  }
  return ids.toSorted((left, right) => left - right);
}

const upTo = (count: number): number[] => Array.from({ length: count }, (_, n) => n);

over("tcp", ({ check }) => {
  check("D01", async ({ endpoint }) => {
    await withConnection(endpoint, async (client) => {
      await client.write(framed(25));
      expect(await takeIds(client, 25)).toEqual(upTo(25));
    });
  });

  check("D03", async ({ endpoint }) => {
    await withConnection(endpoint, async (client) => {
      for (const byte of frame(query(0))) await client.write(Buffer.from([byte]));
      expect(await takeIds(client, 1)).toEqual([0]);
    });
    // A message and a half: cut at each byte of the second one, its length's two among them.
    const both = framed(2);
    await Promise.all(
      Array.from({ length: both.length / 2 }, (_, n) =>
        withConnection(endpoint, async (client) => {
          const cut = both.length / 2 + n;
          await client.write(both.subarray(0, cut));
          const first = await takeIds(client, 1);
          await client.write(both.subarray(cut));
          expect([...first, ...(await takeIds(client, 1))]).toEqual([0, 1]);
        }),
      ),
    );
  });

  check("D04", async ({ endpoint }) => {
    const [total, atOnce] = [10_000, 100];
    await withConnection(endpoint, async (client) => {
      for (let from = 0; from < total; from += atOnce) {
        await client.write(framed(atOnce, from));
        expect(await takeIds(client, atOnce)).toEqual(upTo(atOnce).map((n) => from + n));
      }
    });
  });

  check("D05", async ({ endpoint }) => {
    // What was written at once arrives at once: over loopback a segment is not taken apart.
    for (let n = 0; n < 20; n++) {
      const { socket } = await watchedConnection(endpoint);
      socket.write(frame(query(n)));
      const [chunk] = (await once(socket, "data")) as [Buffer];
      socket.destroy();
      expect(chunk.length).toBe(chunk.readUInt16BE(0) + 2);
    }
  });

  check("D08", async ({ endpoint }) => {
    const { socket, closedMs } = await watchedConnection(endpoint);
    const chunks: Buffer[] = [];
    socket.on("data", (chunk: Buffer) => chunks.push(chunk));
    socket.end(framed(3));
    await closedMs;
    const bytes = Buffer.concat(chunks);
    const ids: number[] = [];
    for (let at = 0; at < bytes.length; at += bytes.readUInt16BE(at) + 2) ids.push(bytes.readUInt16BE(at + 2));
    expect(ids.toSorted()).toEqual([0, 1, 2]);
  });

  check("D09", async (link, context) => {
    const pid = needPid(link.target, context);
    await isAlive(link);
    const base = descriptorCount(pid);
    const large = Buffer.concat(upTo(20).map((n) => frame(query(n, largeName(LARGE.huge)))));
    for (let n = 0; n < 50; n++) {
      const { socket } = await watchedConnection(link.endpoint);
      socket.write(large);
      if (n % 2 === 0) await once(socket, "data");
      socket.resetAndDestroy();
    }
    // The connection of the question that shows life may still be closing, too.
    await expect.poll(() => descriptorCount(pid), { timeout: 1_500 }).toBeLessThanOrEqual(base + 1);
    expect(await isAlive(link)).toBe(true);
  });

  check("D13", async ({ endpoint, target }) => {
    const overUdp = linkTo("udp", endpoint.host === target.v4?.host ? target.v4 : target.v6!);
    const asked = { name: largeName(LARGE.big), type: "A", opt: { size: 1232 } };
    expect((await askFor(overUdp, asked)).flags.tc).toBe(true);
    const { flags, answer } = await askFor(linkTo("tcp", endpoint), asked);
    expect(flags.tc).toBe(false);
    expect(new Set(answer.map(({ rdata }) => rdata)).size).toBe(200);
  });

  check("D14", async ({ endpoint }) => {
    await withConnection(endpoint, async (client) => {
      await client.write(Buffer.concat([frame(query(1, largeName(LARGE.huge))), frame(query(2))]));
      const byId = new Map<number, ReturnType<typeof readMessage>>();
      for (let n = 0; n < 2; n++) {
        const message = readMessage(await client.next());
        byId.set(message.id, message);
      }
      const huge = byId.get(1)!;
      expect(huge.flags.tc).toBe(true);
      expect(huge.answer.length).toBeLessThanOrEqual(4_092);
      // The length in front was right: what came behind it could be read.
      expect(byId.get(2)?.answer[0]?.rdata).toBe("10.96.0.1");
    });
  });

  check("B34", async (link) => {
    const { socket, closedMs } = await watchedConnection(link.endpoint);
    socket.resume().write(Buffer.from("00024142", "hex"));
    expect(
      await Promise.race([closedMs, new Promise((resolve) => setTimeout(() => resolve("open"), 8_000))]),
    ).toBeTypeOf("number");
    expect(await isAlive(link)).toBe(true);
  });
});

const NAMES = [
  KUBERNETES,
  "dual",
  "headless",
  "h-0.headless",
  "_http._tcp.headless",
  "_https._tcp.kubernetes",
  "ext",
  "la",
  "twice",
  "not-ready",
  "nosuch",
  "unnamed",
  "_tcp.kubernetes",
  "x.kubernetes",
  "*",
].map((name) => (name.endsWith(".") ? name : `${name}.default.svc.${ZONE}`));
const OTHER_NAMES = [
  ZONE,
  `svc.${ZONE}`,
  `default.svc.${ZONE}`,
  `empty.svc.${ZONE}`,
  `nons.svc.${ZONE}`,
  `ns.dns.${ZONE}`,
  `dns-version.${ZONE}`,
  `10-244-1-5.default.pod.${ZONE}`,
  "1.0.96.10.in-addr.arpa.",
  "5.1.244.10.in-addr.arpa.",
  "0.96.10.in-addr.arpa.",
  "9.9.96.10.in-addr.arpa.",
  "www.up.test.",
  ".",
];
const TYPES = ["A", "AAAA", "SRV", "PTR", "TXT", "SOA", "NS", "CNAME", "MX", "TYPE65", "DS", "TYPE1000"];

over("each server", ({ check }) => {
  check("D21", async ({ endpoint }) => {
    const [udp, tcp] = [linkTo("udp", endpoint), linkTo("tcp", endpoint)];
    const shown = async (link: typeof udp, name: string, type: string): Promise<string> => {
      const { rcode, flags, answer, authority, additional, opt } = await askFor(link, {
        name,
        type,
        id: ID,
        opt: { size: 1232 },
      });
      const sections = [answer, authority, additional].map((records) =>
        records
          .map((record) => `${record.owner} ${record.ttl} ${record.type} ${record.rdata}`.toLowerCase())
          .toSorted(),
      );
      return JSON.stringify([rcode, flags, sections, opt?.options]);
    };
    for (const name of [...NAMES, ...OTHER_NAMES]) {
      const faults = await Promise.all(
        TYPES.map(async (type) => {
          const [over, through] = await Promise.all([shown(udp, name, type), shown(tcp, name, type)]);
          return over === through ? [] : [`${name} ${type}: ${over} over UDP, ${through} over TCP`];
        }),
      );
      expect(faults.flat()).toEqual([]);
    }
  });
});
