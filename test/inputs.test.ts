// Manifests of many shapes, as they come from clusters, charts, generators and hands: what `check` reports on them, and
// what is served. Each folder of test/inputs/ is one case; its first comment in `expected.txt` says what a cluster does.
// test/support/checked-folder.ts has the form of the files.
import { readdirSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { checkFolder, readCheckedFolder, testWhatIsServed } from "./support/checked-folder.ts";

const inputs = new URL("inputs/", import.meta.url);
const cases = readdirSync(inputs, { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .map(({ name }) => readCheckedFolder(new URL(`${name}/`, inputs)));

describe.each(cases)("$name", (folder) => {
  test("check reports code and place", async () => {
    const { problems } = await checkFolder(folder);
    expect(problems).toEqual(folder.problems);
  });

  testWhatIsServed(folder);
});

test("each case says what a cluster does, and has a question", () => {
  const mute = cases.filter(({ lines, questions }) => !/^# .+\.$/.test(lines[0]!) || questions.length === 0);
  expect(mute.map(({ name }) => name)).toEqual([]);
});
