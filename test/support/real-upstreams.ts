// Starts unbound on loopback as a forwarder or resolver, and signs zones with BIND's tools, to compare forwarding with.
import { execFileSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { freePort, ServerProcess } from "./process.ts";

/** A running program, with its port. */
export interface RealServer {
  readonly port: number;
  stop(): Promise<void>;
}

export interface UnboundSettings {
  /** Zones, and the port of each one's server. */
  readonly stubs?: Readonly<Record<string, number>>;
  /** Port of the upstream for all other names. */
  readonly forwardPort?: number;
  /** Lines of `local-data`. */
  readonly data?: readonly string[];
  /** DNSKEY or DS records: with them it validates. */
  readonly anchors?: readonly string[];
}

/** Starts unbound; waits until it answers. */
export async function startUnbound({ stubs = {}, forwardPort, data = [], anchors = [] }: UnboundSettings) {
  const folder = mkdtempSync(join(tmpdir(), "unbound-"));
  const remove = (): void => rmSync(folder, { recursive: true, force: true });
  const port = await freePort();
  const lines = [
    "server:",
    `  interface: 127.0.0.1@${port}`,
    `  directory: "${folder}"`,
    `  pidfile: "${folder}/pid"`,
    '  username: ""',
    '  chroot: ""',
    "  use-syslog: no",
    "  do-ip6: no",
    "  do-not-query-localhost: no",
    "  num-threads: 1",
    "  msg-cache-size: 1m",
    "  rrset-cache-size: 1m",
    "  rrset-roundrobin: no",
    "  minimal-responses: no",
    `  module-config: "${anchors.length > 0 ? "validator " : ""}iterator"`,
    ...["probe.unbound.example. A 192.0.2.1", ...data].map((line) => `  local-data: '${line}'`),
    ...anchors.map((anchor) => `  trust-anchor: "${anchor}"`),
    ...Object.entries(stubs).flatMap(([zone, at]) => [
      "stub-zone:",
      `  name: "${zone}"`,
      `  stub-addr: 127.0.0.1@${at}`,
    ]),
    ...(forwardPort === undefined ? [] : ["forward-zone:", '  name: "."', `  forward-addr: 127.0.0.1@${forwardPort}`]),
    "remote-control:",
    "  control-enable: no",
  ];
  const config = join(folder, "unbound.conf");
  writeFileSync(config, `${lines.join("\n")}\n`);
  try {
    const server = await ServerProcess.start(["unbound", "-d", "-c", config], { port, name: "probe.unbound.example" });
    return { port, stop: async () => void (await server.stop().finally(remove)) } satisfies RealServer;
  } catch (error) {
    remove();
    throw error;
  }
}

/** A zone's text, signed; and the key that it is trusted by, as a DNSKEY record. */
export interface SignedZone {
  readonly text: string;
  readonly anchor: string;
}

/** Signs the zone `origin` of that text with a key of its own; denies names by NSEC, or by NSEC3. */
export function signZone(origin: string, text: string, denial: "nsec" | "nsec3"): SignedZone {
  const folder = mkdtempSync(join(tmpdir(), "signed-zone-"));
  try {
    const options = { cwd: folder, stdio: ["ignore", "pipe", "pipe"] as ["ignore", "pipe", "pipe"] };
    for (const role of [[], ["-f", "KSK"]])
      execFileSync("dnssec-keygen", ["-q", "-a", "ECDSAP256SHA256", ...role, origin], options);
    writeFileSync(join(folder, "zone"), text);
    const by = denial === "nsec3" ? ["-3", "-"] : [];
    execFileSync("dnssec-signzone", ["-q", "-S", "-K", folder, ...by, "-o", origin, "-f", "signed", "zone"], options);
    const keys = readdirSync(folder).filter((name) => name.endsWith(".key"));
    const records = keys.flatMap((name) => readFileSync(join(folder, name), "utf8").split("\n"));
    const anchor = records.find((line) => line.includes(" DNSKEY 257 "));
    if (anchor === undefined) throw new Error("no key to trust");
    return { text: readFileSync(join(folder, "signed"), "utf8"), anchor };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
