import { expect, test } from "vitest";
import { costOfContent, costOfObjects } from "../../src/sources/content-cost.ts";
import { parseManifest } from "../../src/sources/manifests/parse-manifest.ts";
import { parseZoneText } from "../../src/sources/manifests/zone-text.ts";

const cost = (text: string): number =>
  costOfObjects(parseManifest(text, { file: "a.yaml", namespace: "default" }).objects);
const zoneCost = (path: string, text: string): number =>
  costOfContent({ objects: [], zone: parseZoneText(text, { path, roots: [], nowMs: 0 }).content });

const service = (ports: string): string =>
  `apiVersion: v1\nkind: Service\nmetadata: {name: a}\nspec: {ports: [${ports}]}\n`;
const deployment = (replicas: number): string =>
  `apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: a}\nspec: {replicas: ${replicas}, selector: {matchLabels: ` +
  "{a: b}}, template: {metadata: {labels: {a: b}}, spec: {containers: [{name: a, image: a}]}}}\n";

test("what has more names costs more", () => {
  expect(cost(service("{name: a, port: 1}, {name: b, port: 2}"))).toBeGreaterThan(cost(service("{port: 1}")));
  expect(cost(`${service("{port: 1}")}---\n${deployment(1)}`)).toBe(cost(service("{port: 1}")) + cost(deployment(1)));
  expect(cost(deployment(100))).toBeGreaterThan(50 * cost(deployment(1)));
});

test("a workload costs no more than the pods that it can have", () => {
  expect(cost(deployment(2_000_000_000))).toBe(cost(deployment(10_000)));
});

test("records, and lines and names of hosts files", () => {
  const zone = (records: string): number =>
    zoneCost("/a/a.test.zone", `@ 1 SOA a a 1 1 1 1 1\n@ 1 NS a\na 1 A 1.1.1.1\n${records}`);
  expect(zone("b 1 A 1.1.1.1\n")).toBeGreaterThan(zone(""));
  const [one, two, lines] = ["1.1.1.1 a\n", "1.1.1.1 a b\n", "1.1.1.1 a\n1.1.1.2 a\n"].map((text) =>
    zoneCost("/a/hosts", text),
  ) as [number, number, number];
  expect([two > one, lines > two]).toEqual([true, true]);
});
