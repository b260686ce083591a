import { spawn, spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, describe, expect, test } from "vitest";
import { run } from "../../src/cli/check.ts";
import type { Outcome } from "./captured-io.ts";
import { capture } from "./captured-io.ts";

const CLI = fileURLToPath(new URL("../../src/cli/start.ts", import.meta.url));

const folder = mkdtempSync(join(tmpdir(), "cluster-dns-check-"));
afterAll(() => rmSync(folder, { recursive: true }));

function file(name: string, text: string): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
}

function check(
  args: readonly string[],
  given: { stdin?: string; env?: Record<string, string> } = {},
): Promise<Outcome> {
  return capture((io) => run(args, io), given);
}

const POD =
  "apiVersion: v1\nkind: Pod\nmetadata: { name: web, labels: { app: web } }\nspec: { containers: [{ name: web, image: web }] }\n";
const CLEAN = file("clean.yaml", POD);
const HINT = file(
  "hint.yaml",
  "apiVersion: v1\nkind: Service\nmetadata: { name: default }\nspec: { ports: [{ port: 80 }] }\n",
);
const WARNING = file(
  "warning.yaml",
  `${POD}---\napiVersion: v1\nkind: Service\nmetadata: { name: web }\nspec: { selector: { app: wbe }, ports: [{ port: 80 }] }\n`,
);
const ERROR = file(
  "error.yaml",
  `${POD}---\napiVersion: v1\nkind: Service\nmetadata: { name: Web }\nspec: { ports: [{ port: 80 }] }\n`,
);
const BAD_NAME = file(
  "bad-name.yaml",
  "apiVersion: v1\nkind: Service\nmetadata: { name: Web }\nspec: { ports: [{ port: 80 }] }\n",
);
const NOTHING = join(folder, "nothing");
mkdirSync(NOTHING);
const ZONE = file("example.org.zone", "$TTL 60\n@ SOA . . 1 2 3 4 5\n@ NS ns.example.net.\n");
const BAD_ZONE = file("example.com.zone", "$TTL 60\n@ NS ns.example.net.\n");
const HOSTS = file("hosts", "192.0.2.1 web\n");
const EMPTY_HOSTS = file("empty.hosts", "# nothing\n");
const WITHOUT_OBJECTS = file("values.yaml", "replicas: 3\n");

describe("exit codes", () => {
  test.each<[title: string, args: string[], exitCode: number]>([
    ["nothing wrong", [CLEAN], 0],
    ["nothing wrong, strictly", [CLEAN, "--strict"], 0],
    ["hints", [HINT, "--strict"], 0],
    ["warnings", [WARNING], 0],
    ["warnings, strictly", [WARNING, "--strict"], 1],
    ["warnings, not strictly", [WARNING, "--strict=false"], 0],
    ["a silenced warning, strictly", [WARNING, "--strict", "--ignore=selector-no-pods"], 0],
    ["one of several codes", [WARNING, "--strict", "--ignore", "invalid-field, selector-no-pods"], 0],
    ["errors", [ERROR], 1],
    ["an ignored error alone", [BAD_NAME, "--ignore", "invalid-field"], 0],
    ["a zone file alone", [ZONE], 0],
    ["a hosts file alone", [HOSTS], 0],
    ["a broken zone file", [BAD_ZONE, CLEAN], 1],
    ["one bad file of several", [CLEAN, HINT, ERROR], 1],
  ])("%s: %j is %i", async (_, args, exitCode) => {
    const outcome = await check(args);
    expect([outcome.exitCode, outcome.stderr]).toEqual([exitCode, ""]);
    expect(outcome.stdout).toMatch(
      /\nchecked \d files? with \d objects?.*: \d errors?, \d warnings?, \d hints?(?:, \d ignored)?\n$|^checked/,
    );
  });
});

describe("wrong usage, or nothing to check", () => {
  test.each<[args: string[], message: string]>([
    [[], "nothing to check: give a file, a folder or - for standard input"],
    [["--format", "text"], "nothing to check"],
    [
      [CLEAN, "--ignore", "selector-no-pod"],
      'there is no problem code "selector-no-pod"; did you mean selector-no-pods?',
    ],
    [[CLEAN, "--format", "xml"], '--format: "xml" is not one of text, json, github, gitlab, junit, sarif'],
    [[CLEAN, "--format=sariff"], "did you mean sarif?"],
    [[CLEAN, "--strict=yes"], '--strict: "yes" is not true or false'],
    [[CLEAN, "--strickt"], "unknown flag --strickt; did you mean --strict?"],
    [[CLEAN, "--service-cidr", "10.0.0.0/33"], "--service-cidr"],
    [[CLEAN, "--listen", "127.0.0.1"], "unknown flag --listen"],
    [[join(folder, "absent")], "no such file or folder"],
    [[NOTHING], "no Kubernetes objects and no zones in"],
    [[WITHOUT_OBJECTS], "no Kubernetes objects and no zones in"],
    [[EMPTY_HOSTS], "no Kubernetes objects and no zones in"],
    [["-", "--ignore", "empty-file"], "no Kubernetes objects and no zones in -"],
  ])("%j: %s", async (args, message) => {
    const { exitCode, stderr } = await check(args);
    expect(exitCode).toBe(2);
    expect(stderr).toContain(`cluster-dns check: `);
    expect(stderr).toContain(message);
    expect(stderr).not.toMatch(/\n\s+at /);
  });

  test("reports all faults of a command line", async () => {
    const { stderr } = await check(["--format", "xml", "--bogus"]);
    expect(stderr.match(/^cluster-dns check: /gm)).toHaveLength(3);
  });
});

