import { execFileSync } from "node:child_process";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { run } from "../../src/cli/diff.ts";
import { startServer } from "../support/cluster.ts";
import { skipAll, whyNot } from "../support/optional-programs.ts";
import { freePort, ROOT } from "../support/process.ts";
import { Workspace } from "../support/workspace.ts";
import { capture } from "./captured-io.ts";
import type { Outcome } from "./captured-io.ts";

const service = (name: string, address: string): string => `apiVersion: v1
kind: Service
metadata: { name: ${name}, namespace: shop }
spec: { ${address === "" ? "" : `clusterIP: ${address}, `}ports: [{ name: http, port: 80 }] }
`;
const CHANGES = `1 name changed

- web.shop.svc.cluster.local A 10.96.0.80
+ web.shop.svc.cluster.local A 10.96.0.81
`;

const workspace = new Workspace();
const path = (name: string): string => join(workspace.folder, name);
const diff = (args: readonly string[], stdin = ""): Promise<Outcome> => capture((io) => run(args, io), { stdin });
beforeAll(() => {
  workspace.write("a/web.yaml", service("web", "10.96.0.80"));
  workspace.write("b/web.yaml", service("web", "10.96.0.81"));
});
afterAll(() => workspace.remove());

describe("two folders", () => {
  test("are equal to themselves", async () => {
    expect(await diff([path("a"), path("a")])).toEqual({ exitCode: 0, stdout: "no differences\n", stderr: "" });
    expect(await diff([`${ROOT}examples/shop`, `${ROOT}examples/shop`])).toMatchObject({ exitCode: 0 });
  });

  test("differ by name", async () => {
    const { exitCode, stdout, stderr } = await diff([path("a"), path("b")]);
    expect({ exitCode, stderr }).toEqual({ exitCode: 1, stderr: "" });
    expect(stdout).toBe(`1 name added, 1 removed, 1 changed

- web.shop.svc.cluster.local A 10.96.0.80
+ web.shop.svc.cluster.local A 10.96.0.81
- 80.0.96.10.in-addr.arpa PTR web.shop.svc.cluster.local
+ 81.0.96.10.in-addr.arpa PTR web.shop.svc.cluster.local
`);
  });

  test("one of which may be standard input", async () => {
    const { exitCode, stdout } = await diff(
      [path("a"), "-"],
      service("web", "10.96.0.80") + "---\n" + service("api", "10.96.0.7"),
    );
    expect(exitCode).toBe(1);
    expect(stdout).toContain("+ api.shop.svc.cluster.local A 10.96.0.7\n");
    expect(stdout).not.toContain("web.shop");
  });

  test("in other formats", async () => {
    const { stdout: json } = await diff([path("a"), path("b"), "--format", "json"]);
    expect(JSON.parse(json)).toMatchObject({
      names: [{ change: "changed" }, { change: "removed" }, { change: "added" }],
    });
    const { stdout: markdown } = await diff([path("a"), path("b"), "--format", "markdown"]);
    expect(markdown).toMatch(/^\*\*DNS names\*\*: 1 name added, 1 removed, 1 changed\n\n```diff\n/);
  });
});

describe("addresses that nobody gave", () => {
  // In so small a range, a written address takes that of another service.
  const few = ["--service-cidr", "10.96.0.0/28", "--cluster-services=false"];

  test("that move are told once, and may be ignored", async () => {
    const { stdout: before } = await diff([path("a"), "-", "--format", "json", ...few], service("web", ""));
    const plus = (JSON.parse(before) as { names: { plus: { type: string; data: string }[] }[] }).names.flatMap(
      (each) => each.plus,
    );
    const address = plus.find(({ type }) => type === "A")!.data;
    workspace.write("one/web.yaml", service("web", ""));
    workspace.write("two/web.yaml", service("web", ""));
    workspace.write("two/api.yaml", service("api", address));
    const { exitCode, stdout } = await diff([path("one"), path("two"), ...few]);
    expect(exitCode).toBe(1);
    expect(stdout).toMatch(new RegExp(`^~ service shop/web ${address} -> 10\\.96\\.0\\.\\d+$`, "m"));
    expect(stdout).not.toMatch(/^[-+] web\.shop/m);
    const ignoring = await diff([path("one"), path("two"), ...few, "--ignore-assigned"]);
    expect(ignoring.stdout).toContain("+ api.shop.svc.cluster.local A ");
    expect(ignoring.stdout).not.toContain("~");
  });
});

describe("revisions of git", () => {
  skipAll(whyNot("git"));
  const outside = mkdtempSync(join(tmpdir(), "cluster-dns-outside-"));
  const own = new Workspace();
  const git = (...args: readonly string[]): string =>
    execFileSync("git", ["-c", "user.name=t", "-c", "user.email=t@example.org", ...args], {
      cwd: own.folder,
      encoding: "utf8",
    });
  const inRepository = (command: string): Outcome => {
    const { status, stdout, stderr } = own.bash(command);
    return { exitCode: status!, stdout, stderr };
  };
  beforeAll(() => {
    if (whyNot("git") !== undefined) return;
    git("init", "--quiet");
    own.write(".gitignore", "node_modules\n");
    own.write("deploy/web.yaml", service("web", "10.96.0.80"));
    own.write("deploy/.gitattributes", "*.yaml export-ignore\n");
    git("add", ".");
    git("commit", "--quiet", "-m", "one");
    own.write("deploy/web.yaml", service("web", "10.96.0.81"));
    own.write("deploy/bad.yaml", service("Bad", "10.96.0.7"));
    git("add", ".");
    git("commit", "--quiet", "-m", "two");
  });
  afterAll(() => {
    own.remove();
    rmSync(outside, { recursive: true });
  });

  test.each([
    "HEAD~1:deploy HEAD:deploy",
    "HEAD~1:deploy deploy",
    "HEAD~1:deploy/ HEAD:deploy/web.yaml",
    "HEAD~1:./deploy HEAD:./deploy/",
    "HEAD~1: HEAD:",
    "HEAD~1:deploy deploy --kustomize",
  ])("%s", (sides) => {
    const temporary = (): readonly string[] =>
      readdirSync(tmpdir()).filter((name) => name.startsWith("cluster-dns-git-"));
    const before = temporary();
    const { exitCode, stdout } = inRepository(`cluster-dns diff ${sides} | grep -v arpa`);
    expect(stdout.replace(/^.*\n/, "1 name changed\n")).toBe(CHANGES);
    expect(exitCode).toBe(1);
    expect(temporary().filter((name) => !before.includes(name))).toEqual([]);
  });

  test("errors of manifests are told with the revision", () => {
    const { stderr } = inRepository("cluster-dns diff HEAD~1:deploy HEAD:deploy || true");
    expect(stderr).toMatch(/^error: HEAD:deploy\/bad\.yaml:3:\d+: /);
  });

  test("from a subfolder, with paths from the root or from there", () => {
    expect(inRepository("cd deploy && cluster-dns diff HEAD~1:deploy/web.yaml HEAD~1:./web.yaml")).toMatchObject({
      exitCode: 0,
      stdout: "no differences\n",
    });
  });

  test.each<[sides: string, fault: string]>([
    ["HEAD~9:deploy deploy", "HEAD~9:deploy: git knows no revision HEAD~9"],
    ["HEAD:none deploy", "HEAD:none: the revision HEAD has no none"],
    ["deploi deploy", "deploi: no such file or folder"],
  ])("%s is a fault", (sides, fault) => {
    const { exitCode, stdout, stderr } = inRepository(`cluster-dns diff ${sides}`);
    expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: "" });
    expect(stderr).toContain(`cluster-dns diff: ${fault}`);
  });

  test("outside a repository, and without git", () => {
    const lost = inRepository(`cd ${outside} && cluster-dns diff HEAD:deploy .`);
    expect(lost.exitCode).toBe(2);
    expect(lost.stderr).toContain(
      "HEAD:deploy: there is no such file, and no git repository here with such a revision\n",
    );
    own.program("git", "exit 127");
    const without = inRepository(
      `node=$(dirname "$(command -v node)"); PATH=$node "$node/node" ${ROOT}src/cli/start.ts diff HEAD:deploy .`,
    );
    expect(without.exitCode).toBe(2);
    expect(without.stderr).toContain("HEAD:deploy: there is no such file; to read a revision, install git\n");
  });
});

describe("a server", () => {
  test("of the same manifests has no differences; of others it has", async () => {
    const { server, endpoint } = await startServer({ paths: [`${ROOT}zones`] });
    try {
      const dns = `dns:${endpoint.host}:${endpoint.port}`;
      expect(await diff([`${ROOT}zones`, dns])).toEqual({ exitCode: 0, stdout: "no differences\n", stderr: "" });
      const { exitCode, stdout } = await diff([path("a"), dns, "--cluster-services=false"]);
      expect(exitCode).toBe(1);
      expect(stdout).toContain("\n- web.shop.svc.cluster.local A 10.96.0.80\n");
      expect((await diff([dns, path("a"), "--cluster-services=false"])).stdout).toContain(
        "\n+ web.shop.svc.cluster.local A 10.96.0.80\n",
      );
    } finally {
      await server.close();
    }
  });

  test("that refuses, or is not there", async () => {
    const { server, endpoint } = await startServer({ paths: [path("a")], clusterDomain: "other.example" });
    try {
      const { exitCode, stderr } = await diff([
        path("a"),
        `dns:${endpoint.host}:${endpoint.port}`,
        "--cluster-services=false",
      ]);
      expect(exitCode).toBe(1);
      expect(stderr).toBe("");
      const refused = await diff([`${ROOT}test/scenarios/zone-files`, `dns:${endpoint.host}:${endpoint.port}`]);
      expect(refused.stderr).toMatch(
        /^cluster-dns diff: .* answers REFUSED for \S*example\.org\. \w+; \d+ such questions are left out\n$/m,
      );
    } finally {
      await server.close();
    }
    const port = await freePort();
    expect(await diff([path("a"), `dns:127.0.0.1:${port}`])).toEqual({
      exitCode: 2,
      stdout: "",
      stderr: `cluster-dns diff: 127.0.0.1:${port} refuses connections: nothing listens there (ECONNREFUSED)\n`,
    });
  });
});

test("nothing comes through a pipe, as when the program before it failed", async () => {
  const { exitCode, stdout, stderr } = await diff([path("a"), "-"]);
  expect([exitCode, stdout]).toEqual([2, ""]);
  expect(stderr).toContain("\ncluster-dns diff: no Kubernetes objects and no zones in -\n");
});

describe("usage", () => {
  test.each<[args: readonly string[], error: string]>([
    [["a"], "give two sides to compare, not 1; e.g. cluster-dns diff HEAD~1:deploy deploy"],
    [["a", "b", "c"], "give two sides to compare, not 3"],
    [["-", "-"], "standard input can be one side only"],
    [["dns:10.0.0.1", "dns:10.0.0.2"], "one side must be manifests, to know which names to ask for"],
    [["a", "dns:localhost"], '"dns:localhost" is not an upstream such as '],
    [["a", "b", "--format", "html"], '--format: "html" is not one of text, markdown, json'],
    [["a", "b", "--ignore-assigned=1"], '--ignore-assigned: "1" is not true or false'],
    [["a", "b", "--ignore"], "unknown flag --ignore"],
  ])("%j", async (args, error) => {
    const outcome = await diff(args);
    expect(outcome).toMatchObject({ exitCode: 2, stdout: "" });
    expect(outcome.stderr).toContain(`cluster-dns diff: ${error}`);
    expect(outcome.stderr).toContain("Run cluster-dns diff --help for the flags.\n");
  });
});
