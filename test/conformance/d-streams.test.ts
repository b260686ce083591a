// Section D, streams: how queries and replies share a TCP connection. RFC 7766 6.2, 7 and 8; RFC 1035 4.2.2.
import { once } from "node:events";
import { expect } from "vitest";
import { Random } from "../fuzz/random.ts";
import { type Endpoint, frame, type TcpClient } from "../support/network.ts";
import { type Message, type Query, readMessage, writeQuery } from "../support/wire.ts";
import { LARGE, largeName } from "./fixture.ts";
import { askFor, isAlive, linkTo, watchedConnection, withConnection, withDatagrams } from "./links.ts";
import { KUBERNETES, ZONE } from "./packets.ts";
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
    // The last id that there is among them.
    const [end, total, atOnce] = [65_536, 10_000, 100];
    await withConnection(endpoint, async (client) => {
      for (let from = end - total; from < end; from += atOnce) {
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
    expect(ids.toSorted((a, b) => a - b)).toEqual([0, 1, 2]);
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
    await expect.poll(() => descriptorCount(pid), { timeout: 10_000 }).toBeLessThanOrEqual(base + 1);
    expect(await isAlive(link)).toBe(true);
  });

  check("D13", async ({ endpoint, target }) => {
    const overUdp = linkTo("udp", endpoint.host === target.v4?.host ? target.v4 : target.v6!);
    const asked = { name: largeName(LARGE.big), type: "A", opt: { size: 1232 } };
    expect((await askFor(overUdp, asked)).flags.tc).toBe(true);
    for (const size of [undefined, 512, 1232]) {
      const opt = size === undefined ? {} : { opt: { size } };
      const { flags, answer } = await askFor(linkTo("tcp", endpoint), { name: asked.name, type: "A", ...opt });
      expect(flags.tc).toBe(false);
      expect(new Set(answer.map(({ rdata }) => rdata)).size).toBe(200);
    }
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

/** Made-up questions of D21, more in a run of their own: 100,000 take a minute. */
const MADE_UP = Number(process.env["D21_QUESTIONS"] ?? 5_000);
/** As many as a socket has room for. */
const AT_ONCE = 40;
const FLAGS = [0x0100, 0x0000, 0x0110, 0x0120];
const OPTS = [undefined, { size: 1232 }, { size: 1232, flags: 0x8000 }, { size: 512 }];

/** Questions near the names that exist: a label less, more or other, letters in any case, types of all numbers. */
function* makeUp(count: number): Generator<Query> {
  const random = new Random(21);
  const known = [...NAMES, ...OTHER_NAMES].map((name) => name.split(".").slice(0, -1));
  const labels = known.flat().filter((label) => label !== "");
  for (let made = 0; made < count; made++) {
    const name = [...random.pick(known)].filter((label) => label !== "");
    const change = random.below(5);
    if (change === 0) name.shift();
    if (change === 1) name.unshift(random.pick(labels));
    if (change === 2 && name.length > 0) name[random.below(name.length)] = random.pick(labels);
    if (change === 3) name.unshift(`x${random.below(1_000)}`);
    const written = name.map((label) => (random.below(4) === 0 ? label.toUpperCase() : label)).join(".");
    // No types of questions and metadata, 128 to 255 (RFC 6895 3.1): a transfer may well have another answer over UDP.
    const type = random.below(4) === 0 ? `TYPE${1 + random.below(127)}` : random.pick(TYPES);
    const opt = random.pick(OPTS);
    yield { name: `${written}.`, type, id: made % AT_ONCE, flags: random.pick(FLAGS), ...(opt && { opt }) };
  }
}

/** All that a reply says, whatever the order of its records; of a cut one what is left to say. */
function shown({ rcode, flags, answer, authority, additional, opt }: Message, isCut: boolean): string {
  if (isCut) return JSON.stringify([rcode, flags.aa, flags.ra]);
  const sections = [answer, authority, additional].map((records) =>
    records.map((record) => `${record.owner} ${record.ttl} ${record.type} ${record.rdata}`.toLowerCase()).toSorted(),
  );
  return JSON.stringify([rcode, flags, sections, opt?.options]);
}

/** Asks all over UDP and over TCP; the differences, in words. */
async function differences(endpoint: Endpoint, asked: readonly Query[]): Promise<string[]> {
  const queries = asked.map((each) => writeQuery(each));
  const over = await withDatagrams(endpoint, async (client) => {
    client.send(...queries);
    await client.until(() => client.received.length === queries.length);
    return byId(client.received);
  });
  const through = await withConnection(endpoint, async (client) => {
    const replies: Buffer[] = [];
    // One after the other: how many at once are taken is D01's question.
    for (const query of queries) {
      await client.write(frame(query));
      replies.push(await client.next());
    }
    return byId(replies);
  });
  return asked.flatMap(({ name, type, id }) => {
    const [udp, tcp] = [over.get(id!), through.get(id!)];
    if (udp === undefined || tcp === undefined) return [`${name} ${type}: no reply`];
    const [left, right] = [shown(udp, udp.flags.tc), shown(tcp, udp.flags.tc)];
    return left === right ? [] : [`${name} ${type}: ${left} over UDP, ${right} over TCP`];
  });
}

function byId(replies: readonly Buffer[]): Map<number, Message> {
  return new Map(replies.map((reply) => [reply.readUInt16BE(0), readMessage(reply)]));
}

over("each server", ({ check }) => {
  const listed = [...NAMES, ...OTHER_NAMES].flatMap((name) =>
    TYPES.map((type): Query => ({ name, type, opt: { size: 1232 } })),
  );

  check(
    "D21",
    async ({ endpoint }) => {
      const asked = [...listed.map((each, n) => ({ ...each, id: n % AT_ONCE })), ...makeUp(MADE_UP)];
      for (let from = 0; from < asked.length; from += AT_ONCE) {
        expect(await differences(endpoint, asked.slice(from, from + AT_ONCE))).toEqual([]);
      }
    },
    600_000,
  );
});
