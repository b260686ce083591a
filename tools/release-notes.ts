// Prints the notes of a release, the section of its version in CHANGELOG.md, if its tag, package.json and the lock file
// agree on the version: `node tools/release-notes.ts v1.2.3`. Otherwise says what to change, with exit code 1.
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

/** The files that state the version, as text. */
export interface VersionFiles {
  readonly manifest: string;
  readonly lock: string;
  readonly changelog: string;
}

/** The notes of the release `tag`, or what is wrong with it. */
export function releaseNotes(
  tag: string,
  files: VersionFiles,
): { readonly notes: string } | { readonly fault: string } {
  const { version } = JSON.parse(files.manifest) as { version: string };
  if (tag !== `v${version}`) return { fault: `the tag is ${tag}, and package.json has version ${version}` };
  const lock = JSON.parse(files.lock) as { version: string; packages: { "": { version: string } } };
  const locked = [lock.version, lock.packages[""].version];
  if (locked.some((each) => each !== version)) return { fault: `package-lock.json has another version: npm install` };
  const sections = files.changelog.split(/^## /m);
  const section = sections.find((each) => each.startsWith(`[${version}] - `));
  if (section === undefined) return { fault: `CHANGELOG.md has no section "## [${version}] - YYYY-MM-DD"` };
  const [heading = "", ...lines] = section.split("\n");
  if (!/ - \d{4}-\d{2}-\d{2}$/.test(heading)) return { fault: `CHANGELOG.md: "## ${heading}" does not end in a date` };
  const notes = lines.join("\n").trim();
  return notes === "" ? { fault: `CHANGELOG.md: the section of ${version} is empty` } : { notes };
}

function read(name: string): string {
  return readFileSync(fileURLToPath(new URL(`../${name}`, import.meta.url)), "utf8");
}

/** The exit code; 2 without a tag. */
function main([tag, extra]: readonly string[]): number {
  if (tag === undefined || extra !== undefined) {
    process.stderr.write("Usage: node tools/release-notes.ts TAG\n");
    return 2;
  }
  const files = { manifest: read("package.json"), lock: read("package-lock.json"), changelog: read("CHANGELOG.md") };
  const result = releaseNotes(tag, files);
  if ("notes" in result) process.stdout.write(`${result.notes}\n`);
  else process.stderr.write(`release ${tag}: ${result.fault}\n`);
  return "notes" in result ? 0 : 1;
}

if (import.meta.main) process.exitCode = main(process.argv.slice(2));
