// Starts Knot DNS and NSD on loopback with given zone files. Every option that would add records to answers is off, so
// that all differences come from the zones.
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { freePort, ServerProcess } from "./process.ts";

/** A zone and the file that it is in. */
export interface PeerZone {
  readonly origin: string;
  readonly path: string;
}

export interface RunningPeer {
  readonly port: number;
  stop(): Promise<void>;
}

const PROBE_ZONE = "probe.example";
const PROBE_TEXT = `$TTL 1
@ SOA ns admin 1 1 1 1 1
  NS ns
ns A 192.0.2.1
`;

function knotConfig(folder: string, port: number, zones: readonly PeerZone[]): string {
  return `server:
    listen: 127.0.0.1@${port}
    rundir: ${folder}
    udp-workers: 1
    tcp-workers: 1
    background-workers: 1
template:
  - id: default
    journal-content: none
    semantic-checks: off
database:
    storage: ${folder}
zone:
${zones.map(({ origin, path }) => `  - domain: ${origin}\n    file: ${path}\n`).join("")}`;
}

function nsdConfig(folder: string, port: number, zones: readonly PeerZone[]): string {
  return `server:
    ip-address: 127.0.0.1@${port}
    server-count: 1
    username: ""
    zonesdir: "${folder}"
    database: ""
    pidfile: "${folder}/nsd.pid"
    xfrdfile: "${folder}/xfrd.state"
    xfrdir: "${folder}"
    zonelistfile: "${folder}/zone.list"
    minimal-responses: no
    round-robin: no
    rrl-ratelimit: 0
remote-control:
    control-enable: no
${zones.map(({ origin, path }) => `zone:\n    name: ${origin}\n    zonefile: ${path}\n`).join("")}`;
}

/** Starts the program `knotd` or `nsd`; waits until it answers. */
export async function startZonePeer(program: "knotd" | "nsd", zones: readonly PeerZone[]): Promise<RunningPeer> {
  const folder = mkdtempSync(join(tmpdir(), `${program}-`));
  const remove = (): void => rmSync(folder, { recursive: true, force: true });
  try {
    const port = await freePort();
    const probe = { origin: PROBE_ZONE, path: join(folder, "probe.zone") };
    writeFileSync(probe.path, PROBE_TEXT);
    const config = join(folder, "config");
    writeFileSync(config, (program === "knotd" ? knotConfig : nsdConfig)(folder, port, [probe, ...zones]));
    const command = program === "knotd" ? (["knotd", "-c", config] as const) : (["nsd", "-d", "-c", config] as const);
    const server = await ServerProcess.start(command, { port, name: `ns.${PROBE_ZONE}` });
    return { port, stop: async () => void (await server.stop().finally(remove)) };
  } catch (error) {
    remove();
    throw error;
  }
}
