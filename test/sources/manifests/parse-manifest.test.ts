import { describe, expect, test } from "vitest";
import { objectKey } from "../../../src/objects/kube-object.ts";
import type { ParsedManifest } from "../../../src/sources/manifests/parse-manifest.ts";
import { parseManifest } from "../../../src/sources/manifests/parse-manifest.ts";
import { expectLinear, expectMsBelow } from "../../support/timing.ts";

function parse(text: string): ParsedManifest {
  return parseManifest(text, { file: "a.yaml", namespace: "default" });
}

function keys(parsed: ParsedManifest): string[] {
  return parsed.objects.map(objectKey);
}

function namespace(name: string): string {
  return `apiVersion: v1\nkind: Namespace\nmetadata:\n  name: ${name}\n`;
}

function places(parsed: ParsedManifest): string[] {
  return parsed.problems.map(({ code, place }) => `${code} ${place?.line}:${place?.column}`);
}

const A = namespace("a");
const B = namespace("b");

describe("documents", () => {
  const rows: [title: string, text: string, expected: string[]][] = [
    ["one", A, ["Namespace /a"]],
    ["many", `${A}---\n${B}`, ["Namespace /a", "Namespace /b"]],
    ["leading marker, empty ones, comments", `# x\n---\n---\n# y\n---\n${A}---\n`, ["Namespace /a"]],
    ["directives", `%YAML 1.1\n---\n${A}`, ["Namespace /a"]],
    ["end markers", `${A}...\n---\n${B}...\n`, ["Namespace /a", "Namespace /b"]],
    ["CRLF", `${A}---\n${B}`.replaceAll("\n", "\r\n"), ["Namespace /a", "Namespace /b"]],
    ["byte order mark", `\ufeff${A}`, ["Namespace /a"]],
    [
      "marker with content behind",
      `${A}--- {apiVersion: v1, kind: Namespace, metadata: {name: b}}`,
      ["Namespace /a", "Namespace /b"],
    ],
    ["JSON", '{"apiVersion":"v1","kind":"Namespace","metadata":{"name":"a"}}', ["Namespace /a"]],
    ["JSON with a comma too many", '{"apiVersion":"v1","kind":"Namespace","metadata":{"name":"a"},}', ["Namespace /a"]],
    [
      "merge keys",
      "apiVersion: v1\nkind: ConfigMap\nx: &m\n  name: a\nmetadata:\n  <<: *m\n",
      ["ConfigMap.v1 default/a"],
    ],
    ["words that are text", namespace('"on"').replace("Namespace", "ConfigMap\nyes: no"), ["ConfigMap.v1 default/on"]],
    [
      "a list",
      "apiVersion: v1\nkind: List\nitems:\n- {apiVersion: v1, kind: Namespace, metadata: {name: a}}\n- {apiVersion: v1, kind: Pod, metadata: {name: p}, spec: {containers: [{name: c, image: i}]}}\n",
      ["Namespace /a", "Pod default/p"],
    ],
    [
      "a typed list",
      '{"apiVersion":"v1","kind":"ServiceList","items":[{"metadata":{"name":"s"},"spec":{"clusterIP":"None"}}]}',
      ["Service default/s"],
    ],
    [
      "a list in a list",
      '{"kind":"List","items":[{"kind":"List","items":[{"apiVersion":"v1","kind":"Namespace","metadata":{"name":"a"}}]}]}',
      ["Namespace /a"],
    ],
    ["an empty list", "apiVersion: v1\nkind: List\nitems: null\n", []],
    ["nothing", " \n", []],
    ["comments alone", "# a\n", []],
  ];
  test.each(rows)("%s", (_title, text, expected) => {
    const parsed = parse(text);
    expect(keys(parsed)).toEqual(expected);
    expect(parsed.problems).toEqual([]);
    expect(parsed.isBroken).toBe(false);
  });

  test("documents without a kind and other kinds are counted", () => {
    const text = `a: 1\n---\nb: 2\n---\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: x}\n---\nkind: Kustomization\n---\nkind: ConfigMap\nmetadata: {name: y}\n`;
    expect(parse(text)).toMatchObject({
      documents: 5,
      documentsWithoutKind: 2,
      otherKinds: new Map([
        ["ConfigMap", 2],
        ["Kustomization", 1],
      ]),
      problems: [],
    });
  });
});

