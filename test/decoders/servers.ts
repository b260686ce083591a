// The servers whose answers the decoders read: one with everything on, and some that have to refuse or wait. All on
// loopback, with scripted upstreams. Knows nothing of what they should answer.
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PassThrough } from "node:stream";
import { fileURLToPath } from "node:url";
import { startEngine } from "../support/engine.ts";
import type { Server, EngineSettings } from "../support/engine.ts";
import { startServer } from "../../src/planes/server.ts";
import { parseOptions } from "../../src/config/parse-options.ts";
import { createLog } from "../../src/observe/log.ts";
import { makeCertificate } from "../support/certificates.ts";
import { headless, manyEndpoints, service } from "../support/cluster.ts";
import { NamedUpstream } from "../support/forwarding.ts";
import type { Endpoint } from "../support/network.ts";
import { freePort } from "../support/process.ts";
import {
  address,
  name,
  rightAnswer,
  soa,
  writeReply,
  type Script,
  type ScriptedRecord,
  type ScriptedReply,
} from "../support/scripted-upstream.ts";

const FIXTURE = fileURLToPath(new URL("fixture/types.example.zone", import.meta.url));
const PEERS_ZONE = fileURLToPath(new URL("../fixtures/zones/static.example.zone", import.meta.url));

const EXTERNAL = { ...service("ext", ""), spec: { type: "ExternalName", externalName: "chain.up.test" } };
const OBJECTS = [
  service("web", "10.96.0.80"),
  EXTERNAL,
  ...headless("db", [{ address: "10.244.0.5", hostname: "db-0" }, { address: "fd00:10:244::5" }]),
  ...headless("big", manyEndpoints(100)),
  ...headless("large", manyEndpoints(3_700)),
  ...headless("huge", manyEndpoints(5_000)),
];

const right =
  (reply: ScriptedReply): Script =>
  ({ query }) => [{ bytes: writeReply(query, reply) }];
const text = (...strings: readonly string[]): Uint8Array =>
  Buffer.concat(strings.map((each) => Buffer.concat([Buffer.from([each.length]), Buffer.from(each, "latin1")])));
const bytes = (hex: string): Buffer => Buffer.from(hex.replaceAll(" ", ""), "hex");

/** A name of an upstream with one record of a type. */
const one = (owner: string, type: string, rdata: Uint8Array): readonly [string, Script] => [
  owner,
  right({ answer: [{ owner, type, ttl: 3600, rdata }] }),
];

const alias = (owner: string, target: string): ScriptedRecord => ({
  owner,
  type: "CNAME",
  ttl: 60,
  rdata: name(target),
});
const UP_SOA: ScriptedRecord = { owner: "up.test.", type: "SOA", ttl: 60, rdata: soa() };
const BRIEF_SOA: ScriptedRecord = { owner: "up.test.", type: "SOA", ttl: 1, rdata: soa(1) };
const RRSIG = bytes("0001 0802 00000e10 70dbd880 6efaa500 3039 027570 0474657374 00 0102030405060708");

const SCRIPTS: readonly (readonly [string, Script])[] = [
  ["chain.up.test.", right({ answer: chainOf("chain", "A", 3) })],
  ["missing.up.test.", right({ rcode: 3, authority: [UP_SOA] })],
  ["empty.up.test.", right({ authority: [UP_SOA] })],
  ["gone.up.test.", right({ rcode: 3, answer: [alias("gone.up.test.", "nowhere.up.test.")], authority: [UP_SOA] })],
  ["failing.up.test.", right({ rcode: 2 })],
  [
    "signed.up.test.",
    right({
      flags: 0x81a0,
      answer: [
        { owner: "signed.up.test.", type: "A", ttl: 60, rdata: address("192.0.2.1") },
        { owner: "signed.up.test.", type: "RRSIG", ttl: 60, rdata: RRSIG },
      ],
    }),
  ],
  ["many.up.test.", right({ answer: manyAddresses("many.up.test.", 60) })],
  ["stale.up.test.", failingLater((query) => rightAnswer(query, 1))],
  ["stale-missing.up.test.", failingLater((query) => writeReply(query, { rcode: 3, authority: [BRIEF_SOA] }))],
  one("mx.up.test.", "MX", Buffer.concat([bytes("000a"), name("mail.up.test.")])),
  one("srv.up.test.", "SRV", Buffer.concat([bytes("0000 0005 01bb"), name("host.up.test.")])),
  one("txt.up.test.", "TXT", text("one", 'two "quoted"')),
  one("soa.up.test.", "SOA", soa()),
  one("naptr.up.test.", "NAPTR", Buffer.concat([bytes("0064 000a"), text("s", "SIP+D2U", ""), name("_sip.up.test.")])),
  one("https.up.test.", "HTTPS", bytes("0001 00 0001 0003 02 6832")),
  one("caa.up.test.", "CAA", bytes("00 05 6973737565 6361")),
  one("odd.up.test.", "TYPE65285", bytes("c0ffee")),
];

