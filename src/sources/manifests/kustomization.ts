// What a kustomization file says of its folder: whether `kustomize build` would give the manifests as they are, and the
// files and folders that are its input. Reads the other kustomizations that it refers to; never throws.
// Kustomize: "Kustomization file".
import { isAbsolute, join, normalize, resolve } from "node:path";
import { isInside } from "../../files/file-status.ts";
import { decodeText } from "../../files/decode-text.ts";
import { readBoundedFile } from "../../files/read-file.ts";
import { child, entries, items, text } from "../../objects/raw-values.ts";
import { parseDocuments } from "../../text/parse-documents.ts";

const FILE_NAMES = ["kustomization.yaml", "kustomization.yml", "Kustomization"];
const FILE_BYTES_MAX = 1_000_000;
const FOLDERS_MAX = 1_000;
/** Fields that change nothing: a kustomization with these alone is a list of files. */
const LISTING_FIELDS = ["apiVersion", "kind", "metadata", "resources", "bases"];
/** Fields with paths, or with mappings that have one. */
const PATH_FIELDS = `resources bases components crds configurations generators transformers validators
  patchesStrategicMerge patches patchesJson6902 replacements`.split(/\s+/);

/** A kustomization file, read with those that it refers to. */
export interface Kustomization {
  /** Its built manifests are those of the folder as they are. */
  readonly isListing: boolean;
  /** The files and folders that it and its bases refer to, and the folders of all of them. */
  readonly inputs: readonly string[];
}

/** The name of the kustomization file among the names in a folder. */
export function kustomizationFile(names: ReadonlySet<string>): string | undefined {
  return FILE_NAMES.find((name) => names.has(name));
}

/** Reads the kustomization of a folder; undefined if the file is that of another program. */
export async function readKustomization(folder: string, file: string): Promise<Kustomization | undefined> {
  const own = await readFields(join(folder, file));
  if (own === "foreign") return undefined;
  const inputs = new Set<string>();
  const waiting = [{ folder, fields: own }];
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    for (const path of localPaths(next.folder, next.fields)) {
      if (inputs.has(path) || inputs.size > FOLDERS_MAX) continue;
      inputs.add(path);
      for (const name of FILE_NAMES) {
        const fields = await readFields(join(path, name));
        if (fields !== undefined && fields !== "foreign") waiting.push({ folder: path, fields });
      }
    }
  }
  const isListing = own !== undefined && entries(own).every(([key]) => LISTING_FIELDS.includes(key));
  const isLocal = items(child(own, "resources"))
    .concat(items(child(own, "bases")))
    .every(isLocalPath);
  return { isListing: isListing && isLocal, inputs: [...inputs] };
}

/** The fields of a kustomization; undefined if the file can't be read. */
async function readFields(path: string): Promise<unknown> {
  const read = await readBoundedFile(path, FILE_BYTES_MAX);
  const content = "fault" in read ? undefined : decodeText(read.bytes);
  if (content === undefined) return undefined;
  const [document] = parseDocuments(content);
  if (document === undefined || "fault" in document) return undefined;
  const apiVersion = text(child(document.value, "apiVersion")) ?? "kustomize.config.k8s.io/";
  return apiVersion.startsWith("kustomize.config.k8s.io/") ? document.value : "foreign";
}

function localPaths(folder: string, fields: unknown): readonly string[] {
  return PATH_FIELDS.flatMap((field) =>
    items(child(fields, field)).flatMap((item) => {
      const path = text(item) ?? text(child(item, "path"));
      // A patch may be written in the list itself.
      return path === undefined || path.includes("\n") || !isLocalPath(path)
        ? []
        : [normalize(join(folder, path)).replace(/\/$/, "")];
    }),
  );
}

function isLocalPath(path: unknown): boolean {
  return typeof path === "string" && !isAbsolute(path) && !/:\/\/|^git@|\?ref=|^github\.com\//.test(path);
}

/** Whether all inputs are in `folder`, so that reading it reads them too. */
export function isWithin({ inputs }: Kustomization, folder: string): boolean {
  return inputs.every((path) => isInside(resolve(path), resolve(folder)));
}
