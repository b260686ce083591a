import { expect, test } from "vitest";
import { adviceOfYaml, diagnoseYaml, serviceYaml } from "../support/diagnose-yaml.ts";

function external(path: string, name: string): string {
  return serviceYaml(path, `type: ExternalName, externalName: ${name}`);
}

const DB = serviceYaml("data/db", "ports: [{ port: 5432 }]");
const FIELD = "Service shop/a spec.externalName";

test.each<[externalName: string, expected: string[]]>([
  ["db.example.com", []],
  ["db.data.svc.cluster.local", []],
  ["db.data.svc.cluster.local.", []],
  ["0.db.data.svc.cluster.local", []],
  ["10-0-0-1.data.pod.cluster.local", []],
  ["ns.dns.cluster.local", []],
  ["kubernetes.default.svc.cluster.local", []],
  ["nope.data.svc.cluster.local", [`external-name-no-service ${FIELD}`]],
  ["db.nope.svc.cluster.local", [`external-name-no-namespace ${FIELD}`]],
  ["10-0-0-1.nope.pod.cluster.local", [`external-name-no-namespace ${FIELD}`]],
  ["db.data.svc", [`external-name-not-full ${FIELD}`]],
  ["db.data", [`external-name-not-full ${FIELD}`]],
  ["b", [`external-name-not-full ${FIELD}`]],
  ["db", []],
  ["db.nope", []],
  ["db.nope.svc", [`external-name-no-namespace ${FIELD}`, `external-name-not-full ${FIELD}`]],
  ["db.data.cluster.local", [`external-name-not-full ${FIELD}`]],
  ["cluster.local", [`external-name-not-full ${FIELD}`]],
  ["data.svc.cluster.local", [`external-name-not-full ${FIELD}`]],
  ["a.shop.svc.cluster.local", [`external-name-loop ${FIELD}`]],
  ["svc.example.cluster.local.example", []],
])("%s", (externalName, expected) => {
  expect(diagnoseYaml(external("a", externalName), external("b", "b.example.com"), DB)).toEqual(expected);
});

test("a loop is reported for every service that leads into it, with the chain", () => {
  const name = (service: string): string => `${service}.shop.svc.cluster.local`;
  const documents = [external("a", name("b")), external("b", name("c")), external("c", name("b"))];
  expect(diagnoseYaml(...documents)).toEqual(
    ["a", "b", "c"].map((at) => `external-name-loop Service shop/${at} spec.externalName`),
  );
  const loop = "Service shop/b → Service shop/c → Service shop/b";
  expect(adviceOfYaml(...documents)[0]).toContain(`leads into a loop: ${loop};`);
  expect(adviceOfYaml(...documents)[1]).toContain(`form a loop: ${loop};`);
});

test.each([
  [10, 0],
  [11, 1],
])("a chain of %i CNAMEs", (count, loops) => {
  const chain = Array.from({ length: count }, (_, index) =>
    external(`s${index}`, index === count - 1 ? "db.example.com" : `s${index + 1}.shop.svc.cluster.local`),
  );
  expect(diagnoseYaml(...chain)).toHaveLength(loops);
});