describe("faults leave the other documents alone", () => {
  const rows: [title: string, bad: string, place: string, message: RegExp][] = [
    ["open bracket", "a: [1, 2\n", "yaml-syntax 7:1", /./],
    ["open quote", "a: 'x\nb: 1\n", "yaml-syntax 8:1", /quote/],
    ["tab", "a:\n\t- b\n", "yaml-syntax 7", /[Tt]ab/],
    ["two values", "a: b: c\n", "yaml-syntax 6", /./],
    ["unknown alias", "a:\n  - *x\n", "yaml-syntax 7:5", /\*x has no anchor/],
    ["template", "a: {{ .Values.x }}\n", "yaml-syntax 6", /./],
    ["text", "hello\n", "not-an-object 6:1", /expected a Kubernetes object, got the text "hello"/],
    ["a number", "8\n", "not-an-object 6:1", /expected a Kubernetes object, got 8/],
    ["a list of data", "- 1\n", "not-an-object 6:1", /expected a Kubernetes object, got a list/],
    ["a list of objects", '[{"apiVersion": "v1", "kind": "Pod"}]\n', "not-an-object 6:1", /got a list/],
    ["nested deeply", `a: ${"[".repeat(5_000)}\n`, "yaml-syntax 6", /levels deep|]/],
    ["nested too deeply", `a: ${"[".repeat(150)}${"]".repeat(150)}\n`, "yaml-syntax 6", /levels deep/],
    ["alias bomb", bomb(), "yaml-syntax 10:", /aliases of this file make more than \d+ nodes/],
  ];
  test.each(rows)("%s", (_title, bad, place, message) => {
    const startedMs = performance.now();
    const parsed = parse(`${A}---\n${bad}---\n${B}`);
    expectMsBelow(performance.now() - startedMs, 1_000);
    expect(keys(parsed)).toEqual(["Namespace /a", "Namespace /b"]);
    expect(parsed.isBroken).toBe(true);
    expect(parsed.problems).toHaveLength(1);
    expect(places(parsed)[0]).toContain(place);
    expect(parsed.problems[0]!.message).toMatch(message);
  });

  test("a template is told to be rendered", () => {
    expect(parse("a: {{ .Values.x }}\n").problems[0]!.advice).toMatch(/helm template/);
  });

  test("JSON that does not parse has line and column", () => {
    const parsed = parse('{\n  "kind": "Service",\n  "spec": [}\n');
    expect(parsed.isBroken).toBe(true);
    expect(places(parsed)[0]).toMatch(/^yaml-syntax [34]:/);
  });

  test("many keys, in linear time", () => {
    const read = (length: number): void => {
      const text = `${namespace("a").replace("Namespace", "ConfigMap")}data:\n${Array.from({ length }, (_, index) => `  k${index}: v\n`).join("")}`;
      expect(keys(parse(text))).toEqual(["ConfigMap.v1 default/a"]);
    };
    read(20_000);
    expectMsBelow(expectLinear(read, 20_000), 4_000);
  });
});

function bomb(): string {
  const letters = "abcdefgh";
  const line = (letter: string, of: string): string => `${letter}: &${letter} [${Array(10).fill(of).join(", ")}]\n`;
  return [...letters].map((letter, index) => line(letter, index === 0 ? "x" : `*${letters[index - 1]}`)).join("");
}

test("keys that are written twice: the last counts, and each is told", () => {
  const parsed = parse(
    `${A}  labels:\n    a: b\n    a: c\n---\n{"apiVersion": "v1", "kind": "Namespace", "kind": "Namespace",\n"metadata": {"name": "x", "name": "b"}}`,
  );
  expect(keys(parsed)).toEqual(["Namespace /a", "Namespace /b"]);
  expect(places(parsed)).toEqual(["duplicate-key 7:5", "duplicate-key 9:43", "duplicate-key 10:27"]);
  expect(parsed.problems[0]!.message).toBe('the key "a" is in line 6 and again in line 7; the last one is used');
  expect(parsed.isBroken).toBe(false);
});

test("a file of data has no problem", () => {
  expect(parse("- 1\n---\nhello\n---\na: 1\n")).toMatchObject({
    documentsWithoutKind: 3,
    problems: [],
    isBroken: false,
  });
});

describe("objects", () => {
  test("an invalid one has the place of its field, and its key is known", () => {
    const text = `${A}---\napiVersion: v1\nkind: Service\nmetadata:\n  name: web\nspec:\n  clusterIP: 10.0.0.999\n  ports:\n    - port: 70000\n---\n${B}`;
    const parsed = parse(text);
    expect(keys(parsed)).toEqual(["Namespace /a", "Namespace /b"]);
    expect(places(parsed).toSorted()).toEqual(["invalid-field 11:14", "invalid-field 13:13"]);
    expect(parsed).toMatchObject({ isBroken: false, invalidKeys: ["Service default/web"] });
  });

  test("one that can't be told makes the file broken", () => {
    expect(parse("apiVersion: v1\nkind: Service\nmetadata: {name: 12}\n")).toMatchObject({
      isBroken: true,
      invalidKeys: [],
    });
  });

  test("places in JSON", () => {
    const item = (name: string, port: number): unknown => ({
      apiVersion: "v1",
      kind: "Service",
      metadata: { name, labels: { 'a"]}': "\\{[" } },
      spec: { clusterIP: "None", ports: [{ port: 1 }].concat({ port }) },
    });
    const text = JSON.stringify(
      { x: ["[", { y: null }], kind: "List", items: [item("a", 1), item("b", 70_000)] },
      undefined,
      2,
    );
    const parsed = parse(text);
    const lines = text.split("\n");
    const found = parsed.problems.find((problem) => problem.message.includes("70000"));
    expect(lines[found!.place!.line - 1]!.slice(found!.place!.column - 1)).toBe("70000");
  });

  test("the same object twice: the last counts and both places are named", () => {
    const twice = (ip: string): string =>
      `apiVersion: v1\nkind: Service\nmetadata: {name: web}\nspec: {clusterIP: ${ip}, ports: [{port: 80}]}\n`;
    const parsed = parse(`${twice("10.0.0.1")}---\n${twice("10.0.0.2")}`);
    expect(parsed.objects).toMatchObject([{ clusterIPs: ["10.0.0.2"], place: { line: 6, column: 1 } }]);
    expect(parsed.problems).toMatchObject([
      { code: "duplicate-object", object: "Service default/web", place: { file: "a.yaml", line: 1, column: 1 } },
    ]);
    expect(parsed.problems[0]!.message).toContain("a.yaml:6:1");
    expect(parse(`${twice("10.0.0.1")}---\n${twice("10.0.0.1")}`).problems).toEqual([]);
  });
});

