// Folders that are the input of another program, as they are found and while they change.
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import type { SourceChange } from "../../../src/cluster/change.ts";
import type { Problem } from "../../../src/objects/problem.ts";
import { ManifestSource } from "../../../src/sources/manifests/manifest-source.ts";
import { Packages } from "../../../src/sources/manifests/packages.ts";
import { loadManifests } from "../../support/load-manifests.ts";

const PATIENCE = { timeout: 15_000, interval: 20 };

let root: string;
let sources: ManifestSource[];

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "packages-"));
  sources = [];
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await Promise.all(sources.map((source) => source.close()));
  rmSync(root, { recursive: true });
});

const service = (name: string): string =>
  `apiVersion: v1\nkind: Service\nmetadata: { name: ${name} }\nspec: { ports: [{ port: 80 }] }\n`;
const CHART = "apiVersion: v2\nname: shop\nversion: 1.0.0\n";
const TEMPLATE = "kind: Service\nmetadata: { name: {{ .Release.Name }} }\n";

function write(files: Readonly<Record<string, string>>): void {
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, name)), { recursive: true });
    writeFileSync(join(root, name), text);
  }
}

async function load(path = ".", isBuilding = false): Promise<{ services: string[]; problems: string[]; data: number }> {
  const { objects, problems, counts } = await loadManifests([join(root, path)], { namespace: "default", isBuilding });
  return {
    services: objects.map(({ name }) => name).sort(),
    problems: problems.map(({ code, place }) => `${place?.file.slice(root.length + 1)} ${code}`).sort(),
    data: counts.dataFiles,
  };
}

