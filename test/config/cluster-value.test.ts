import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { buildOptions } from "../../src/config/build-options.ts";
import { parseCluster, rangesOf } from "../../src/config/cluster-value.ts";
import { parseConfigFile } from "../../src/config/config-file.ts";
import { formatCidr } from "../../src/net/ip.ts";

const EAST = "east=kubeconfig:east.yaml,domain=east.local";
const FIELDS = { name: "east", kubeconfig: "east.yaml", clusterDomain: "east.local" };

test("docs/kubernetes-api.md has examples that are taken, and a row for each key", () => {
  const page = readFileSync(new URL("../../docs/kubernetes-api.md", import.meta.url), "utf8");
  const flags = [...page.matchAll(/--cluster (\S+=\S+)/g)].map(([, value]) => value!);
  const [, config] = /## Several clusters.*?```yaml\n(.*?)```/s.exec(page)!;
  const { given, errors } = parseConfigFile(config!, "page");
  expect(errors).toEqual([]);
  const texts = given.get("cluster")!.texts;
  expect([flags.length, texts.length]).toEqual([2, 2]);
  for (const text of [...flags, ...texts]) expect(parseCluster(text), text).toHaveProperty("value");
  const built = buildOptions([given]);
  expect(built).toHaveProperty("options");
  const { fault } = parseCluster("a=kubeconfig:b,x=y") as { fault: string };
  for (const key of fault.split("the keys are ")[1]!.split(", ")) expect(page).toContain(`\`${key}=`);
});

describe("a cluster", () => {
  test.each<[text: string, fields: object]>([
    [EAST, {}],
    ["east=domain=East.Local.,kubeconfig:east.yaml", {}],
    [`${EAST},context=arn:aws:eks:eu-west-1:1:cluster/admin`, { context: "arn:aws:eks:eu-west-1:1:cluster/admin" }],
    [`${EAST}, namespaces=shop, data`, { namespaces: ["shop", "data"] }],
    [`${EAST},namespaces=shop,namespaces=data`, { namespaces: ["shop", "data"] }],
    [
      `${EAST},namespace-selector=team in (a,b),service-selector=x!=y,!z,service-selector=a=b`,
      { namespaceSelector: "team in (a,b)", serviceSelector: "x!=y,!z,a=b" },
    ],
    [`${EAST},snapshot=/var/lib/east`, { snapshotFile: "/var/lib/east" }],
    ["east=kubeconfig:a, b.yaml,domain=east.local", { kubeconfig: "a, b.yaml" }],
  ])("%s", (text, fields) => {
    expect(parseCluster(text)).toEqual({ value: { ...FIELDS, ...fields } });
  });

  test("has ranges of its own", () => {
    const parsed = parseCluster(`${EAST},service-cidr=10.1.0.0/16,fd00::/108,pod-cidr=10.2.0.0/16`);
    expect("value" in parsed && rangesOf([parsed.value]).map(formatCidr)).toEqual([
      "10.2.0.0/16",
      "10.1.0.0/16",
      "fd00::/108",
    ]);
  });

  test.each<[text: string, fault: string]>([
    ["east", "is not NAME=kubeconfig:FILE,domain=DOMAIN, such as east=kubeconfig:east.yaml,domain=east.local"],
    ["East=kubeconfig:a,domain=b", "does not begin with a name: up to 63 lower-case letters, digits and inner hyphens"],
    ["east=", "does not say where the cluster is: NAME=kubeconfig:FILE,domain=DOMAIN"],
    ["east=east.yaml,domain=b", "does not say where the cluster is"],
    ["east=domain=b", "does not say where the cluster is"],
    ["east=kubeconfig:,domain=b", "has kubeconfig:, which is empty: name a file"],
    ["east=kubeconfig=a,domain=b", "has kubeconfig=, which is not known; write kubeconfig:FILE, with a colon"],
    ["east=kubeconfig:a", "has no domain: add domain=DOMAIN, as in NAME=kubeconfig:FILE,domain=DOMAIN"],
    ["east=kubeconfig:a,domain=b c", 'has domain=b c, which is not a domain such as cluster.local: "b c" is not'],
    ["east=kubeconfig:a,domain=b,c", "has domain=b,c, which is not a domain"],
    ["east=kubeconfig:a,domain=b,domain=c", "has domain= twice"],
    ["east=kubeconfig:a,domain=b,context=c,context=d", "has context= twice"],
    ["east=kubeconfig:a,domain=b,kubeconfig:c", "has kubeconfig: twice"],
    [
      `${EAST},contxt=admin`,
      "has contxt=, which is not known; did you mean context?; the keys are domain, context, service-cidr, pod-cidr, " +
        "namespaces, namespace-selector, service-selector, snapshot",
    ],
    [`${EAST},pod-cidr=10.1.0.0/8`, "has pod-cidr=10.1.0.0/8, which has host bits set; the network is 10.0.0.0/8"],
    [`${EAST},namespaces=Shop`, "has namespaces=Shop, which is not a namespace"],
    [
      `${EAST},service-selector=a=b,c=d`,
      "has c=, which is not known; write each requirement with a service-selector= of its own",
    ],
    [`${EAST},service-selector=(`, "has service-selector=(, which is not a label selector"],
    [`${EAST},snapshot=`, "has snapshot=, which is empty: name a file"],
    [`${EAST},constructor=1`, "has constructor=, which is not known"],
  ])("%s is refused", (text, fault) => {
    expect(parseCluster(text)).toEqual({ fault: expect.stringContaining(fault) as string });
  });
});
