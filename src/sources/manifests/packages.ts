// Folders that another program turns into manifests: kustomizations and Helm charts. Their files are that program's
// input, so they are neither read nor judged as objects. Recognised by the names in a folder.
// Kustomize: "Kustomization file"; Helm: "Charts", the chart file structure.
import { basename, dirname, join } from "node:path";
import type { Problem } from "../../objects/problem.ts";
import { fileProblem } from "../../objects/problem.ts";
import { isWithin, kustomizationFile, readKustomization } from "./kustomization.ts";

const CHART_FILE = "Chart.yaml";
/** A chart has at least one of these beside its file. */
const CHART_PARTS = ["templates", "charts", "values.yaml"];

/** A folder that is the input of another program. */
export interface Package {
  readonly kind: "kustomization" | "helm-chart";
  readonly folder: string;
  /** The file that makes it one. */
  readonly file: string;
  /** Its files and folders elsewhere. */
  readonly inputs: readonly string[];
}

/** How kustomizations are treated: `root` is the folder that was given, and `isBuilding` is the option --kustomize. */
export interface PackageSettings {
  readonly root: string;
  readonly isBuilding: boolean;
}

/** Whether a file of this name can make its folder a package. */
export function isPackageFile(name: string): boolean {
  return name === CHART_FILE || kustomizationFile(new Set([name])) !== undefined;
}

/** The package that a folder with these names is; undefined if its files are manifests. */
export async function recognisePackage(
  folder: string,
  names: ReadonlySet<string>,
  { root, isBuilding }: PackageSettings,
): Promise<Package | undefined> {
  if (names.has(CHART_FILE) && CHART_PARTS.some((name) => names.has(name))) {
    return { kind: "helm-chart", folder, file: join(folder, CHART_FILE), inputs: [] };
  }
  const name = kustomizationFile(names);
  const kustomization = name === undefined ? undefined : await readKustomization(folder, name);
  if (name === undefined || kustomization === undefined) return undefined;
  if (!isBuilding && kustomization.isListing && isWithin(kustomization, root)) return undefined;
  return { kind: "kustomization", folder, file: join(folder, name), inputs: kustomization.inputs };
}

/** Says what to do about a package; `isWatching` tells `serve` from commands that read once. */
export function packageProblem(
  { kind, file }: Pick<Package, "kind" | "file">,
  { isWatching }: { readonly isWatching: boolean },
): Problem {
  const [message, command, option] =
    kind === "helm-chart"
      ? ["is a Helm chart, which has to be rendered; nothing below its folder is read", "helm template", ""]
      : [
          "is a kustomization, which has to be built; its files are not read",
          "kustomize build",
          ", or give --kustomize",
        ];
  const pipe = `${command} ${dirname(file)} | cluster-dns ${isWatching ? "serve" : "check"} -`;
  return fileProblem(file, kind, message, `run \`${pipe}\`${option}`, "warning");
}

/** The problem of a file that is named itself and makes its folder a package; undefined for any other file. */
export function namedPackageProblem(path: string, context: { readonly isWatching: boolean }): Problem | undefined {
  const name = basename(path);
  const kind = name === CHART_FILE ? "helm-chart" : "kustomization";
  return isPackageFile(name) ? packageProblem({ kind, file: path }, context) : undefined;
}

/** The packages of a folder that was given. */
export class Packages {
  readonly #byFolder = new Map<string, Package>();
  /** The folders of the packages that each path belongs to. */
  #owners = new Map<string, Set<string>>();

  /** Notes what a folder is now; whether that is a change. */
  set(folder: string, found: Package | undefined): boolean {
    const before = this.#byFolder.get(folder);
    if (JSON.stringify(before) === JSON.stringify(found)) return false;
    if (found === undefined) this.#byFolder.delete(folder);
    else this.#byFolder.set(folder, found);
    this.#owners = new Map();
    for (const { folder: owner, inputs } of this.#byFolder.values()) {
      for (const path of [owner, ...inputs]) this.#owners.set(path, (this.#owners.get(path) ?? new Set()).add(owner));
    }
    return true;
  }

  /** The packages that are no input of another. */
  get outermost(): readonly Package[] {
    return [...this.#byFolder.values()].filter(
      ({ folder }) =>
        !this.#ownersOf(folder).some(
          (owner) => owner !== folder && !(this.#ownersOf(owner).includes(folder) && folder < owner),
        ),
    );
  }

  /** Whether the path is in a package, or is the input of one. */
  has(path: string): boolean {
    return this.#owners.size > 0 && this.#ownersOf(path).length > 0;
  }

  #ownersOf(path: string): readonly string[] {
    const owners: string[] = [];
    for (let at = path; ; at = dirname(at)) {
      owners.push(...(this.#owners.get(at) ?? []));
      if (at === dirname(at)) return owners;
    }
  }
}
