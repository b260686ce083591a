// The command as people call it: what is a FILE and what a PATH, exit codes, formats, updates, servers.
import {
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { runCli } from "../../src/cli/cli.ts";
import { run } from "../../src/cli/expect.ts";
import { startServer } from "../support/cluster.ts";
import { freePort } from "../support/process.ts";
import { capture } from "./captured-io.ts";
import type { Outcome } from "./captured-io.ts";

const folder = mkdtempSync(join(tmpdir(), "cluster-dns-expect-"));
afterAll(() => rmSync(folder, { recursive: true }));

function file(name: string, text: string): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
}

const expectDns = (args: readonly string[], stdin = ""): Promise<Outcome> => capture((io) => run(args, io), { stdin });

const SERVICE = { apiVersion: "v1", kind: "Service", metadata: { name: "web", namespace: "shop" } };
const MANIFEST = JSON.stringify({ ...SERVICE, spec: { clusterIP: "10.96.0.20", ports: [{ name: "http", port: 80 }] } });
mkdirSync(join(folder, "manifests"));
const MANIFESTS = join(folder, "manifests");
const WEB = file("manifests/web.json", MANIFEST);
const HOLDS = file("holds.yaml", "expectations:\n  - { name: web, from: shop, answer: [10.96.0.20] }\n");
const FAILS = file("fails.yaml", "expectations:\n  - { name: wed, from: shop, count: 1 }\n");
const FAULTY = file("faulty.yaml", "expectations:\n  - { nam: web }\n");
const NONE = file("none.yaml", "expectations: []\n");
const LIST = file("list.yaml", "- name: web\n");

describe("exit codes", () => {
  test.each<[title: string, args: string[], exitCode: number, output: RegExp]>([
    ["all hold", [HOLDS, MANIFESTS], 0, /^1 expectation: 1 passed, 0 failed\n$/],
    ["in any order", [WEB, HOLDS], 0, /: 1 passed/],
    ["several files", [HOLDS, FAILS, MANIFESTS], 1, /\n2 expectations: 1 passed, 1 failed\n$/],
    ["the same file twice", [HOLDS, HOLDS, MANIFESTS], 0, /^1 expectation/],
    ["no expectations", [NONE, MANIFESTS], 0, /^0 expectations: 0 passed, 0 failed\n$/],
    ["some fail", [FAILS, MANIFESTS], 1, /^.*fails\.yaml:2:5: wed A from shop: failed\n/],
    ["a faulty file", [FAULTY, HOLDS, MANIFESTS], 2, /^error: .*faulty\.yaml:2:5: expectations\[0\]\.name: /m],
    ["no file of expectations", [MANIFESTS], 2, /there is no file of expectations among .*manifests: such a file has/],
    ["nothing at all", [], 2, /there is no file of expectations: such a file has/],
    ["a list without its key", [LIST, MANIFESTS], 2, /there is no file of expectations among/],
    ["no manifests", [HOLDS], 2, /nothing to ask: give a PATH with manifests, - for standard input, or --server\n/],
    ["no such path", [HOLDS, join(folder, "absent")], 2, /absent: no such file or folder/],
    ["manifests and a server", [HOLDS, MANIFESTS, "--server", "127.0.0.1"], 2, /give --server, or manifests, not both/],
    ["wrong flags", [HOLDS, MANIFESTS, "--format", "xml", "--update=x"], 2, /--format: "xml".*\n.*--update: "x"/],
    ["a wrong server", [HOLDS, "--server", "dns.example"], 2, /--server: "dns\.example" is not an address/],
    ["port 0", [HOLDS, "--server", "127.0.0.1:0"], 2, /--server: "127.0.0.1:0" has port 0, on which no server listens/],
  ])("%s", async (_, args, exitCode, output) => {
    const ran = await expectDns(args);
    expect(ran.exitCode).toBe(exitCode);
    expect(exitCode === 2 ? ran.stderr : ran.stdout).toMatch(output);
    expect(exitCode === 2 ? ran.stdout : ran.stderr).toBe("");
  });
});

test("manifests of standard input", async () => {
  expect(await expectDns([HOLDS, "-"], MANIFEST)).toMatchObject({ exitCode: 0, stderr: "" });
  const stderr = expect.stringMatching(/^cluster-dns expect: no Kubernetes objects and no zones in -\n/m);
  expect(await expectDns([HOLDS, "-"], "")).toEqual({ exitCode: 2, stdout: "", stderr });
});

test("what fails is explained", async () => {
  expect((await expectDns([FAILS, MANIFESTS])).stdout).toContain(`
    expected  count 1 record
    got       NXDOMAIN (wed.shop.svc.cluster.local.)
    why       no service wed in namespace shop; nearest: web
`);
});

test.each([
  ["tap", /^TAP version 13\n1\.\.1\nnot ok 1 - wed A from shop\n/],
  ["junit", /^<\?xml .*\n<testsuites>\n/],
  ["github", /^::error file=.*fails\.yaml,line=2,col=5,title=dns expectation::wed A from shop: expected count 1/],
])("--format %s", async (format, output) => {
  const { exitCode, stdout } = await expectDns([FAILS, MANIFESTS, "--format", format]);
  expect(exitCode).toBe(1);
  expect(stdout).toMatch(output);
});

