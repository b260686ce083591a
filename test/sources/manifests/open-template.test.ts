import { describe, expect, test } from "vitest";
import { isTemplate, openTemplate } from "../../../src/sources/manifests/open-template.ts";
import { parseManifest } from "../../../src/sources/manifests/parse-manifest.ts";
import { objectKey } from "../../../src/objects/kube-object.ts";

const here = { file: "a.yaml", line: 1, column: 1 };

function open(objects: readonly unknown[], parameters?: unknown): readonly unknown[] {
  return openTemplate({ objects, parameters } as { objects: readonly unknown[] }, () => here).objects;
}

test.each<[apiVersion: unknown, kind: unknown, objects: unknown, is: boolean]>([
  ["template.openshift.io/v1", "Template", [], true],
  ["v1", "Template", [], false],
  ["template.openshift.io/v1", "Templates", [], false],
  ["template.openshift.io/v1", "Template", {}, false],
])("%s %s %j is a template: %s", (apiVersion, kind, objects, is) => {
  expect(isTemplate({ apiVersion, kind, objects })).toBe(is);
});

describe("parameters", () => {
  test.each<[title: string, value: unknown, expected: unknown]>([
    ["in a text", "a-${NAME}-${NAME}", "a-web-web"],
    ["in a key", { "${NAME}": 1 }, { web: 1 }],
    ["in a list", ["${NAME}"], ["web"]],
    ["as a number", "${{PORT}}", 8080],
    ["as a boolean", "${{FLAG}}", true],
    ["text as a value", "${{NAME}}", "web"],
    ["a number in a text", "${PORT}", "8080"],
    ["a value in a longer text", "x${{PORT}}", "x${{PORT}}"],
    ["that are not there", "${OTHER} ${{OTHER}}", "${OTHER} ${{OTHER}}"],
    ["named as what objects have", "${constructor} ${__proto__}", "${constructor} ${__proto__}"],
    ["of Helm", "{{ .Values.x }}", "{{ .Values.x }}"],
    ["a key of prototypes", JSON.parse('{"__proto__": "${NAME}"}'), JSON.parse('{"__proto__": "web"}')],
  ])("%s", (_title, value, expected) => {
    const parameters = [
      { name: "NAME", value: "web" },
      { name: "PORT", value: "8080" },
      { name: "FLAG", value: "true" },
    ];
    expect(open([value], parameters)).toEqual([expected]);
  });

  test.each<[from: string, value: string]>([
    ["user[A-Z0-9]{3}", "userABC"],
    ["[a-c]{5}", "abcab"],
    ["[a-z]", "a"],
    ["\\", "\\"],
    ["[\\d]{4}x[\\w]{2}", "0123xab"],
  ])("generate: %s makes %s, every time", (from, value) => {
    expect(open(["${P}"], [{ name: "P", generate: "expression", from }])).toEqual([value]);
  });

  test("what is no parameter is ignored", () => {
    for (const parameters of [undefined, null, "x", [null, 1, {}, { name: 1 }]]) {
      expect(open(["${NAME}"], parameters)).toEqual(["${NAME}"]);
    }
  });

  test("values that make too much text are refused soon", () => {
    const parameters = [{ name: "P", value: "x".repeat(1_000_000) }];
    const { objects, problems } = openTemplate(
      { objects: ["${P}".repeat(200)], parameters } as { objects: unknown[] },
      () => here,
    );
    expect([objects, problems.map(({ code }) => code)]).toEqual([[], ["yaml-syntax"]]);
  });

  test("shared values stay shared", () => {
    const shared = { a: "${P}" };
    const [one, two] = open([shared, shared], [{ name: "P", value: "x" }]);
    expect(one).toBe(two);
  });
});

test("a template in a manifest: objects, places, one warning a parameter without a value", () => {
  const text = `apiVersion: template.openshift.io/v1
kind: Template
metadata: {name: shop}
parameters:
- {name: NAME, value: web}
- {name: TIER, required: true}
- {name: PORT, value: "99999"}
- {name: UNUSED}
objects:
- apiVersion: v1
  kind: Service
  metadata: {name: "\${NAME}", labels: {tier: "\${TIER}", also: "\${TIER}"}}
  spec: {clusterIP: None, selector: {app: "\${NAME}"}}
- apiVersion: v1
  kind: Service
  metadata: {name: bad}
  spec: {ports: [{port: "\${{PORT}}"}]}
`;
  const parsed = parseManifest(text, { file: "a.yaml", namespace: "default" });
  expect(parsed.objects.map(objectKey)).toEqual(["Service default/web"]);
  const found = parsed.problems.map(({ code, place }) => `${code} ${place!.line}:${place!.column}`);
  expect(found).toEqual(["template-parameter 6:3", "invalid-field 17:25"]);
  expect(parsed.otherKinds).toEqual(new Map());
});
