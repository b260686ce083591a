// Section G: what is not offered is refused: transfers, NOTIFY, UPDATE, other opcodes, signed messages. RFC 5936, 1996,
// 2136, 8945, 8490.
import { expect } from "vitest";
import { treeUsage } from "../../bench/process-usage.ts";
import { expectMsBelow } from "../support/timing.ts";
import { readMessage, writeQuestion, writeRecord, writeTsig, type Tsig } from "../support/wire.ts";
import { rcodeOf } from "./judge.ts";
import { isAlive, withDatagrams, type Link } from "./links.ts";
import { hex, ID, message, soaQuery, ZONE } from "./packets.ts";
import { conformanceSuite } from "./suite.ts";
import { IS_OURS } from "./target.ts";
import { needPid } from "./usage.ts";

const { over } = conformanceSuite();
const REFUSALS = ["FORMERR", "NOTIMP", "REFUSED"];
const SOA = 6;
const [IXFR, AXFR] = [251, 252];
/** Keys of TSIG, and what it says about them. */
const [NOTAUTH, BADKEY] = ["RCODE9", 17];

function expectRefused(reply: Buffer, wanted: readonly string[]): void {
  const decoded = readMessage(reply);
  expect(wanted).toContain(decoded.rcode);
  expect(decoded).toMatchObject({ id: ID, answer: [], authority: [], flags: { qr: true, aa: false } });
}

over("udp", ({ check }) => {
  check("G01", async (link) => {
    for (const type of [AXFR, IXFR])
      expectRefused(await link.ask(message(0, [1, 0, 0, 0], writeQuestion(ZONE, type))), REFUSALS);
  });
});

over("tcp", ({ check }) => {
  check("G02", async (link) => {
    expectRefused(await link.ask(message(0, [1, 0, 0, 0], writeQuestion(ZONE, AXFR))), ["REFUSED", "NOTIMP"]);
    const soa = writeRecord({ owner: ZONE, type: SOA, rdata: Buffer.concat([hex("0000"), Buffer.alloc(20)]) });
    expectRefused(await link.ask(message(0, [1, 0, 1, 0], writeQuestion(ZONE, IXFR), soa)), ["REFUSED", "NOTIMP"]);
    expect(await isAlive(link)).toBe(true);
  });
});

over("all", ({ check }) => {
  check("G05", async (link) => {
    const reply = await link.ask(message(0x2000, [1, 0, 0, 0], writeQuestion(ZONE, SOA)));
    expectRefused(reply, IS_OURS ? ["NOTIMP"] : ["REFUSED", "NOTIMP"]);
    expect(readMessage(reply).opcode).toBe(4);
  });

  check("G06", async (link) => {
    for (const recordClass of [1, 254, 255]) {
      const rdata = recordClass === 1 ? hex("0a000001") : Buffer.alloc(0);
      const update = writeRecord({ owner: `new.${ZONE}`, type: 1, class: recordClass, rdata });
      const reply = await link.ask(message(0x2800, [1, 0, 1, 0], writeQuestion(ZONE, SOA), update));
      expectRefused(reply, IS_OURS ? ["NOTIMP"] : ["REFUSED", "NOTIMP", "FORMERR", "RCODE9"]);
      expect(readMessage(reply).opcode).toBe(5);
    }
  });

  check("G08", async (link) => {
    const nowS = Math.floor(Date.now() / 1000);
    const faults: readonly Partial<Tsig>[] = [
      {},
      { mac: Buffer.alloc(16) },
      { timeS: nowS + 600 },
      { timeS: nowS - 600 },
    ];
    for (const fault of faults) expectBadKey(await askSigned(link, fault));
    expect(await isAlive(link)).toBe(true);
  });

  check("G09", async (link) => {
    for (const opcode of IS_OURS ? [1, 2, 3, 6, 7] : [1, 2, 3, 6]) {
      const reply = await link.ask(message(opcode << 11, [1, 0, 0, 0], writeQuestion(ZONE, SOA)));
      expectRefused(reply, ["NOTIMP"]);
      expect(readMessage(reply).opcode).toBe(opcode);
    }
  });
});

function askSigned(link: Link, fault: Partial<Tsig>): Promise<Buffer> {
  return link.ask(message(0, [1, 0, 0, 1], writeQuestion(ZONE, SOA), writeTsig({ id: ID, key: "nobody.", ...fault })));
}

/** NOTAUTH with one TSIG that names the key and is not signed: RFC 8945 5.2.1. */
function expectBadKey(reply: Buffer): void {
  const decoded = readMessage(reply);
  expect(rcodeOf(decoded)).toBe(NOTAUTH);
  expect(decoded).toMatchObject({ answer: [], authority: [] });
  expect(decoded.additional.map(({ owner, type }) => `${owner} ${type}`)).toEqual(["nobody. TYPE250"]);
  const rdata = hex(decoded.additional[0]!.rdata.split(" ")[2]!);
  const tail = rdata.subarray(hex("0b 686d61632d736861323536 00").length + 6 + 2);
  const macBytes = tail.readUInt16BE(0);
  const error = tail.readUInt16BE(2 + macBytes + 2);
  expect({ macBytes, error }).toEqual({ macBytes: 0, error: BADKEY });
}

over("each server", ({ check }) => {
  check("G10", async (link, context) => {
    const pid = needPid(link.target, context);
    const [rounds, atOnce] = [40, 50];
    const cpuUs = async (more: Parameters<typeof soaQuery>[0], label: string): Promise<number> => {
      const before = treeUsage(pid).cpuUs;
      for (let round = 0; round < rounds; round++) {
        const queries = Array.from({ length: atOnce }, (_, n) => {
          const query = soaQuery({ name: `${label}${round}-${n}.default.svc.${ZONE}`, type: "A", ...more });
          query.writeUInt16BE(n, 0);
          return query;
        });
        await withDatagrams(link.endpoint, async (client) => {
          client.send(...queries);
          expect(await client.until(() => client.received.length >= atOnce)).toBe(true);
          for (const reply of client.received) expect(reply.readUInt8(3) & 15).toBe(3);
        });
      }
      return treeUsage(pid).cpuUs - before;
    };
    await cpuUs({}, "warm");
    const plain = await cpuUs({ opt: { size: 1232 } }, "plain");
    const withDo = await cpuUs({ opt: { size: 1232, flags: 0x8000 } }, "do");
    // A tick of the clock is 10 ms: hashing names 2,000 times would be many.
    expectMsBelow(withDo / 1000, (plain / 1000) * 2 + 50);
  });
});
