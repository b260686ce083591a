// Starts Knot DNS, NSD, unbound or CoreDNS on loopback with the fixture's data: the first three from zone files, CoreDNS
// by its kubernetes plugin from an API server. COREDNS names CoreDNS's program where it is not on PATH.
// Configured so that what the checks ask is on (cookies, NSID, short timers), and nothing asks other servers.
import { rmSync, writeFileSync } from "node:fs";
import type { Endpoint } from "../support/network.ts";
import { freePort } from "../support/process.ts";
import { writeQuery } from "../support/wire.ts";
import { startApiServer } from "./api-server.ts";
import { writeZones, ZONES } from "./fixture.ts";
import { askUdp } from "./links.ts";
import { Started, temporaryFolder, writeCredentials, type Credentials, type Target } from "./started.ts";

const PEERS = ["knot", "nsd", "unbound", "coredns"] as const;

/** A server that the suite can start. */
export type PeerName = (typeof PEERS)[number];

/** Whether a text names one. */
export function isPeerName(text: string): text is PeerName {
  return PEERS.some((name) => name === text);
}

/** What NSID says where it is set. */
export const NSID = "conformance";

interface PeerFiles {
  readonly folder: string;
  readonly port: number;
  readonly tlsPort: number;
  readonly httpsPort: number;
  readonly credentials: Credentials;
}

const zoneFile = (folder: string, zone: string): string => `${folder}/${zone.slice(0, -1)}`;

function knotConfig({ folder, port }: PeerFiles): string {
  const zones = ZONES.map((zone) => `  - domain: ${zone}\n    file: ${zoneFile(folder, zone)}\n`);
  return `server:
    listen: [127.0.0.1@${port}, ::1@${port}]
    rundir: ${folder}
    nsid: ${NSID}
    udp-workers: 1
    tcp-workers: 1
    background-workers: 1
    tcp-idle-timeout: 5s
    tcp-io-timeout: 2000
mod-cookies:
  - id: default
    secret-lifetime: 1d
template:
  - id: default
    global-module: mod-cookies/default
    journal-content: none
    semantic-checks: off
database:
    storage: ${folder}
zone:
${zones.join("")}`;
}

function nsdConfig({ folder, port, tlsPort, credentials }: PeerFiles): string {
  const zones = ZONES.map((zone) => `zone:\n    name: ${zone}\n    zonefile: ${zoneFile(folder, zone)}\n`);
  return `server:
    ip-address: 127.0.0.1@${port}
    ip-address: ::1@${port}
    ip-address: 127.0.0.1@${tlsPort}
    tls-port: ${tlsPort}
    tls-service-key: ${credentials.key}
    tls-service-pem: ${credentials.cert}
    server-count: 1
    username: ""
    zonesdir: "${folder}"
    database: ""
    pidfile: "${folder}/nsd.pid"
    xfrdfile: "${folder}/xfrd.state"
    xfrdir: "${folder}"
    zonelistfile: "${folder}/zone.list"
    nsid: "ascii_${NSID}"
    answer-cookie: yes
    minimal-responses: yes
    round-robin: yes
    rrl-ratelimit: 0
    tcp-timeout: 5
remote-control:
    control-enable: no
${zones.join("")}`;
}

function unboundConfig({ folder, port, tlsPort, httpsPort, credentials }: PeerFiles): string {
  const zones = ZONES.map(
    (zone) => `auth-zone:
    name: "${zone}"
    zonefile: "${zoneFile(folder, zone)}"
    for-downstream: yes
    for-upstream: no
    fallback-enabled: no
`,
  );
  return `server:
    interface: 127.0.0.1@${port}
    interface: ::1@${port}
    interface: 127.0.0.1@${tlsPort}
    interface: 127.0.0.1@${httpsPort}
    tls-port: ${tlsPort}
    https-port: ${httpsPort}
    tls-service-key: ${credentials.key}
    tls-service-pem: ${credentials.cert}
    username: ""
    chroot: ""
    directory: "${folder}"
    pidfile: ""
    use-syslog: no
    num-threads: 1
    module-config: "iterator"
    nsid: "ascii_${NSID}"
    tcp-idle-timeout: 5000
    edns-tcp-keepalive: yes
    edns-tcp-keepalive-timeout: 5000
    local-zone: "." refuse
${ZONES.map((zone) => `    local-zone: "${zone}" transparent\n`).join("")}remote-control:
    control-enable: no
${zones.join("")}`;
}

function coreDnsConfig({ port, tlsPort, httpsPort, credentials }: PeerFiles, api: string): string {
  const block = (addresses: string, more: string): string => `${addresses} {
    ${more}
    nsid ${NSID}
    loadbalance
    kubernetes ${ZONES.join(" ")} {
        endpoint ${api}
        pods insecure
        ttl 30
    }
}
`;
  const plain = ZONES.map((zone) => `${zone}:${port}`).join(" ");
  const tls = `tls ${credentials.cert} ${credentials.key}`;
  return [
    block(plain, "bind 127.0.0.1 ::1"),
    block(`tls://.:${tlsPort}`, tls),
    block(`https://.:${httpsPort}`, tls),
  ].join("");
}

interface PeerCommand {
  readonly text: string;
  readonly command: string;
  readonly args: readonly string[];
}

function peerCommand(name: PeerName, files: PeerFiles, config: string, api: string): PeerCommand {
  switch (name) {
    case "knot":
      return { text: knotConfig(files), command: "knotd", args: ["-c", config] };
    case "nsd":
      return { text: nsdConfig(files), command: "nsd", args: ["-d", "-c", config] };
    case "unbound":
      return { text: unboundConfig(files), command: "unbound", args: ["-d", "-c", config] };
    case "coredns":
      return {
        text: coreDnsConfig(files, api),
        command: process.env["COREDNS"] ?? "coredns",
        args: ["-conf", config],
      };
  }
}

/** Starts a peer and waits until it answers. */
export async function startPeer(name: PeerName): Promise<Target> {
  const folder = temporaryFolder();
  writeZones(folder);
  const [port, tlsPort, httpsPort] = [await freePort(), await freePort(), await freePort()];
  const files = { folder, port, tlsPort, httpsPort, credentials: writeCredentials(folder) };
  const api = name === "coredns" ? await startApiServer() : undefined;
  const config = `${folder}/${name}.conf`;
  const { text, command, args } = peerCommand(name, files, config, api?.url ?? "");
  writeFileSync(config, text);
  const started = new Started(command, args);
  const local = (at: number): Endpoint => ({ host: "127.0.0.1", port: at });
  const v4 = local(port);
  const stop = async (): Promise<void> => {
    await started.end();
    await api?.close();
    rmSync(folder, { recursive: true, force: true });
  };
  try {
    await started.until(() => hasAnswer(v4));
  } catch (error) {
    await stop();
    throw error;
  }
  const tls = name === "knot" ? undefined : local(tlsPort);
  const https = name === "knot" || name === "nsd" ? undefined : local(httpsPort);
  return { v4, v6: { host: "::1", port }, tls, https, pid: started.child.pid, stop };
}

async function hasAnswer(server: Endpoint): Promise<true | undefined> {
  const reply = await askUdp(server, writeQuery({ name: "kubernetes.default.svc.cluster.local.", type: "A" }), 200);
  return reply !== undefined && reply.readUInt16BE(6) > 0 ? true : undefined;
}
