// Finds the files of Helm templates below a folder. Helm names a template by the name of its chart, which the chart's
// folder need not have; a subchart may be in an archive, and then has no file. Follows no links.
import { existsSync } from "node:fs";
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { decodeText } from "../../files/decode-text.ts";
import { readBoundedFile } from "../../files/read-file.ts";
import { isSkippedFolder } from "./manifest-names.ts";

const CHART_FILE = "Chart.yaml";
const CHART_BYTES_MAX = 1_000_000;
/** Folders that are looked into for charts, those near the root first. */
const FOLDERS_MAX = 5_000;

/**
 * The files of templates (`CHART/templates/FILE`), relative to `root`. A template without a file, or with several to
 * choose from, is not among them.
 */
export async function findTemplateFiles(
  templates: ReadonlySet<string>,
  root = ".",
): Promise<ReadonlyMap<string, string>> {
  const charts = templates.size === 0 ? [] : await findCharts(root);
  const files = new Map<string, string>();
  for (const template of templates) {
    const [name, ...path] = template.split("/");
    const found = charts
      .filter((chart) => chart.name === name)
      .map(({ folder }) => join(folder, ...path))
      .filter((file) => existsSync(join(root, file)));
    const file = found.find((each) => each === template) ?? (found.length === 1 ? found[0] : undefined);
    if (file !== undefined) files.set(template, file);
  }
  return files;
}

/** The charts below `root`, with the names in their files. */
async function findCharts(root: string): Promise<readonly { readonly name: string; readonly folder: string }[]> {
  const charts: { name: string; folder: string }[] = [];
  const folders = ["."];
  // The list grows while it is walked.
  for (const folder of folders) {
    const entries = await readdir(join(root, folder), { withFileTypes: true }).catch(() => []);
    for (const entry of entries) {
      const path = join(folder, entry.name);
      if (entry.isDirectory() && !isSkippedFolder(entry.name) && folders.length < FOLDERS_MAX) folders.push(path);
      const name = entry.isFile() && entry.name === CHART_FILE ? await chartName(join(root, path)) : undefined;
      if (name !== undefined) charts.push({ name, folder });
    }
  }
  return charts;
}

async function chartName(path: string): Promise<string | undefined> {
  const read = await readBoundedFile(path, CHART_BYTES_MAX);
  const text = "fault" in read ? undefined : decodeText(read.bytes);
  return /^name:\s*(["']?)([\w.-]+)\1\s*(?:#.*)?$/m.exec(text ?? "")?.[2];
}
