import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { fileURLToPath } from "node:url";
import { afterAll, describe, expect, test } from "vitest";
import { optionsFromSettings } from "../../src/config/settings.ts";
import { expectMsBelow } from "../support/timing.ts";
import { checkCluster } from "../../src/planes/check-cluster.ts";
import type { ProblemReport } from "../../src/planes/check-cluster.ts";

const CHARTS = fileURLToPath(new URL("../fixtures/charts", import.meta.url));

const folder = mkdtempSync(join(tmpdir(), "cluster-dns-check-"));
afterAll(() => rmSync(folder, { recursive: true }));

let files = 0;

function check(
  text: string,
  settings: Readonly<Record<string, unknown>> = {},
  name = `${files++}.yaml`,
): Promise<ProblemReport> {
  const path = join(folder, name);
  writeFileSync(path, text);
  return checkPaths([path], settings);
}

function checkPaths(
  paths: readonly string[],
  settings: Readonly<Record<string, unknown>> = {},
  stdin = "",
): Promise<ProblemReport> {
  return checkCluster(paths, optionsFromSettings(settings), () => Readable.from([stdin]));
}

const found = ({ problems }: ProblemReport): string[] =>
  problems.map(({ code, place }) => `${place?.line}:${place?.column} ${code}`);

const MIXED = `apiVersion: v1
kind: Service
metadata: { name: web }
spec:
  clusterIP: 192.0.2.1
  selector: { app: wbe }
  ports: [{ port: 80 }]
---
apiVersion: v1
kind: Service
metadata: { name: Bad }
spec: { ports: [{ port: 80 }] }
---
apiVersion: apps/v1
kind: StatefulSet
metadata: { name: db }
spec:
  serviceName: nope
  replicas: 2
  selector: { matchLabels: { app: db } }
  template:
    metadata: { labels: { app: db } }
    spec: { containers: [{ name: db, image: db }] }
`;

test("reports the problems of reading, controllers and rules, sorted by place", async () => {
  const report = await check(MIXED);
  expect(found(report)).toEqual([
    "5:14 cluster-ip-out-of-range",
    "6:13 selector-no-pods",
    "11:19 invalid-field",
    "18:16 stateful-set-service-missing",
  ]);
  expect([report.files, report.objects]).toEqual([1, 2]);
  expect([...report.simulatedPods]).toEqual([["StatefulSet default/db", 2]]);
});

test("places of findings in standard input, which is read once", async () => {
  const report = await checkPaths(["-"], {}, MIXED);
  expect(found(report)).toContain("6:13 selector-no-pods");
  expect(new Set(report.problems.map(({ place }) => place?.file))).toEqual(new Set(["-"]));
});

test("several files, sorted by name and line", async () => {
  const inner = mkdtempSync(join(folder, "several-"));
  for (const name of ["b.yaml", "a.yaml"])
    writeFileSync(join(inner, name), MIXED.replaceAll(/name: (web|db) /g, `name: $1-${name[0]} `));
  const { problems } = await checkPaths([inner]);
  const names = problems.map(({ place }) => place?.file.at(-6) ?? "");
  expect(names).toEqual([...names].sort());
  expect(new Set(names)).toEqual(new Set(["a", "b"]));
});

test("reports the problems of zone files and hosts files, and two files of one zone", async () => {
  const inner = mkdtempSync(join(folder, "zones-"));
  const zone = "$ORIGIN example.org.\n$TTL 60\n@ SOA . . 1 2 3 4 5\n@ NS ns.example.net.\n";
  const texts = {
    "a.zone": zone,
    "b.zone": zone,
    "c.zone": `${zone}web A 192.0.2\n`,
    hosts: "192.0.2.1 a\n192.0.2.2 b\n",
  };
  for (const [name, text] of Object.entries(texts)) writeFileSync(join(inner, name), text);
  const report = await checkPaths([inner]);
  const where = report.problems.map(
    ({ place, code }) => `${place?.file.slice(inner.length + 1)}:${place?.line} ${code}`,
  );
  expect(where).toEqual(["b.zone:1 duplicate-zone", "c.zone:5 zone-record"]);
  expect([report.files, report.objects, report.zones, report.hostsLines]).toEqual([4, 0, 1, 2]);
});

