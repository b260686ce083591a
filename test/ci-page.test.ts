// docs/ci.md and the hook of pre-commit: each command in them is run in a folder like a checkout, and the files for CI
// systems have the shape that these read. deploy/github-action has its own test.
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeEach, describe, expect, test } from "vitest";
import { parse } from "yaml";
import { ROOT } from "./support/process.ts";
import { Workspace } from "./support/workspace.ts";

const page = readFileSync(`${ROOT}docs/ci.md`, "utf8");
const { version } = JSON.parse(readFileSync(`${ROOT}package.json`, "utf8")) as { version: string };

interface Step {
  readonly uses?: string;
  readonly run?: string;
  readonly with?: Readonly<Record<string, unknown>>;
}

interface Hook {
  readonly id: string;
  readonly entry: string;
  readonly args: readonly string[];
  readonly language: string;
  readonly files: string;
  readonly pass_filenames: boolean;
}

const blocks = [...page.matchAll(/^```(\w+)\n(.*?)^```$/gms)].map(([, language, text]) => ({ language, text: text! }));
const yamlFile = (name: string): unknown => parse(blocks.find(({ text }) => text.startsWith(`# ${name}\n`))!.text);
const stepsOf = (workflow: string): readonly Step[] =>
  (yamlFile(`.github/workflows/${workflow}.yml`) as { jobs: { check: { steps: Step[] } } }).jobs.check.steps;
const shell = blocks.filter(({ language }) => language === "sh").map(({ text }) => text.trim());
const gitlab = (yamlFile(".gitlab-ci.yml") as { check: { script: string[]; artifacts: unknown } }).check;
const jenkins = blocks.flatMap(({ text }) => [...text.matchAll(/^ *sh '(.*)'$/gm)].map(([, command]) => command!));
const commands = [...shell, ...gitlab.script, ...jenkins];

const service = (name: string): string =>
  `apiVersion: v1\nkind: Service\nmetadata: { name: ${name} }\nspec: { ports: [{ port: 80 }] }\n`;

const workspace = new Workspace();
const read = (path: string): string => readFileSync(join(workspace.folder, path), "utf8");
afterAll(() => workspace.remove());
beforeEach(() => {
  workspace.write("manifests/web.yaml", service("Bad"));
  workspace.write("charts/front/Chart.yaml", "apiVersion: v2\nname: shop\nversion: 1.0.0\n");
  workspace.write("charts/front/templates/web.yaml", service("{{ .Values.name }}"));
  const rendered = `---\n# Source: shop/templates/web.yaml\n${service("Bad")}`;
  workspace.program("helm", `[ "$*" = "template charts/front" ] && cat <<'END'\n${rendered}END`);
});

