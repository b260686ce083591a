import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { run } from "../../src/cli/dump.ts";
import { Workspace } from "../support/workspace.ts";
import { capture } from "./captured-io.ts";
import type { Outcome } from "./captured-io.ts";

const MANIFESTS = `apiVersion: v1
kind: Service
metadata: { name: web, namespace: shop }
spec: { clusterIP: 10.96.0.80, ports: [{ name: http, port: 80 }] }
`;
const ZONE = `$TTL 60
@ SOA ns admin 42 2 3 4 5
@ NS ns
ns A 192.0.2.1
`;
const SMALL = ["--cluster-services=false"];

const workspace = new Workspace();
const path = (name: string): string => join(workspace.folder, name);
const dump = (args: readonly string[], stdin = ""): Promise<Outcome> => capture((io) => run(args, io), { stdin });
beforeAll(() => {
  workspace.write("deploy/web.yaml", MANIFESTS);
  workspace.write("deploy/example.org.zone", ZONE);
  workspace.write("deploy/hosts", "192.0.2.9 nas.lan\n");
});
afterAll(() => workspace.remove());

describe("the zones of manifests", () => {
  test("are printed one after the other", async () => {
    const { exitCode, stdout, stderr } = await dump([path("deploy"), ...SMALL]);
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: "" });
    expect(stdout.match(/^; .*, by cluster-dns dump$/gm)).toEqual([
      "; zone cluster.local.: the cluster, by cluster-dns dump",
      "; zone 96.10.in-addr.arpa.: reverse names, by cluster-dns dump",
      "; zone example.org.: a zone file, by cluster-dns dump",
      "; hosts files, by cluster-dns dump",
    ]);
    expect(stdout).toContain("\nweb.shop.svc.cluster.local. 30 IN A 10.96.0.80\n");
    expect(stdout).toContain("\n9.2.0.192.in-addr.arpa. 30 IN PTR nas.lan.\n");
  });

  test("by name, in any letter case and with or without the final dot", async () => {
    const { stdout } = await dump(
      ["-", "--zone", "96.10.IN-addr.arpa", "--zone", "localhost.", "--serial", "7"],
      MANIFESTS,
    );
    expect(stdout).toContain("96.10.in-addr.arpa. 30 IN SOA ns.dns.cluster.local. hostmaster.cluster.local. 7 ");
    expect(stdout).toContain("\n80.0.96.10.in-addr.arpa. 30 IN PTR web.shop.svc.cluster.local.\n");
    expect(stdout).toContain("\nlocalhost. 30 IN A 127.0.0.1\n");
    expect(stdout).not.toContain("$ORIGIN cluster.local.");
  });

  test("with all that any server has", async () => {
    const { stdout } = await dump(["-", "--all-zones"], MANIFESTS);
    expect(stdout).toContain("\n$ORIGIN 111.10.in-addr.arpa.\n");
    expect(stdout).toContain("\n$ORIGIN localhost.\n");
  });

  test("by the options that change answers", async () => {
    const { stdout } = await dump(["-", "--ttl", "5", "--cluster-domain", "k8s.example"], MANIFESTS);
    expect(stdout).toContain("\nweb.shop.svc.k8s.example. 5 IN A 10.96.0.80\n");
  });

  test("the same whatever the names, the number and the order of files", async () => {
    const manifests = ["b", "a", "c"].map((name) =>
      MANIFESTS.replace("web", name).replace("10.96.0.80", `10.96.0.${name.charCodeAt(0)}`),
    );
    workspace.write("one/all.yaml", manifests.join("---\n"));
    for (const [i, text] of manifests.entries()) workspace.write(`three/${3 - i}/x${i}.yaml`, text);
    const [one, three] = [await dump([path("one")]), await dump([path("three")])];
    expect(three).toEqual(one);
    expect(one.stdout.match(/^[abc]\.shop\.svc\.cluster\.local\. 30 IN A /gm)).toHaveLength(3);
    expect(await dump([path("three/3"), path("three/1"), path("three/2")])).toEqual(one);
  });

  test("as files, each its own zone", async () => {
    expect(await dump([path("deploy"), ...SMALL, "--output", path("out")])).toEqual({
      exitCode: 0,
      stdout: "",
      stderr: "",
    });
    expect(readdirSync(path("out")).toSorted()).toEqual([
      "96.10.in-addr.arpa.zone",
      "cluster.local.zone",
      "example.org.zone",
      "hosts",
    ]);
    expect(readFileSync(path("out/example.org.zone"), "utf8")).toMatch(
      / SOA ns\.example\.org\. admin\.example\.org\. 42 /,
    );
  });

  test("as a hosts file", async () => {
    const { stdout } = await dump([path("deploy"), ...SMALL, "--format", "hosts"]);
    expect(stdout).toBe("10.96.0.80 web.shop.svc.cluster.local\n192.0.2.1 ns.example.org\n192.0.2.9 nas.lan\n");
  });

  test("as SkyDNS's keys, a line each before its value, sorted", async () => {
    const { stdout } = await dump([path("deploy"), ...SMALL, "--format", "skydns", "--zone", "96.10.in-addr.arpa"]);
    const value = {
      host: "web.shop.svc.cluster.local",
      port: -1,
      ttl: 30,
      group: "80.0.96.10.in-addr.arpa",
      type: "PTR",
    };
    expect(stdout).toBe(`/skydns/arpa/in-addr/10/96/0/80\n${JSON.stringify(value)}\n`);
    const all = (await dump([path("deploy"), "--format", "skydns"])).stdout.split("\n");
    const keys = all.filter((line) => line.startsWith("/"));
    expect(keys.length).toBeGreaterThan(20);
    expect(keys).toEqual(keys.toSorted());
  });

  test("as JSON", async () => {
    const { stdout } = await dump([path("deploy"), ...SMALL, "--format", "json", "--zone", "example.org"]);
    expect(JSON.parse(stdout)).toMatchObject({ zones: [{ zone: "example.org.", origin: "file" }], hosts: [] });
  });
});

