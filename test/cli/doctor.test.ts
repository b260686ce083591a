// The command over real sockets: scripted servers that are broken in one way each, healthy servers of several kinds, and
// wrong arguments.
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { runCli } from "../../src/cli/cli.ts";
import { run } from "../../src/cli/doctor.ts";
import { formatListenAddress } from "../../src/net/listen-address.ts";
import { startEngine } from "../support/engine.ts";
import { healthyReply } from "../support/internet.ts";
import { whyNot } from "../support/optional-programs.ts";
import { freePort, ServerProcess } from "../support/process.ts";
import { startUnbound } from "../support/real-upstreams.ts";
import { address, ScriptedUpstream } from "../support/scripted-upstream.ts";
import type { Asked, ScriptedReply, ScriptedSettings, Step } from "../support/scripted-upstream.ts";
import { readMessage, writeOption } from "../support/wire.ts";
import type { Message } from "../support/wire.ts";
import { memoryIo } from "./memory-io.ts";

/** No limit that a busy machine reaches. */
const LIMITS = { totalMs: 60_000, slowMs: 10_000 };
const POD_CONF = "search shop.svc.cluster.local svc.cluster.local cluster.local\noptions ndots:5\n";

const folder = mkdtempSync(join(tmpdir(), "cluster-dns-doctor-"));
const podConf = join(folder, "pod.conf");
writeFileSync(podConf, POD_CONF);
const servers: ScriptedUpstream[] = [];
afterAll(async () => {
  await Promise.all(servers.map((server) => server.close()));
  rmSync(folder, { recursive: true });
});

type Change = ScriptedReply | "drop" | undefined;

/** A server that is healthy but for what `change` says of a query. */
async function serve(
  change: (query: Message, asked: Asked) => Change | readonly Step[] = () => undefined,
  settings?: ScriptedSettings,
): Promise<string> {
  const server = await ScriptedUpstream.open((asked) => {
    const changed = change(readMessage(asked.query), asked);
    if (changed === "drop") return [];
    if (Array.isArray(changed)) return changed as readonly Step[];
    return [{ bytes: healthyReply(asked.query, asked.transport === "udp", changed as ScriptedReply) }];
  }, settings);
  servers.push(server);
  return `127.0.0.1:${server.port}`;
}