describe("what is read of a folder", () => {
  test.each<[title: string, files: Readonly<Record<string, string>>, services: string[], problems: string[]]>([
    [
      "a chart",
      { "Chart.yaml": CHART, "values.yaml": "a: 1", "templates/a.yaml": TEMPLATE },
      [],
      ["Chart.yaml helm-chart"],
    ],
    [
      "a chart below, with a chart in it",
      {
        "a.yaml": service("a"),
        "shop/Chart.yaml": CHART,
        "shop/templates/b.yaml": TEMPLATE,
        "shop/charts/db/Chart.yaml": CHART,
        "shop/charts/db/templates/c.yaml": TEMPLATE,
      },
      ["a"],
      ["shop/Chart.yaml helm-chart"],
    ],
    ["a file of the name Chart.yaml alone", { "Chart.yaml": CHART, "a.yaml": service("a") }, ["a"], []],
    ["a kustomization that lists", { "kustomization.yaml": "resources: [a.yaml]", "a.yaml": service("a") }, ["a"], []],
    [
      "a kustomization that lists a file outside",
      { "b.yaml": service("b"), "k/kustomization.yaml": "resources: [../b.yaml]" },
      ["b"],
      [],
    ],
    [
      "a kustomization that lists what is elsewhere",
      { "kustomization.yaml": "resources: ['https://example.com/a.yaml']", "a.yaml": service("a") },
      [],
      ["kustomization.yaml kustomization"],
    ],
    [
      "a kustomization that changes, by its other name",
      { Kustomization: "namePrefix: x-\nresources: [a.yaml]", "a.yaml": service("a"), "sub/b.yaml": service("b") },
      [],
      ["Kustomization kustomization"],
    ],
    [
      "two overlays, their base and its base",
      {
        "common/kustomization.yaml": "resources: [a.yaml]",
        "common/a.yaml": service("a"),
        "base/kustomization.yml": "resources: [../common]\nnamespace: shop",
        "dev/kustomization.yaml": "resources: [../base]\nnamePrefix: dev-",
        "prod/kustomization.yaml": "resources: [../base/]\npatches: [{ path: ../patch.yaml }]",
        "patch.yaml": "kind: Service\nmetadata: { name: a }\n",
        "other.yaml": service("other"),
      },
      ["other"],
      ["dev/kustomization.yaml kustomization", "prod/kustomization.yaml kustomization"],
    ],
    [
      "kustomizations that refer to each other",
      {
        "a/kustomization.yaml": "resources: [../b]\nnamePrefix: x",
        "b/kustomization.yaml": "resources: [../a]\nnamePrefix: y",
      },
      [],
      ["a/kustomization.yaml kustomization"],
    ],
    [
      "a resource of Flux in a file of that name",
      {
        "kustomization.yaml":
          "apiVersion: kustomize.toolkit.fluxcd.io/v1\nkind: Kustomization\nmetadata: { name: apps }\nspec: { path: ./apps }",
        "a.yaml": service("a"),
      },
      ["a", "apps"],
      [],
    ],
    [
      "a broken kustomization",
      { "kustomization.yaml": "resources: [", "a.yaml": service("a") },
      [],
      ["kustomization.yaml kustomization"],
    ],
    [
      "a Compose file",
      {
        "compose.yaml": "services: { web: { image: web } }",
        "docker-compose.dev.yml": "services: { web: { build: . } }",
      },
      [],
      ["compose.yaml compose-file", "docker-compose.dev.yml compose-file"],
    ],
    [
      "folders of tools",
      { "node_modules/x/a.yaml": service("a"), ".git/b.yaml": service("b"), "c.yaml": service("c") },
      ["c"],
      [],
    ],
  ])("%s", async (_, files, services, problems) => {
    write(files);
    expect(await load()).toMatchObject({ services, problems });
  });

  test.each<[title: string, name: string, text: string, problems: string[]]>([
    ["JSON", "package.json", '{"name": "shop", "version": "1"}', []],
    ["JSON with comments", "tsconfig.json", '{\n  // strict\n  "strict": true,\n}', []],
    ["a list", "data.json", "[1, 2, 3]", []],
    ["values", "values.yaml", "replicas: 3", []],
    ["values with a kind", "values-prod.yaml", "kind: Deployment\nimage: {{ x }}", []],
    ["YAML with tags of a program", "mkdocs.yml", "a: [\nb: !!python/name:x", []],
    ["a manifest that is broken", "web.yaml", "kind: Service\nmetadata: {", ["web.yaml yaml-syntax"]],
    ["a manifest in JSON that is broken", "web.json", '{"apiVersion": "v1",', ["web.json yaml-syntax"]],
  ])("data: %s", async (_, name, text, problems) => {
    write({ [name]: text });
    expect(await load()).toEqual({ services: [], problems, data: problems.length === 0 ? 1 : 0 });
  });

  test.each<[name: string, text: string, problem: string]>([
    ["kustomization.yaml", "resources: [a.yaml]", "kustomization.yaml kustomization"],
    ["Chart.yaml", CHART, "Chart.yaml helm-chart"],
    ["compose.yml", "services: { web: { image: web } }", "compose.yml compose-file"],
    ["data.json", '{"a": [}', "data.json yaml-syntax"],
  ])("%s, named itself", async (name, text, problem) => {
    write({ [name]: text });
    expect((await load(name)).problems).toEqual([problem]);
  });
});

/** A source that is followed; `services` and `codes` are what it holds now. */
async function follow(isBuilding = false): Promise<{ services: () => string; codes: () => string }> {
  const held = new Map<string, readonly string[]>();
  const problems = new Map<string, readonly Problem[]>();
  const source = new ManifestSource({ paths: [root], namespace: "default", isBuilding });
  sources.push(source);
  await source.start({
    change: (changes: readonly SourceChange[]) => {
      for (const change of changes) {
        if (change.type === "replace")
          held.set(
            change.origin.name,
            change.objects.map(({ name }) => name),
          );
      }
    },
    replaceZones: () => undefined,
    setProblems: (place, found) => void problems.set(place, found),
    setStatus: () => undefined,
  });
  return {
    services: () => [...held.values()].flat().sort().join(" "),
    codes: () =>
      [...problems.values()]
        .flat()
        .map(({ code }) => code)
        .sort()
        .join(" "),
  };
}

