import { expect, test } from "vitest";
import { adviceOfYaml, diagnoseYaml, otherYaml } from "../support/diagnose-yaml.ts";

const database = (name: string, spec: string): string =>
  `${otherYaml("databases.example/v1", "Database", name)}\nspec: ${spec}`;

test.each<[title: string, documents: string[], expected: string[]]>([
  [
    "a number of replicas",
    [database("a", "{ replicas: 3 }")],
    ["operator-unknown Database.databases.example/v1 shop/a kind"],
  ],
  [
    "storage below",
    [database("a", "{ server: { storage: 1Gi } }")],
    ["operator-unknown Database.databases.example/v1 shop/a kind"],
  ],
  [
    "two of a kind",
    [database("a", "{ instances: 3 }"), database("b", "{ instances: 3 }")],
    ["operator-unknown Database.databases.example/v1 shop/a kind"],
  ],
  ["no pods that it asks for", [database("a", "{ user: me }")], []],
  ["no spec", [otherYaml("databases.example/v1", "Database", "a")], []],
  ["a kind that has no pods", [`${otherYaml("cert-manager.io/v1", "Certificate", "a")}\nspec: { replicas: 1 }`], []],
  ["a built-in kind", [`${otherYaml("autoscaling/v2", "HorizontalPodAutoscaler", "a")}\nspec: { replicas: 1 }`], []],
])("%s", (_, documents, expected) => {
  expect(diagnoseYaml(...documents)).toEqual(expected);
});

test("the message names the kind and what is missing", () => {
  expect(adviceOfYaml(database("a", "{ replicas: 3 }"))).toEqual([
    expect.stringContaining("an operator would make pods and services for Database.databases.example"),
  ]);
});
