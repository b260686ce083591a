// The answers of a loaded cluster, without a server.
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import type { AskedReply } from "../../src/answer/asked-reply.ts";
import { KnownClient } from "../../src/answer/client.ts";
import { optionsFromSettings } from "../../src/config/settings.ts";
import { CompiledCluster } from "../../src/planes/compiled-cluster.ts";
import { loadCluster } from "../../src/planes/load-cluster.ts";
import { loadObjects } from "../support/loaded-cluster.ts";
import { readMessage, writeQuery } from "../support/wire.ts";
import { service } from "../../src/library/builders.ts";
import { parseObjects } from "../../src/library/parse-objects.ts";

const OBJECTS = parseObjects([service({ name: "web", clusterIP: "10.96.0.20", ports: { http: 80 } })], "default");
const ZONE_FILES = new URL("../scenarios/zone-files/", import.meta.url);
const CLIENT = new KnownClient("udp", new Uint8Array([10, 0, 0, 9]), 4000);

async function compiled(settings: Readonly<Record<string, unknown>> = {}): Promise<CompiledCluster> {
  const options = optionsFromSettings(settings);
  const { cluster, zones } = await loadObjects(OBJECTS)([], options);
  return new CompiledCluster(cluster, zones, options);
}

async function ask(name: string, settings?: Readonly<Record<string, unknown>>): Promise<AskedReply> {
  return (await compiled(settings)).ask(writeQuery({ id: 7, flags: 0x0100, name, type: "A" }), CLIENT);
}

function rcodeOf(asked: AskedReply): string {
  return typeof asked === "string" ? asked : readMessage(Buffer.from(asked.reply)).rcode;
}

describe("CompiledCluster", () => {
  test("answers as a server does", async () => {
    const asked = await ask("web.default.svc.cluster.local.");
    expect(typeof asked === "object" && readMessage(Buffer.from(asked.reply)).answer).toHaveLength(1);
    expect(rcodeOf(await ask("nope.default.svc.cluster.local."))).toBe("NXDOMAIN");
  });

  test("answers for zones of files, and with the server's own address where the cluster has no DNS service", async () => {
    const options = optionsFromSettings({ clusterServices: false });
    const { cluster, zones } = await loadCluster([fileURLToPath(ZONE_FILES)], options);
    const compiledZones = new CompiledCluster(cluster, zones, options);
    for (const name of ["www.example.org.", "ns.dns.cluster.local."]) {
      const asked = compiledZones.ask(writeQuery({ id: 7, flags: 0x0100, name, type: "A" }), CLIENT);
      expect(rcodeOf(asked)).toBe("NOERROR");
      expect(typeof asked === "object" && readMessage(Buffer.from(asked.reply)).answer).toHaveLength(1);
    }
  });

  test("forwards nothing", async () => {
    expect(rcodeOf(await ask("example.com."))).toBe("REFUSED");
    expect(await ask("example.com.", { upstream: ["192.0.2.1"] })).toBe("forwarded");
  });

  test("knows the rules for clients", async () => {
    expect(rcodeOf(await ask("web.default.svc.cluster.local.", { allow: ["192.0.2.0/24"] }))).toBe("REFUSED");
  });

  test("sends nothing where a server sends nothing", async () => {
    expect((await compiled()).ask(new Uint8Array(3), CLIENT)).toBe("silence");
  });
});