describe("the commands of the page", () => {
  test("are six, and all call the package", () => {
    expect(commands).toHaveLength(6);
    expect(commands.filter((command) => !command.includes("npx --yes cluster-dns check "))).toEqual([]);
  });

  test.each(commands)("%s", (command) => {
    const failure = command.endsWith("|| true") ? 0 : 1;
    expect(workspace.bash(command)).toMatchObject({ status: failure, stderr: "" });
    workspace.write("manifests/web.yaml", "kind: Namespace\napiVersion: v1\nmetadata: { name: shop }\n");
    workspace.program("helm", "cat manifests/web.yaml");
    expect(workspace.bash(command)).toMatchObject({ status: 0, stderr: "" });
  });

  test("a chart that is not rendered fails the check", () => {
    workspace.program("helm", "exit 1");
    expect(workspace.bash(`set +o pipefail; ${shell[1]}`).status).toBe(2);
  });

  test("a problem of a chart is at its template", () => {
    expect(workspace.bash(shell[1]!).stdout).toMatch(/^charts\/front\/templates\/web\.yaml:1:1: error: /);
  });

  test("the reports are where the CI systems look for them", () => {
    for (const command of [...gitlab.script, ...jenkins]) workspace.bash(command);
    expect(gitlab.artifacts).toEqual({
      when: "always",
      reports: { codequality: "gl-code-quality-report.json", junit: "cluster-dns.xml" },
    });
    expect(JSON.parse(read("gl-code-quality-report.json"))).toMatchObject([{ check_name: "invalid-field" }]);
    const published = [...page.matchAll(/^ *(?:junit '|recordIssues tool: sarif\(pattern: ')([\w.-]+)'/gm)];
    expect(published.map(([, file]) => existsSync(join(workspace.folder, file!)))).toEqual([true, true]);
    expect(read("cluster-dns.xml")).toContain("<failure ");
    expect(JSON.parse(read("cluster-dns.sarif"))).toMatchObject({ version: "2.1.0" });
  });
});

describe("the workflow of expectations", () => {
  const { steps } = (yamlFile(".github/workflows/dns.yml") as { jobs: { expect: { steps: readonly Step[] } } }).jobs
    .expect;
  const command = steps.at(-1)!.run!;
  const rendered = service("web").replace("ports:", "clusterIP: 10.96.0.7, ports:");

  test.each([
    ["hold", "10.96.0.7", 0, /^1 expectation: 1 passed, 0 failed\n$/],
    ["fail", "10.96.0.8", 1, /^::error file=dns\.yaml,line=2,col=5,title=dns expectation::web A from default: /],
  ])("they %s", (_, address, status, output) => {
    workspace.write("dns.yaml", `expectations:\n  - { name: web, from: default, answer: [${address}] }\n`);
    workspace.program("helm", `[ "$*" = "template charts/front" ] && cat <<'END'\n${rendered}END`);
    const ran = workspace.bash(command);
    expect({ status: ran.status, stderr: ran.stderr }).toEqual({ status, stderr: "" });
    expect(ran.stdout).toMatch(output);
  });

  test("a chart that is not rendered fails", () => {
    workspace.write("dns.yaml", "expectations:\n  - { name: web.default.svc.cluster.local, rcode: NXDOMAIN }\n");
    workspace.program("helm", "exit 1");
    expect(workspace.bash(`set +o pipefail; ${command}`).status).toBe(2);
  });
});

describe("the workflows of the page", () => {
  const action = parse(readFileSync(`${ROOT}deploy/github-action/action.yml`, "utf8")) as {
    inputs: Readonly<Record<string, { default?: string }>>;
  };
  const own = ["check", "code-scanning"].flatMap(stepsOf).filter(({ uses }) => uses?.includes("cluster-dns/") === true);

  test("use the action of this version, with inputs that it has", () => {
    expect(own.map(({ uses }) => uses)).toEqual(Array(2).fill(`OWNER/cluster-dns/deploy/github-action@v${version}`));
    const given = own.flatMap((step) => Object.keys(step.with ?? {}));
    expect(given.filter((name) => !(name in action.inputs))).toEqual([]);
  });

  test("the file that is uploaded is the one that the action writes", () => {
    const [, step, upload] = stepsOf("code-scanning");
    expect(upload!.with!["sarif_file"]).toBe(step!.with!["output"]);
  });

  test("the table has the action's inputs and defaults", () => {
    const rows = [...page.matchAll(/^\| `(\w+)` \| (?:`(.*?)`|.*?) \|/gm)];
    const shown = rows.map(([, name, initial]) => [name, initial ?? ""]);
    expect(shown).toEqual(Object.entries(action.inputs).map(([name, input]) => [name, input.default ?? ""]));
  });
});

describe("the hook of pre-commit", () => {
  const hooks = parse(readFileSync(`${ROOT}.pre-commit-hooks.yaml`, "utf8")) as readonly [Hook];
  const [hook] = hooks;

  test("is the one of the page, in this version", () => {
    const { repos } = yamlFile(".pre-commit-config.yaml") as { repos: [{ rev: string; hooks: [{ id: string }] }] };
    expect(hooks.map(({ id }) => id)).toEqual([repos[0].hooks[0].id]);
    expect(repos[0].rev).toBe(`v${version}`);
    expect(hook).toMatchObject({ language: "system", pass_filenames: false });
    expect(hook.entry).toBe(`npx --yes cluster-dns@${version} check`);
  });

  test.each([
    ["web.yaml", true],
    ["a/b.yml", true],
    ["a.json", true],
    ["example.com.zone", true],
    ["README.md", false],
    ["yaml", false],
  ])("whether it runs for %s is %s", (file, runs) => {
    expect(new RegExp(hook.files).test(file)).toBe(runs);
  });

  test("fails for a problem anywhere in the repository", () => {
    const { status, stdout } = workspace.bash([hook.entry, ...hook.args].join(" "));
    expect(status).toBe(1);
    expect(stdout).toMatch(/^manifests\/web\.yaml:3:19: error: /m);
  });
});
