import { expect, test } from "vitest";
import type { FieldPath } from "../../src/objects/field.ts";
import { fieldPlaces } from "../../src/text/field-places.ts";

const YAML = `# two objects
kind: Service
metadata: { name: a }
spec:
  ports:
    - port: 80
      targetPort: http
---
kind: Pod
spec: &spec
  hostname: x
---
: ] broken
---
kind: List
items:
  - kind: Service
    spec: { selector: { app: a } }
  - kind: List
    items:
      - { kind: Pod, spec: { subdomain: b } }
`;
const JSON_LIST = `{
  "kind": "List",
  "items": [
    { "kind": "Service" },
    { "kind": "Pod", "spec": { "hostname": "x" } }
  ]
}`;

test.each<[title: string, text: string, start: [number, number], path: FieldPath, expected: [number, number]]>([
  ["a field", YAML, [2, 1], ["spec", "ports", 0, "targetPort"], [7, 19]],
  ["the object itself", YAML, [2, 1], [], [2, 1]],
  ["a field that is not there: what encloses it", YAML, [2, 1], ["spec", "selector", "app"], [5, 3]],
  ["of a later document", YAML, [9, 1], ["spec", "hostname"], [11, 13]],
  ["behind a document that does not parse, in a list", YAML, [17, 5], ["spec", "selector"], [18, 23]],
  ["in a list in a list", YAML, [21, 9], ["spec", "subdomain"], [21, 41]],
  ["JSON", JSON_LIST, [5, 5], ["spec", "hostname"], [5, 44]],
  ["CRLF", YAML.replaceAll("\n", "\r\n"), [2, 1], ["spec", "ports", 0, "targetPort"], [7, 19]],
  ["an object that is not there any more", YAML, [3, 2], ["spec"], [3, 2]],
  ["a file that is empty by now", "", [2, 1], ["spec"], [2, 1]],
])("%s", (_, text, [line, column], path, expected) => {
  const [place] = fieldPlaces(text, [{ place: { file: "a.yaml", line, column }, path }]);
  expect(place).toEqual({ file: "a.yaml", line: expected[0], column: expected[1] });
});

test("several fields, in their order", () => {
  const wanted = (line: number, path: FieldPath) => ({ place: { file: "a.yaml", line, column: 1 }, path });
  const places = fieldPlaces(YAML, [
    wanted(9, ["spec", "hostname"]),
    wanted(2, ["metadata", "name"]),
    wanted(9, ["kind"]),
  ]);
  expect(places.map(({ line, column }) => [line, column])).toEqual([
    [11, 13],
    [3, 19],
    [9, 7],
  ]);
});
