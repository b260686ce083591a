// BIND, NSD and Knot DNS on what a list says: their checkers accept each zone, and servers of them that have loaded the
// zones give the answers of ours.
import { spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { KnownClient } from "../../src/answer/client.ts";
import { run as runDiff } from "../../src/cli/diff.ts";
import { optionsFromSettings } from "../../src/config/settings.ts";
import { formatName } from "../../src/dns/name.ts";
import { formatType } from "../../src/dns/type-names.ts";
import { CompiledCluster } from "../../src/planes/compiled-cluster.ts";
import { loadCluster } from "../../src/planes/load-cluster.ts";
import { dumpedFiles } from "../../src/records/format-zone.ts";
import { listRecords } from "../../src/records/list-records.ts";
import { capture } from "../cli/captured-io.ts";
import { UdpClient } from "../support/network.ts";
import { skipAll, whyNot } from "../support/optional-programs.ts";
import { ROOT } from "../support/process.ts";
import { readSettings } from "../support/scenario.ts";
import { readMessage, writeQuery } from "../support/wire.ts";
import { startZonePeer } from "../support/zone-peers.ts";
import type { RunningPeer } from "../support/zone-peers.ts";

/** Those with the most unlike names. */
const SCENARIOS = ["zone-files", "reverse", "odd-names", "dual-stack", "pods-verified", "ttl-zero", "selectors"];

const CHECKERS = {
  "named-checkzone": (origin: string, path: string) => ["-i", "local", origin, path],
  "nsd-checkzone": (origin: string, path: string) => [origin, path],
  kzonecheck: (origin: string, path: string) => ["-o", origin, path],
} as const;

const folder = mkdtempSync(join(tmpdir(), "cluster-dns-peers-"));
afterAll(() => rmSync(folder, { recursive: true }));

async function compiled(path: string, settings: object = {}): Promise<CompiledCluster> {
  const options = optionsFromSettings({ ...settings });
  const { cluster, zones } = await loadCluster([path], options);
  return new CompiledCluster(cluster, zones, options);
}

/** Writes the zones of a cluster, and returns their origins and paths. */
function writeZones(cluster: CompiledCluster, prefix: string): readonly { origin: string; path: string }[] {
  const { zones } = listRecords(cluster.table, 1);
  const served = zones.filter(({ origin, isBare }) => origin !== "special" || !isBare);
  return dumpedFiles({ zones: served, hosts: [] }).map(({ text }, i) => {
    const path = join(folder, `${prefix}-${i}.zone`);
    writeFileSync(path, text);
    return { origin: formatName(served[i]!.apex), path };
  });
}

describe.each(Object.keys(CHECKERS) as (keyof typeof CHECKERS)[])("%s", (program) => {
  skipAll(whyNot(program));

  test.each(SCENARIOS)("accepts the zones of %s", async (name) => {
    const scenario = new URL(`../scenarios/${name}/`, import.meta.url);
    const cluster = await compiled(fileURLToPath(scenario), readSettings(scenario));
    const refused = writeZones(cluster, `${program}-${name}`).flatMap(({ origin, path }) => {
      const { status, stdout, stderr } = spawnSync(program, CHECKERS[program](origin, path), { encoding: "utf8" });
      return status === 0 ? [] : [`${origin}: ${stdout}${stderr}`];
    });
    expect(refused).toEqual([]);
  });
});

describe.each(["knotd", "nsd"] as const)("%s with the zones of the sample cluster", (program) => {
  const missing = whyNot(program);
  skipAll(missing);
  let peer: RunningPeer;
  let client: UdpClient;
  let cluster: CompiledCluster;

  beforeAll(async () => {
    if (missing !== undefined) return;
    cluster = await compiled(`${ROOT}zones`);
    peer = await startZonePeer(program, writeZones(cluster, program));
    client = await UdpClient.open({ host: "127.0.0.1", port: peer.port });
  }, 20_000);
  afterAll(async () => {
    if (missing !== undefined) return;
    client.close();
    await peer.stop();
  });

  test("has no differences from the manifests, for diff", async () => {
    const outcome = await capture((io) => runDiff([`${ROOT}zones`, `dns:127.0.0.1:${peer.port}`], io));
    expect(outcome).toEqual({ exitCode: 0, stdout: "no differences\n", stderr: "" });
    const shop = await capture((io) => runDiff([`${ROOT}examples/shop`, `dns:127.0.0.1:${peer.port}`], io));
    expect(shop.exitCode).toBe(1);
    expect(shop.stdout).toContain("\n- payment-provider.shop.svc.cluster.local CNAME api.payments.example.com\n");
  });

  test("answers as our server does", async () => {
    const listed = listRecords(cluster.table, 1).zones.filter(({ isBare }) => !isBare);
    const questions = listed
      .flatMap(({ records }) => records)
      .flatMap(({ owner, type }) => [
        { name: formatName(owner), type: formatType(type) },
        { name: `nope.${formatName(owner)}`, type: formatType(type) },
        { name: formatName(owner), type: "TXT" },
      ]);
    expect(questions.length).toBeGreaterThan(200);
    const outcome = (bytes: Buffer): string => {
      const { rcode, flags, answer } = readMessage(bytes);
      const records = answer.map(({ owner, ttl, type, rdata }) => `${owner} ${ttl} ${type} ${rdata}`.toLowerCase());
      return [rcode, flags.aa, ...records.toSorted()].join("; ");
    };
    const differing: object[] = [];
    for (const question of questions) {
      const query = writeQuery({ ...question, flags: 0, opt: { size: 1232 } });
      const asked = cluster.ask(query, new KnownClient("udp", Uint8Array.of(127, 0, 0, 1)));
      const ours = typeof asked === "string" ? asked : outcome(Buffer.from(asked.reply));
      const theirs = outcome(await client.ask(query));
      if (ours !== theirs) differing.push({ ...question, ours, theirs });
    }
    expect(differing).toEqual([]);
  });
});

test("the scenarios are there", () => {
  expect(readdirSync(new URL("../scenarios/", import.meta.url))).toEqual(expect.arrayContaining(SCENARIOS));
});
