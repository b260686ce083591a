// The scenarios of test/scenarios/ through the API of a cluster: an API server has the objects that the manifests and the
// controllers make, and a server that follows it gives the same answers. Zone files and hosts files are in no API.
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { optionsFromSettings } from "../src/config/settings.ts";
import { loadCluster } from "../src/planes/load-cluster.ts";
import { ApiServer } from "./support/api-server/api-server.ts";
import { startEngine } from "./support/engine.ts";
import type { Server } from "./support/engine.ts";
import { UdpClient } from "./support/network.ts";
import { differences, parseQuestions, readSettings, writeQueries, zoneSettings } from "./support/scenario.ts";
import { sampleOf } from "./support/thorough.ts";
import { liveObjects } from "./support/to-manifest.ts";

const scenarios = new URL("scenarios/", import.meta.url);
const cases = readdirSync(scenarios)
  .map((name) => ({ name, folder: new URL(`${name}/`, scenarios) }))
  .filter(({ folder }) => !readdirSync(folder).some((file) => /^hosts|\.zone$|\.hosts$/.test(file)));

describe.each(sampleOf(cases, 3))("$name", ({ folder }) => {
  const settings = readSettings(folder);
  const zone = zoneSettings(settings);
  const questions = parseQuestions(readFileSync(new URL("questions.txt", folder), "utf8"), zone);
  const scratch = mkdtempSync(join(tmpdir(), "by-api-"));
  let api: ApiServer;
  let server: Server;
  let client: UdpClient;

  beforeAll(async () => {
    api = await ApiServer.start();
    const { cluster } = await loadCluster([fileURLToPath(folder)], optionsFromSettings({ ...settings }));
    api.replaceAll(liveObjects(cluster));
    writeFileSync(join(scratch, "kubeconfig"), api.kubeconfig());
    server = startEngine({ ...settings, source: "kubernetes", kubeconfig: join(scratch, "kubeconfig") });
    const [address] = await server.ready;
    client = await UdpClient.open(address!);
  });
  afterAll(async () => {
    client.close();
    await server.close();
    await api.close();
    rmSync(scratch, { recursive: true });
  });

  test("has the same answers", async () => {
    expect(server.problems).toEqual([]);
    const wrong: Record<string, readonly string[]> = {};
    for (const question of questions) {
      const { query, opt } = writeQueries(question).find(({ transport }) => transport === "UDP")!;
      const found = differences(question, query, opt, await client.ask(query), zone);
      if (found.length > 0) wrong[`${question.name} ${question.type}`] = found;
    }
    expect(wrong).toEqual({});
  });
});
