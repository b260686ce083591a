// Broken situations: a question that gets no records, and what must be said about it. Each folder of test/situations/ is
// one case: manifests, zone files, hosts files and settings.json (keys of `EngineSettings`) as a user would have them,
// and `situation.txt`:
//
//   # What the user did. Then, if people reported it in public: `# Source: THREAD, what they saw`
//   check selector-no-pods          the codes of all that `check` reports on the folder; `-`: nothing
//   ask web.shop A from default     a question, and who asks it: a namespace, a pod as NAMESPACE/NAME, or an address
//   explain no service web in …     the reason in the first line of the explanation, up to a `; ` or in full
//   mentions web.prod               a text that the explanation has somewhere
//   reply web.shop.svc.cluster.local A: no service …    a query, and the text of the extended error in its reply, up to
//                                                       a `; ` or a `: ` or in full
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { optionsFromSettings } from "../src/config/settings.ts";
import { explain } from "../src/explain/explain.ts";
import type { ExplainView } from "../src/explain/explain-view.ts";
import { formatExplanation } from "../src/explain/format-explanation.ts";
import { checkCluster } from "../src/planes/check-cluster.ts";
import { loadCluster } from "../src/planes/load-cluster.ts";
import { loadedView } from "../src/planes/loaded-view.ts";
import type { ReasonCode } from "../src/reasons/reason.ts";
import type { Server } from "./support/engine.ts";
import { startServer } from "./support/cluster.ts";
import { UdpClient } from "./support/network.ts";
import { readSituations } from "./support/situation.ts";
import type { NegativeQuery } from "./support/situation.ts";
import { sampleOf } from "./support/thorough.ts";
import { readMessage, writeQuery } from "./support/wire.ts";

const situations = readSituations(new URL("situations/", import.meta.url));

describe.each(sampleOf(situations, 3))("$name", ({ path, settings: own, codes, questions, queries }) => {
  const settings = { upstream: ["none"], ...own };
  const options = optionsFromSettings(settings);

  test("check reports these codes", async () => {
    const { problems } = await checkCluster([path], options, noStdin);
    expect(problems.map(({ code }) => code).toSorted()).toEqual(codes);
  });

  let view: ExplainView;
  beforeAll(async () => {
    view = loadedView(await loadCluster([path], options), options);
  });

  test.each(questions)("explain begins with the reason: $name $type from $from", async (question) => {
    const { name, explain: reason, mentions } = question;
    const explanation = await explain(view, question);
    const text = "fault" in explanation ? explanation.fault : formatExplanation(explanation);
    expect(beginning(text, reason)).toBe(`${name} does not resolve: ${reason}.`);
    for (const mention of mentions) expect(text).toContain(mention);
  });

  describe.runIf(queries.length > 0)("a server", () => {
    let server: Server;
    let client: UdpClient;
    beforeAll(async () => {
      const running = await startServer({ ...settings, paths: [path] });
      server = running.server;
      client = await UdpClient.open(running.endpoint);
    });
    afterAll(async () => {
      client.close();
      await server.close();
    });

    test.each(queries)("says why it has no records for $name $type", async (query) => {
      const { records, text } = await ask(client, query);
      expect(records).toEqual([]);
      expect(text.slice(0, query.text.length)).toBe(query.text);
      expect(text.slice(query.text.length)).toMatch(/^(?:$|[;:] )/);
    });
  });
});

/** The first line of the explanation, without a list or a suggestion at its end that `reason` does not state. */
function beginning(text: string, reason: string): string {
  const [line = ""] = text.split("\n");
  return reason.includes("; ") ? line : line.replace(/; .*\.$/, ".");
}

function noStdin(): never {
  throw new Error("standard input is not a path of this test");
}

/** The records of the answer that are no aliases, and the text of the extended error (RFC 8914). */
async function ask(
  client: UdpClient,
  { name, type }: NegativeQuery,
): Promise<{ readonly records: readonly object[]; readonly text: string }> {
  const { answer, opt } = readMessage(await client.ask(writeQuery({ name, type, opt: { size: 1232 } })));
  const option = opt?.options.find(({ code }) => code === 15);
  return {
    records: answer.filter((record) => record.type !== "CNAME"),
    text: option?.data.toString("utf8", 2) ?? "no extended error",
  };
}

describe("the situations", () => {
  test("are many, tell what the user did, and a third of them are taken from public reports", () => {
    expect(situations.length).toBeGreaterThanOrEqual(60);
    expect(situations.filter(({ comments }) => !/^# .+\.$/.test(comments[0] ?? "")).map(({ name }) => name)).toEqual(
      [],
    );
    const reported = situations.filter(({ comments }) => /^# Source: \S+#\d+, .+/.test(comments[1] ?? ""));
    expect(reported.length).toBeGreaterThan(situations.length / 3);
  });

  test("have a question or a query, and each question has a sentence", () => {
    expect(situations.filter(({ questions, queries }) => questions.length + queries.length === 0)).toEqual([]);
    expect(situations.flatMap(({ questions }) => questions).filter(({ explain }) => explain === "")).toEqual([]);
  });

  test("show every reason, but for those that need a program, a special query, a second server or a moment", () => {
    const shown = situations.flatMap(({ questions }) => questions.map(({ explain }) => explain));
    const codes = Object.entries(BEGINNINGS).filter(([, beginning]) => !shown.some((text) => beginning.test(text)));
    expect(codes.map(([code]) => code)).toEqual([
      "not-loaded",
      "rewritten-to-no-name",
      "recursion-not-desired",
      "overridden",
      "upstream-failed",
      "upstream-denied",
      "no-upstream",
      "no-time-left",
      "overloaded",
      "stale",
    ]);
  });
});

const BEGINNINGS: Record<ReasonCode, RegExp> = {
  "no-service": /^no service /,
  "no-namespace": /^no such namespace: /,
  "no-ready-endpoint": /^no ready endpoint, /,
  "no-endpoint-name": /^no endpoint /,
  "endpoint-not-ready": /^endpoint .* is not ready$/,
  "port-not-named": /^port not named: /,
  "no-endpoint-port": /^no ready endpoint has the port /,
  "no-pod-address": /^no pod with the address /,
  "not-an-address": / is not an address: /,
  "pod-names-off": /^names of pods are off /,
  "no-external-name": /^the externalName of /,
  "no-cluster-name": / in the cluster /,
  "no-pointer": /^no service or ready endpoint has the address /,
  "no-cluster-ip": / has no cluster IP$/,
  "no-address-of-family": / has no IPv[46] address$/,
  "no-records-of-type": / records; it has /,
  "no-records": / has no records, only names below it have$/,
  "not-in-zone": / in the zone /,
  delegated: / is delegated to other name servers by the zone /,
  "special-not-forwarded": / are not forwarded$/,
  "cname-loop": /^the aliases from /,
  "not-loaded": / is not loaded yet$/,
  "client-not-allowed": / \(--allow\)$/,
  "recursion-not-allowed": / \(--allow-recursion\)$/,
  "not-served": / is in no local zone, and there is no upstream$/,
  "other-domain": /^no cluster here has the domain /,
  "rewritten-to-no-name": /^a rewrite rule turns /,
  "not-supported": /^questions of the type /,
  "recursion-not-desired": /, and the query does not ask for recursion$/,
  overridden: /^the program overrides /,
  "upstream-failed": /^upstream /,
  "upstream-denied": /^the upstream says /,
  "no-upstream": /^no upstream is up$/,
  "no-time-left": /^upstreams took too long$/,
  overloaded: /^too many /,
  stale: /^an expired answer: /,
};
