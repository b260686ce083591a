// What is released: one version in all files that state one, and its notes.
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { releaseNotes } from "../../tools/release-notes.ts";
import { ROOT } from "../support/process.ts";

const CHANGELOG = `# Changelog

## [Unreleased]

## [1.2.0] - 2026-03-01

### Added

- A thing.

## [1.1.0] - yesterday

- Another.

## [1.0.0] - 2026-01-01
`;

function notesOf(tag: string, given: { version?: string; locked?: string } = {}): object {
  const { version = tag.slice(1) } = given;
  const { locked = version } = given;
  const lock = JSON.stringify({ version: locked, packages: { "": { version: locked } } });
  return releaseNotes(tag, { manifest: JSON.stringify({ version }), lock, changelog: CHANGELOG });
}

test("notes are the section of the version", () => {
  expect(notesOf("v1.2.0")).toEqual({ notes: "### Added\n\n- A thing." });
});

test.each([
  ["v1.2.0", { version: "1.1.9" }, "the tag is v1.2.0, and package.json has version 1.1.9"],
  ["1.2.0", { version: "1.2.0" }, "the tag is 1.2.0, and package.json has version 1.2.0"],
  ["v1.2.0", { locked: "1.1.0" }, "package-lock.json has another version: npm install"],
  ["v1.2", {}, 'CHANGELOG.md has no section "## [1.2] - YYYY-MM-DD"'],
  ["v1.1.0", {}, 'CHANGELOG.md: "## [1.1.0] - yesterday" does not end in a date'],
  ["v1.0.0", {}, "CHANGELOG.md: the section of 1.0.0 is empty"],
])("%s with %j: %s", (tag, versions, fault) => {
  expect(notesOf(tag, versions)).toEqual({ fault });
});

test.each([
  [[], 2, /^Usage: /],
  [["v0.0.0"], 1, /^release v0\.0\.0: the tag is v0\.0\.0, and package\.json has version/],
])("by the program, %j: exit code %i", (args, code, message) => {
  const ran = spawnSync(process.execPath, [`${ROOT}tools/release-notes.ts`, ...args], { encoding: "utf8" });
  expect({ code: ran.status, out: ran.stdout }).toEqual({ code, out: "" });
  expect(ran.stderr).toMatch(message);
});

test("the lock file has the version of package.json", () => {
  const read = (name: string): { version: string } =>
    JSON.parse(readFileSync(ROOT + name, "utf8")) as { version: string };
  expect(read("package-lock.json").version).toBe(read("package.json").version);
});
