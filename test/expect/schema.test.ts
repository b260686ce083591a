// The schema for editors says what the parser says: the same keys and words, and the same verdict on each document.
import { readFileSync } from "node:fs";
import { Ajv2020 } from "ajv/dist/2020.js";
import { describe, expect, test } from "vitest";
import { parse } from "yaml";
import { EXPECTED_KEYS, RCODE_WORDS } from "../../src/expect/expectation.ts";
import { parseExpectations } from "../../src/expect/parse-expectations.ts";
import { ROOT } from "../support/process.ts";

const PATH = "deploy/expectations.schema.json";
const schema = JSON.parse(readFileSync(ROOT + PATH, "utf8")) as {
  $defs: { expectation: { properties: Record<string, { enum?: unknown[] }> } };
};
const { properties } = schema.$defs.expectation;
const validate = new Ajv2020({ strict: true, strictTypes: false }).compile(schema);

test("the keys and the response codes are those of the parser", () => {
  expect(Object.keys(properties)).toEqual(["name", "type", "from", ...EXPECTED_KEYS]);
  expect(properties["rcode"]!.enum).toEqual([...RCODE_WORDS, null]);
});

describe("whether a document is fine", () => {
  test.each<[item: string, isFine: boolean]>([
    ["{ name: web }", true],
    ["{ name: web, type: aaaa, from: shop/web-0, count: 0 }", true],
    ["{ name: web, from: 10.244.0.1, rcode: NODATA }", true],
    ["{ name: web, from: 'fd00::1', reason: no service }", true],
    ["{ name: web, type: TYPE65280, answer: ['\\# 1 00'], contains: [] }", true],
    ["{ name: web, type: null, from: null, answer: null, count: null, rcode: null, reason: null }", true],
    ["{ name: web, anwser: [] }", false],
    ["{ type: A }", false],
    ["{ name: 5 }", false],
    ["{ name: '' }", false],
    ["{ name: web, type: '-' }", false],
    ["{ name: web, from: Shop }", false],
    ["{ name: web, from: a/b/c }", false],
    ["{ name: web, from: 3 }", false],
    ["{ name: web, answer: 10.0.0.1 }", false],
    ["{ name: web, answer: [5] }", false],
    ["{ name: web, contains: [~] }", false],
    ["{ name: web, count: -1 }", false],
    ["{ name: web, count: 1.5 }", false],
    ["{ name: web, count: 65536 }", false],
    ["{ name: web, count: '1' }", false],
    ["{ name: web, rcode: nodata }", false],
    ["{ name: web, reason: ' ' }", false],
    ["web", false],
  ])("%s: %s", (item, isFine) => {
    agree(`expectations: [${item}]\n`, isFine);
  });

  test.each([
    ["expectations: []\n", true],
    ["x-shop: { from: shop }\nexpectations: []\n", true],
    ["expectation: []\n", false],
    ["expectations: []\nshop: 1\n", false],
    ["expectations: { name: web }\n", false],
    ["expectations:\n", false],
    ["- name: web\n", false],
  ])("%j: %s", (text, isFine) => {
    agree(text, isFine);
  });
});

function agree(text: string, isFine: boolean): void {
  const { problems } = parseExpectations(text, "dns.yaml");
  expect({ parser: problems.length === 0, schema: validate(parse(text)) }).toEqual({ parser: isFine, schema: isFine });
}

test("the example names the schema, which is part of the package", () => {
  const example = readFileSync(`${ROOT}examples/dns.yaml`, "utf8");
  expect(example).toMatch(/^# yaml-language-server: \$schema=\.\.\/deploy\/expectations\.schema\.json\n/);
  expect(validate(parse(example))).toBe(true);
  const { files } = JSON.parse(readFileSync(`${ROOT}package.json`, "utf8")) as { files: string[] };
  expect(files).toContain(PATH);
});
