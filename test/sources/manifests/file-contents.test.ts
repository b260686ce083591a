import { describe, expect, test } from "vitest";
import { NO_LINES } from "../../../src/zonefile/hosts-lines.ts";
import type { FileContents } from "../../../src/sources/manifests/file-contents.ts";
import {
  addGains,
  EMPTY_CONTENTS,
  isEmptyContents,
  isLoss,
  updateContents,
} from "../../../src/sources/manifests/file-contents.ts";
import type { ParsedManifest } from "../../../src/sources/manifests/parse-manifest.ts";
import { parseManifest } from "../../../src/sources/manifests/parse-manifest.ts";

const INVALID = "INVALID";
const BROKEN = "a: [";

/** A document of four lines for each word: a Service of that name, one without kind for `-`, or a fault. */
function parse(...words: string[]): ParsedManifest {
  const documents = words.map((word) => {
    if (word === "-") return "a: 1\n";
    if (word === BROKEN) return word;
    const [name, port] = word === INVALID ? ["b", 99_999] : [word, 80];
    return `apiVersion: v1\nkind: Service\nmetadata: { name: ${name} }\nspec: { ports: [{ port: ${port} }] }\n`;
  });
  return parseManifest(documents.join("---\n"), { file: "a.yaml", namespace: "n" });
}

/** The objects with their lines, and the codes of the problems. */
function show({ objects, problems }: FileContents): string {
  const names = [...objects.values()].map(({ name, place }) => `${name}:${place?.line}`);
  return [...names, ...problems.map(({ code }) => code)].join(" ");
}

const update = (before: FileContents, ...words: string[]): FileContents =>
  updateContents(before, parse(...words), "a.yaml");

describe("an update", () => {
  test.each<[title: string, before: string[], now: string[], shown: string]>([
    ["of nothing", [], ["a", "b"], "a:1 b:6"],
    ["to other objects", ["a", "b"], ["b", "c"], "b:1 c:6"],
    ["with a fault keeps all objects", ["a", "b"], ["c", BROKEN], "a:1 b:6 c:1 yaml-syntax"],
    ["with an invalid object keeps that one", ["a", "b"], [INVALID], "b:6 invalid-field"],
    ["that loses a kind keeps what goes with it", ["a", "b"], ["a", "-"], "b:6 a:1 no-kind"],
    ["beside a document that never had a kind", ["a", "b", "-"], ["a", "-"], "a:1"],
  ])("%s", (_title, before, now, shown) => {
    expect(show(update(update(EMPTY_CONTENTS, ...before), ...now))).toBe(shown);
  });

  test("what lost its kind stays until the document goes", () => {
    const lost = update(update(EMPTY_CONTENTS, "a", "b"), "a", "-");
    expect(show(update(lost, "c", "-"))).toBe("b:6 c:1 no-kind");
    expect(show(update(lost, "a"))).toBe("a:1");
  });
});

describe("a kind that is misspelt", () => {
  const parseKind = (kind: string, apiVersion = "v1"): ParsedManifest =>
    parseManifest(
      `apiVersion: ${apiVersion}\nkind: ${kind}\nmetadata: { name: a }\nspec: { ports: [{ port: 80 }] }\n`,
      {
        file: "a.yaml",
        namespace: "n",
      },
    );
  const kindsOf = ({ objects }: FileContents): string[] => [...objects.values()].map(({ kind }) => kind);
  const good = updateContents(EMPTY_CONTENTS, parseKind("Service"), "a.yaml");

  test.each([
    ["service", "v1"],
    ["Service", "apps/v1"],
  ])("%s of %s keeps the object until it is right again", (kind, apiVersion) => {
    const bad = updateContents(good, parseKind(kind, apiVersion), "a.yaml");
    expect(kindsOf(bad)).toContain("Service");
    expect(bad.problems.some(({ severity }) => severity === "error")).toBe(true);
    const still = updateContents(bad, parseKind(kind, apiVersion), "a.yaml");
    expect(kindsOf(still)).toContain("Service");
    const mended = updateContents(still, parseKind("Service"), "a.yaml");
    expect([kindsOf(mended), mended.problems]).toEqual([["Service"], []]);
  });

  test("another kind takes the object away", () => {
    expect(kindsOf(updateContents(good, parseKind("Gateway", "x/v1"), "a.yaml"))).toEqual(["Other"]);
  });
});

test.each<[before: string[], now: string[], loss: boolean, gained: string]>([
  [["a"], ["a", "b"], false, "a:1 b:6"],
  [["a", "b"], ["b", "c"], true, "a:1 b:1 c:6"],
  [["a"], ["b", BROKEN], true, "a:1"],
  [["a"], ["c", INVALID], true, "a:1"],
])("%j to %j: loss %s, with its gains %s", (before, now, loss, gained) => {
  const contents = update(EMPTY_CONTENTS, ...before);
  expect(isLoss(contents, parse(...now))).toBe(loss);
  expect(show(addGains(contents, parse(...now)))).toBe(gained);
});

test("without gains the contents are the same", () => {
  const contents = update(EMPTY_CONTENTS, "a");
  expect(addGains(contents, parse())).toBe(contents);
});

test("contents are empty without objects, records and lines", () => {
  expect(isEmptyContents(EMPTY_CONTENTS)).toBe(true);
  expect(isEmptyContents({ ...EMPTY_CONTENTS, zone: { kind: "hosts", entries: NO_LINES } })).toBe(true);
  expect(isEmptyContents(update(EMPTY_CONTENTS, "a"))).toBe(false);
});
