// One server's whole life, which a trace and a test of its system calls share: every transport, forwarding, changes of
// its files, and the end by SIGTERM. Throws where the server does not do what it should.
import { once } from "node:events";
import { mkdirSync, mkdtempSync, renameSync, rmSync, unlinkSync, writeFileSync } from "node:fs";
import { request } from "node:https";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { connectTls } from "../contract/transport-clients.ts";
import { makeCertificate } from "./certificates.ts";
import { NamedUpstream } from "./forwarding.ts";
import { askTcp, UdpClient } from "./network.ts";
import type { Endpoint } from "./network.ts";
import { startServed } from "./served.ts";
import { answerOf } from "./scripted-upstream.ts";
import { writeQuery } from "./wire.ts";

const DEADLINE_MS = 60_000;
/** More than the main thread parses itself. */
const LARGE = 300;

type Ask = (query: Buffer) => Promise<Buffer>;

/** A file of `count` services, whose names begin with `prefix` and whose addresses with 10.96.`octet`. */
function servicesOf(prefix: string, octet: number, count: number): string {
  const one = (i: number): string =>
    `apiVersion: v1\nkind: Service\nmetadata: { name: ${prefix}${i}, namespace: shop }\n` +
    `spec: { clusterIP: 10.96.${octet + (i >> 8)}.${i & 255}, ports: [{ port: 80 }] }\n`;
  return Array.from({ length: count }, (_, i) => one(i)).join("---\n");
}

/** Asks until the answer's first record is `wanted`, undefined: until there is none. */
async function until(ask: Ask, name: string, wanted: string | undefined): Promise<void> {
  const deadline = performance.now() + DEADLINE_MS;
  for (;;) {
    const reply = answerOf(await ask(writeQuery({ name, type: "A", id: 1 })));
    if (reply[0] === wanted) return;
    if (performance.now() > deadline) throw new Error(`${name}: ${reply.join(", ")}, and not ${wanted}`);
    // Leaves the processor to the server.
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

async function askHttps({ host, port }: Endpoint, ca: string, query: Buffer): Promise<Buffer> {
  const headers = { "content-type": "application/dns-message" };
  const sent = request({ host, port, ca, path: "/dns-query", method: "POST", headers, agent: false }).end(query);
  const [response] = (await once(sent, "response")) as [AsyncIterable<Buffer>];
  const parts: Buffer[] = [];
  for await (const part of response) parts.push(part);
  return Buffer.concat(parts);
}

async function askTls(server: Endpoint, ca: string, query: Buffer): Promise<Buffer> {
  const client = await connectTls(server, { ca });
  await client.send(query);
  const reply = await client.receive();
  client.close();
  return reply;
}

/** Starts the launcher by `wrapper` with `flags` beside the session's own, and resolves when the server has ended. */
export async function runWholeSession(wrapper: readonly string[], flags: readonly string[] = []): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "cluster-dns-session-"));
  const upstream = await NamedUpstream.open();
  const { cert, key } = makeCertificate();
  const manifests = join(folder, "manifests");
  const write = (name: string, text: string): void => writeFileSync(join(folder, name), text);
  mkdirSync(manifests);
  write("manifests/a.yaml", servicesOf("a", 1, 1));
  write(
    "manifests/example.zone",
    "$ORIGIN zone.example.\n@ 60 SOA ns admin 1 2 3 4 5\n@ 60 NS www\nwww 60 A 192.0.2.7\n",
  );
  write("tls.crt", cert);
  write("tls.key", key);
  write("cookie-secret", `${"0123456789abcdef".repeat(2)}\n`);
  const served = startServed(
    [
      manifests,
      "--listen=127.0.0.1:0,[::1]:0,tls://127.0.0.1:0,https://127.0.0.1:0",
      ...["--tls-cert", join(folder, "tls.crt"), "--tls-key", join(folder, "tls.key")],
      ...["--cookie-secret", join(folder, "cookie-secret"), "--state", join(folder, "state.json")],
      ...["--upstream", upstream.address, "--stub-domain", `stub.example=tcp://${upstream.address}`],
      ...flags,
    ],
    { env: { ...process.env, CLUSTER_DNS_UPSTREAM: undefined } },
    wrapper,
  );
  try {
    await served.address;
    const addresses = served.log.find(({ msg }) => msg === "serving")!["addresses"] as string[];
    const [plain, , tls, https] = addresses.map((text) => ({ host: "127.0.0.1", port: Number(/\d+$/.exec(text)![0]) }));
    const client = await UdpClient.open(plain!);
    const ask: Ask = (query) => client.ask(query);
    await until(ask, "a0.shop.svc.cluster.local.", "A 10.96.1.0");
    await until((query) => askTcp(plain!, query), "a0.shop.svc.cluster.local.", "A 10.96.1.0");
    await until((query) => askTls(tls!, cert, query), "a0.shop.svc.cluster.local.", "A 10.96.1.0");
    await until((query) => askHttps(https!, cert, query), "a0.shop.svc.cluster.local.", "A 10.96.1.0");
    await until(ask, "www.zone.example.", "A 192.0.2.7");
    await until(ask, "www.outside.example.", "A 192.0.2.1");
    await until(ask, "www.stub.example.", "A 192.0.2.1");
    write("manifests/b.yaml", servicesOf("b", 2, LARGE));
    await until(ask, `b${LARGE - 1}.shop.svc.cluster.local.`, "A 10.96.3.43");
    mkdirSync(join(manifests, "more"));
    write("new.yaml", servicesOf("c", 9, 1));
    renameSync(join(folder, "new.yaml"), join(manifests, "more", "c.yaml"));
    await until(ask, "c0.shop.svc.cluster.local.", "A 10.96.9.0");
    unlinkSync(join(manifests, "b.yaml"));
    await until(ask, "b0.shop.svc.cluster.local.", undefined);
    client.close();
    served.child.kill("SIGTERM");
    const { code, err } = await served.ended;
    if (code !== 0) throw new Error(`ended with code ${code}; it said:\n${err}`);
  } finally {
    served.child.kill("SIGKILL");
    await upstream.close();
    rmSync(folder, { recursive: true });
  }
}
