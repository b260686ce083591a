// Section B: messages that are broken or odd on the wire. Each gets an answer that says so, or none; the good query after
// it is answered. RFC 9267, RFC 1035 4.1, RFC 9619.
import { expect } from "vitest";
import { readMessage, writeHeader, writeOpt, writeQuery, writeOption, writeQuestion } from "../support/wire.ts";
import type { CheckId } from "./catalog.ts";
import { faultsOf, rcodeOf, sizeFaults } from "./judge.ts";
import { isAlive, repliesTo, withDatagrams } from "./links.ts";
import {
  CLIENT_COOKIE,
  COOKIE,
  hex,
  ID,
  KUBERNETES,
  longName,
  MALFORMED,
  message,
  OPTION,
  pointerMessages,
  soaQuery,
  ZONE,
} from "./packets.ts";
import { conformanceSuite, type AskedWay } from "./suite.ts";
import { IS_OURS } from "./target.ts";
import { expectCpuMsBelow, needPid } from "./usage.ts";

const { over } = conformanceSuite();
const HEADER_BYTES = 12;
const goodBytes = writeQuery({ name: KUBERNETES, type: "A", id: ID });

/** What is wrong with the replies to a check's malformed messages. */
async function malformedFaults(link: AskedWay, id: CheckId): Promise<string[]> {
  const faults = await Promise.all(
    MALFORMED[id]!.map(async ([what, bytes]) => {
      const found = await link.ask(bytes).then(
        (reply) => faultsOf("formerr", bytes, reply),
        (error: Error) => [error.message],
      );
      return found.map((fault) => `${what}: ${fault}`);
    }),
  );
  return [...faults.flat(), ...((await isAlive(link)) ? [] : ["the good query has another answer"])];
}

over("all", ({ check }) => {
  for (const id of Object.keys(MALFORMED) as CheckId[]) {
    check(id, async (link) => {
      expect(await malformedFaults(link, id)).toEqual([]);
      // A question that cannot be read cannot be sent back.
      if (id !== "B03" && id !== "B10") return;
      expect(await link.ask(MALFORMED[id]![0]![1])).toHaveLength(HEADER_BYTES);
    });
  }

  check("B01", async (link) => {
    const lengths = Array.from({ length: HEADER_BYTES }, (_, length) => length);
    const messages = lengths.flatMap((length) => [goodBytes.subarray(0, length), Buffer.alloc(length)]);
    expect(await repliesTo(link, messages)).toEqual([]);
  });

  check("B02", async (link) => {
    const responses = [
      message(0x8000, [1, 0, 0, 0], writeQuestion(KUBERNETES)),
      message(0x8180, [1, 0, 0, 0], writeQuestion("www.up.test.")),
      message(0x8005, [0, 0, 0, 0]),
      message(0xf800, [0, 0, 0, 0]),
    ];
    expect(await repliesTo(link, responses)).toEqual([]);
  });

  check("B04", async (link) => {
    const query = message(0, [0, 0, 0, 1], writeOpt({ size: 1232, options: COOKIE }));
    const reply = await link.ask(query);
    const { opt, ...decoded } = readMessage(reply);
    const cookie = opt?.options.find(({ code }) => code === OPTION.COOKIE)?.data;
    if (IS_OURS) expect(cookie?.length).toBe(24);
    if (cookie === undefined) expect(faultsOf("formerr", query, reply)).toEqual([]);
    else
      expect({ rcode: decoded.rcode, starts: cookie.subarray(0, 8).toString("hex") }).toEqual({
        rcode: "NOERROR",
        starts: CLIENT_COOKIE,
      });
    const without = message(0, [0, 0, 0, 1], writeOpt({ size: 1232 }));
    expect(faultsOf("formerr", without, await link.ask(without))).toEqual([]);
  });

  check("B11", async (link) => {
    const inside = `${"x".repeat(60)}.${"y".repeat(60)}.${"z".repeat(60)}.${"w".repeat(56)}.${ZONE}`;
    for (const name of [longName(13), inside]) {
      const { rcode } = readMessage(await link.ask(soaQuery({ name, type: "A" })));
      expect(["REFUSED", "NXDOMAIN"]).toContain(rcode);
    }
  });

  check("B18", async (link) => {
    const tail = hex("deadbeef");
    const reply = await link.ask(Buffer.concat([goodBytes, tail]));
    const kind = (reply.readUInt8(3) & 15) === 1 ? "formerr" : "plain";
    expect(faultsOf(kind, goodBytes, reply)).toEqual([]);
    expect(reply.includes(tail)).toBe(false);
  });

  check("B26", async (link) => {
    const classes = [0, 2, 3, 4, 254, 255, 65535].map((each) => writeQuestion(KUBERNETES, 1, each));
    for (const asked of [...classes, writeQuestion("version.bind.", 16, 3)]) {
      const reply = readMessage(await link.ask(message(0, [1, 0, 0, 0], asked)));
      expect(reply).toMatchObject({ rcode: "REFUSED", answer: [], flags: { aa: false } });
    }
    expect(await isAlive(link)).toBe(true);
  });
});

