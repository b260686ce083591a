// Any DNS server: our own, dnsmasq, and one that follows a script.
import { afterAll, describe, expect, test } from "vitest";
import { TYPE } from "../../src/dns/constants.ts";
import type { Outcome } from "../../src/expect/expectation.ts";
import { ServerNames } from "../../src/planes/server-names.ts";
import { headless, manyEndpoints, startServer } from "../support/cluster.ts";
import { whyNot } from "../support/optional-programs.ts";
import { freePort, ServerProcess } from "../support/process.ts";
import { ScriptedUpstream, writeReply } from "../support/scripted-upstream.ts";
import { writeOpt, writeOption } from "../support/wire.ts";
import { expectation } from "../expect/outcomes.ts";

const ends: (() => unknown)[] = [];
afterAll(() => Promise.all(ends.map((end) => end())));

function namesAt(port: number): ServerNames {
  const names = new ServerNames({ host: "127.0.0.1", port }, "cluster.local");
  ends.push(() => names.close());
  return names;
}

async function scripted(...args: Parameters<typeof ScriptedUpstream.open>): Promise<ServerNames> {
  const upstream = await ScriptedUpstream.open(...args);
  ends.push(() => upstream.close());
  return namesAt(upstream.upstream.port);
}

const ask = (names: ServerNames, name = "web.test."): Promise<Outcome> => names.ask(name, expectation());

test("our own server, over TCP for what UDP truncates", async () => {
  const { server, endpoint } = await startServer({ objects: headless("web", manyEndpoints(200)) });
  ends.push(() => server.close());
  const names = namesAt(endpoint.port);
  const { status, answer } = await ask(names, "web.default.svc.cluster.local.");
  expect([status, answer.length]).toEqual(["NOERROR", 200]);
  expect(await ask(names, "nope.default.svc.cluster.local.")).toMatchObject({ status: "NXDOMAIN", answer: [] });
});

test("dnsmasq", async ({ skip }) => {
  const missing = whyNot("dnsmasq");
  if (missing !== undefined) skip(missing);
  const port = await freePort();
  const flags = [
    "-k",
    "-p",
    `${port}`,
    "-C",
    "/dev/null",
    "-R",
    "-h",
    "-u",
    "",
    "--listen-address=127.0.0.1",
    "-z",
    "-i",
    "lo",
  ];
  const zone = ["--local=/cluster.local/", "--host-record=web.shop.svc.cluster.local,10.96.0.7"];
  const command = ["dnsmasq", ...flags, "--pid-file=", ...zone] as const;
  const server = await ServerProcess.start([...command], { port, name: "web.shop.svc.cluster.local" });
  ends.push(() => server.stop());
  const names = namesAt(port);
  expect(await ask(names, "web.shop.svc.cluster.local.")).toMatchObject({ status: "NOERROR", answer: ["10.96.0.7"] });
  expect(await ask(names, "nope.shop.svc.cluster.local.")).toMatchObject({ status: "NXDOMAIN" });
  expect(await names.ask("web.shop.svc.cluster.local.", expectation({ type: TYPE.AAAA }))).toMatchObject({
    status: "NODATA",
  });
});

describe("a server that fails", () => {
  test("nothing listens", async () => {
    const port = await freePort();
    expect(await ask(namesAt(port))).toEqual({
      status: "unanswered",
      name: "web.test.",
      answer: [],
      fault: `127.0.0.1:${port} refuses connections: nothing listens there (ECONNREFUSED)`,
    });
  });

  test("a lost reply is asked for once more", async () => {
    const names = await scripted(({ query }, nth) => (nth === 0 ? [] : [{ bytes: writeReply(query, { rcode: 3 }) }]));
    expect(await ask(names)).toMatchObject({ status: "NXDOMAIN" });
  });

  test("its extended error is the reason", async () => {
    const ede = writeOption(15, Buffer.from("\u0000\u0000no service web"));
    const names = await scripted(({ query }) => {
      const reply = writeReply(query, { rcode: 3, edns: false });
      reply.writeUInt16BE(1, 10);
      return [{ bytes: Buffer.concat([reply, writeOpt({ size: 1232, options: ede })]) }];
    });
    const outcome = await ask(names);
    expect(outcome).toMatchObject({ status: "NXDOMAIN", error: "no service web" });
    expect(names.explain(expectation(), outcome)).toEqual({ text: "no service web", details: [] });
  });

  test("without one there is no reason", async () => {
    const outcome = await ask(await scripted(({ query }) => [{ bytes: writeReply(query, { rcode: 5 }) }]));
    expect(outcome.status).toBe("REFUSED");
    expect(namesAt(1).explain(expectation(), outcome)).toBeUndefined();
  });
});

describe("who asks", () => {
  const candidatesOf = (from?: string): unknown =>
    namesAt(1).candidatesOf(expectation({ name: "web.db", ...(from !== undefined && { from }) }));

  test("a namespace and its pods have the search list of the cluster", () => {
    const names = ["web.db.shop.svc.cluster.local.", "web.db.svc.cluster.local.", "web.db.cluster.local.", "web.db."];
    expect(candidatesOf("shop")).toEqual(names);
    expect(candidatesOf("shop/web-0")).toEqual(names);
    expect(candidatesOf()).toEqual(["web.db."]);
  });

  test("an address does not tell its pod", () => {
    expect(candidatesOf("10.244.0.1")).toBe("127.0.0.1:1 does not tell which pod has the address 10.244.0.1");
  });
});
