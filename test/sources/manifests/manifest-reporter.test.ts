import { MemoryRoom } from "../../../src/std/memory-room.ts";
import { expect, test } from "vitest";
import { NO_LINES } from "../../../src/zonefile/hosts-lines.ts";
import type { SourceChange } from "../../../src/cluster/change.ts";
import { fileProblem } from "../../../src/objects/problem.ts";
import type { FileContents } from "../../../src/sources/manifests/file-contents.ts";
import { EMPTY_CONTENTS, updateContents } from "../../../src/sources/manifests/file-contents.ts";
import { ManifestReporter } from "../../../src/sources/manifests/manifest-reporter.ts";
import { parseManifest } from "../../../src/sources/manifests/parse-manifest.ts";

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

function contents(...names: string[]): FileContents {
  const texts = names.map((name) => `apiVersion: v1\nkind: Namespace\nmetadata: { name: ${name} }\n`);
  return updateContents(EMPTY_CONTENTS, parseManifest(texts.join("---\n"), { file: "a", namespace: "n" }), "a");
}

function setUp(): { reporter: ManifestReporter; calls: string[] } {
  const calls: string[] = [];
  const show = (change: SourceChange): string =>
    change.type === "replace"
      ? `${change.origin.order}/${change.origin.name} ${change.objects.map(({ name }) => name).join("+")}`
      : change.type;
  const reporter = new ManifestReporter(
    { id: "m", precedence: 7 },
    {
      onChange: (changes) => void calls.push(changes.map(show).join(", ")),
      onZones: (zones) => void calls.push(`zones ${[...zones.keys()].join()}`),
      onProblems: (origin, problems) => void calls.push(`${origin} ${problems.map(({ code }) => code).join()}`),
    },
    new MemoryRoom(),
  );
  return { reporter, calls };
}

test("nothing before it is open, then all at once, then one call a turn", async () => {
  const { reporter, calls } = setUp();
  const a = { path: "a", argument: 0, contents: contents("x") };
  const b = { path: "b", argument: 1, contents: contents("w", "z") };
  for (const file of [b, a]) {
    expect(reporter.add(file)).toBe(true);
    reporter.report(file, EMPTY_CONTENTS);
  }
  expect(reporter.add({ ...a })).toBe(false);
  reporter.reportProblems("folder", [fileProblem("folder", "unreadable", "", "")]);
  await turn();
  expect(calls).toEqual([]);
  reporter.open();
  expect(calls.splice(0)).toEqual(["1/b w+z, 0/a x", "folder unreadable"]);
  expect(reporter.counts).toMatchObject({ files: 2, objects: 3 });
  const now = contents();
  for (const file of [a, b]) {
    const before = file.contents;
    file.contents = now;
    reporter.report(file, before);
    reporter.report(file, now);
  }
  reporter.reportProblems("folder", []);
  await turn();
  expect(calls).toEqual(["0/a , 1/b ", "folder "]);
});

test("contents that are equal are not reported, nor anything after close", async () => {
  const { reporter, calls } = setUp();
  const file = { path: "a", argument: 0, contents: contents("x") };
  reporter.add(file);
  reporter.open();
  reporter.report(file, { ...file.contents });
  await turn();
  reporter.report(file, EMPTY_CONTENTS);
  reporter.close();
  await turn();
  expect(calls).toEqual([]);
});

test("zones are handed over as a whole", async () => {
  const { reporter, calls } = setUp();
  const zone = { kind: "hosts", entries: NO_LINES } as const;
  const files = ["a", "b"].map((path) => ({
    path,
    argument: 0,
    contents: { ...EMPTY_CONTENTS, zone },
  }));
  for (const file of files) reporter.add(file);
  reporter.report(files[0]!, EMPTY_CONTENTS);
  reporter.open();
  reporter.report(files[1]!, { ...files[1]!.contents });
  await turn();
  expect(calls).toEqual(["zones a,b"]);
});

test("a file that was saved while it is watched says when; the others were there at the start", async () => {
  const { reporter } = setUp();
  const times: (number | undefined)[] = [];
  const told = new ManifestReporter(
    { id: "m", precedence: 7 },
    {
      onChange: (changes) =>
        void times.push(...changes.map((change) => ("savedAtMs" in change ? change.savedAtMs : undefined))),
      onZones: (_, savedAtMs) => void times.push(savedAtMs),
      onProblems: () => undefined,
    },
    new MemoryRoom(),
  );
  told.open();
  told.report({ path: "a", argument: 0, contents: contents("x") }, EMPTY_CONTENTS);
  await turn();
  expect([times.splice(0), told.reloads.succeeded]).toEqual([[undefined], 0]);
  told.report({ path: "a", argument: 0, contents: contents("x", "z"), savedAtMs: 5_000 }, contents("x"));
  const zone = { ...EMPTY_CONTENTS, zone: { kind: "hosts", entries: NO_LINES } } as const;
  told.report({ path: "hosts", argument: 0, contents: zone, savedAtMs: 6_000 }, EMPTY_CONTENTS);
  await turn();
  expect([times, told.reloads.succeeded, reporter.reloads.succeeded]).toEqual([[5_000, 6_000], 2, 0]);
  const problems = [fileProblem("a", "not-yaml", "", "")];
  told.report({ path: "a", argument: 0, contents: { ...contents("x"), problems }, savedAtMs: 7_000 }, contents("x"));
  expect(told.reloads).toMatchObject({ succeeded: 2, failed: 1 });
});
