// Verdicts of an API server of Kubernetes 1.35 (`kubectl apply --dry-run=server`, strict field validation) beside those
// of the parser: parity.json has whole manifests, parity-variants.txt one change each to manifests that are valid.
import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import type { Problem } from "../../src/objects/problem.ts";
import { parseManifest } from "../../src/sources/manifests/parse-manifest.ts";

interface Verdict {
  readonly name: string;
  readonly manifest: string;
  readonly api: "accepts" | "refuses";
  /** The field that the server named; empty if it named none. */
  readonly field: string;
}

function problemsOf(manifest: string): readonly Problem[] {
  return parseManifest(manifest, { file: "a.yaml", namespace: "default" }).problems;
}

const isError = ({ severity }: Problem): boolean => severity === "error";

/** The field of a problem, or the field that contains it, without the numbers of items. */
function isField(problem: Problem, field: string): boolean {
  const plain = (name: string): string => name.replaceAll(/\[[^\]]*\]/g, "").toLowerCase();
  const [ours, theirs] = [plain(/^([^:\s]*):/.exec(problem.message)?.[1] ?? ""), plain(field)];
  return ours === theirs || theirs.startsWith(`${ours}.`) || ours.startsWith(`${theirs}.`);
}

describe("whole manifests", () => {
  const verdicts = JSON.parse(readFileSync(new URL("parity.json", import.meta.url), "utf8")) as Verdict[];
  /** What depends on the ranges of a cluster, which are a warning when the cluster is known. */
  const counted = verdicts.filter(({ name }) => name !== "cip-out-of-range");
  const differing = counted.filter(({ manifest, api }) => {
    const problems = problemsOf(manifest);
    const isOld = problems.some(({ code }) => code === "old-api-version");
    return problems.some(isError) !== (api === "refuses") && !isOld;
  });

  test("at least 95 % of the verdicts agree", () => {
    expect(1 - differing.length / counted.length).toBeGreaterThanOrEqual(0.95);
  });

  test("what the server accepts is refused only by the reader of YAML, if at all", () => {
    const names = differing.filter(({ api }) => api === "accepts").map(({ name }) => name);
    expect(["dup-key", "dup-key-labels", "yes-bool", "underscore-port"]).toEqual(expect.arrayContaining(names));
  });
});

describe("variants", () => {
  const lines = readFileSync(new URL("parity-variants.txt", import.meta.url), "utf8")
    .trimEnd()
    .split("\n");
  const bases = new Map(
    lines
      .filter((line) => line.startsWith("base "))
      .map((line): [string, string] => {
        const [, name, json] = /^base (\S+) (.*)$/.exec(line)!;
        return [name!, json!];
      }),
  );
  const verdicts = lines.filter((line) => !/^(?:#|base )/.test(line)).map(readVariant);

  function readVariant(line: string): Verdict {
    const [, base, path, value, api, field = ""] = /^(\S+) (\S+) = (.*) : (accepts|refuses)(?: (\S+))?$/.exec(line)!;
    const object = JSON.parse(bases.get(base!)!) as Record<string, unknown>;
    const keys = path!.split(".");
    const last = keys.pop()!;
    let owner = object;
    for (const key of keys) owner = owner[key] as Record<string, unknown>;
    if (value === "absent" && Array.isArray(owner)) owner.splice(Number(last), 1);
    else if (value === "absent") delete owner[last];
    else owner[last] = JSON.parse(value!) as unknown;
    return { name: line, manifest: JSON.stringify(object), api: api as Verdict["api"], field };
  }

  test("the manifests that they are made of are accepted", () => {
    for (const [name, json] of bases) expect([name, ...problemsOf(json).filter(isError)]).toEqual([name]);
  });

  test("all verdicts agree", () => {
    expect(verdicts.length).toBeGreaterThan(800);
    const differing = verdicts.filter(
      ({ manifest, api }) => problemsOf(manifest).some(isError) !== (api === "refuses"),
    );
    expect(differing.map(({ name }) => name)).toEqual([]);
  });

  test("at least 95 % of the refusals name the field that the server named, or the one around it", () => {
    const refused = verdicts.filter(({ api, field }) => api === "refuses" && field !== "");
    const elsewhere = refused.filter(
      ({ manifest, field }) => !problemsOf(manifest).some((problem) => isError(problem) && isField(problem, field)),
    );
    expect(1 - elsewhere.length / refused.length).toBeGreaterThanOrEqual(0.95);
  });
});
