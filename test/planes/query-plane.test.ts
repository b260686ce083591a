// The query log of whole servers: every transport, answers of worker threads and of the main thread, filters, samples.
import { describe, expect, test } from "vitest";
import { KnownClient } from "../../src/answer/client.ts";
import { optionsFromSettings } from "../../src/config/settings.ts";
import { createLog } from "../../src/observe/log.ts";
import { LogOutput } from "../../src/observe/log-output.ts";
import { QueryPlane } from "../../src/planes/query-plane.ts";
import { RecordingAnswerer } from "../../src/query-log/recording-answerer.ts";
import { edeOf, startForwarding } from "../support/forwarding.ts";
import type { EngineSettings } from "../support/engine.ts";
import { headless, service } from "../support/cluster.ts";
import { keptLog } from "../support/kept-log.ts";
import { askTcp } from "../support/network.ts";
import { address, writeReply } from "../support/scripted-upstream.ts";
import { writeQuery } from "../support/wire.ts";

const Z = "cluster.local.";
/** The tests themselves ask from there. */
const CLIENT = {
  apiVersion: "v1",
  kind: "Pod",
  metadata: { name: "client-0", namespace: "shop" },
  spec: {},
  status: { podIP: "127.0.0.1", phase: "Running" },
};
const MAIL = {
  apiVersion: "v1",
  kind: "Service",
  metadata: { name: "mail", namespace: "default" },
  spec: { type: "ExternalName", externalName: "www.up.test" },
};
const OBJECTS = [
  CLIENT,
  MAIL,
  service("web", "10.96.0.80"),
  ...headless("db", [{ address: "10.244.0.7", hostname: "db-0" }]),
];

/** Runs a server while `use` asks; resolves with what it has logged. */
async function logged(
  settings: EngineSettings,
  use: (forwarding: Awaited<ReturnType<typeof startForwarding>>) => Promise<unknown>,
): Promise<string[]> {
  const { output, lines } = keptLog();
  const forwarding = await startForwarding({ objects: OBJECTS, output, ...settings });
  try {
    await use(forwarding);
  } finally {
    await forwarding.close();
  }
  await output.flush(10_000);
  return lines();
}

const fields = (lines: readonly string[], ...names: string[]): unknown[][] =>
  lines.map((line) => {
    const fieldsOf = JSON.parse(line) as Record<string, unknown>;
    return names.map((name) => fieldsOf[name]);
  });

describe.each(["dgram", "batch"] as const)("over %s", (udpTransport) => {
  test.skipIf(udpTransport === "batch" && process.platform !== "linux")("each query has its line", async () => {
    const lines = await logged({ queryLog: "all", udpTransport, udpWorkers: 1 }, async ({ client, endpoint }) => {
      for (const [name, type] of [
        [`web.default.svc.${Z}`, "A"],
        [`web.default.svc.${Z}`, "AAAA"],
        [`db.default.svc.${Z}`, "A"],
        [`db-0.db.default.svc.${Z}`, "A"],
        [`10-244-0-7.default.pod.${Z}`, "A"],
        [`none.default.svc.${Z}`, "A"],
        [Z, "SOA"],
        ["7.0.244.10.in-addr.arpa.", "PTR"],
        ["localhost.", "A"],
        ["new.up.test.", "A"],
        ["new.up.test.", "A"],
        [`mail.default.svc.${Z}`, "CNAME"],
        [`mail.default.svc.${Z}`, "A"],
        [Z, "AXFR"],
      ] as const)
        await client.ask(name, type);
      await askTcp(endpoint, writeQuery({ name: `WEB.default.svc.${Z}`, type: "A" }));
    });
    // Workers and the main thread have rings of their own.
    const seen = fields(lines, "name", "type", "transport", "rcode", "cause", "pod").map((each) => each.join(" "));
    expect(seen.toSorted()).toEqual(
      [
        `web.default.svc.${Z} A udp NOERROR service`,
        `web.default.svc.${Z} AAAA udp NOERROR no-type`,
        `db.default.svc.${Z} A udp NOERROR headless`,
        `db-0.db.default.svc.${Z} A udp NOERROR endpoint`,
        `10-244-0-7.default.pod.${Z} A udp NOERROR pod`,
        `none.default.svc.${Z} A udp NXDOMAIN no-name`,
        `${Z} SOA udp NOERROR zone`,
        `7.0.244.10.in-addr.arpa. PTR udp NOERROR pointer`,
        "localhost. A udp NOERROR special",
        "new.up.test. A udp NOERROR forwarded",
        "new.up.test. A udp NOERROR cache",
        `mail.default.svc.${Z} CNAME udp NOERROR external-name`,
        `mail.default.svc.${Z} A udp NOERROR forwarded`,
        `${Z} AXFR udp REFUSED unsupported`,
        `web.default.svc.${Z} A tcp NOERROR service`,
      ]
        .map((line) => `${line} shop/client-0`)
        .toSorted(),
    );
    for (const [client, port, time, durationMs] of fields(lines, "client", "port", "time", "durationMs")) {
      expect([client, Number(port) > 1024]).toEqual(["127.0.0.1", true]);
      expect(Math.abs(Date.parse(String(time)) - Date.now())).toBeLessThan(60_000);
      expect(durationMs).toBeGreaterThan(0);
    }
  });
});

