// Explanations of a server that runs: what its clients are answered, upstreams included, and nothing that is counted.
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { optionsFromSettings } from "../../src/config/settings.ts";
import type { Explanation, ExplainQuestion } from "../../src/explain/explanation.ts";
import { createLog } from "../../src/observe/log.ts";
import { startServer } from "../../src/planes/server.ts";
import type { Server } from "../../src/planes/server.ts";
import { NO_RESOLV_CONF } from "../../src/resolv-conf/resolv-conf.ts";
import { service } from "../support/cluster.ts";
import { rightAnswer, ScriptedUpstream, soa, writeReply } from "../support/scripted-upstream.ts";
import { readMessage } from "../support/wire.ts";

/** An address for each name but `gone.example`. */
function answer(query: Buffer): Buffer {
  const { name, type } = readMessage(query).question!;
  if (type === "A" && name !== "gone.example.") return rightAnswer(query);
  const rcode = name === "gone.example." ? 3 : 0;
  return writeReply(query, { rcode, authority: [{ owner: "example.", type: "SOA", rdata: soa() }] });
}

let upstream: ScriptedUpstream;
let server: Server;
let address: string;
let dead: string;
beforeAll(async () => {
  upstream = await ScriptedUpstream.open(({ query }) => [{ bytes: answer(query) }]);
  address = upstream.upstream.text.replace("udp://", "");
  // Nothing listens there once it is closed.
  const closed = await ScriptedUpstream.open(() => []);
  dead = closed.upstream.text.replace("udp://", "");
  await closed.close();
  const settings = { upstream: address, stubDomain: `dead.example=${dead},none.example=none` };
  const objects = [service("web", "10.96.0.80")];
  server = startServer(optionsFromSettings(settings), { paths: [], objects, log: createLog("silent") });
  await server.ready;
});
afterAll(async () => {
  await server.close();
  await upstream.close();
});

async function explained(question: ExplainQuestion): Promise<Explanation> {
  const explanation = await server.explain(question, NO_RESOLV_CONF);
  if ("fault" in explanation) throw new Error(explanation.fault);
  return explanation;
}

describe("a running server explains", () => {
  test("names of its cluster", async () => {
    expect((await explained({ name: "web" })).sentence).toBe(
      "web resolves to 10.96.0.80: service web in namespace default (source program).",
    );
  });

  test("names that an upstream has, first asked and then from the cache", async () => {
    const first = await explained({ name: "www.example" });
    expect(first.sentence).toBe(`www.example resolves to 192.0.2.1: upstream ${address}.`);
    expect(first.candidates.map(({ outcome }) => outcome)).toEqual(["no-name", "no-name", "no-name", "records"]);
    expect((await explained({ name: "www.example." })).sentence).toBe(
      `www.example. resolves to 192.0.2.1: upstream ${address}, from the cache.`,
    );
  });

  test("names that no upstream has, or that none answers", async () => {
    expect((await explained({ name: "gone.example" })).sentence).toBe(
      "gone.example does not resolve: the upstream says that gone.example does not exist.",
    );
    const failed = await explained({ name: "db.dead.example." });
    expect(failed.sentence).toBe(
      `db.dead.example. does not resolve: upstream ${dead} refuses connections: nothing listens there.`,
    );
    expect(failed.candidates[0]!.decidedBy).toEqual({ kind: "stub-domain", subject: dead, domain: "dead.example" });
    expect((await explained({ name: "db.none.example." })).candidates[0]).toMatchObject({
      outcome: "refused",
      decidedBy: { kind: "stub-domain", subject: "none" },
    });
  });

  test("by the rules for the client", async () => {
    expect((await explained({ name: "www.example.", from: "8.8.8.8" })).sentence).toBe(
      "www.example. does not resolve: this client may only ask for local names (--allow-recursion).",
    );
  });

  test("without counting what it asks", async () => {
    const { total } = server.counts;
    await explained({ name: "web" });
    expect(server.counts.total).toBe(total);
  });

  test("a few names at a time", async () => {
    const all = await Promise.all(
      Array.from({ length: 6 }, () => server.explain({ name: "web.example." }, NO_RESOLV_CONF)),
    );
    expect(all.filter((each) => "fault" in each && each.isBusy === true)).toHaveLength(2);
    expect((await explained({ name: "web" })).isResolved).toBe(true);
  });
});
