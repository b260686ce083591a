import { createSocket } from "node:dgram";
import type { Socket } from "node:dgram";
import { once } from "node:events";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { startEngine } from "../support/engine.ts";
import type { Server } from "../support/engine.ts";
import { askUdp, checkAnswers } from "../../bench/check-answers.ts";
import { ExpectedAnswers } from "../../bench/cluster-records.ts";
import {
  makeQuestions,
  makeServices,
  namespaceObjects,
  POD_CIDR,
  serviceName,
  serviceObject,
  sliceObjects,
} from "../../bench/cluster.ts";

const services = makeServices({ services: 40, endpoints: 3 });
const expected = new ExpectedAnswers(services);
const questions = makeQuestions(services, 200);
const [clusterIp, headless] = [services[0]!, services[3]!];
let server: Server;

beforeAll(async () => {
  const objects = [...namespaceObjects(services), ...services.map(serviceObject), ...services.flatMap(sliceObjects)];
  server = startEngine({ objects, podCidr: POD_CIDR });
  await server.ready;
});
afterAll(() => server.close());

test("our own answers are the ones that are worked out from the model", async () => {
  expect(await checkAnswers(server.addresses[0]!.port, questions, expected)).toEqual([]);
});

describe("a wrong answer is told", () => {
  let liar: Socket;
  let change: (reply: Buffer) => Buffer = (reply) => reply;

  // Passes our own server's answers on, changed.
  beforeAll(async () => {
    liar = createSocket("udp4");
    const upstream = createSocket("udp4");
    let client = 0;
    liar.on("message", (query, { port }) => {
      client = port;
      upstream.send(query, server.addresses[0]!.port, "127.0.0.1");
    });
    upstream.on("message", (reply) => liar.send(change(reply), client, "127.0.0.1"));
    liar.bind(0, "127.0.0.1");
    await once(liar, "listening");
    liar.once("close", () => upstream.close());
  });
  afterAll(() => liar.close());

  const poke = (at: number, value: number) => (reply: Buffer) => {
    reply[at < 0 ? reply.length + at : at] = value;
    return reply;
  };
  /** Replies here end with an OPT of 11 bytes. */
  const beforeOpt = (bytes: number): number => -11 - bytes;

  test.each([
    { name: "nothing wrong", service: clusterIp, type: "A", wrong: (reply: Buffer) => reply, told: undefined },
    { name: "an address", service: clusterIp, type: "A", wrong: poke(beforeOpt(1), 99), told: "not 1 records (" },
    { name: "a TTL", service: clusterIp, type: "A", wrong: poke(beforeOpt(7), 5), told: "not 1 records (" },
    {
      name: "one address of three",
      service: headless,
      type: "A",
      wrong: poke(beforeOpt(1), 99),
      told: "not 3 records (",
    },
    { name: "an rcode", service: clusterIp, type: "A", wrong: poke(3, 3), told: "NXDOMAIN, not NOERROR" },
    { name: "TC", service: clusterIp, type: "A", wrong: poke(2, 0x87), told: "flags" },
    { name: "no AA", service: clusterIp, type: "A", wrong: poke(2, 0x81), told: "flags" },
    { name: "another type asked", service: clusterIp, type: "AAAA", wrong: poke(12 + 42, 1), told: "another question" },
    {
      name: "an additional address",
      service: headless,
      type: "SRV",
      wrong: poke(beforeOpt(1), 99),
      told: "additional",
    },
  ] as const)("$name", async ({ service, type, wrong, told }) => {
    change = wrong;
    const faults = await checkAnswers(liar.address().port, [{ name: serviceName(service), type }], expected);
    if (told === undefined) expect(faults).toEqual([]);
    else expect(faults).toEqual([expect.stringContaining(told)]);
  });

  test("silence", async () => {
    const silent = createSocket("udp4");
    silent.bind(0, "127.0.0.1");
    await once(silent, "listening");
    const question = { name: serviceName(clusterIp), type: "A" } as const;
    expect(await checkAnswers(silent.address().port, [question], expected)).toEqual([
      expect.stringContaining("no answer"),
    ]);
    silent.close();
  });

  test("a closed port is no answer, and no exception", async () => {
    const gone = createSocket("udp4");
    gone.bind(0, "127.0.0.1");
    await once(gone, "listening");
    const { port } = gone.address();
    gone.close();
    await once(gone, "close");
    expect(await askUdp(port, { name: "a.", type: "A" })).toBeUndefined();
  });
});
