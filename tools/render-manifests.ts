// Writes deploy/kubernetes/*/cluster-dns.yaml: the Helm chart of deploy/helm/ with its default values, for Kustomize and
// kubectl. Run it with `node tools/render-manifests.ts` after a change of the chart; it needs helm. test/deploy.test.ts
// compares the files with fresh ones.
import { execFileSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

const CHART = fileURLToPath(new URL("../deploy/helm/cluster-dns", import.meta.url));
const NODE_LOCAL = "templates/node-local.yaml";
/** Helm renders for the version that it was built with, unless it is told one. */
const KUBERNETES_VERSION = "1.35.0";

/** The chart's templates, or one of them, as Helm renders them into kube-system. Throws if Helm does not. */
export function renderChart(flags: readonly string[] = []): string {
  const always = ["--namespace", "kube-system", "--kube-version", KUBERNETES_VERSION];
  const args = ["template", "cluster-dns", CHART, ...always, ...flags];
  return execFileSync("helm", args, { encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] });
}

/** The text of each file of deploy/kubernetes/ that is made of the chart, by its folder. */
export function renderManifests(): Readonly<Record<string, string>> {
  return {
    base: renderChart(),
    "node-local": renderChart(["--set", "nodeLocal.enabled=true", "--show-only", NODE_LOCAL]),
  };
}

if (import.meta.main) {
  for (const [folder, text] of Object.entries(renderManifests()))
    writeFileSync(new URL(`../deploy/kubernetes/${folder}/cluster-dns.yaml`, import.meta.url), text);
}