/** What `first` says, and SERVFAIL to every question after that. */
function failingLater(first: (query: Buffer) => Buffer): Script {
  return ({ query }, nth) => [{ bytes: nth === 0 ? first(query) : writeReply(query, { rcode: 2 }) }];
}

/** CNAMEs `owner`, `owner-1`, … in up.test, and at the last one an address. */
function chainOf(owner: string, type: "A", links: number): ScriptedRecord[] {
  const at = (link: number): string => `${owner}${link === 0 ? "" : `-${link}`}.up.test.`;
  const aliases = Array.from({ length: links }, (_, link) => alias(at(link), at(link + 1)));
  return [...aliases, { owner: at(links), type, ttl: 60, rdata: address("192.0.2.9") }];
}

function manyAddresses(owner: string, count: number): ScriptedRecord[] {
  return Array.from({ length: count }, (_, n) => ({
    owner,
    type: "A",
    ttl: 60,
    rdata: address(`198.51.100.${n + 1}`),
  }));
}

/** Where the servers are. */
export interface Servers {
  /** Every feature on, with upstreams. */
  readonly whole: { readonly udp: Endpoint; readonly tls: Endpoint; readonly https: Endpoint };
  /** Without upstreams. */
  readonly alone: Endpoint;
  /** With upstreams, which clients on loopback may not use. */
  readonly guarded: Endpoint;
  /** Has not read its manifests yet. */
  readonly loading: Endpoint;
  close(): Promise<void>;
}

/** Starts all of them; `close` ends them. */
export async function startServers(): Promise<Servers> {
  const folder = mkdtempSync(join(tmpdir(), "decoders-"));
  const closers: (() => Promise<unknown>)[] = [async () => rmSync(folder, { recursive: true })];
  const close = async (): Promise<void> => {
    for (const step of closers.splice(0).reverse()) await step();
  };
  const keep = <T extends Server | NamedUpstream>(opened: T): T => {
    closers.push(() => opened.close());
    return opened;
  };
  try {
    const upstream = keep(await NamedUpstream.open());
    for (const [owner, script] of SCRIPTS) upstream.say(owner, script);
    const silent = keep(await NamedUpstream.open());
    silent.say("*", () => []);
    const stubDomain = [`silent.test=${silent.address}`, `dead.test=127.0.0.1:${await freePort()}`];
    const servers = {
      whole: keep(startEngine({ ...wholeSettings(folder), upstream: upstream.address, stubDomain, objects: OBJECTS })),
      alone: keep(startEngine({ objects: [EXTERNAL] })),
      guarded: keep(startEngine({ upstream: upstream.address, allowRecursion: "192.0.2.0/24" })),
    };
    const [udp, tls, https] = await servers.whole.ready;
    const [[alone], [guarded]] = await Promise.all([servers.alone.ready, servers.guarded.ready]);
    const loading = await startLoading(keep);
    return { whole: { udp: udp!, tls: tls!, https: https! }, alone: alone!, guarded: guarded!, loading, close };
  } catch (error) {
    await close();
    throw error;
  }
}

/** What the server with everything on is started with; its files are written to `folder`. */
function wholeSettings(folder: string): EngineSettings {
  const { cert, key } = makeCertificate();
  const write = (file: string, text: string): string => {
    writeFileSync(join(folder, file), text);
    return join(folder, file);
  };
  const hosts = write("lab.hosts", "192.0.2.21 printer.lan printer\n2001:db8::21 printer.lan\n");
  return {
    listen: ["127.0.0.1:0", "tls://127.0.0.1:0", "https://127.0.0.1:0"],
    tlsCert: write("tls.crt", cert),
    tlsKey: write("tls.key", key),
    nsid: "replica-1",
    cacheSize: 1,
    paths: [FIXTURE, PEERS_ZONE, hosts],
  };
}

/** A server that reads manifests from an input that never ends. */
async function startLoading(keep: (server: Server) => Server): Promise<Endpoint> {
  const parsed = parseOptions(["--listen", "127.0.0.1:0", "--udp-transport", "dgram", "--upstream", "none"], {});
  if ("errors" in parsed) throw new Error(parsed.errors.join());
  const input = { paths: ["-"], stdin: new PassThrough(), log: createLog("silent") };
  const server = keep(startServer(parsed.options, input));
  // It never gets ready; closing it rejects the promise.
  server.ready.catch(() => undefined);
  const deadline = performance.now() + 30_000;
  for (;;) {
    const [endpoint] = server.addresses;
    if (endpoint !== undefined) return endpoint;
    if (performance.now() > deadline) throw new Error("the server that loads names no address");
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
}
