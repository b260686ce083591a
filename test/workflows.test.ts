// The workflows of GitHub Actions, as far as a test can hold them: scripts and files exist, each job has the rights that
// this table grants and no others, and no text from outside becomes a shell's program.
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { parse } from "yaml";
import { ROOT } from "./support/process.ts";

interface Step {
  readonly uses?: string;
  readonly run?: string;
  readonly with?: Readonly<Record<string, unknown>>;
}

interface Workflow {
  readonly permissions: object;
  readonly jobs: Readonly<
    Record<
      string,
      { readonly permissions?: object; readonly needs?: string | string[]; readonly steps: readonly Step[] }
    >
  >;
}

const FOLDER = `${ROOT}.github/workflows/`;
/** What each job may do, beside nothing. */
const PERMISSIONS: Readonly<Record<string, Readonly<Record<string, object>>>> = {
  "ci.yml": { test: { contents: "read" } },
  "release.yml": {
    package: { contents: "read" },
    npm: { "id-token": "write" },
    image: { contents: "read", packages: "write" },
    github: { contents: "write" },
  },
};
/** A path in a command that a checkout has, such as tools/release-notes.ts or .ci/run. */
const OWN_FILE = /(?<![\w./-])(?:tools|test|\.ci)\/[\w./-]+/g;

const workflows = readdirSync(FOLDER).map((name) => ({
  name,
  workflow: parse(readFileSync(FOLDER + name, "utf8")) as Workflow,
}));
const { scripts } = JSON.parse(readFileSync(`${ROOT}package.json`, "utf8")) as { scripts: Record<string, string> };

test("all workflows are known", () => {
  expect(workflows.map(({ name }) => name).toSorted()).toEqual(Object.keys(PERMISSIONS));
});

describe.each(workflows)("$name", ({ name, workflow }) => {
  const steps = Object.values(workflow.jobs).flatMap((job) => job.steps);
  const commands = steps.flatMap(({ run }) => run ?? []);

  test("grants each job what it needs, and no more", () => {
    expect(workflow.permissions).toEqual({});
    const granted = Object.entries(workflow.jobs).map(([job, { permissions }]) => [job, permissions]);
    expect(Object.fromEntries(granted)).toEqual(PERMISSIONS[name]);
  });

  test("runs scripts and files that there are", () => {
    const run = commands.flatMap((command) => [...command.matchAll(/npm run (?:--\S+ )*([\w:-]+)/g)].map((m) => m[1]!));
    expect(run.filter((script) => scripts[script] === undefined)).toEqual([]);
    const files = commands.flatMap((command) => command.match(OWN_FILE) ?? []);
    expect(files).toContain(".ci/run");
    expect(files.filter((file) => !existsSync(ROOT + file))).toEqual([]);
  });

  test("pins actions by their major versions", () => {
    for (const { uses } of steps) if (uses !== undefined) expect(uses).toMatch(/^[\w-]+\/[\w-]+@v\d+$/);
  });

  test("puts no expression into a command, where a name could be a program", () => {
    expect(commands.filter((command) => command.includes("${{"))).toEqual([]);
  });

  test("names jobs that there are, and hands on what an earlier job made", () => {
    const needs = Object.values(workflow.jobs).flatMap((job) => job.needs ?? []);
    expect(needs.filter((job) => workflow.jobs[job] === undefined)).toEqual([]);
    const artifacts = (action: string): unknown[] =>
      steps.filter(({ uses }) => uses?.startsWith(action)).map((step) => step.with?.["name"]);
    const made = artifacts("actions/upload-artifact");
    expect(artifacts("actions/download-artifact").filter((each) => !made.includes(each))).toEqual([]);
  });
});