describe("what is logged", () => {
  test("errors alone, with the code of the extended error that says more than Other", async () => {
    const settings = { queryLog: "errors", stubDomain: "refused.example=none" };
    const lines = await logged(settings, async ({ client, upstream }) => {
      upstream.say("bad.up.test.", ({ query }) => [{ bytes: writeReply(query, { flags: 0x8182 }) }]);
      await client.ask(`web.default.svc.${Z}`);
      await client.ask(`none.default.svc.${Z}`);
      expect(edeOf(await client.ask("bad.up.test."))).toBe(0);
      expect(edeOf(await client.ask("www.refused.example."))).toBe(20);
    });
    expect(fields(lines, "name", "rcode", "ede", "cause")).toEqual([
      ["bad.up.test.", "SERVFAIL", undefined, "failed"],
      ["www.refused.example.", "REFUSED", 20, "not-served"],
    ]);
  });

  test("what passes all filters", async () => {
    const settings = {
      queryLog: "all",
      queryLogName: [`default.svc.${Z}`, "up.test"],
      queryLogClient: "127.0.0.0/8",
      queryLogRcode: "NXDOMAIN",
    };
    const ask = async ({ client }: Awaited<ReturnType<typeof startForwarding>>): Promise<void> => {
      for (const name of [`web.default.svc.${Z}`, `none.default.svc.${Z}`, `none.svc.${Z}`, "default.svc.example."])
        await client.ask(name);
    };
    expect(fields(await logged(settings, ask), "name")).toEqual([[`none.default.svc.${Z}`]]);
    expect(await logged({ ...settings, queryLogClient: "10.0.0.0/8" }, ask)).toEqual([]);
  });

  test("slow answers alone", async () => {
    const lines = await logged({ queryLog: "all", queryLogSlowerThan: 50 }, async ({ client, upstream }) => {
      upstream.say("slow.up.test.", ({ query }) => {
        const answer = [{ owner: "slow.up.test.", type: "A", ttl: 60, rdata: address("192.0.2.7") }];
        return [{ bytes: writeReply(query, { answer }), afterMs: 80 }];
      });
      for (const name of [`web.default.svc.${Z}`, "slow.up.test.", "slow.up.test."]) await client.ask(name);
    });
    expect(fields(lines, "name", "cause")).toEqual([["slow.up.test.", "forwarded"]]);
    expect(Number(fields(lines, "durationMs")[0]![0])).toBeGreaterThan(79);
  });

  test("a sample", async () => {
    const lines = await logged({ queryLog: "sample:1/10", udpTransport: "dgram" }, async ({ client }) => {
      await Promise.all(Array.from({ length: 1000 }, () => client.ask(`web.default.svc.${Z}`)));
    });
    // Beyond ten standard deviations.
    expect(lines.length).toBeGreaterThan(5);
    expect(lines.length).toBeLessThan(195);
  });

  test("CoreDNS's format", async () => {
    const lines = await logged({ queryLog: "all", queryLogFormat: "coredns" }, ({ client }) =>
      client.ask(`web.default.svc.${Z}`),
    );
    expect(lines).toEqual([
      expect.stringMatching(
        /^\[INFO\] 127\.0\.0\.1:\d+ - 1 "A IN web\.default\.svc\.cluster\.local\. udp 58 false 1232" NOERROR qr,aa,rd,ra \d+ 0\.\d+s$/,
      ),
    ]);
  });

  test("nothing where the log is off", async () => {
    expect(await logged({}, ({ client }) => client.ask(`web.default.svc.${Z}`))).toEqual([]);
  });
});

test("queries that the log has no room for are counted, and the rest of the log is not lost", async () => {
  let isStalled = true;
  let text = "";
  const waiting: (() => void)[] = [];
  const output = new LogOutput((bytes, done) => {
    const go = (): void => {
      text += bytes.toString();
      done(null, bytes.length);
    };
    if (isStalled) waiting.push(go);
    else setImmediate(go);
  });
  const settings = { objects: OBJECTS, output, queryLog: "all", logLevel: "info", udpTransport: "dgram" } as const;
  const { client, close } = await startForwarding(settings);
  for (let i = 0; i < 50; i++) await Promise.all(Array.from({ length: 100 }, () => client.ask(`web.default.svc.${Z}`)));
  await close();
  isStalled = false;
  for (const go of waiting) go();
  await output.flush(10_000);
  const lines = text.split("\n").slice(0, -1);
  const queries = lines.filter((line) => line.includes('"msg":"query"')).length;
  const [warning] = lines.filter((line) => line.includes("queries are missing in the query log or in dnstap"));
  expect(queries).toBeGreaterThan(1000);
  expect((JSON.parse(warning!) as { count: number }).count).toBe(5000 - queries);
  expect(lines.at(-1)).toContain('"msg":"stopped"');
});

test("where nobody logs queries, nothing is missing from the log", async () => {
  const { output, lines } = keptLog();
  const cluster = { podAt: () => undefined, kindOf: () => "zone" };
  const parts = { log: createLog("info", output), output, cluster };
  const plane = new QueryPlane(optionsFromSettings({}), parts);
  plane.feed.subscribe({ wish: { success: 1, denial: 1, error: 1, mayLose: true }, take: () => undefined });
  const client = new KnownClient("udp", Uint8Array.of(127, 0, 0, 1), 5353);
  const answerer = new RecordingAnswerer({ answer: () => 12 }, plane.feed.newMemory(), 1);
  const query = writeQuery({ name: "a.z.", type: "A" });
  for (let i = 0; i < 20_000; i++) answerer.answer(query, 0, query.length, Buffer.alloc(512), 0, client);
  await plane.close();
  await output.flush(10_000);
  expect(plane.feed.counts.dropped).toBeGreaterThan(0);
  expect(lines()).toEqual([]);
});