describe("a large list is parsed item by item and gives the same", () => {
  const list = (items: string, tail = ""): string => `apiVersion: v1\nkind: List\nitems:\n${items}${tail}`;
  const item = (name: string): string => `- ${namespace(name).trimEnd().replaceAll("\n", "\n  ")}\n`;
  /** Within the last item, and changes nothing. */
  const padding = `# ${"x".repeat(1_000_000)}\n`;

  test.each<[title: string, items: string, tail?: string]>([
    ["items", item("a") + item("b")],
    ["indented", (item("a") + item("b")).replaceAll(/^/gm, "    ").trimEnd() + "\n"],
    ["keys below", item("a") + item("b"), "metadata:\n  resourceVersion: ''\n"],
    ["CRLF", (item("a") + item("b")).replaceAll("\n", "\r\n")],
    ["one that is not valid", item("a") + item("B_") + item("c")],
    ["one that is nothing", `${item("a")}-\n${item("c")}`],
    ["one without a kind", `${item("a")}- x: 1\n${item("c")}`],
    ["a list in it", `${item("a")}- kind: List\n  items:\n  ${item("b").replaceAll("\n", "\n  ").trimEnd()}\n`],
    ["another that has the same name", item("a") + item("a")],
    ["aliases from item to item", `- &x ${item("a").slice(2)}- *x\n${item("c")}`],
  ])("%s", (_title, items, tail) => {
    const [small, large] = [parse(list(items, tail)), parse(list(items + padding, tail))];
    expect(large).toEqual({ ...small, documents: large.documents });
    expect(small.documents).toBe(1);
    expect(small.objects.length + small.problems.length).toBeGreaterThan(0);
  });

  test("typed lists say what their items are", () => {
    const text = `apiVersion: v1\nkind: NamespaceList\nitems:\n- metadata:\n    name: a\n${padding}`;
    expect(keys(parse(text))).toEqual(["Namespace /a"]);
  });

  test("an item that does not parse leaves the others alone", () => {
    const parsed = parse(list(`${item("a")}- x: [\n${item("c")}${padding}`));
    expect([keys(parsed), parsed.isBroken]).toEqual([["Namespace /a", "Namespace /c"], true]);
    expect(places(parsed)).toEqual(["yaml-syntax 9:1"]);
  });

  test("no list: its items are its own", () => {
    const parsed = parse(`apiVersion: x/v1\nkind: Basket\nmetadata:\n  name: a\nitems:\n- b\n- c\n${padding}`);
    expect([keys(parsed), parsed.problems]).toEqual([["Basket.x/v1 default/a"], []]);
  });
});

describe("nodes are counted for each object", () => {
  const numbers = `[${"1,".repeat(335_000)}1]`;
  const [a, b, c] = ["a", "b", "c"].map((name) => ({ apiVersion: "v1", kind: "ConfigMap", metadata: { name }, x: 0 }));
  const texts = [a, b, c].map((object) => JSON.stringify(object).replace('"x":0', `"x": ${numbers}`));
  const expected = ["ConfigMap.v1 default/a", "ConfigMap.v1 default/b", "ConfigMap.v1 default/c"];

  test.each<[title: string, text: string]>([
    ["a list of JSON", `{"kind": "List", "items": [${texts.join()}]}`],
    ["a list and another document of YAML", `kind: List\nitems:\n- ${texts[0]}\n- ${texts[1]}\n---\n${texts[2]}\n`],
  ])("%s", (_title, text) => {
    const parsed = parse(text);
    expect([keys(parsed), parsed.problems]).toEqual([expected, []]);
  });

  test("an item that has too many is left out, with its place", () => {
    const large = `- a: [${"1,".repeat(1_000_000)}1]\n`;
    const parsed = parse(`kind: List\nitems:\n- ${JSON.stringify(a)}\n${large}- ${JSON.stringify(b)}\n`);
    expect([keys(parsed), places(parsed)]).toEqual([expected.slice(0, 2), ["yaml-syntax 4:1"]]);
  });
});
