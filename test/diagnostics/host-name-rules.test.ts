import { expect, test } from "vitest";
import {
  diagnoseYaml,
  headlessYaml,
  podYaml,
  serviceYaml,
  statefulSetYaml,
  workloadYaml,
} from "../support/diagnose-yaml.ts";

const SUBDOMAIN = "subdomain-without-service Pod shop/a spec.subdomain";
const NAMED = podYaml("a", "web", "hostname: a, subdomain: web");

test.each<[title: string, documents: string[], expected: string[]]>([
  ["hostname and subdomain of the service", [headlessYaml("web", "web"), NAMED], []],
  ["a service with a cluster IP gives names too", [serviceYaml("web", "selector: { app: web }"), NAMED], []],
  ["a subdomain of no service", [headlessYaml("other", "web"), NAMED], [SUBDOMAIN]],
  ["a subdomain of no service at all", [NAMED], [SUBDOMAIN]],
  ["a subdomain without a hostname", [podYaml("a", "web", "subdomain: web")], [SUBDOMAIN]],
  ["a subdomain of a service of other pods", [headlessYaml("web", "db"), podYaml("b", "db"), NAMED], [SUBDOMAIN]],
  [
    "a subdomain of an ExternalName service",
    [serviceYaml("web", "type: ExternalName, externalName: x.example"), NAMED],
    [SUBDOMAIN],
  ],
  [
    "a subdomain of a service whose endpoints are written by hand",
    [serviceYaml("web", "ports: [{ port: 80 }]"), NAMED],
    [],
  ],
  ["two services, one of them the subdomain's", [headlessYaml("web", "web"), headlessYaml("all", "web"), NAMED], []],
  [
    "a hostname without a subdomain, selected by a headless service",
    [headlessYaml("web", "web"), podYaml("a", "web", "hostname: a")],
    ["hostname-without-subdomain Pod shop/a spec.hostname"],
  ],
  [
    "a hostname without a subdomain, selected by a service with a cluster IP",
    [serviceYaml("web", "selector: { app: web }"), podYaml("a", "web", "hostname: a")],
    [],
  ],
  ["neither", [headlessYaml("web", "web"), podYaml("a", "web")], []],
  [
    "a template",
    [workloadYaml("Deployment", "a", "web", "subdomain: nope")],
    ["subdomain-without-service Deployment shop/a spec.template.spec.subdomain"],
  ],
  ["a StatefulSet, which has its own", [statefulSetYaml("web", "web", "web"), headlessYaml("web", "web")], []],
])("%s", (_, documents, expected) => {
  expect(diagnoseYaml(...documents)).toEqual(expected);
});

test("a fault of the pods of a workload is reported once, for the workload", () => {
  const owned = podYaml("a-x", "web", "subdomain: nope").replace(
    "labels:",
    "ownerReferences: [{ apiVersion: apps/v1, kind: ReplicaSet, name: a-1, uid: u, controller: true }], labels:",
  );
  expect(diagnoseYaml(workloadYaml("Deployment", "a", "web", "subdomain: nope"), owned)).toEqual([
    "subdomain-without-service Deployment shop/a spec.template.spec.subdomain",
  ]);
  expect(diagnoseYaml(owned)).toEqual(["subdomain-without-service Pod shop/a-x spec.subdomain"]);
});
