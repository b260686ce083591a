// deploy/github-action, run as GitHub would: the expressions of `env` are the inputs, and bash runs the scripts. Inputs
// that look like commands, flags or patterns are nothing but values.
import { readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { parse } from "yaml";
import { ROOT } from "./support/process.ts";
import { Workspace } from "./support/workspace.ts";
import type { Ran } from "./support/workspace.ts";

interface Step {
  readonly id?: string;
  readonly if?: string;
  readonly uses?: string;
  readonly shell?: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly run?: string;
}

interface Action {
  readonly inputs: Readonly<Record<string, { readonly default?: string; readonly required?: boolean }>>;
  readonly runs: { readonly using: string; readonly steps: readonly Step[] };
}

const FOLDER = `${ROOT}deploy/github-action`;
const { inputs, runs } = parse(readFileSync(`${FOLDER}/action.yml`, "utf8")) as Action;
const { version } = JSON.parse(readFileSync(`${ROOT}package.json`, "utf8")) as { version: string };
const [nodeStep, , checkStep] = runs.steps as [Step, Step, Step];

const workspace = new Workspace();
afterAll(() => workspace.remove());

const BAD = "apiVersion: v1\nkind: Service\nmetadata: { name: Bad }\nspec: { ports: [{ port: 80 }] }\n";
workspace.write("good/example.com.zone", "$TTL 60\n@ SOA . . 1 2 3 4 5\n@ NS ns.example.net.\n");
workspace.write("bad/error.yaml", BAD);
workspace.write("with space/error.yaml", BAD);
workspace.write(
  "warning/a.yaml",
  `apiVersion: v1
kind: Service
metadata: { name: web }
spec: { selector: { app: web }, ports: [{ port: 80 }] }
---
apiVersion: v1
kind: Pod
metadata: { name: web, labels: { app: wbe } }
spec: { containers: [{ name: web, image: web }] }
`,
);

function runAction(given: Readonly<Record<string, string>>): Ran {
  const values: Record<string, string> = { "github.action_path": FOLDER };
  for (const [name, input] of Object.entries(inputs)) values[`inputs.${name}`] = given[name] ?? input.default ?? "";
  const env = Object.entries(checkStep.env!).map(([name, text]) => {
    const expression = /^\$\{\{ ([\w.]+) \}\}$/.exec(text)?.[1] ?? "";
    expect(values).toHaveProperty([expression]);
    return [name, values[expression]!];
  });
  return workspace.bash(checkStep.run!, Object.fromEntries(env) as Record<string, string>);
}

describe("its shape", () => {
  test("a composite action, with a shell for each script", () => {
    expect(runs.using).toBe("composite");
    expect(runs.steps.filter(({ run }) => run !== undefined).map(({ shell }) => shell)).toEqual(["bash", "bash"]);
    expect(Object.keys(inputs).toSorted()).toEqual(["format", "ignore", "output", "paths", "strict", "version"]);
  });

  test("no expression is in a script", () => {
    expect(runs.steps.filter(({ run }) => run?.includes("${{") === true)).toEqual([]);
  });

  test("each input is a variable of the script", () => {
    const used = Object.values(checkStep.env!).join();
    expect(Object.keys(inputs).filter((name) => !used.includes(`{ inputs.${name} }`))).toEqual([]);
  });

  test.each([
    ["22.13.9", "false"],
    ["22.14.0", "true"],
    ["20.19.0", "false"],
    ["24.0.0", "true"],
  ])("whether Node %s fits is %s", (found, fits) => {
    const output = join(workspace.folder, "output");
    writeFileSync(output, "");
    const script = nodeStep.run!.replace("process.versions.node", `"${found}"`);
    expect(workspace.bash(script, { GITHUB_OUTPUT: output }).status).toBe(0);
    expect(readFileSync(output, "utf8")).toBe(`fits=${fits}\n`);
  });
});

describe("its runs", () => {
  test.each<[title: string, inputs: Record<string, string>, status: number, output: RegExp]>([
    ["no problems", { paths: "good" }, 0, /^checked 1 file with 0 objects, 1 zone: 0 errors/],
    ["an error", { paths: "good\nbad" }, 1, /^::error file=bad\/error\.yaml,line=3,/],
    ["a path with a space, and blank lines", { paths: "\n  with space  \n\n" }, 1, /^::error file=with space\/error/],
    ["a warning", { paths: "warning" }, 0, /^::warning /],
    ["a warning, strictly", { paths: "warning", strict: "true" }, 1, /^::warning /],
    ["ignored codes", { paths: "bad", ignore: "selector-no-pods\ninvalid-field, yaml-syntax" }, 0, / 1 ignored\n$/],
    ["another format", { paths: "bad", format: "text" }, 1, /^bad\/error\.yaml:3:19: error: /],
    ["a version", { paths: "good", version }, 0, /^checked 1 file/],
  ])("%s", (_, given, status, output) => {
    const ran = runAction(given);
    expect({ status: ran.status, stderr: ran.stderr }).toEqual({ status, stderr: "" });
    expect(ran.stdout).toMatch(output);
  });

  test("a file gets the report, also when the check fails", () => {
    const ran = runAction({ paths: "bad", format: "sarif", output: "report.sarif" });
    expect([ran.status, ran.stdout]).toEqual([1, ""]);
    const log: unknown = JSON.parse(readFileSync(join(workspace.folder, "report.sarif"), "utf8"));
    expect(log).toMatchObject({ version: "2.1.0" });
  });

  test.each<[inputs: Record<string, string>, message: string]>([
    [{ paths: "" }, "nothing to check"],
    [{ paths: "absent" }, "no such file or folder"],
    [{ paths: "good", format: "xml" }, "--format"],
    [{ paths: "good", strict: "yes" }, "--strict"],
    [{ paths: "good", ignore: "no-such-code" }, "there is no problem code"],
  ])("wrong inputs: %j", (given, message) => {
    const ran = runAction(given);
    expect(ran.status).toBe(2);
    expect(ran.stderr).toContain(message);
  });
});

describe("inputs that look like commands", () => {
  const values = ["$(touch pwned)`touch pwned`", "; touch pwned #", '"; touch pwned; "'];

  test.each(Object.keys(inputs).flatMap((name) => values.map((value) => [name, value] as const)))(
    "%s: %s",
    (name, value) => {
      const { status } = runAction({ paths: "good", [name]: value });
      // A file may have any name.
      expect(status).toBe(name === "output" ? 0 : 2);
      const files = readdirSync(workspace.folder);
      expect(files).not.toContain("pwned");
      expect(files.includes(value)).toBe(name === "output");
      rmSync(join(workspace.folder, value), { force: true });
    },
  );

  test.each(["*", "--strict", "-", "{good,bad}"])("the path %s is no pattern, flag or pipe", (paths) => {
    const { status, stderr } = runAction({ paths });
    expect(status).toBe(2);
    expect(stderr).toMatch(/no such file or folder|no Kubernetes objects and no zones in -/);
  });

  test.each(["file:../evil", "npm:evil@1", "1 || 2", "https://example.com/evil.tgz"])("the version %s", (given) => {
    const { status, stdout } = runAction({ paths: "good", version: given });
    expect([status, stdout]).toEqual([2, "::error title=cluster-dns::version is no version of an npm package\n"]);
  });
});