test("the help", async () => {
  const { exitCode, stdout } = await capture((io) => runCli(["expect", "--help"], io));
  expect(exitCode).toBe(0);
  expect(stdout).toMatch(/^Usage: cluster-dns expect FILE\.\.\. \[PATH\.\.\. \| -\] \[FLAGS\]\n/);
});

describe("--update", () => {
  test("writes what is there; then all hold", async () => {
    const path = file("update.yaml", "# names\nexpectations:\n  - name: wed # typo\n    from: shop\n    count: 1\n");
    const first = await expectDns([path, HOLDS, MANIFESTS, "--update"]);
    expect(first.exitCode).toBe(0);
    expect(first.stdout).toMatch(/update\.yaml:3:5: wed A from shop: updated\n[^]*: 1 passed, 1 updated, 0 failed\n$/);
    expect(readFileSync(path, "utf8")).toBe(
      "# names\nexpectations:\n  - name: wed # typo\n    from: shop\n    count: 0\n    rcode: NXDOMAIN\n",
    );
    expect(await expectDns([path, MANIFESTS])).toMatchObject({ exitCode: 0 });
  });

  test("an alias that held has a value of its own when its anchor changes", async () => {
    const text =
      "expectations:\n  - { name: a.shop, from: x, answer: &ip [10.96.0.9] }\n  - { name: web.shop, from: x, answer: *ip }\n";
    const path = file("anchors.yaml", text);
    const both = MANIFEST.replace('"web"', '"a"').replace(".20", ".30");
    const web = MANIFEST.replace(".20", ".9");
    expect((await expectDns([path, "-", "--update"], `${both}\n---\n${web}`)).exitCode).toBe(0);
    expect(readFileSync(path, "utf8")).toBe(text.replace("10.96.0.9]", "10.96.0.30]").replace("*ip", "[10.96.0.9]"));
  });

  test("an anchor that aliases need is not removed", async () => {
    const text =
      "expectations:\n  - { name: wed, from: shop, answer: &ip [10.96.0.20] }\n  - { name: web, from: shop, answer: *ip }\n";
    const path = file("needed.yaml", text);
    const ran = await expectDns([path, MANIFESTS, "--update"]);
    expect([ran.exitCode, ran.stderr]).toEqual([2, expect.stringContaining("an alias needs a value that would go")]);
    expect(readFileSync(path, "utf8")).toBe(text);
  });

  test("a link stays a link, and the file keeps its mode", async () => {
    const path = file("linked.yaml", "expectations:\n  - { name: web, from: shop, count: 2 }\n");
    const mode = statSync(path).mode;
    const link = join(folder, "link.yaml");
    symlinkSync(path, link);
    expect((await expectDns([link, MANIFESTS, "--update"])).exitCode).toBe(0);
    expect(lstatSync(link).isSymbolicLink()).toBe(true);
    expect(readFileSync(path, "utf8")).toContain("count: 1");
    expect(statSync(path).mode).toBe(mode);
    expect(readdirSync(folder).filter((name) => name.endsWith(".new"))).toEqual([]);
  });

  test("what nobody answered stays, and fails", async () => {
    const text = "expectations:\n  - name: example.com\n  - { name: web, from: shop, count: 2 }\n";
    const path = file("outside.yaml", text);
    const { exitCode, stdout } = await expectDns([path, MANIFESTS, "--update"]);
    expect(exitCode).toBe(1);
    expect(stdout).toMatch(/: 0 passed, 1 updated, 1 failed\n$/);
    expect(readFileSync(path, "utf8")).toBe(text.replace("count: 2", "count: 1"));
  });

  test("without failures nothing is written", async () => {
    const { mtimeMs } = statSync(HOLDS);
    expect((await expectDns([HOLDS, MANIFESTS, "--update"])).exitCode).toBe(0);
    expect(statSync(HOLDS).mtimeMs).toBe(mtimeMs);
  });
});

describe("--server", () => {
  test("compares with its replies", async () => {
    const { server, endpoint } = await startServer({ objects: [JSON.parse(MANIFEST)] });
    try {
      const at = ["--server", `127.0.0.1:${endpoint.port}`];
      expect(await expectDns([HOLDS, ...at])).toMatchObject({ exitCode: 0, stderr: "" });
      const failed = await expectDns([HOLDS, FAILS, ...at]);
      expect(failed.exitCode).toBe(1);
      expect(failed.stdout).toMatch(/ got {7}NXDOMAIN \(wed\.shop\.svc\.cluster\.local\.\)\n/);
    } finally {
      await server.close();
    }
  });

  test("no server: nothing is compared, nothing written", async () => {
    const port = await freePort();
    const before = readFileSync(FAILS, "utf8");
    const ran = await expectDns([FAILS, "--server", `127.0.0.1:${port}`, "--update"]);
    expect(ran).toEqual({
      exitCode: 2,
      stdout: "",
      stderr: `cluster-dns expect: 127.0.0.1:${port} refuses connections: nothing listens there (ECONNREFUSED)\n`,
    });
    expect(readFileSync(FAILS, "utf8")).toBe(before);
  });
});
