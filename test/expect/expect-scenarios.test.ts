// Manifests and servers agree: for every question of test/scenarios, what `expect` finds in the manifests without a
// socket is what a server with the same manifests replies.
import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { optionsFromSettings } from "../../src/config/settings.ts";
import { isMetaType, parseType } from "../../src/dns/type-names.ts";
import type { Outcome } from "../../src/expect/expectation.ts";
import { loadCluster } from "../../src/planes/load-cluster.ts";
import { loadedView } from "../../src/planes/loaded-view.ts";
import { ManifestNames } from "../../src/planes/manifest-names.ts";
import { ServerNames } from "../../src/planes/server-names.ts";
import { startServer } from "../support/cluster.ts";
import { parseQuestions, readSettings, zoneSettings } from "../support/scenario.ts";
import { sampleOf } from "../support/thorough.ts";
import { expectation } from "./outcomes.ts";

const scenarios = new URL("../scenarios/", import.meta.url);
const names = readdirSync(scenarios, { withFileTypes: true }).flatMap((entry) =>
  entry.isDirectory() ? [entry.name] : [],
);

/** What both can tell: a server that forwards nothing refuses names outside, and its serials are of its start. */
function comparable({ status, answer, alias }: Outcome): unknown {
  const records = answer.map((record) => record.replace(/ \d+ 7200 1800 86400 /, " SERIAL 7200 1800 86400 "));
  return { status: status === "unasked" ? "REFUSED" : status, alias, answer: records.toSorted() };
}

test.each(sampleOf(names, 4))("%s", async (scenario) => {
  const folder = new URL(`${scenario}/`, scenarios);
  const paths = [fileURLToPath(folder)];
  const settings = readSettings(folder);
  const options = optionsFromSettings({ ...settings });
  const manifests = new ManifestNames(loadedView(await loadCluster(paths, options), options));
  const { server, endpoint } = await startServer({ ...settings, paths });
  const replies = new ServerNames({ host: "127.0.0.1", port: endpoint.port }, options.clusterDomain);
  try {
    const questions = parseQuestions(readFileSync(new URL("questions.txt", folder), "utf8"), zoneSettings(settings));
    for (const { name, type } of questions) {
      const code = parseType(type);
      if (code === undefined || isMetaType(code)) continue;
      const given = expectation({ name, type: code });
      const [candidate = ""] = manifests.candidatesOf(given);
      const told = comparable(await manifests.ask(candidate, given));
      expect({ name, type, told }).toEqual({ name, type, told: comparable(await replies.ask(candidate, given)) });
    }
  } finally {
    replies.close();
    await server.close();
  }
});