describe("formats", () => {
  test("text: a place in the form of compilers, and advice", async () => {
    const { stdout } = await check([WARNING]);
    expect(stdout).toBe(
      `${WARNING}:9:19: warning: Service default/web: no pod of namespace default has app=wbe [selector-no-pods]
    Pod default/web comes closest: it has app=web
simulated 1 pod: Pod default/web 1
checked 1 file with 2 objects: 0 errors, 1 warning, 0 hints
`,
    );
  });

  test.each(["json", "gitlab", "sarif"])("%s is one document, also without problems", async (format) => {
    for (const path of [CLEAN, ERROR]) {
      const { stdout } = await check([path, "--format", format]);
      expect(JSON.parse(stdout)).toBeTypeOf("object");
    }
  });

  test("junit: a warning is a failure with --strict", async () => {
    expect((await check([WARNING, "--format", "junit"])).stdout).not.toContain("<failure");
    expect((await check([WARNING, "--format", "junit", "--strict"])).stdout).toContain("<failure");
  });

  test.each([
    ["text", ": 0 errors, 0 warnings, 0 hints, 1 ignored\n"],
    ["github", ": 0 errors, 0 warnings, 0 hints, 1 ignored\n"],
    ["junit", ": 0 errors, 0 warnings, 0 hints, 1 ignored<"],
    ["json", '"ignored": 1\n'],
  ])("%s counts what is ignored", async (format, expected) => {
    const { stdout } = await check([BAD_NAME, "--ignore", "invalid-field", "--format", format]);
    expect(stdout).toContain(expected);
  });

  test("github", async () => {
    const { stdout } = await check([ERROR, "--format", "github"]);
    expect(stdout).toMatch(/^::error file=.*error\.yaml,line=8,col=19,title=invalid-field::metadata\.name: /);
  });
});

