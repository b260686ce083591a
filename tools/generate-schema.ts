// Writes src/objects/schema/schema-table.ts: the fields of the kinds that are read, with their types, from the npm package
// `kubernetes-models`. Run it with `node tools/generate-schema.ts` after an update of the package; a test compares the
// file with a fresh one. The package's declarations have the fields; its validators tell int32 from int64.
import { readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath, pathToFileURL } from "node:url";

const TARGET = new URL("../src/objects/schema/schema-table.ts", import.meta.url);
const COLUMNS_MAX = 118;
/** Longer lists of values, such as that of the signals, are left out. */
const VALUES_MAX = 20;

/** The declarations of the kinds, by the name in the table. */
const ROOTS = [
  "v1/Service",
  "v1/Endpoints",
  "v1/Pod",
  "v1/Namespace",
  "v1/Node",
  "v1/ReplicationController",
  // The claims of a StatefulSet, which the declaration writes out in place.
  "v1/PersistentVolumeClaim",
  "discovery.k8s.io/v1/EndpointSlice",
  "apps/v1/Deployment",
  "apps/v1/StatefulSet",
  "apps/v1/ReplicaSet",
  "apps/v1/DaemonSet",
  "batch/v1/Job",
  "batch/v1/CronJob",
];

/** Types that the server decodes from a scalar, or from anything. */
const SCALARS: ReadonlyMap<string, string> = new Map([
  ["UtilIntstrIntOrString", "x"],
  ["ApiResourceQuantity", "q"],
  ["Time", "t"],
  ["MicroTime", "t"],
  ["FieldsV1", "o"],
  ["RuntimeRawExtension", "o"],
]);

type Probe = ((data: unknown) => boolean) & { errors?: readonly { instancePath: string; keyword: string }[] };

function declarationOf(specifier: string): string {
  return fileURLToPath(import.meta.resolve(specifier)).replace(/\.js$/, ".d.ts");
}

function shortName(name: string): string {
  return name.replace(/^IIoK8sApi(?:machineryPkg)?(?:CoreV1|ApisMetaV1)?/, "");
}

/** The letter of a number: `i` for int32, `l` for int64, `n` for others, as the package's validator judges. */
async function numberType(type: string, field: string): Promise<string> {
  const owner = type.includes("Apimachinery") ? "@kubernetes-models/apimachinery" : "kubernetes-models";
  const { validate } = (await import(`${owner}/_schemas/${type.slice(1)}`)) as { readonly validate: Probe };
  const isRefused = (value: number, keyword: string): boolean => {
    validate({ [field]: value });
    return validate.errors?.some((e) => e.instancePath === `/${field}` && e.keyword === keyword) ?? false;
  };
  if (!isRefused(0.5, "type")) return "n";
  return isRefused(2 ** 40, "format") ? "i" : "l";
}

/** The fields of the interface of a declaration file, and the files of the types that it imports. */
class Declaration {
  readonly type: string;
  readonly fields: readonly { readonly name: string; readonly isRequired: boolean; readonly type: string }[];
  readonly #imports = new Map<string, string>();

  constructor(path: string) {
    const text = readFileSync(path, "utf8").replaceAll(/\/\*\*.*?\*\//gs, "");
    for (const [, name, from] of text.matchAll(/import \{ (IIo\w+) \} from "([^"]+)"/g)) {
      const target = from!.startsWith(".")
        ? fileURLToPath(new URL(from!.replace(/\.js$/, ".d.ts"), pathToFileURL(path)))
        : declarationOf(from!);
      this.#imports.set(name!, target);
    }
    this.type = / as (IIo\w+)/.exec(text)![1]!;
    const body = /export interface \w+ (?:extends \w+ )?\{(.*?)\n\}/s.exec(text)?.[1] ?? "";
    this.fields = [...body.matchAll(/^ {4}"([^"]+)"(\??): (.*(?:\n {4}[ }].*)*);$/gm)].map(
      ([, name, optional, type]) => ({
        name: name!,
        isRequired: optional === "",
        type: type!.replaceAll(/\s+/g, " "),
      }),
    );
  }

  fileOf(type: string): string {
    return this.#imports.get(type)!;
  }
}

async function encodeType(declaration: Declaration, field: string, type: string): Promise<string> {
  const list = /^Array<(.*)>$/.exec(type);
  if (list !== null) return `[${await encodeType(declaration, field, list[1]!)}`;
  const map = /^\{ \[key: string\]: (.*?);? \}$/.exec(type);
  if (map !== null) return `{${await encodeType(declaration, field, map[1]!)}`;
  if (type.startsWith('{ "apiVersion"?')) return "PersistentVolumeClaim";
  if (type.startsWith("IIo")) return SCALARS.get(shortName(type)) ?? shortName(type);
  if (type.startsWith('"')) return "s";
  if (type === "number") return numberType(declaration.type, field);
  if (type === "string" || type === "boolean") return type[0]!;
  throw new Error(`${declaration.type}.${field}: no letter for the type ${type}`);
}

function enumOf(type: string): readonly string[] {
  if (type.includes("{")) return [];
  return [...type.matchAll(/"([^"]*)"/g)].map(([, value]) => value!).filter((value) => value !== "");
}

/** The text of src/objects/schema/schema-table.ts. */
export async function generateSchema(): Promise<string> {
  const lines: string[] = [];
  const files = ROOTS.map((root) => declarationOf(`kubernetes-models/${root}`));
  for (const file of files) {
    const declaration = new Declaration(file);
    let line = shortName(declaration.type);
    for (const { name, isRequired, type } of declaration.fields) {
      const code = await encodeType(declaration, name, type);
      const values = enumOf(type);
      const isEnum = values.length > 0 && values.length <= VALUES_MAX && name !== "kind" && name !== "apiVersion";
      const word = `${name}${isRequired ? "!" : ""}:${code}${isEnum ? `=${values.join("|")}` : ""}`;
      if (line.length + word.length >= COLUMNS_MAX) {
        lines.push(line);
        line = "";
      }
      line += ` ${word}`;
      const reference = type.includes("{") ? undefined : /IIo\w+/.exec(type)?.[0];
      if (reference === undefined || SCALARS.has(shortName(reference))) continue;
      const target = declaration.fileOf(reference);
      if (!files.includes(target)) files.push(target);
    }
    lines.push(line);
  }
  const manifest = readFileSync(new URL("package.json", import.meta.resolve("kubernetes-models")), "utf8");
  const { version } = JSON.parse(manifest) as { readonly version: string };
  return `// The fields of the kinds that are read, with their types. Made by tools/generate-schema.ts from kubernetes-models
// ${version}; do not edit. A line has a type and its fields as NAME:TYPE, where NAME! is required and TYPE is s (string),
// b (boolean), i (int32), l (int64), n (number), x (int32 or string), q (quantity), t (time), o (anything), the name of
// a type, [TYPE (a list) or {TYPE (a mapping from strings); =A|B lists the values of a string.

/** The table; src/objects/schema/schema.ts reads it. */
export const SCHEMA_TABLE = \`
${lines.join("\n")}
\`;
`;
}

if (import.meta.main) writeFileSync(TARGET, await generateSchema());
