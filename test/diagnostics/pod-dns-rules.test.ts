import { expect, test } from "vitest";
import { adviceOfYaml, diagnoseYaml, podYaml, workloadYaml } from "../support/diagnose-yaml.ts";

const POD = "resolv-conf-limit Pod shop/a spec.dnsConfig";
const names = (count: number): string => Array.from({ length: count }, (_, i) => `d${i}.example`).join(", ");

test.each<[title: string, podSpec: string, expected: string[]]>([
  ["two more name servers", "dnsConfig: { nameservers: [192.0.2.1, 192.0.2.2] }", []],
  ["three more name servers", "dnsConfig: { nameservers: [192.0.2.1, 192.0.2.2, 192.0.2.3] }", [POD]],
  [
    "three name servers of its own",
    "dnsPolicy: None, dnsConfig: { nameservers: [192.0.2.1, 192.0.2.2, 192.0.2.3] }",
    [],
  ],
  ["29 more domains", `dnsConfig: { searches: [${names(29)}] }`, []],
  ["30 more domains", `dnsConfig: { searches: [${names(30)}] }`, [POD]],
  ["30 domains beside the node's", `dnsPolicy: Default, dnsConfig: { searches: [${names(30)}] }`, []],
  ["a domain of 254 characters", `dnsConfig: { searches: [${"a.".repeat(127)}] }`, [POD]],
  ["only options", "dnsConfig: { options: [{ name: ndots, value: '2' }] }", []],
  ["no dnsConfig", "", []],
])("%s", (_, podSpec, expected) => {
  expect(diagnoseYaml(podYaml("a", "web", podSpec))).toEqual(expected);
});

test("a template: the message has the search domains that are cut", () => {
  const deployment = workloadYaml("Deployment", "a", "web", `dnsConfig: { searches: [${names(30)}] }`);
  expect(diagnoseYaml(deployment)).toEqual(["resolv-conf-limit Deployment shop/a spec.template.spec.dnsConfig"]);
  expect(adviceOfYaml(deployment)[0]).toContain("left out d29.example");
});