interface Ran {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

async function doctor(args: readonly string[], env: Record<string, string> = {}, limits = LIMITS): Promise<Ran> {
  const io = memoryIo(env);
  const code = await run(args, io, limits);
  return { code, out: io.out(), err: io.err() };
}

interface Found {
  readonly healthy: boolean;
  readonly findings: readonly { readonly code: string; readonly evidence: readonly string[] }[];
}

/** The codes that are found, with the exit code. */
async function codesOf(args: readonly string[], env?: Record<string, string>, limits = LIMITS) {
  const { code, out } = await doctor([...args, "--format", "json"], env, limits);
  const { findings, healthy } = JSON.parse(out) as Found;
  expect(healthy).toBe(code === 0);
  return [code, ...findings.map((each) => each.code)];
}

/** Silent servers are waited for so long; replies that come need less. */
const SHORT = ["--timeout", "1.5"];
const PATIENT = ["--timeout", "10"];
const IN_POD = ["--resolv-conf", podConf];

interface Row {
  readonly what: string;
  readonly change?: (query: Message, asked: Asked) => Change | readonly Step[];
  readonly settings?: ScriptedSettings;
  readonly args: readonly string[];
  readonly found: readonly (number | string)[];
}

const isOutside = ({ question }: Message): boolean => question?.name === "example.com.";

const ROWS: readonly Row[] = [
  { what: "is healthy", args: [...PATIENT, ...IN_POD, "web"], found: [0] },
  {
    what: "drops UDP",
    change: (_, { transport }) => (transport === "udp" ? "drop" : undefined),
    args: SHORT,
    found: [1, "udp-blocked"],
  },
  { what: "refuses TCP", settings: { serve: "udp" }, args: PATIENT, found: [1, "truncation-without-tcp"] },
  {
    what: "refuses TCP, and no answer is truncated",
    change: ({ question }) => (question?.type === "DNSKEY" ? { rcode: 5, flags: 0x8180, answer: [] } : undefined),
    settings: { serve: "udp" },
    args: PATIENT,
    found: [1, "tcp-blocked"],
  },
  {
    what: "drops TCP",
    change: (_, { transport }) => (transport === "tcp" ? "drop" : undefined),
    args: SHORT,
    found: [1, "truncation-without-tcp"],
  },
  { what: "is silent", change: () => "drop", args: SHORT, found: [1, "no-reply"] },
  {
    what: "drops AAAA",
    change: ({ question }) => (question?.type === "AAAA" ? "drop" : undefined),
    args: SHORT,
    found: [1, "aaaa-fails"],
  },
  {
    what: "drops EDNS",
    change: ({ opt }) => (opt === undefined ? undefined : "drop"),
    args: SHORT,
    found: [1, "edns-dropped"],
  },
  {
    what: "answers FORMERR to EDNS",
    change: ({ opt }) => (opt === undefined ? undefined : { rcode: 1, answer: [], edns: false }),
    args: PATIENT,
    found: [1, "edns-refused"],
  },
  { what: "ignores EDNS", change: () => ({ edns: false }), args: PATIENT, found: [0, "edns-ignored"] },
  {
    what: "cuts at 512 bytes",
    change: ({ question }, { transport }) =>
      question?.type === "DNSKEY" && transport === "udp" ? { flags: 0x8380, answer: [] } : undefined,
    args: PATIENT,
    found: [1, "cut-at-512"],
  },
  {
    what: "rewrites NXDOMAIN",
    change: ({ question }) =>
      question?.type === "A" && question.name.startsWith("doctor-")
        ? { rcode: 0, answer: [{ owner: question.name, type: "A", rdata: address("198.51.100.1") }] }
        : undefined,
    args: PATIENT,
    found: [1, "nxdomain-rewritten"],
  },
  {
    what: "has no upstream",
    change: (query) => (isOutside(query) ? { rcode: 2, answer: [] } : undefined),
    args: [...PATIENT, ...IN_POD, "web"],
    found: [1, "outside-fails"],
  },
  {
    what: "serves another cluster domain",
    args: [...PATIENT, "--cluster-domain", "k8s.example"],
    found: [1, "wrong-cluster-domain"],
  },
  {
    what: "contradicts itself",
    change: ({ question }) =>
      question?.name.startsWith("web.") === true && question.type === "AAAA" ? { rcode: 3 } : undefined,
    args: [...PATIENT, ...IN_POD, "web"],
    found: [1, "a-aaaa-incoherent"],
  },
  {
    what: "sends replies that can't be read",
    change: (_, { query }) => [{ bytes: healthyReply(query, true, { answer: [] }).subarray(0, -1) }],
    args: PATIENT,
    found: [1, "malformed-reply"],
  },
  {
    what: "answers from another address",
    change: (_, { query }) => [{ bytes: healthyReply(query, true), fromOtherPort: true }],
    args: SHORT,
    found: [1, "wrong-source"],
  },
  { what: "knows a name only by its search", args: [...PATIENT, ...IN_POD, "example.com"], found: [0, "ndots-cost"] },
  { what: "does not know a name", args: [...PATIENT, ...IN_POD, "nope"], found: [1, "name-not-found"] },
];

describe("a server that", () => {
  test.concurrent.each(ROWS)("$what", async ({ change, settings, args, found }) => {
    const server = await serve(change, settings);
    expect(await codesOf([...args, "--server", server])).toEqual(found);
  });

  test("loses the second of two questions that come from one port", async () => {
    const seen = new Set<string>();
    const server = await serve((_, { port, transport }) => {
      const isSecond = transport === "udp" && seen.has(`${port}`);
      seen.add(`${port}`);
      return isSecond ? "drop" : undefined;
    });
    const { code, out } = await doctor([...SHORT, "--server", server]);
    expect(code).toBe(1);
    expect(out).toContain(
      `error: ${server} loses AAAA in 4 of 4 pairs from one socket: lookups take 5 s [pair-lost]\n`,
    );
  });

  test("answers late", async () => {
    const server = await serve((_, { query, transport }) => [
      { bytes: healthyReply(query, transport === "udp"), afterMs: 300 },
    ]);
    expect(await codesOf([...PATIENT, "--server", server], {}, { ...LIMITS, slowMs: 200 })).toEqual([1, "slow-server"]);
  });

  test("is not there", async () => {
    const port = await freePort();
    expect(await codesOf([...PATIENT, "--server", `127.0.0.1:${port}`])).toEqual([1, "port-closed"]);
  });

  test("fails where another one answers", async () => {
    const bad = await serve((query) => (isOutside(query) ? { rcode: 2, answer: [] } : undefined));
    const good = await serve();
    const { code, out } = await doctor([...PATIENT, "--server", good, "--server", bad]);
    expect(code).toBe(1);
    expect(out).toContain(`${bad} fails on example.com. (SERVFAIL), and ${good} answers [one-server-fails]`);
  });

  test("is not asked, because the time is over", async () => {
    const server = await serve();
    expect(await codesOf([...PATIENT, "--server", server], {}, { ...LIMITS, totalMs: 0 })).toEqual([
      1,
      "not-all-asked",
    ]);
  });

  test("says why it has no records: the text of its extended error, made safe for a terminal", async () => {
    const text = "no service nope in namespace shop; nearest: \u001b[31mnode";
    const option = writeOption(15, Buffer.concat([Buffer.from([0, 0]), Buffer.from(text)]));
    const server = await serve(({ question, opt }) =>
      question?.name.startsWith("nope.") === true && opt !== undefined
        ? { rcode: 3, edns: false, additional: [{ owner: ".", type: "OPT", class: 1232, ttl: 0, rdata: option }] }
        : undefined,
    );
    const { out } = await doctor([...PATIENT, ...IN_POD, "--server", server, "nope"]);
    expect(out).toContain('EDE 0 "no service nope in namespace shop; nearest: \\u{1b}[31mnode"');
    expect(out).not.toContain("\u001b");
  });
});

describe("healthy servers:", () => {
  const OWN = ["--cluster-domain", "cluster.local", ...PATIENT];

  test("our own", async () => {
    const upstream = await serve();
    const server = startEngine({ paths: ["zones"], listen: ["127.0.0.1:0"], upstream: [upstream] });
    const [address] = await server.ready;
    expect(await codesOf([...OWN, "--server", formatListenAddress(address!), "web.default.svc.cluster.local"])).toEqual(
      [0],
    );
    await server.close();
  });

  test("unbound", async ({ skip }) => {
    const missing = whyNot("unbound");
    if (missing !== undefined) skip(missing);
    const upstream = await serve();
    const unbound = await startUnbound({ forwardPort: Number(upstream.split(":")[1]) });
    expect(await codesOf([...OWN, "--server", `127.0.0.1:${unbound.port}`])).toEqual([0]);
    await unbound.stop();
  });

  test("dnsmasq", async ({ skip }) => {
    const missing = whyNot("dnsmasq");
    if (missing !== undefined) skip(missing);
    const upstream = await serve();
    const port = await freePort();
    const flags = ["--no-daemon", "--conf-file=/dev/null", "--no-resolv", "--no-hosts", "--bind-interfaces", "--user="];
    const listen = ["--listen-address=127.0.0.1", `--port=${port}`, `--server=${upstream.replace(":", "#")}`];
    const dnsmasq = await ServerProcess.start(["dnsmasq", ...flags, ...listen], { port, name: "example.com" });
    expect(await codesOf([...OWN, "--server", `127.0.0.1:${port}`])).toEqual([0]);
    await dnsmasq.stop();
  });
});

describe("resolv.conf", () => {
  test("that is not there", async () => {
    const server = await serve();
    const args = ["--server", server, "--resolv-conf", join(folder, "missing"), ...PATIENT];
    expect(await codesOf(args)).toEqual([1, "resolv-conf-unreadable"]);
  });

  test("of a pod that does not use the cluster's servers", async () => {
    const server = await serve();
    const file = join(folder, "node.conf");
    writeFileSync(file, "nameserver 127.0.0.1\n");
    const args = ["--server", server, "--resolv-conf", file, ...PATIENT];
    expect(await codesOf(args, { KUBERNETES_SERVICE_HOST: "10.96.0.1" })).toEqual([1, "not-cluster-dns"]);
  });

  test("has no server: this machine is asked", async () => {
    const file = join(folder, "empty.conf");
    writeFileSync(file, "");
    const { out } = await doctor(["--resolv-conf", file, ...SHORT]);
    expect(out).toContain(`error: ${file} has no nameserver [no-nameserver]\n`);
    expect(out).toMatch(/^127\.0\.0\.1:53 /m);
  });
});

describe("arguments", () => {
  test("that are wrong are all told", async () => {
    const args = ["a..b", "--server", "tls://127.0.0.1", "--server", "127.0.0.1:0", "--server", "dns.example"];
    const flags = ["--outside", ".", "--cluster-domain", "a b", "--timeout", "11", "--format", "xml", "--sever", "x"];
    const { code, out, err } = await doctor([...args, ...flags]);
    expect(code).toBe(2);
    expect(out).toBe("");
    expect(err.split("\n").map((line) => line.replace("cluster-dns doctor: ", ""))).toEqual([
      "unknown flag --sever; did you mean --server?",
      '--server: "tls://127.0.0.1" is not plain DNS: give ADDR or ADDR:PORT',
      '--server: "127.0.0.1:0" has port 0, on which no server listens',
      expect.stringContaining('--server: "dns.example" is not an address'),
      '"a..b" is not a domain name',
      '--outside: "." is not a domain name',
      expect.stringContaining('--cluster-domain: "a b" is not a domain'),
      '--timeout: "11" is not a number of seconds up to 10',
      expect.stringContaining('--format: "xml" is not one of'),
      "Run cluster-dns doctor --help for the flags.",
      "",
    ]);
  });

  test("that are too many", async () => {
    const names = Array.from({ length: 17 }, (_, i) => `n${i}`);
    const named = Array.from({ length: 9 }, () => ["--server", "127.0.0.1"]).flat();
    const { code, err } = await doctor([...names, ...named]);
    expect(code).toBe(2);
    expect(err).toContain("17 names given; the limit is 16");
    expect(err).toContain("9 servers given; the limit is 8");
  });

  test("--help", async () => {
    const io = memoryIo();
    expect(await runCli(["doctor", "--help"], io)).toBe(0);
    expect(io.out()).toContain("Usage: cluster-dns doctor [NAME...] [FLAGS]");
  });
});
