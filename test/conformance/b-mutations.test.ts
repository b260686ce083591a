// B27: thousands of mutated messages at a running server. Each gets at most one reply with its id, no larger than it may
// be, which decodes; the good query after them is answered as before. RFC 9267.
import { expect } from "vitest";
import { frame } from "../support/network.ts";
import { readMessage } from "../support/wire.ts";
import { decode } from "./judge.ts";
import { isAlive, withConnection, withDatagrams } from "./links.ts";
import { mutate, randomFrom, seedMessages } from "./mutations.ts";
import { conformanceSuite, type AskedWay } from "./suite.ts";

const { over } = conformanceSuite("whole");
const SEED = 0x5eed;
const ROUNDS = 160;
/** Few enough for a socket's receive buffer. */
const AT_ONCE = 64;
const CONNECTIONS = 120;

function limitOf(query: Buffer): number {
  try {
    const { opt } = readMessage(query);
    return opt === undefined ? 512 : Math.max(512, Math.min(opt.size, 1232));
  } catch {
    // The strict decoder reads less than a server may.
    return 1232;
  }
}

function replyFaults(query: Buffer, replies: readonly Buffer[]): string[] {
  const faults = replies.length > 1 ? [`${replies.length} replies`] : [];
  for (const reply of replies) {
    if (reply.length > limitOf(query)) faults.push(`${reply.length} bytes where ${limitOf(query)} are allowed`);
    const decoded = decode(reply);
    if (typeof decoded === "string") faults.push(decoded);
    else if (!decoded.flags.qr) faults.push("QR=0");
    else if (!query.subarray(12).includes(decoded.questionBytes)) faults.push("a question that was not asked");
  }
  return faults.map((fault) => `${fault} for ${query.toString("hex")}`);
}

async function mutationFaults(link: AskedWay): Promise<string[]> {
  const random = randomFrom(SEED);
  const seeds = seedMessages();
  const faults: string[] = [];
  for (let round = 0; round < ROUNDS && faults.length === 0; round++) {
    const queries = Array.from({ length: AT_ONCE }, (_, n) => {
      const query = mutate(seeds, random);
      query.writeUInt16BE(n, 0);
      return query;
    });
    await withDatagrams(link.endpoint, async (client) => {
      client.send(...queries);
      // Most are answered; the rest is known to have been read when the good query has its answer.
      if (!(await isAlive(link))) faults.push("the good query has another answer");
      await client.until(() => client.received.length >= AT_ONCE, 5);
      const byId = Map.groupBy(client.received, (reply) => reply.readUInt16BE(0));
      faults.push(...queries.flatMap((query, n) => replyFaults(query, byId.get(n) ?? [])));
    });
  }
  return faults;
}

over("each server", ({ check }) => {
  check("B27", async (link) => {
    expect(await mutationFaults(link)).toEqual([]);
  });
});

over("tcp", ({ check }) => {
  check("B27", async (link) => {
    const random = randomFrom(SEED + 1);
    const seeds = seedMessages();
    for (let n = 0; n < CONNECTIONS; n++) {
      const queries = Array.from({ length: 10 }, () => mutate(seeds, random));
      await withConnection(link.endpoint, async (client) => {
        // Cut anywhere: the length of a message, too, may be a lie.
        const stream = Buffer.concat(queries.map(frame));
        await client.write(stream.subarray(0, Math.ceil(random() * stream.length)));
        const reply = await Promise.race([
          client.next().catch(() => undefined),
          new Promise<undefined>((resolve) => setTimeout(() => resolve(undefined), 20)),
        ]);
        if (reply !== undefined) expect(typeof decode(reply)).toBe("object");
      });
    }
    expect(await isAlive(link)).toBe(true);
  });
});
