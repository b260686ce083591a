// Common mistakes in manifests: what `cluster-dns check` reports, and what is served nevertheless. Each folder of
// test/mistakes/ is one case: manifests as a user would write them, and `expected.txt`:
//
//   # What Kubernetes does with it.
//   # Source: the documentation that says so
//   web.yaml:7:9 error invalid-field        a problem: `FILE:LINE:COLUMN SEVERITY CODE`, files relative to the folder
//
// `settings.json` (keys of `ServeSettings`) and `questions.txt` are as in test/scenarios.test.ts. Every folder also has
// a service `good`, which must be served in spite of the mistake.
import { lstatSync, readdirSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { CODES } from "../src/diagnostics/codes.ts";
import { checkFolder, readCheckedFolder, testWhatIsServed } from "./support/checked-folder.ts";
import { sampleOf } from "./support/thorough.ts";

const GOOD = "# row: svc-a\n? good.default.svc A\n; NOERROR\ngood.default.svc A 10.96.0.77\n";

const mistakes = new URL("mistakes/", import.meta.url);
const cases = readdirSync(mistakes).map((name) => readCheckedFolder(new URL(`${name}/`, mistakes), GOOD));

describe.each(sampleOf(cases, 3))("$name", (folder) => {
  test("check reports code and place", async () => {
    const { problems, stderr, exitCode } = await checkFolder(folder);
    expect({ problems, stderr }).toEqual({ problems: folder.problems, stderr: "" });
    expect(exitCode).toBe(problems.some((line) => line.includes(" error ")) ? 1 : 0);
  });

  testWhatIsServed(folder);
});

describe("the cases", () => {
  test("are many, and each has Kubernetes' behaviour and the source", () => {
    expect(cases.length).toBeGreaterThanOrEqual(60);
    const mute = cases.filter(({ lines }) => !/^# .+\.$/.test(lines[0]!) || !/^# Source: .+/.test(lines[1] ?? ""));
    expect(mute.map(({ name }) => name)).toEqual([]);
  });

  test("cover every code that check can report for a manifest", () => {
    // A repository can't hold these: pipes, sizes, permissions, link cycles; test/sources/ creates them.
    const elsewhere = [
      "empty-file",
      "file-too-large",
      "link-loop",
      "no-memory",
      "not-a-file",
      "too-many-links",
      "too-many-problems",
      "unreadable",
      "zone-limit",
    ];
    const reported = Object.entries(CODES).filter(([, { reportedBy }]) =>
      (reportedBy as readonly string[]).includes("check"),
    );
    const shown = new Set(cases.flatMap(({ problems }) => problems).map((line) => line.split(" ").at(-1)));
    expect(
      reported
        .map(([code]) => code)
        .filter((code) => !shown.has(code))
        .toSorted(),
    ).toEqual(elsewhere);
  });

  test("are folders with regular files, except where a link is the mistake", () => {
    const links = cases.flatMap(({ name, path }) =>
      readdirSync(path)
        .filter((file) => lstatSync(path + file).isSymbolicLink())
        .map((file) => `${name}/${file}`),
    );
    expect(links).toEqual(["dangling-link/web.yaml", "link-to-elsewhere/web.yaml"]);
  });
});
