import { expect, test } from "vitest";
import { adviceOfYaml, diagnoseYaml, headlessYaml, serviceYaml, statefulSetYaml } from "../support/diagnose-yaml.ts";

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
