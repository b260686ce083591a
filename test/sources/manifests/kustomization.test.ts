// Which inputs of a kustomization are in the folder that was given, however that folder is written.
import { cwd } from "node:process";
import { expect, test } from "vitest";
import { isWithin } from "../../../src/sources/manifests/kustomization.ts";

test.each<[input: string, folder: string, expected: boolean]>([
  ["deploy/app.yaml", ".", true],
  ["deploy/app.yaml", "./", true],
  ["app.yaml", "deploy", false],
  ["deploy/app.yaml", "deploy/", true],
  ["../app.yaml", ".", false],
  ["../base/app.yaml", "..", true],
  [`${cwd()}/app.yaml`, ".", true],
  ["deployment/app.yaml", "deploy", false],
])("%s in %s: %s", (input, folder, expected) => {
  expect(isWithin({ isListing: true, inputs: [input] }, folder)).toBe(expected);
});
