import { expect, test } from "vitest";
import { fieldAdvice } from "../../../src/objects/schema/nearest-field.ts";
import { schemaOf } from "../../../src/objects/schema/schema.ts";

const deployment = schemaOf("Deployment")!;
const spec = deployment.fields.get("spec")!.type!;
const template = spec.fields.get("template")!.type!;

test.each<[key: string, advice: string]>([
  ["Metadata", "write metadata instead of Metadata"],
  ["containers", "move it to spec.template.spec.containers"],
  ["replicas", "move it to spec.replicas"],
  ["matchLabels", "move it to spec.selector.matchLabels"],
  ["metadta", "write metadata instead of metadta"],
  ["x".repeat(100_000), "remove it"],
  ["wordpress", "remove it, or correct the name"],
])("%.20s in a template", (key, advice) => {
  const ancestors = [
    { type: deployment, path: "" },
    { type: spec, path: "spec" },
    { type: template, path: "spec.template" },
  ];
  expect(fieldAdvice(key, ancestors)).toBe(advice);
});
