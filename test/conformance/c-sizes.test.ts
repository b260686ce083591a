// Section C, sizes: what fits goes in whole; what does not is cut after whole records, with TC. RFC 1035 4.2.1,
// RFC 6891 6.2.3, RFC 2181 9, RFC 9715.
import { expect } from "vitest";
import { readMessage, writeQuery, type Query } from "../support/wire.ts";
import { answerBytes, LARGE, largeName } from "./fixture.ts";
import { rcodeOf, sizeFaults } from "./judge.ts";
import { askFor, linkTo } from "./links.ts";
import { COOKIE, ID } from "./packets.ts";
import { checkOurs, conformanceSuite, type AskedWay } from "./suite.ts";
import { IS_OURS, startOurs } from "./target.ts";

const { over } = conformanceSuite("whole");
const BIG = largeName(LARGE.big);

async function askSized(link: AskedWay, name: string, size?: number, options?: Buffer) {
  const opt = size === undefined ? {} : { opt: { size, ...(options === undefined ? {} : { options }) } };
  const query: Query = { name, type: "A", id: ID, ...opt };
  const bytes = await link.ask(writeQuery(query));
  expect(sizeFaults(query, bytes)).toEqual([]);
  return { bytes, message: readMessage(bytes) };
}

over("udp", ({ check }) => {
  check("C01", async (link) => {
    for (const size of [0, 100, 511]) {
      const { message } = await askSized(link, BIG, size);
      expect(message, `size ${size}`).toMatchObject({ rcode: "NOERROR", flags: { tc: true } });
      expect(message.opt).toBeDefined();
    }
  });

  check("C02", async (link) => {
    const { message } = await askSized(link, BIG);
    expect(message).toMatchObject({ flags: { tc: true }, question: { name: BIG }, opt: undefined });
  });

  check("C03", async (link) => {
    const fits = await askSized(link, largeName(LARGE.plain512));
    expect({ tc: fits.message.flags.tc, bytes: fits.bytes.length }).toEqual({ tc: false, bytes: 512 });
    expect((await askSized(link, largeName(LARGE.plain513))).message.flags.tc).toBe(true);
  });

  check("C04", async (link) => {
    const fits = await askSized(link, largeName(LARGE.edns1232), 4096);
    expect({ tc: fits.message.flags.tc, bytes: fits.bytes.length }).toEqual({ tc: false, bytes: 1232 });
    expect((await askSized(link, largeName(LARGE.edns1233), 4096)).message.flags.tc).toBe(true);
  });

  check("C05", async (link) => {
    for (const size of [1400, 65_535]) expect((await askSized(link, BIG, size)).message.flags.tc).toBe(true);
  });

  check("C06", async (link) => {
    const cut = async (size: number | undefined, limit: number): Promise<readonly string[]> => {
      const { message } = await askSized(link, BIG, size);
      const most = Math.floor((limit - answerBytes({ ...LARGE.big, count: 0 }, size !== undefined)) / 16);
      expect(message).toMatchObject({ rcode: "NOERROR", flags: { tc: true, aa: true }, authority: [] });
      expect(message.opt === undefined).toBe(size === undefined);
      const addresses = message.answer.map(({ rdata }) => rdata);
      expect([addresses.length, new Set(addresses).size], `size ${size}`).toEqual([most, most]);
      return addresses;
    };
    expect(await cut(1232, 1232)).toHaveLength(73);
    if (!IS_OURS) return;
    for (const size of [undefined, 0, 511, 512]) await cut(size, 512);
    for (const [size, limit] of [
      [700, 700],
      [4096, 1232],
      [65_535, 1232],
    ] as const)
      await cut(size, limit);
    // A client without TCP reaches every address in time.
    const seen = new Set<string>();
    for (let n = 0; n < 400 && seen.size < LARGE.big.count; n++)
      for (const address of await cut(1232, 1232)) seen.add(address);
    expect(seen.size).toBe(LARGE.big.count);
  });

  check("C28", async (link) => {
    const { message } = await askSized(link, BIG, 1232, COOKIE);
    // A demand for a cookie is an answer as well.
    expect(message.flags.tc || rcodeOf(message) === "RCODE23").toBe(true);
    expect((await askSized(link, BIG, 1232)).message.flags.tc).toBe(true);
  });
});

checkOurs("C05", async () => {
  const wide = await startOurs(["--edns-size", "4096"], "whole");
  try {
    const ask = (size: number) => askFor(linkTo("udp", wide.v4!), { name: BIG, type: "A", opt: { size } });
    const whole = await ask(4096);
    expect({ tc: whole.flags.tc, count: whole.answer.length }).toEqual({ tc: false, count: LARGE.big.count });
    expect((await ask(1400)).flags.tc).toBe(true);
  } finally {
    await wide.stop();
  }
});