describe("text that helm template wrote", () => {
  const rendered = `---
# Source: front/charts/db/templates/db.yaml
${POD}---
# Source: front/charts/db/templates/db.yaml
apiVersion: v1
kind: Service
metadata: { name: db }
spec: { ports: [{ port: 70000 }] }
---
# Source: front/templates/web.yaml
apiVersion: v1
kind: Service
metadata: { name: web }
spec: { selector: { app: wbe }, ports: [{ port: 80 }] }
---
# Source: front/templates/web.yaml
# cluster-dns: ignore invalid-field
apiVersion: v1
kind: Service
metadata: { name: ignored }
spec: { ports: [{ port: 70000 }] }
---
apiVersion: v1
kind: Service
metadata: { name: of-no-template }
spec: { ports: [{ port: 70000 }] }
`;
  const path = file("rendered.yaml", rendered);

  test.each(["-", path])("is at its templates: %s", async (input) => {
    const { stdout } = await check([input], { stdin: rendered });
    const lines = stdout.split("\n").filter((line) => /^\S+:\d+:\d+: /.test(line));
    const places = lines.map((line) => line.match(/^\S+: \w+: Service \S+:|\(rendered: .*$/g)?.join(" "));
    expect(places).toHaveLength(3);
    expect(new Set(places)).toEqual(
      new Set([
        `${input}:30:25: error: Service default/of-no-template:`,
        `front/charts/db/templates/db.yaml:1:1: error: Service default/db: (rendered: ${input}:12:25) [invalid-field]`,
        `front/templates/web.yaml:1:1: warning: Service default/web: (rendered: ${input}:18:19) [selector-no-pods]`,
      ]),
    );
    expect(stdout).toMatch(/2 errors, 1 warning, 0 hints, 1 ignored\n$/);
  });

  test.each<[format: string, place: string]>([
    ["text", "front/charts/db/templates/db.yaml:1:1: "],
    ["json", '"file": "front/charts/db/templates/db.yaml",\n      "line": 1,'],
    ["json", '"rendered": {\n        "file": "-",\n        "line": 12,\n        "column": 25\n'],
    ["github", " file=front/charts/db/templates/db.yaml,line=1,col=1,"],
    ["gitlab", '"path": "front/charts/db/templates/db.yaml"'],
    ["junit", '<testsuite name="front/charts/db/templates/db.yaml"'],
    ["sarif", '"uri": "front/charts/db/templates/db.yaml"'],
  ])("as %s: %s", async (format, place) => {
    expect((await check(["-", "--format", format], { stdin: rendered })).stdout).toContain(place);
  });

  test("a template of a chart below the working directory is at its file", () => {
    const cwd = join(folder, "checkout");
    mkdirSync(join(cwd, "deploy/web/charts/db/templates"), { recursive: true });
    writeFileSync(join(cwd, "deploy/web/Chart.yaml"), "apiVersion: v2\nname: front\nversion: 1.0.0\n");
    writeFileSync(join(cwd, "deploy/web/charts/db/templates/db.yaml"), "{{ .Values.db }}\n");
    const ran = spawnSync(process.execPath, [CLI, "check", "-"], { cwd, input: rendered, encoding: "utf8" });
    expect(ran.stdout).toContain("\ndeploy/web/charts/db/templates/db.yaml:1:1: error: ");
    expect(ran.stdout).toContain("\nfront/templates/web.yaml:1:1: warning: ");
  });
});

test("docs/check.md has the output for its file", async () => {
  const page = readFileSync(new URL("../../docs/check.md", import.meta.url), "utf8");
  const manifest = /^```yaml\n(# shop\.yaml\n.*?)^```$/ms.exec(page)?.[1] ?? "";
  const output = /^```console\n\$ cluster-dns check shop\.yaml\n(.*?)^```$/ms.exec(page)?.[1];
  const { stdout } = await check([file("shop.yaml", manifest)]);
  expect(stdout.replaceAll(`${folder}/`, "")).toBe(output);
});

test("docs/check.md has the output for a rendered chart", () => {
  const page = readFileSync(new URL("../../docs/check.md", import.meta.url), "utf8");
  const manifest = /^```yaml\n# shop\.yaml\n(.*?)^```$/ms.exec(page)?.[1] ?? "";
  const output = /^```console\n\$ helm template deploy\/front \| cluster-dns check -\n(.*?)^```$/ms.exec(page)?.[1];
  const cwd = join(folder, "charts");
  mkdirSync(join(cwd, "deploy/front/templates"), { recursive: true });
  writeFileSync(join(cwd, "deploy/front/Chart.yaml"), "apiVersion: v2\nname: shop\nversion: 1.0.0\n");
  writeFileSync(join(cwd, "deploy/front/templates/cart.yaml"), manifest);
  const input = `---\n# Source: shop/templates/cart.yaml\n${manifest}`;
  expect(spawnSync(process.execPath, [CLI, "check", "-"], { cwd, input, encoding: "utf8" }).stdout).toBe(output);
});

test("standard input", async () => {
  const { exitCode, stdout } = await check(["-", CLEAN], {
    stdin: "apiVersion: v1\nkind: Service\nmetadata: { name: W }\nspec: { ports: [{ port: 80 }] }\n",
  });
  expect(exitCode).toBe(1);
  expect(stdout).toContain("-:3:19: error: ");
});

test("empty standard input is nothing to check, because the writing program must have failed", async () => {
  const { exitCode, stdout } = await check(["-"]);
  expect(exitCode).toBe(2);
  expect(stdout).toContain("[empty-file]");
});

test("takes options from variables and a configuration file too", async () => {
  const service = file(
    "elsewhere.yaml",
    "apiVersion: v1\nkind: Service\nmetadata: { name: a }\nspec: { clusterIP: 192.0.2.1, ports: [{ port: 80 }] }\n",
  );
  const config = file("config.yml", "service-cidr: [192.0.2.0/24]\n");
  expect((await check([service])).stdout).toContain("[cluster-ip-out-of-range]");
  for (const outcome of [
    await check([service], { env: { CLUSTER_DNS_SERVICE_CIDR: "192.0.2.0/24" } }),
    await check([service, "--config", config]),
  ])
    expect(outcome.stdout).toMatch(/^checked/);
});

test("a reader that closes the pipe causes no crash", async () => {
  const many = Array.from(
    { length: 5_000 },
    (_, index) => `apiVersion: v1\nkind: Service\nmetadata: { name: W${index} }\nspec: { ports: [{ port: 80 }] }\n`,
  );
  const paths = [0, 1, 2].map((at) => file(`many-${at}.yaml`, many.slice(at * 900, at * 900 + 900).join("---\n")));
  const child = spawn(process.execPath, [CLI, "check", ...paths], { stdio: ["ignore", "pipe", "pipe"] });
  let stderr = "";
  child.stderr.on("data", (chunk: Buffer) => (stderr += chunk.toString()));
  child.stdout.destroy();
  const code = await new Promise((resolve) => child.on("close", resolve));
  expect([code, stderr]).toEqual([1, ""]);
});