describe("while it is served", () => {
  test("a folder becomes a kustomization, and is none again", async () => {
    write({ "a.yaml": service("a"), "base/b.yaml": service("b"), "over/c.yaml": service("c") });
    const { services, codes } = await follow();
    expect([services(), codes()]).toEqual(["a b c", ""]);
    write({ "over/kustomization.yaml": "resources: [../base]\nnamePrefix: x-" });
    await vi.waitFor(() => expect([services(), codes()]).toEqual(["a", "kustomization"]), PATIENCE);
    rmSync(join(root, "over/kustomization.yaml"));
    await vi.waitFor(() => expect([services(), codes()]).toEqual(["a b c", ""]), PATIENCE);
    write({ "over/kustomization.yaml": "resources: [../base]" });
    await vi.waitFor(() => expect([services(), codes()]).toEqual(["a b c", ""]), PATIENCE);
  });

  test("a chart comes, and goes with its folder", async () => {
    write({ "a.yaml": service("a"), "shop/templates/b.yaml": service("b") });
    const { services, codes } = await follow();
    expect(services()).toBe("a b");
    write({ "shop/Chart.yaml": CHART });
    await vi.waitFor(() => expect([services(), codes()]).toEqual(["a", "helm-chart"]), PATIENCE);
    rmSync(join(root, "shop"), { recursive: true });
    await vi.waitFor(() => expect([services(), codes()]).toEqual(["a", ""]), PATIENCE);
  });

  test("nothing to serve is told, until there is something", async () => {
    const { services, codes } = await follow();
    expect(codes()).toBe("nothing-to-serve");
    write({ "a.yaml": service("a") });
    await vi.waitFor(() => expect([services(), codes()]).toEqual(["a", ""]), PATIENCE);
  });
});

/** Puts a program that stands in for kustomize on the PATH, alone. */
function standIn(script: string): void {
  const bin = mkdtempSync(join(tmpdir(), "bin-"));
  writeFileSync(join(bin, "kustomize"), `#!/bin/sh\n${script}\n`);
  chmodSync(join(bin, "kustomize"), 0o755);
  vi.stubEnv("PATH", `${bin}:/usr/bin:/bin`);
}

describe("with --kustomize", () => {
  const FILES = {
    "base/a.yaml": service("a"),
    "base/kustomization.yaml": "resources: [a.yaml]",
    "over/kustomization.yaml": "resources: [../base]\nnamePrefix: x-",
  };
  const BUILD = '[ "$1" = build ] && sed "s/name: /name: x-/" "$2"/../base/a.yaml';

  test("the kustomization is read as built, and its input is not", async () => {
    standIn(BUILD);
    write(FILES);
    expect(await load(".", true)).toEqual({ services: ["x-a"], problems: [], data: 0 });
  });

  test("a program that fails is a problem, with what it said", async () => {
    standIn("echo no such base >&2; exit 1");
    write(FILES);
    expect(await load(".", true)).toMatchObject({
      services: [],
      problems: ["over/kustomization.yaml kustomize-failed"],
    });
  });

  test("no program is a problem too", async () => {
    write(FILES);
    vi.stubEnv("PATH", "/nowhere");
    expect(await load(".", true)).toMatchObject({ problems: ["over/kustomization.yaml kustomize-failed"] });
  });

  test("it is built again when its input changes, and a failure leaves the last build", async () => {
    standIn(`[ -f "$2/fail" ] && exit 1\n${BUILD}`);
    write(FILES);
    const { services, codes } = await follow(true);
    expect(services()).toBe("x-a");
    write({ "base/a.yaml": service("b") });
    await vi.waitFor(() => expect(services()).toBe("x-b"), PATIENCE);
    write({ "over/fail": "" });
    await vi.waitFor(() => expect([services(), codes()]).toEqual(["x-b", "kustomize-failed"]), PATIENCE);
    rmSync(join(root, "over/fail"));
    await vi.waitFor(() => expect([services(), codes()]).toEqual(["x-b", ""]), PATIENCE);
  });
});

test("a path is in a package below its folder, and below its input", () => {
  const packages = new Packages();
  expect(packages.has("a/b")).toBe(false);
  packages.set("a", { kind: "kustomization", folder: "a", file: "a/kustomization.yaml", inputs: ["b/c"] });
  expect(["a", "a/x", "ab", "b", "b/c", "b/c/d.yaml"].map((path) => packages.has(path))).toEqual([
    true,
    true,
    false,
    false,
    true,
    true,
  ]);
});