describe("faults", () => {
  test.each<[what: string, args: readonly string[], exitCode: number, error: string]>([
    ["no path", [], 2, "no PATH given; e.g. cluster-dns dump manifests"],
    ["a path that is not there", ["none"], 1, "none: no such file or folder"],
    ["a format", ["-", "--format", "yaml"], 2, '--format: "yaml" is not one of zone, hosts, json, skydns'],
    [
      "an output of another format",
      ["-", "--format", "json", "--output", "x"],
      2,
      "--output: it is for --format zone alone",
    ],
    [
      "a serial",
      ["-", "--serial", "4294967296"],
      2,
      '--serial: "4294967296" is not a whole number from 0 to 4294967295',
    ],
    ["no name", ["-", "--zone", "a..b"], 2, '--zone: "a..b" is not a domain name'],
    ["a switch", ["-", "--all-zones=yes"], 2, '--all-zones: "yes" is not true or false'],
    [
      "a zone that is not there",
      ["-", "--zone", "cluster.locl"],
      1,
      "there is no zone cluster.locl; zones: cluster.local, 96.10.in-addr.arpa; did you mean cluster.local?",
    ],
    ["a flag", ["-", "--zones", "a"], 2, "unknown flag --zones; did you mean --zone?"],
  ])("%s", async (_, args, exitCode, error) => {
    const outcome = await dump(args, MANIFESTS);
    expect(outcome).toMatchObject({ exitCode, stdout: "" });
    expect(outcome.stderr).toContain(`cluster-dns dump: ${error}`);
  });

  test("nothing comes through a pipe", async () => {
    const { exitCode, stdout, stderr } = await dump(["-"]);
    expect([exitCode, stdout]).toEqual([1, ""]);
    expect(stderr).toContain("\ncluster-dns dump: no Kubernetes objects and no zones in -\n");
  });

  test("an output without a name", async () => {
    const stderr = expect.stringContaining('cluster-dns dump: --output: "" is empty\n') as string;
    expect(await dump([path("deploy"), "--output", ""])).toEqual({ exitCode: 2, stdout: "", stderr });
  });

  test("all faults are told at once", async () => {
    const { stderr } = await dump(["--format", "x", "--serial", "y", "--ttl", "z"]);
    expect(stderr.trimEnd().split("\n")).toHaveLength(5);
  });

  test("a folder that has other files", async () => {
    const { exitCode, stderr } = await dump([path("deploy"), "--output", path("deploy")]);
    expect(exitCode).toBe(1);
    expect(stderr).toContain(`${path("deploy")}/example.org.zone was not made by cluster-dns dump: `);
  });
});
