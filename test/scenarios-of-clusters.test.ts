// The scenarios of test/scenarios/ as the clusters of one server: each has an API and a domain of its own, and gets the
// answers that it gets alone. Their objects have the same namespaces, names and addresses.
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { optionsFromSettings } from "../src/config/settings.ts";
import { loadCluster } from "../src/planes/load-cluster.ts";
import { ApiServer } from "./support/api-server/api-server.ts";
import type { KubernetesObject } from "./support/api-server/resources.ts";
import { startEngine } from "./support/engine.ts";
import { UdpClient } from "./support/network.ts";
import { differences, parseQuestions, readSettings, writeQueries, zoneSettings } from "./support/scenario.ts";
import { liveObjects } from "./support/to-manifest.ts";
import { readMessage, writeQuery } from "./support/wire.ts";

/** Settings of a single cluster; others are the whole server's. */
const OWN_SETTINGS = ["serviceCidr", "podCidr"];
const DOMAIN = /\bcluster\.local\b/g;
const CLUSTERS_MAX = 30;

const scenarios = new URL("scenarios/", import.meta.url);
const cases = readdirSync(scenarios)
  .map((name) => ({ name, folder: new URL(`${name}/`, scenarios) }))
  .filter(({ folder }) => !readdirSync(folder).some((file) => /^hosts|\.zone$|\.hosts$/.test(file)))
  .filter(({ folder }) => Object.keys(readSettings(folder)).every((key) => OWN_SETTINGS.includes(key)));
const servers = Array.from({ length: Math.ceil(cases.length / CLUSTERS_MAX) }, (_, i) =>
  cases.slice(i * CLUSTERS_MAX, (i + 1) * CLUSTERS_MAX),
);

test.each(servers)("$name and the next", async (...some) => {
  const scratch = mkdtempSync(join(tmpdir(), "of-clusters-"));
  const apis: ApiServer[] = [];
  const values: string[] = [];
  for (const { name, folder } of some) {
    const settings = readSettings(folder);
    const { cluster } = await loadCluster([fileURLToPath(folder)], optionsFromSettings({ ...settings }));
    const api = await ApiServer.start();
    apis.push(api);
    api.replaceAll(liveObjects(cluster).map((object) => inDomain(object, `${name}.local`)));
    writeFileSync(join(scratch, name), api.kubeconfig());
    const serviceCidrs = [settings.serviceCidr ?? []].flat().map((cidr) => `,service-cidr=${cidr}`);
    const podCidrs = [settings.podCidr ?? []].flat().map((cidr) => `,pod-cidr=${cidr}`);
    values.push(
      `${name}=kubeconfig:${join(scratch, name)},domain=${name}.local${[...serviceCidrs, ...podCidrs].join("")}`,
    );
  }
  const server = startEngine({ cluster: values });
  const [address] = await server.ready;
  const client = await UdpClient.open(address!);
  try {
    expect(server.problems).toEqual([]);
    // A cluster that syncs while another is published follows a moment later.
    for (const { name } of some) {
      const soa = writeQuery({ id: 1, flags: 0x0100, name: `${name}.local.`, type: "SOA" });
      await expect.poll(async () => readMessage(await client.ask(soa)).rcode).toBe("NOERROR");
    }
    let asked = 0;
    const wrong: Record<string, readonly string[]> = {};
    for (const { name, folder } of some) {
      const zone = zoneSettings({ clusterDomain: `${name}.local` });
      const text = readFileSync(new URL("questions.txt", folder), "utf8").replaceAll(DOMAIN, `${name}.local`);
      // Reverse names are the first cluster's, and special names the server's: DS is theirs too (RFC 4035 3.1.4.1).
      const questions = parseQuestions(text, zone).filter(
        (each) => each.name.endsWith(`${name}.local.`) && each.type !== "DS",
      );
      asked += questions.length;
      for (const question of questions) {
        const { query, opt } = writeQueries(question).find(({ transport }) => transport === "UDP")!;
        const found = differences(question, query, opt, await client.ask(query), zone);
        if (found.length > 0) wrong[`${question.name} ${question.type}`] = found;
      }
    }
    expect(wrong).toEqual({});
    expect(asked).toBeGreaterThan(100);
  } finally {
    client.close();
    await server.close();
    for (const api of apis) await api.close();
    rmSync(scratch, { recursive: true });
  }
});

function inDomain(object: KubernetesObject, domain: string): KubernetesObject {
  return JSON.parse(JSON.stringify(object).replaceAll(DOMAIN, domain)) as KubernetesObject;
}
