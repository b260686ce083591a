// One folder through every command: `serve`, `check`, `env`, `resolv-conf` and `resolv-conf --write` have the same
// cluster, so they agree on every address, those of a state file too, and report the same problems.
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { run as runCheck } from "../../src/cli/check.ts";
import { run as runEnv } from "../../src/cli/env.ts";
import { run as runResolvConf } from "../../src/cli/resolv-conf.ts";
import { parseOptions } from "../../src/config/parse-options.ts";
import { formatProblem } from "../../src/objects/problem.ts";
import type { Problem } from "../../src/objects/problem.ts";
import { createLog } from "../../src/observe/log.ts";
import { startServer } from "../../src/planes/server.ts";
import { UdpClient } from "../support/network.ts";
import { readMessage, writeQuery } from "../support/wire.ts";
import { capture } from "./captured-io.ts";

let folder: string;
let manifests: string;
let state: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "cluster-dns-agreement-"));
  [manifests, state] = [join(folder, "manifests"), join(folder, "state.json")];
  mkdirSync(manifests);
});
afterEach(() => rmSync(folder, { recursive: true }));

function write(files: Readonly<Record<string, string>>): void {
  for (const [name, text] of Object.entries(files)) writeFileSync(join(manifests, name), text);
}

const service = (name: string, namespace: string, clusterIp?: string): string =>
  `apiVersion: v1\nkind: Service\nmetadata: { name: ${name}, namespace: ${namespace} }\n` +
  `spec: { ports: [{ port: 53 }]${clusterIp === undefined ? "" : `, clusterIP: ${clusterIp}`} }\n`;

interface Served {
  readonly addresses: ReadonlyMap<string, string>;
  readonly problems: readonly Problem[];
}

/** What `serve` answers for the services, and its problems. */
async function served(...services: readonly string[]): Promise<Served> {
  const parsed = parseOptions([manifests, "--state", state, "--listen", "127.0.0.1:0", "--upstream", "none"], {});
  if ("errors" in parsed) throw new Error(parsed.errors.join());
  const options = { ...parsed.options, udpTransport: "dgram" } as const;
  const server = startServer(options, { paths: parsed.paths, log: createLog("silent") });
  try {
    const [endpoint] = await server.ready;
    const client = await UdpClient.open(endpoint!);
    const addresses = new Map<string, string>();
    for (const [id, each] of services.entries()) {
      const query = writeQuery({ name: `${each}.svc.cluster.local.`, type: "A", id });
      addresses.set(
        each,
        readMessage(await client.ask(query))
          .answer.map(({ rdata }) => rdata)
          .join(),
      );
    }
    client.close();
    return { addresses, problems: server.problems };
  } finally {
    await server.close();
  }
}

async function variables(): Promise<string> {
  const { stdout } = await capture((io) => runEnv([manifests, "--state", state, "--namespace", "shop"], io));
  return stdout;
}

async function nameserver(): Promise<string> {
  const args = [manifests, "--state", state, "--node-resolv-conf", "/dev/null"];
  const { stdout } = await capture((io) => runResolvConf(args, io));
  return /^nameserver (\S+)$/m.exec(stdout)![1]!;
}

async function writtenNameserver(): Promise<string> {
  const out = join(folder, "out");
  const args = [manifests, "--state", state, "--node-resolv-conf", "/dev/null", "--write", out, "--once"];
  await capture((io) => runResolvConf(args, io));
  return /^nameserver (\S+)$/m.exec(readFileSync(join(out, "default.conf"), "utf8"))![1]!;
}

/** The problems that the commands report, as `serve` formats them. */
async function reported(): Promise<Readonly<Record<"check" | "env" | "resolv-conf" | "write", readonly string[]>>> {
  const lines = (stderr: string): readonly string[] =>
    [...stderr.matchAll(/^(?:error|warning|hint): (.*)$/gm)].map(([, line]) => line!).toSorted();
  const common = [manifests, "--state", state];
  const node = ["--node-resolv-conf", "/dev/null"];
  const check = await capture((io) => runCheck([...common, "--format", "json"], io));
  const found = (JSON.parse(check.stdout) as { problems: Record<string, string>[] }).problems;
  const env = await capture((io) => runEnv(common, io));
  const printed = await capture((io) => runResolvConf([...common, ...node], io));
  const write = await capture((io) =>
    runResolvConf([...common, ...node, "--write", join(folder, "out"), "--once"], io),
  );
  return {
    check: found.map(({ code, object }) => `${code} ${object}`).toSorted(),
    env: lines(env.stderr),
    "resolv-conf": lines(printed.stderr),
    write: lines(write.stderr),
  };
}

