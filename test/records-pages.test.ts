// docs/dump.md and docs/diff.md: their files are written, and their commands are run as they stand, in their order.
// They print what the pages say.
import { readFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { parse } from "yaml";
import { whyNot } from "./support/optional-programs.ts";
import { ROOT } from "./support/process.ts";
import { Workspace } from "./support/workspace.ts";

interface Step {
  readonly command: string;
  readonly output: string;
}

/** The blocks of a page: files, which begin with their name in a comment, and commands. */
function readPage(name: string): { files: readonly (readonly [string, string])[]; steps: readonly Step[] } {
  const page = readFileSync(`${ROOT}docs/${name}`, "utf8");
  const blocks = [...page.matchAll(/^```(\w+)\n(.*?)^```$/gms)].map(([, language, text]) => ({
    language,
    text: text!,
  }));
  const files = blocks.flatMap(({ language, text }) => {
    const path = language === "yaml" ? /^# (\S+\.yaml)\n/.exec(text)?.[1] : undefined;
    return path === undefined ? [] : [[path, text] as const];
  });
  const steps = blocks
    .filter(({ language }) => language === "console")
    .flatMap(({ text }) => text.split(/^\$ /m).slice(1))
    .map((part) => ({ command: part.slice(0, part.indexOf("\n")), output: part.slice(part.indexOf("\n") + 1) }));
  return { files, steps };
}

describe.each([
  ["dump.md", 7],
  ["diff.md", 2],
])("docs/%s", (name, count) => {
  const { files, steps } = readPage(name);
  const workspace = new Workspace();
  beforeAll(() => {
    for (const [path, text] of files) workspace.write(path, text);
  });
  afterAll(() => workspace.remove());

  test("has files and commands", () => {
    expect(files.length).toBeGreaterThan(0);
    expect(steps).toHaveLength(count);
  });

  test.each(steps)("$command", ({ command, output }) => {
    // A command may fail, such as one that finds differences.
    const { stdout, stderr } = workspace.bash(`${command} || true`);
    expect({ stdout, stderr }).toEqual({ stdout: output, stderr: "" });
  });
});

describe("the workflow of docs/diff.md", () => {
  const page = readFileSync(`${ROOT}docs/diff.md`, "utf8");
  const workflow = parse(/^```yaml\n(# \.github\/.*?)^```$/ms.exec(page)![1]!) as {
    jobs: { diff: { steps: readonly { run?: string; with?: object }[] } };
  };
  const [checkout, step] = workflow.jobs.diff.steps;
  const workspace = new Workspace();
  afterAll(() => workspace.remove());

  test("comments on a pull request, and fails only if a side cannot be read", ({ skip }) => {
    const missing = whyNot("git");
    if (missing !== undefined) skip(missing);
    workspace.write("deploy/web.yaml", "kind: Namespace\napiVersion: v1\nmetadata: { name: shop }\n");
    const commit = "git -c user.name=t -c user.email=t@example.org commit -q -m t";
    workspace.bash(
      `git init -q -b main && git add deploy && ${commit} && git update-ref refs/remotes/origin/main main`,
    );
    workspace.write("deploy/web.yaml", readPage("diff.md").files[0]![1]);
    workspace.program("gh", 'echo "$@"; cat dns.md');
    // The base is there only with the whole history.
    expect(checkout!.with).toEqual({ "fetch-depth": 0 });
    const env = { GITHUB_BASE_REF: "main", PR: "7" };
    const { status, stdout, stderr } = workspace.bash(step!.run!, env);
    expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
    expect(stdout).toMatch(/^pr comment 7 --body-file dns\.md .*\n\*\*DNS names\*\*: 4 names added\n/);
    expect(workspace.bash(step!.run!, { ...env, GITHUB_BASE_REF: "none" }).status).toBe(1);
  });
});
