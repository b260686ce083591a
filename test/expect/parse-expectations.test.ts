// Files of expectations: what they may hold, and every fault with its place and advice.
import { describe, expect, test } from "vitest";
import { isExpectations, parseExpectations } from "../../src/expect/parse-expectations.ts";
import { formatProblem } from "../../src/objects/problem.ts";

const parse = (text: string): ReturnType<typeof parseExpectations> => parseExpectations(text, "dns.yaml");
const parseItem = (item: string): ReturnType<typeof parseExpectations> => parse(`expectations:\n  - ${item}\n`);
const withoutPlace = ({ expectations, problems }: ReturnType<typeof parseExpectations>): unknown => {
  expect(problems.map(formatProblem)).toEqual([]);
  return expectations.map(({ place: _place, document: _document, index: _index, ...rest }) => rest);
};

describe("isExpectations", () => {
  test.each([
    ["expectations:\n  - name: web\n", true],
    ["# a comment\n---\nx-a: 1\nexpectations: []\n", true],
    ['{ "expectations": [] }', true],
    ['\n{\n  "expectations": []\n}', true],
    ["'expectations' : []", true],
    ["apiVersion: v1\nkind: ConfigMap\ndata:\n  dns.yaml: |\n    expectations:\n", false],
    ["- name: web\n", false],
    ["expectation: []\n", false],
    ["", false],
  ])("%j: %s", (text, is) => {
    expect(isExpectations(text)).toBe(is);
  });
});