describe("addresses of a state file", () => {
  test("every command has the remembered address of a service", async () => {
    write({ "dns.yaml": service("kube-dns", "kube-system", "10.96.0.99"), "web.yaml": service("web", "shop") });
    await served();
    write({ "dns.yaml": service("kube-dns", "kube-system") });
    const { addresses } = await served("kube-dns.kube-system", "web.shop");
    expect(addresses.get("kube-dns.kube-system")).toBe("10.96.0.99");
    expect(await nameserver()).toBe("10.96.0.99");
    expect(await writtenNameserver()).toBe("10.96.0.99");
    expect(await variables()).toContain(`WEB_SERVICE_HOST=${addresses.get("web.shop")}\n`);
  });

  test("an address that the state gives to another service is taken in every command", async () => {
    write({ "a.yaml": service("first", "shop") });
    const { addresses } = await served("first.shop");
    write({ "b.yaml": service("second", "shop", addresses.get("first.shop")) });
    const { problems } = await served();
    expect(problems.map(({ code, object }) => `${code} ${object}`)).toEqual(["cluster-ip-taken Service shop/second"]);
    expect((await reported()).check).toEqual(["cluster-ip-taken Service shop/second"]);
  });

  test("commands read the state file but do not write it", async () => {
    write({ "web.yaml": service("web", "shop") });
    await served();
    const before = readFileSync(state, "utf8");
    write({ "api.yaml": service("api", "shop") });
    await reported();
    await nameserver();
    expect(readFileSync(state, "utf8")).toBe(before);
  });
});

describe("problems", () => {
  const SOA = "@ 60 SOA ns admin 1 2 3 4 10\n@ 60 NS ns\nns 60 A 192.0.2.53\n";
  test.each<[what: string, code: string, files: Readonly<Record<string, string>>]>([
    [
      "an object in two files",
      "duplicate-object",
      { "a.yaml": service("a", "x"), "b.yaml": service("a", "x", "10.96.0.7") },
    ],
    [
      "a taken address",
      "cluster-ip-taken",
      { "a.yaml": service("a", "x", "10.96.0.7"), "b.yaml": service("b", "x", "10.96.0.7") },
    ],
    [
      "an object that is no object",
      "invalid-field",
      { "a.yaml": service("a", "x"), "b.yaml": service("b", "x", "nowhere") },
    ],
    ["a zone in two files", "duplicate-zone", { "example.org.zone": SOA, "b.zone": `$ORIGIN example.org.\n${SOA}` }],
    [
      "a zone among the cluster's names",
      "zone-taken",
      { "a.yaml": service("a", "x"), "x.svc.cluster.local.zone": SOA },
    ],
  ])("%s: every command reports what serve reports", async (_, code, files) => {
    write(files);
    const { problems } = await served();
    expect(problems.map((problem) => problem.code)).toContain(code);
    const texts = problems.map(formatProblem).toSorted();
    const all = await reported();
    expect(all.env).toEqual(texts);
    expect(all["resolv-conf"]).toEqual(texts);
    expect(all.write).toEqual(texts);
    expect(all.check).toEqual(expect.arrayContaining(problems.map(({ code: of, object }) => `${of} ${object}`)));
  });

  test("every command reports a damaged state file; a server writes a new one", async () => {
    write({ "a.yaml": service("a", "x") });
    writeFileSync(state, "{");
    const all = await reported();
    for (const lines of Object.values(all)) expect(lines).toEqual([expect.stringContaining("state")]);
    expect((await served()).problems).toEqual([]);
    expect((await reported()).check).toEqual([]);
  });
});