describe("options that change the problems", () => {
  test.each<[settings: Readonly<Record<string, unknown>>, code: string, isFound: boolean]>([
    [{}, "cluster-ip-out-of-range", true],
    [{ serviceCidr: "192.0.2.0/24" }, "cluster-ip-out-of-range", false],
    [{ podCidr: "10.244.0.0/30" }, "pod-range-full", false],
    [{ podCidr: "10.244.0.0/31" }, "pod-range-full", true],
    [{ podCidr: "10.244.0.0/31", simulatePods: false }, "pod-range-full", false],
  ])("%j: %s %j", async (settings, code, isFound) => {
    const { problems } = await check(MIXED, settings);
    expect(problems.some((problem) => problem.code === code)).toBe(isFound);
  });

  test("the cluster domain", async () => {
    const text = `apiVersion: v1
kind: Service
metadata: { name: db, namespace: shop }
spec: { type: ExternalName, externalName: db.data.svc.k8s.example }
`;
    expect(found(await check(text))).toEqual([]);
    expect(found(await check(text, { clusterDomain: "k8s.example" }))).toEqual(["4:43 external-name-no-namespace"]);
  });
});

// A check with false alarms gets turned off.
test.each(["ingress-controller", "postgresql", "monitoring-stack"])("a chart's output: %s", async (chart) => {
  const { problems, objects, simulatedPods } = await checkPaths([join(CHARTS, chart)], { namespace: "apps" });
  expect(problems.filter(({ severity }) => severity !== "hint")).toEqual([]);
  expect(objects).toBeGreaterThan(14);
  expect(simulatedPods.size).toBeGreaterThan(1);
});

const SERVICES = 1_000;

/** As many services as there are Deployments, each pair with a name of its own; every tenth pair does not match. */
function shop(): readonly object[] {
  return Array.from({ length: SERVICES }, (_, index) => {
    const labels = (app: string): object => ({ "app.kubernetes.io/name": app, "app.kubernetes.io/part-of": "shop" });
    const app = `app-${index}`;
    const metadata = { name: app, namespace: `team-${index % 20}`, labels: labels(app) };
    const ports = [{ name: "http", port: 80, targetPort: "http" }];
    const selector = labels(index % 10 === 0 ? `other-${index}` : app);
    const container = { name: "main", image: "shop/app:1", ports: [{ name: "http", containerPort: 8080 }] };
    const template = { metadata: { labels: labels(app) }, spec: { containers: [container] } };
    return [
      { apiVersion: "v1", kind: "Service", metadata, spec: { selector, ports } },
      {
        apiVersion: "apps/v1",
        kind: "Deployment",
        metadata,
        spec: { replicas: 2, selector: { matchLabels: labels(app) }, template },
      },
    ];
  }).flat();
}

test.each(["json", "yaml"])("1,000 services with their Deployments, as %s", async (format) => {
  const { stringify } = await import("yaml");
  const text =
    format === "json"
      ? JSON.stringify({ apiVersion: "v1", kind: "List", items: shop() })
      : shop()
          .map((object) => stringify(object))
          .join("---\n");
  const startedAtMs = performance.now();
  const { problems, objects } = await check(text, {}, `shop.${format}`);
  const tookMs = performance.now() - startedAtMs;
  expect(objects).toBe(2 * SERVICES);
  expect(problems.map(({ code }) => code)).toEqual(Array.from({ length: SERVICES / 10 }, () => "selector-no-pods"));
  expectMsBelow(tookMs, 3_000);
});

test("problems of one template are in the order of the rendered text", async () => {
  const service = (name: string, spec: string): string =>
    `---\n# Source: front/templates/a.yaml\napiVersion: v1\nkind: Service\nmetadata: { name: ${name} }\nspec: { ${spec} }\n`;
  const stdin = service("web", "selector: { app: web }, ports: [{ port: 80 }]") + service("db", "ports: [{ port: 0 }]");
  const { problems } = await checkPaths(["-"], {}, stdin);
  expect(problems.map(({ code }) => code)).toEqual(["selector-unseen-pods", "invalid-field"]);
});
