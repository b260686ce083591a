import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { run } from "../../src/cli/install-resolver.ts";
import { RESOLVER_SYSTEMS } from "../../src/cli/resolver-snippet.ts";
import type { Outcome } from "./captured-io.ts";
import { capture } from "./captured-io.ts";

const UNKNOWN = { platform: "plan9", release: "4", exists: () => false };
const MAC = { ...UNKNOWN, platform: "darwin" };

const TLS = { CLUSTER_DNS_TLS_CERT: "cert.pem", CLUSTER_DNS_TLS_KEY: "key.pem" };

function install(args: readonly string[], traits = UNKNOWN, env: Record<string, string> = TLS): Promise<Outcome> {
  return capture((io) => run(args, io, traits), { env });
}

test("prints the files of the system that it runs on", async () => {
  const { exitCode, stdout, stderr } = await install(["--print"], MAC);
  expect([exitCode, stderr]).toEqual([0, ""]);
  expect(stdout).toMatch(/^# \/etc\/resolver\/cluster\.local\nnameserver 127\.0\.0\.1\nport 53\n/);
  expect(stdout.match(/in-addr\.arpa$/gm)).toHaveLength(17);
});

test("a system that is not known needs --system", async () => {
  const { exitCode, stderr } = await install(["--print"]);
  expect(exitCode).toBe(1);
  expect(stderr).toContain("give --system: macos, systemd-resolved, networkmanager, resolvconf, wsl\n");
});

describe("domains and addresses", () => {
  const args = ["--print", "--system", "networkmanager", "--service-cidr", "10.96.0.0/16", "--pod-cidr", "fd00::/16"];

  test.each<[args: string[], server: string]>([
    [["--listen", "127.0.0.1:5300"], "127.0.0.1#5300"],
    [["--listen", "0.0.0.0:5300"], "127.0.0.1#5300"],
    [["--listen", "[::]:5300"], "::1#5300"],
    [["--listen", "tls://127.0.0.1,127.0.0.2"], "127.0.0.2#53"],
    [["--listen", "127.0.0.1:0,127.0.0.2:5300"], "127.0.0.2#5300"],
  ])("%j: %s", async (more, server) => {
    const { stdout } = await install([...args, ...more, "--cluster-domain", "k8s.test"]);
    expect(stdout).toContain(
      ["k8s.test", "96.10.in-addr.arpa", "0.0.d.f.ip6.arpa"].map((domain) => `server=/${domain}/${server}\n`).join(""),
    );
  });

  test("are those of other clusters, too", async () => {
    const east = "east=kubeconfig:east.yaml,domain=east.test,service-cidr=10.97.0.0/16";
    const { stdout } = await install([...args, "--cluster", east]);
    for (const domain of ["cluster.local", "east.test", "96.10.in-addr.arpa", "97.10.in-addr.arpa"])
      expect(stdout).toContain(`server=/${domain}/127.0.0.1#53\n`);
  });

  test("are those of the server's variables, too", async () => {
    const { stdout } = await install(args, UNKNOWN, { CLUSTER_DNS_LISTEN: "127.0.0.1:5353" });
    expect(stdout).toContain("server=/cluster.local/127.0.0.1#5353\n");
  });

  test.each(["wsl", "resolvconf"])("%s takes the address with port 53", async (system) => {
    const listen = "127.0.0.1:5300,127.0.0.2:53";
    const { stdout } = await install(["--print", "--system", system, "--listen", listen]);
    expect(stdout).toContain("\nnameserver 127.0.0.2\n");
  });
});

test.each<[args: string[], message: string]>([
  [[], "it only prints, and changes nothing: give --print"],
  [["--print=false"], "give --print"],
  [["--print", "--system", "maco"], '--system: "maco" is not one of macos, systemd-resolved, networkmanager, '],
  [["--print", "--system", "maco"], "did you mean macos?"],
  [["--print", "zones"], 'unexpected argument "zones"'],
  [["--print", "--ttl", "5"], "unknown flag --ttl"],
  [["--print", "--cluster-domain", "a b"], "--cluster-domain"],
  [["--print", "--system", "wsl", "--listen", "127.0.0.1:5300"], "wsl asks port 53 only, not 5300"],
  [["--print", "--system", "macos", "--listen", "127.0.0.1:0"], "give the port that the server has"],
  [["--print", "--system", "macos", "--listen", "tls://127.0.0.1"], "give an address without a scheme"],
])("wrong usage %j: %s", async (args, message) => {
  const { exitCode, stdout, stderr } = await install(args);
  expect([exitCode, stdout]).toEqual([2, ""]);
  expect(stderr).toContain(message);
  expect(stderr).toMatch(/^cluster-dns install-resolver: /);
});

describe("docs/laptop.md", () => {
  const page = readFileSync(new URL("../../docs/laptop.md", import.meta.url), "utf8");
  const steps = [...page.matchAll(/^```console\n\$ cluster-dns install-resolver (.*)\n([^]*?)^```$/gm)];

  test("shows every system", () => {
    const systems = steps.map(([, args]) => /--system (\S+)/.exec(args!)?.[1]);
    expect(systems).toEqual(RESOLVER_SYSTEMS);
  });

  test.each(steps.map(([, args, output]) => [args!, output!] as const))("%s", async (args, output) => {
    expect((await install(args.split(" "))).stdout).toBe(output);
  });
});
