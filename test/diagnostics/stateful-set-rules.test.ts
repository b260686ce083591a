import { expect, test } from "vitest";
import {
  adviceOfYaml,
  diagnoseYaml,
  headlessYaml,
  serviceYaml,
  severitiesOfYaml,
  statefulSetYaml,
  workloadYaml,
} from "../support/diagnose-yaml.ts";

const FIELD = "StatefulSet shop/db spec.serviceName";
const LONELY = "selector-no-pods Service shop/db spec.selector";

test.each<[title: string, documents: string[], expected: string[]]>([
  ["a headless service", [statefulSetYaml("db", "db", "db"), headlessYaml("db", "db")], []],
  ["no service", [statefulSetYaml("db", "db", "db")], [`stateful-set-service-missing ${FIELD}`]],
  [
    "a service of another namespace",
    [statefulSetYaml("db", "db", "db"), serviceYaml("test/db", "clusterIP: None")],
    ["service-no-endpoints Service test/db spec", `stateful-set-service-missing ${FIELD}`],
  ],
  ["no serviceName", [statefulSetYaml("db", "db", "''")], []],
  [
    "a service with a cluster IP",
    [statefulSetYaml("db", "db", "db"), serviceYaml("db", "selector: { app: db }, ports: [{ port: 1 }]")],
    [`stateful-set-service-not-headless ${FIELD}`],
  ],
  [
    "an ExternalName service",
    [statefulSetYaml("db", "db", "db"), serviceYaml("db", "type: ExternalName, externalName: db.example.com")],
    [`stateful-set-service-not-headless ${FIELD}`],
  ],
  [
    "a service of other pods",
    [statefulSetYaml("db", "db", "db"), headlessYaml("db", "cache")],
    [LONELY, `stateful-set-service-other-pods ${FIELD}`],
  ],
  [
    "a service without a selector",
    [statefulSetYaml("db", "db", "db"), serviceYaml("db", "clusterIP: None")],
    ["service-no-endpoints Service shop/db spec"],
  ],
])("%s", (_, documents, expected) => {
  expect(diagnoseYaml(...documents)).toEqual(expected);
});

test("the advice names the headless service that selects the pods", () => {
  const [text] = adviceOfYaml(statefulSetYaml("db", "db", "db"), headlessYaml("db-headless", "db"));
  expect(text).toContain("namespace shop has no service db, so db-0.db is not a DNS name; use db-headless");
});

test.each<[title: string, replicas: number, serviceName: string, others: string[], severity: string]>([
  ["one replica and a cluster IP", 1, "db", [serviceYaml("db", "selector: { app: db }")], "hint"],
  ["two replicas and a cluster IP", 2, "db", [serviceYaml("db", "selector: { app: db }")], "warning"],
  ["one replica and an ExternalName", 1, "db", [serviceYaml("db", "type: ExternalName, externalName: a.b")], "warning"],
  ["one replica and no service of its own name", 1, "db", [], "hint"],
  ["two replicas and no service of its own name", 2, "db", [], "warning"],
  ["one replica and no service of another name", 1, "dbs", [], "warning"],
  ["one replica beside a headless service", 1, "db", [headlessYaml("db-headless", "db")], "warning"],
])("%s", (_, replicas, serviceName, others, severity) => {
  const set = workloadYaml("StatefulSet", "db", "db", "", `serviceName: ${serviceName}, replicas: ${replicas}`);
  expect(severitiesOfYaml(set, ...others)).toEqual([severity]);
});
