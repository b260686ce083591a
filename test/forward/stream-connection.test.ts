// One connection: what comes back on it, in any order and any shape.
import { connect } from "node:net";
import { afterEach, describe, expect, test } from "vitest";
import { StreamConnection } from "../../src/forward/stream-connection.ts";
import { writeUpstreamQuery } from "../../src/forward/upstream-query.ts";
import { until } from "../contract/transport-clients.ts";
import { ScriptedUpstream, answerOf, name, rightAnswer, writeReply } from "../support/scripted-upstream.ts";
import type { Script, Step } from "../support/scripted-upstream.ts";

const QUERY = writeUpstreamQuery({
  name: name("www.up.test."),
  type: 1,
  class: 1,
  dnssecOk: false,
  checkingDisabled: false,
});
const RIGHT = ["A 192.0.2.1"];

const cleanUp: (() => Promise<void> | void)[] = [];
afterEach(async () => {
  for (const step of cleanUp.splice(0).reverse()) await step();
});

async function start(script: Script) {
  const upstream = await ScriptedUpstream.open(script);
  const seen = { ended: false };
  const socket = connect(upstream.port, "127.0.0.1");
  const connection = new StreamConnection(socket, "connect", () => (seen.ended = true));
  cleanUp.push(
    () => upstream.close(),
    () => connection.destroy(),
  );
  const ask = async (withinMs = 2_000): Promise<unknown> => {
    const result = await connection.ask(QUERY, withinMs);
    return "reply" in result ? answerOf(result.reply) : result;
  };
  return { upstream, connection, seen, ask };
}

describe("replies", () => {
  test("in the opposite order find their queries", async () => {
    const held: Buffer[] = [];
    const { ask } = await start(({ query }) => {
      held.push(query);
      return held.length < 3 ? [] : held.toReversed().map((each) => ({ bytes: rightAnswer(each) }));
    });
    expect(await Promise.all([ask(), ask(), ask()])).toEqual([RIGHT, RIGHT, RIGHT]);
  });

  test("with unknown ids are ignored", async () => {
    const stray = (query: Buffer): Step => ({ bytes: writeReply(query, { id: (query.readUInt16BE(0) + 1) & 0xffff }) });
    const { ask, connection } = await start(({ query }) => [stray(query), { bytes: rightAnswer(query) }]);
    expect(await ask()).toEqual(RIGHT);
    expect(connection.isUsable).toBe(true);
  });

  test.each<[string, (query: Buffer) => Buffer, string]>([
    ["to another question", (query) => writeReply(query, { question: { name: "b.", type: "A" } }), "another question"],
    ["that are malformed", (query) => rightAnswer(query).subarray(0, -14), "malformed"],
    ["that are no messages", () => Buffer.alloc(3), "not DNS messages"],
  ])("%s are garbage at once", async (_, bytes, detail) => {
    const { ask } = await start(({ query }) => [{ bytes: bytes(query) }]);
    expect(await ask()).toEqual({ fault: "garbage", detail: expect.stringContaining(detail) as string });
  });
});

describe("bounds", () => {
  test("4,000 queries wait, no more", async () => {
    const { ask, connection } = await start(() => []);
    const results = Array.from({ length: 4_001 }, () => ask(10_000));
    expect(await results.at(-1)).toMatchObject({ fault: "busy" });
    connection.destroy();
    expect(await results[0]).toEqual({ fault: "closed" });
  });

  test("a connection that never said anything ends with its query's time", async () => {
    const { ask, connection, seen } = await start(() => []);
    expect(await ask(50)).toEqual({ fault: "timeout" });
    await until(() => seen.ended, "the connection's end");
    expect(connection.isUsable).toBe(false);
  });

  test("one that speaks to others goes on", async () => {
    const { ask, connection } = await start(({ query }, nth) => (nth === 0 ? [] : [{ bytes: rightAnswer(query) }]));
    const silent = ask(200);
    expect(await ask()).toEqual(RIGHT);
    expect(await silent).toEqual({ fault: "timeout" });
    expect([connection.isUsable, connection.isProven]).toEqual([true, true]);
  });

  test("the other side's end is seen", async () => {
    const { ask, connection, upstream, seen } = await start(({ query }) => [{ bytes: rightAnswer(query) }]);
    expect(await ask()).toEqual(RIGHT);
    upstream.dropConnections();
    await until(() => seen.ended, "the connection's end");
    expect(connection.isUsable).toBe(false);
  });
});
