// Serves manifests, asks questions over real sockets and compares the answers. Each folder of test/scenarios/ is one
// case: manifests (*.yaml), `questions.txt`, and optionally `settings.json` (keys of `EngineSettings`).
//
// `questions.txt` is zone-file text, one item a line. Names without a trailing dot are relative to `$ORIGIN`, which
// is the cluster domain until the file says otherwise (and itself relative to the cluster domain):
//
//   # row: svc-a svc-srv            the rows of docs/answers.md that the following questions show
//   ? web.default.svc A             a question; several types, or several lines, share one expectation
//   ; NOERROR                       the status, see below
//   web.default.svc A 10.96.0.20    the answer: `OWNER [TTL] [IN] TYPE RDATA`; without a TTL, the settings' one
//   ;; additional                   the following records are those of the additional section
//   # anything else                 a comment
//
// Status: `NOERROR` (authoritative, no authority section), `NODATA [ZONE]` and `NXDOMAIN [ZONE]` (authoritative, with
// exactly the SOA of ZONE, by default the cluster domain's, in authority), `REFUSED` (not authoritative, all sections
// empty), `SERVFAIL` (AA either way). `...` in an answer allows CNAMEs that the case does not name: at most ten, none
// twice. Sections are compared as sets, without duplicates; CNAMEs come first and in order. Any serial is accepted.
import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { KnownClient } from "../src/answer/client.ts";
import { optionsFromSettings } from "../src/config/settings.ts";
import { CompiledCluster } from "../src/planes/compiled-cluster.ts";
import { loadCluster } from "../src/planes/load-cluster.ts";
import type { Server } from "./support/engine.ts";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { reasonAgainstBatches } from "./support/batch/open-batch.ts";
import { startServer } from "./support/cluster.ts";
import { readExtendedError } from "./support/extended-error.ts";
import { askTcp, UdpClient, type Endpoint } from "./support/network.ts";
import { isThorough } from "./support/thorough.ts";
import { differences, parseQuestions, readSettings, writeQueries, zoneSettings } from "./support/scenario.ts";
import { readMessage, writeQuery } from "./support/wire.ts";

/** The implementations of UDP; batches only where they are available. */
const UDP_TRANSPORTS = reasonAgainstBatches() === undefined ? (["dgram", "batch"] as const) : (["dgram"] as const);

const scenarios = new URL("scenarios/", import.meta.url);
const cases = readdirSync(scenarios, { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .map(({ name }, index) => {
    const folder = new URL(`${name}/`, scenarios);
    const settings = readSettings(folder);
    const zone = zoneSettings(settings);
    const questions = parseQuestions(readFileSync(new URL("questions.txt", folder), "utf8"), zone);
    // Both take twice as long, and the answers come from the same code.
    const transports = isThorough ? UDP_TRANSPORTS : [UDP_TRANSPORTS[index % UDP_TRANSPORTS.length]!];
    return { name, folder, settings, zone, questions, transports };
  });

describe.each(cases)("$name", ({ folder, settings, zone, questions, transports }) => {
  const servers: Server[] = [];
  const clients: UdpClient[] = [];
  let endpoint: Endpoint;

  beforeAll(async () => {
    for (const udpTransport of transports) {
      const paths = [fileURLToPath(folder)];
      const running = await startServer({ ...settings, paths, udpTransport, udpWorkers: 1 });
      servers.push(running.server);
      clients.push(await UdpClient.open(running.endpoint));
      endpoint = running.endpoint;
    }
  });
  afterAll(async () => {
    for (const client of clients) client.close();
    await Promise.all(servers.map((server) => server.close()));
  });

  test.each(questions)("$name $type (line $line)", async (question) => {
    const results: Record<string, string[]> = {};
    for (const { transport, query, opt } of writeQueries(question)) {
      if (transport === "TCP") {
        const reply = await askTcp(endpoint, query);
        results["TCP"] = [...differences(question, query, opt, reply, zone), ...silences(reply)];
        continue;
      }
      for (const [i, client] of clients.entries()) {
        const reply = await client.ask(query);
        results[transports[i]!] = [...differences(question, query, opt, reply, zone), ...silences(reply)];
      }
    }
    expect(results).toEqual({ TCP: [], ...Object.fromEntries(transports.map((name) => [name, []])) });
  });
});

/** What is wrong with a reply to EDNS that has no records, and does not say why. */
function silences(reply: Buffer): readonly string[] {
  const { rcode, answer, opt } = readMessage(reply);
  const isDenial = opt !== undefined && (rcode !== "NOERROR" || answer.length === 0);
  return isDenial && (readExtendedError(reply)?.text ?? "") === "" ? ["does not say why"] : [];
}

test.each(["headless", "pods-verified", "special-names", "zone-files"])(
  "%s: --reasons off says nothing",
  async (name) => {
    const { folder, settings, questions } = cases.find((each) => each.name === name)!;
    const options = optionsFromSettings({ ...settings, reasons: "off" });
    const { cluster, zones } = await loadCluster([fileURLToPath(folder)], options);
    const compiled = new CompiledCluster(cluster, zones, options);
    const client = new KnownClient("udp", Uint8Array.of(127, 0, 0, 1));
    for (const question of questions) {
      const asked = compiled.ask(writeQuery({ ...question, opt: { size: 1232 } }), client);
      expect(typeof asked === "object" && (readExtendedError(asked.reply)?.text ?? "")).toBe("");
    }
  },
);

test("no case asks one question twice", () => {
  const twice = cases.flatMap(({ name, questions }) => {
    const asked = questions.map((question) => `${name}: ${question.name} ${question.type}`);
    return asked.filter((question, index) => asked.indexOf(question) !== index);
  });
  expect(twice).toEqual([]);
});