over("tcp", ({ check }) => {
  check("B06", async (link, context) => {
    const full = Buffer.alloc(65_533, hex("c00c 0001 0001 c00c"));
    writeHeader(ID, 0, 65_535, 0, 0, 0).copy(full);
    expect(faultsOf("formerr", full, await link.ask(full))).toEqual([]);
    const pid = needPid(link.target, context);
    // Its size alone is a hundred datagrams: what the kernel takes to carry it is in the figure.
    await expectCpuMsBelow(2, pid, link.endpoint, full, 60);
    expect(await isAlive(link)).toBe(true);
  });

  check("B15", async (link, context) => {
    const [asOwner, asQuestion] = pointerMessages();
    expect(faultsOf("formerr", asQuestion![1], await link.ask(asQuestion![1]))).toEqual([]);
    expect((await link.ask(asOwner![1])).readUInt16BE(0)).toBe(ID);
    const pid = needPid(link.target, context);
    for (const [, bytes] of [asOwner!, asQuestion!]) await expectCpuMsBelow(10, pid, link.endpoint, bytes, 30);
    expect(await isAlive(link)).toBe(true);
  });

  check("B23", async (link, context) => {
    const empty = Buffer.concat(Array.from({ length: 5_000 }, () => writeOption(OPTION.UNKNOWN)));
    const triple = Buffer.concat([writeOption(OPTION.NSID), COOKIE, writeOption(OPTION.PADDING)]);
    const many = Buffer.concat(Array.from({ length: 1_000 }, () => triple));
    for (const options of [empty, many]) {
      const query = soaQuery({ opt: { size: 1232, options } });
      const { opt, id } = readMessage(await link.ask(query));
      const codes = (opt?.options ?? []).map(({ code }) => code);
      expect({ id, codes }).toEqual({ id: ID, codes: [...new Set(codes)] });
      if (link.target.pid === undefined) continue;
      const pid = needPid(link.target, context);
      await expectCpuMsBelow(10, pid, link.endpoint, query, 30);
    }
    expect(await isAlive(link)).toBe(true);
  });
});

over("udp", ({ check }) => {
  check("B38", async (link) => {
    const largest = 65_507;
    for (const bytes of [Buffer.concat([goodBytes, Buffer.alloc(largest - goodBytes.length)]), Buffer.alloc(largest)]) {
      const replies = await withDatagrams(link.endpoint, async (client) => {
        client.send(bytes);
        await client.until(() => client.received.length > 0, 250);
        return client.received;
      });
      expect(replies.length).toBeLessThanOrEqual(1);
      expect(replies.flatMap((reply) => sizeFaults({ name: ".", type: "A" }, reply))).toEqual([]);
      expect(await isAlive(link)).toBe(true);
    }
  });
});

over("all", ({ check }) => {
  /** Types that are none, or ask for more than records: an answer of some kind, and no transfer. */
  check("B33", async (link) => {
    for (const type of [0, 41, 249, 250, 251, 252, 253, 254, 255, 65535]) {
      const reply = readMessage(await link.ask(message(0, [1, 0, 0, 0], writeQuestion(ZONE, type))));
      expect(["NOERROR", "FORMERR", "NOTIMP", "REFUSED", "RCODE9"]).toContain(rcodeOf(reply));
      expect(reply.answer.length).toBeLessThanOrEqual(type === 255 ? 4 : IS_OURS ? 0 : 1);
    }
  });
});