describe("parseExpectations", () => {
  test.each<[item: string, parsed: object]>([
    ["{ name: web }", { name: "web", type: 1 }],
    ["{ name: web, type: aaaa }", { name: "web", type: 28 }],
    ["{ name: web, type: TYPE65280 }", { name: "web", type: 65280 }],
    ["{ name: web, from: shop }", { name: "web", type: 1, from: "shop" }],
    ["{ name: web, from: shop/web-0 }", { name: "web", type: 1, from: "shop/web-0" }],
    ["{ name: web, from: 10.244.0.1 }", { name: "web", type: 1, from: "10.244.0.1" }],
    ["{ name: web, from: 'FD00::0:1' }", { name: "web", type: 1, from: "FD00::0:1" }],
    ["{ name: web, answer: [10.0.0.1, 10.0.0.1] }", { name: "web", type: 1, answer: ["10.0.0.1"] }],
    ["{ name: web, answer: [] }", { name: "web", type: 1, answer: [] }],
    ["{ name: web, type: CNAME, contains: [A.b] }", { name: "web", type: 5, contains: ["a.b."] }],
    ["{ name: web, count: 0, rcode: NODATA }", { name: "web", type: 1, count: 0, rcode: "NODATA" }],
    ["{ name: web, count: 0, rcode: NOERROR }", { name: "web", type: 1, count: 0, rcode: "NOERROR" }],
    [
      "{ name: web, reason: no-service, rcode: NXDOMAIN }",
      { name: "web", type: 1, reason: "no-service", rcode: "NXDOMAIN" },
    ],
    ["{ name: web, from: null, count: ~ }", { name: "web", type: 1 }],
  ])("%s", (item, parsed) => {
    expect(withoutPlace(parseItem(item))).toEqual([parsed]);
  });

  test("comments, anchors, merge keys, several documents and JSON", () => {
    const text = `# all of the shop
x-shop: &shop { from: shop, type: AAAA }
expectations:
  - <<: *shop
    name: web # the web
    type: A
    answer: &web
      - 10.0.0.1
  - { name: front, answer: *web }
---
{ "expectations": [{ "name": "db", "count": 3 }] }
`;
    expect(withoutPlace(parse(text))).toEqual([
      { name: "web", type: 1, from: "shop", answer: ["10.0.0.1"] },
      { name: "front", type: 1, answer: ["10.0.0.1"] },
      { name: "db", type: 1, count: 3 },
    ]);
    expect(parse(text).expectations.map(({ place, document, index }) => [place.line, document, index])).toEqual([
      [4, 0, 0],
      [9, 0, 1],
      [11, 1, 0],
    ]);
  });

  test.each<[item: string, problem: string]>([
    [
      "{ name: web, anwser: [] }",
      '26: expectations[0]: unknown key "anwser"; did you mean answer?; the keys are name, ',
    ],
    ["{ type: A }", "5: expectations[0].name: expected a domain name, got nothing; add the name"],
    ["{ name: 1.5 }", '13: expectations[0].name: expected a domain name, got 1.5; put it in quotes: "1.5"'],
    ["{ name: a..b }", '13: expectations[0].name: expected a domain name, got "a..b"; write labels of'],
    ["{ name: web, type: AAA }", '24: expectations[0].type: expected a record type, got "AAA"; write one as A, AAAA,'],
    ["{ name: web, type: ANY }", '24: expectations[0].type: expected a record type, got "ANY"'],
    ["{ name: web, from: a/b/c }", '24: expectations[0].from: expected who asks, got "a/b/c"; write a namespace,'],
    ["{ name: web, from: Shop }", '24: expectations[0].from: expected who asks, got "Shop"'],
    ["{ name: web, from: 7 }", "24: expectations[0].from: expected text, got 7"],
    [
      "{ name: web, answer: 10.0.0.1 }",
      '26: expectations[0].answer: expected a list, got "10.0.0.1"; write it as a list: [',
    ],
    [
      "{ name: web, answer: [10.0.0.01] }",
      '27: expectations[0].answer[0]: expected a record of type A, got "10.0.0.01"; ',
    ],
    [
      "{ name: web, answer: [5] }",
      "27: expectations[0].answer[0]: expected the text of a record, got 5; put it in quotes",
    ],
    ["{ name: web, contains: [{}] }", "29: expectations[0].contains[0]: expected the text of a record, got a mapping"],
    ["{ name: web, count: -1 }", "25: expectations[0].count: expected a whole number from 0 to 65535, got -1"],
    ["{ name: web, count: '1' }", '25: expectations[0].count: expected a whole number from 0 to 65535, got "1"'],
    ["{ name: web, rcode: NXDOMIAN }", '25: expectations[0].rcode: expected a response code or NODATA, got "NXDOMIAN"'],
    ["{ name: web, reason: ' ' }", '26: expectations[0].reason: expected text, got " "'],
    ["{ name: web, name: db }", '18: the key "name" is written twice; the first is in line 2; remove one of them'],
    ["web", '5: expectations[0]: expected a mapping, got "web"; write `- name: NAME`'],
    [
      "{ name: web, answer: [10.0.0.1], contains: [10.0.0.2] }",
      "48: contains has 10.0.0.2, which answer does not have",
    ],
    ["{ name: web, answer: [10.0.0.1], count: 2 }", "45: count is 2, and answer has 1 records; remove count"],
    ["{ name: web, contains: [10.0.0.1], count: 0 }", "47: count is 0, and contains has 1 records; raise count"],
    ["{ name: web, count: 1, rcode: NODATA }", "35: no reply with rcode NODATA has records of the type; remove"],
    ["{ name: web, answer: [10.0.0.1], reason: none }", "46: a reason is why there are no records, and records"],
    ["{ name: web, : : }", "20: Unexpected : in flow map; correct the YAML"],
  ])("%s", (item, problem) => {
    const { problems } = parseItem(item);
    expect(problems.map(formatProblem).join("\n")).toContain(`dns.yaml:2:${problem}`);
  });

  test("all faults are told, with a suggestion", () => {
    const { problems } = parse("expectation: 1\nexpectations:\n  - { form: shop }\n  - { name: a, rcode: nodata }\n");
    expect(problems.map(formatProblem)).toEqual([
      'dns.yaml:1:14: unknown key "expectation"; did you mean expectations?; the keys are expectations',
      expect.stringMatching(/^dns\.yaml:3:13: .*did you mean from\?/),
      expect.stringMatching(/^dns\.yaml:3:5: expectations\[0\]\.name: /),
      expect.stringMatching(/^dns\.yaml:4:23: .*did you mean NODATA\?$/),
    ]);
  });

  test.each([
    ["", "1:1: the file has no expectations"],
    ["- name: web\n", "1:1: expected a mapping, got a list; begin with the line `expectations:`"],
    ["expectations:\n", "1:14: expectations: expected a list, got nothing"],
    ["expectations: { name: web }\n", "1:15: expectations: expected a list, got a mapping"],
  ])("%j", (text, problem) => {
    expect(formatProblem(parse(text).problems[0]!)).toContain(`dns.yaml:${problem}`);
  });
});
