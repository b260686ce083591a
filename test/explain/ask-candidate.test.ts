// What is told of one candidate: its replies and their sizes, what decided them, the objects behind the name.
import { describe, expect, test } from "vitest";
import { CAUSE } from "../../src/answer/answer-note.ts";
import { KnownClient } from "../../src/answer/client.ts";
import { optionsFromSettings } from "../../src/config/settings.ts";
import { askCandidate } from "../../src/explain/ask-candidate.ts";
import type { CandidateOutcome } from "../../src/explain/explanation.ts";
import type { ExplainView } from "../../src/explain/explain-view.ts";
import { headless } from "../../src/library/builders.ts";
import { parseObjects } from "../../src/library/parse-objects.ts";
import { loadedView } from "../../src/planes/loaded-view.ts";
import { smallView } from "../support/explained.ts";
import { loadObjects } from "../support/loaded-cluster.ts";
import { writeReply } from "../support/scripted-upstream.ts";
import { readMessage, writeQuery } from "../support/wire.ts";

const ADDRESS = new Uint8Array([10, 244, 0, 9]);
const A = 1;
const SRV = 33;

function ask(view: ExplainView, name: string, type = A): Promise<CandidateOutcome> {
  return askCandidate({ name, types: [type], client: new KnownClient("tcp", ADDRESS), isAllowed: true }, view);
}

async function viewOf(endpoints: number, settings: object): Promise<ExplainView> {
  const addresses = Array.from({ length: endpoints }, (_, i) => `10.244.1.${i + 1}`);
  const objects = parseObjects(headless({ name: "db", endpoints: addresses, ports: { sql: 5432 } }), "default");
  const options = optionsFromSettings({ ...settings });
  return loadedView(await loadObjects(objects)([], options), options);
}

/** Whether the reply over UDP says that it is cut. */
async function isCut(view: ExplainView, name: string, type: string, size?: number): Promise<boolean> {
  const query = writeQuery({ id: 1, name, type, ...(size !== undefined && { opt: { size } }) });
  const asked = await view.ask(query, new KnownClient("udp", ADDRESS));
  if (typeof asked === "string") throw new Error(asked);
  return readMessage(Buffer.from(asked.reply)).flags.tc;
}

describe("the size of a reply", () => {
  test.each([
    ["A", "db.default.svc.cluster.local.", 1232],
    ["A", "db.default.svc.cluster.local.", 512],
    ["SRV", "_sql._tcp.db.default.svc.cluster.local.", 1232],
  ])("of %s tells whether it is cut over UDP, with --edns-size %3$d", async (type, name, ednsSize) => {
    const seen = new Set<string>();
    for (let endpoints = 1; endpoints <= 90; endpoints++) {
      const view = await viewOf(endpoints, { ednsSize });
      const { replies } = await ask(view, name, type === "A" ? A : SRV);
      const { isCutWithoutEdns, isCutWithEdns } = replies[0]!.size!;
      const found = { isCutWithoutEdns, isCutWithEdns };
      seen.add(JSON.stringify(found));
      expect({ endpoints, ...found }).toEqual({
        endpoints,
        isCutWithoutEdns: await isCut(view, name, type),
        isCutWithEdns: await isCut(view, name, type, 4096),
      });
    }
    expect(seen.size).toBeGreaterThan(1);
  });
});

describe("what decided", () => {
  test.each<[settings: object, name: string, decidedBy: object]>([
    [{}, "web.prod.svc.cluster.local.", { kind: "cluster", subject: "cluster.local" }],
    [{}, "printer.local.", { kind: "special", subject: "local" }],
    [{}, "5.0.244.10.in-addr.arpa.", { kind: "reverse", subject: "5.0.244.10.in-addr.arpa" }],
    [{}, "example.com.", { kind: "nothing", subject: "example.com" }],
    [{ upstream: "192.0.2.1,192.0.2.2" }, "example.com.", { kind: "upstream", subject: "192.0.2.1, 192.0.2.2" }],
    [
      { stubDomain: "corp.example=192.0.2.3,a.corp.example=192.0.2.4" },
      "db.a.corp.example.",
      { kind: "stub-domain", subject: "192.0.2.4", domain: "a.corp.example" },
    ],
    [{ stubDomain: "corp.example=none" }, "corp.example.", { kind: "stub-domain", subject: "none" }],
    [{ rewrite: "name regex (.*)\\.bad\\.example\\.? {1}..bad" }, "x.bad.example.", { kind: "rewrite" }],
  ])("with %j: %s", async (settings, name, decidedBy) => {
    expect((await ask(await smallView({ ...settings }), name)).decidedBy).toMatchObject(decidedBy);
  });
});

describe("the objects", () => {
  test("of a service: pods and endpoints that are not ready first, and why", async () => {
    const { service } = await ask(await smallView(), "db.prod.svc.cluster.local.");
    expect(service).toMatchObject({
      name: "db",
      type: "Headless",
      selector: { app: "db" },
      ports: [{ name: "sql", srv: "_sql._tcp.db.prod.svc.cluster.local." }],
      pods: [
        { name: "db-1", isReady: false, why: "its condition Ready is not True, or it is being deleted" },
        { name: "db-0", isReady: true },
      ],
      podCount: 2,
      slices: [{ isDerived: true, endpoints: [{ label: "10-244-0-6", isReady: false }, { label: "db-0" }] }],
    });
  });

  test("of an alias, and of a pointer", async () => {
    const view = await smallView({ upstream: "192.0.2.1" });
    expect(await ask(view, "mail.prod.svc.cluster.local.")).toMatchObject({
      outcome: "forwarded",
      service: { name: "mail", type: "ExternalName", externalName: "mail.example.com" },
    });
    expect((await ask(view, "20.0.96.10.in-addr.arpa.", 12)).service).toMatchObject({ name: "web" });
  });
});

test("of an upstream's failure, which upstream it was and what that says itself", async () => {
  const errors = [
    [9, "no DNSKEY"],
    [0, "upstream 10.0.0.2 answers SERVFAIL"],
  ] as const;
  const view: ExplainView = {
    ...(await smallView({ upstream: "10.0.0.2" })),
    ask: (query) => ({
      reply: writeReply(query, { rcode: 2, errors }),
      note: { rcode: 2, ede: 9, cause: CAUSE.FORWARDED },
    }),
  };
  expect(await ask(view, "www.example.com.")).toMatchObject({
    outcome: "failed",
    reason: { code: "upstream-failed", upstream: "10.0.0.2", cause: "answers SERVFAIL: no DNSKEY" },
  });
});
