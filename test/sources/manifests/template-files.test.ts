import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { findTemplateFiles } from "../../../src/sources/manifests/template-files.ts";

const root = mkdtempSync(join(tmpdir(), "cluster-dns-charts-"));
afterAll(() => rmSync(root, { recursive: true }));

/** A folder with these files; those called Chart.yaml name the chart. */
function folderOf(files: Readonly<Record<string, string>>): string {
  const folder = mkdtempSync(join(root, "f-"));
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
  return folder;
}

const SHOP = "apiVersion: v2\nname: shop\nversion: 1.0.0\n";
const A = "templates/a.yaml";

test.each<[title: string, files: Record<string, string>, template: string, file: string | undefined]>([
  ["in a folder of the chart's name", { "shop/Chart.yaml": SHOP, [`shop/${A}`]: "" }, `shop/${A}`, `shop/${A}`],
  ["in another folder", { "deploy/web/Chart.yaml": SHOP, [`deploy/web/${A}`]: "" }, `shop/${A}`, `deploy/web/${A}`],
  ["in the root itself", { "Chart.yaml": SHOP, [A]: "" }, `shop/${A}`, A],
  ["a name in quotes", { "x/Chart.yaml": "name: 'shop' # ours\n", [`x/${A}`]: "" }, `shop/${A}`, `x/${A}`],
  ["a subchart", { "x/Chart.yaml": SHOP, [`x/charts/db/${A}`]: "" }, `shop/charts/db/${A}`, `x/charts/db/${A}`],
  ["a subchart in an archive", { "x/Chart.yaml": SHOP }, `shop/charts/db/${A}`, undefined],
  ["of a chart elsewhere", { "x/Chart.yaml": SHOP, [`x/${A}`]: "" }, `other/${A}`, undefined],
  [
    "two charts of one name",
    { "x/Chart.yaml": SHOP, [`x/${A}`]: "", "y/Chart.yaml": SHOP, [`y/${A}`]: "" },
    `shop/${A}`,
    undefined,
  ],
  [
    "two charts of one name, of which one has the file",
    { "x/Chart.yaml": SHOP, [`x/${A}`]: "", "y/Chart.yaml": SHOP },
    `shop/${A}`,
    `x/${A}`,
  ],
  [
    "two charts of one name, of which one is called so",
    { "shop/Chart.yaml": SHOP, [`shop/${A}`]: "", "y/Chart.yaml": SHOP, [`y/${A}`]: "" },
    `shop/${A}`,
    `shop/${A}`,
  ],
  ["in a folder that is not looked into", { ".x/Chart.yaml": SHOP, [`.x/${A}`]: "" }, `shop/${A}`, undefined],
])("%s", async (_, files, template, file) => {
  const found = await findTemplateFiles(new Set([template]), folderOf(files));
  expect(found.get(template)).toBe(file);
});

test("a root that is not there has no templates", async () => {
  expect(await findTemplateFiles(new Set([`shop/${A}`]), join(root, "absent"))).toEqual(new Map());
});
