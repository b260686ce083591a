// The folder that the simulated server serves, with what it should answer from it. A file has versions, each with
// addresses of its own, so that an answer tells the version that it comes from. Keeps for each name what was served by
// complete and valid files, in order: no answer may be older than one before it.
import type { World } from "./world.ts";

export const FOLDER = "/m";
export const MOUNT = "/c";
/** A file that is named itself: when it goes, its names stay. */
export const NAMED_FILE = "/f/g.yaml";
const VERSIONS_MAX = 250;
/** The parser's own thread takes files above 8 kB. */
const PADDING = `# ${"x".repeat(9_000)}\n`;
export const NONE = "none";

/** A file and the names of its objects. */
export interface LocalFile {
  readonly path: string;
  /** In the middle of its addresses. */
  readonly number: number;
  readonly kind: "manifest" | "zone";
  /** Of objects that it always has, that versions with odd numbers have, and whose address the server chooses. */
  readonly names: { readonly always: string; readonly odd: string; readonly chosen?: string };
  version: number;
  /** What is there now; `gone`: nothing, and its names stay; `writing`: a slow write is under way. */
  state: "valid" | "broken" | "blank" | "gone" | "absent" | "writing";
}

function manifest(path: string, number: number): LocalFile {
  const name = path.replace(/^.*\/|\.yaml$/g, "");
  const names = [name, `${name}-x`, `${name}-chosen`].map((each) => `${each}.default.svc.cluster.local.`);
  const [always, odd, chosen] = names as [string, string, string];
  return { path, number, kind: "manifest", names: { always, odd, chosen }, version: 0, state: "absent" };
}

/** The files; the last two are in a mounted ConfigMap, and named itself. */
export function newFiles(): readonly LocalFile[] {
  const names = { always: "z.zone.test.", odd: "z-x.zone.test." };
  return [
    manifest(`${FOLDER}/a.yaml`, 1),
    manifest(`${FOLDER}/b.yaml`, 2),
    manifest(`${FOLDER}/sub/d.yaml`, 3),
    manifest(`${FOLDER}/large.yaml`, 4),
    { path: `${FOLDER}/zone.test.zone`, number: 5, kind: "zone", names, version: 0, state: "absent" },
    manifest(`${MOUNT}/e.yaml`, 6),
    manifest(NAMED_FILE, 7),
  ];
}

/** The text of a version of the file. */
export function textOf({ path, number, kind }: LocalFile, version: number): string {
  const addresses = [`10.100.${number}.${version}`, `10.101.${number}.${version}`] as const;
  const hasOdd = version % 2 === 1;
  if (kind === "zone") {
    const head = `$ORIGIN zone.test.\n$TTL 5\n@ SOA ns host 1 3600 600 86400 5\n@ NS ns\nns A 192.0.2.53\n`;
    return `${head}z A ${addresses[0]}\n${hasOdd ? `z-x A ${addresses[1]}\n` : ""}`;
  }
  const name = path.replace(/^.*\/|\.yaml$/g, "");
  const documents = [
    service(name, `clusterIP: ${addresses[0]}, `),
    ...(hasOdd ? [service(`${name}-x`, `clusterIP: ${addresses[1]}, `)] : []),
    service(`${name}-chosen`, ""),
  ];
  return `${path.endsWith("large.yaml") ? PADDING : ""}${documents.join("---\n")}`;
}

function service(name: string, address: string): string {
  return `kind: Service\napiVersion: v1\nmetadata: {name: ${name}}\nspec: {${address}ports: [{port: 80}]}\n`;
}

/** What a name may answer, oldest first, and which of it was seen last. */
interface NameHistory {
  readonly values: string[];
  seen: number;
}

export class LocalNames {
  readonly #world: World;
  readonly #histories = new Map<string, NameHistory>();
  /** Whether the server may have found less than all when it started. */
  mayMissSome = false;
  /** Addresses that the server chose: they never change. */
  readonly #chosen = new Map<string, string>();

  constructor(world: World) {
    this.#world = world;
  }

  get names(): Iterable<string> {
    return this.#histories.keys();
  }

  /** The file has a new version now, or none. */
  add(file: LocalFile): void {
    for (const [name, value] of valuesOf(file)) {
      const history = this.#histories.get(name) ?? { values: [], seen: 0 };
      this.#histories.set(name, history);
      if (history.values.at(-1) !== value) history.values.push(value);
    }
  }

  /** A server starts, and knows what it finds; `mayMiss`: it may find less at first. */
  restart(files: readonly LocalFile[], mayMiss: boolean): void {
    this.#histories.clear();
    this.mayMissSome = mayMiss;
    for (const file of files) {
      const isGood = file.state === "valid" || file.state === "writing";
      if (mayMiss || file.state !== "valid") this.add({ ...file, state: "absent" });
      if (isGood) this.add(file);
    }
  }

  /** The server, which has not read it yet, may find nothing of the file (of any file) at first. */
  mayMiss(file?: LocalFile): void {
    if (file === undefined) this.mayMissSome = true;
    const names = file === undefined ? [...this.#histories.keys()] : valuesOf(file).map(([name]) => name);
    for (const name of names) {
      const { values, seen } = this.#histories.get(name) ?? { values: [], seen: 0 };
      this.#histories.set(name, { values: [NONE, ...values.slice(seen)], seen: 0 });
    }
  }

  /** Whether the name was answered with this at any time. */
  knows(name: string, value: string): boolean {
    return this.#histories.get(name)?.values.includes(value) === true;
  }

  /** What is wrong with this answer for the name; `isLast`: it must be the newest. */
  judge(name: string, value: string, isLast = false): string | undefined {
    const { values, seen } = this.#histories.get(name)!;
    const meant = this.#meaning(name, value);
    if (meant === undefined) return `${name} has the address ${value} and had ${this.#chosen.get(name)}`;
    const at = isLast ? (values.at(-1) === meant ? values.length - 1 : -1) : values.indexOf(meant, seen);
    if (at >= 0) this.#histories.get(name)!.seen = at;
    if (at >= 0) return undefined;
    const expected = isLast ? `at rest it is ${values.at(-1)}` : `it is one of ${values.slice(seen).join(", ")}`;
    return `${name} was answered with ${value}; ${expected} (${Math.round(this.#world.scheduler.nowMs)} ms)`;
  }

  /** Of an address that the server chose only this is known: it is the same as before. */
  #meaning(name: string, value: string): string | undefined {
    if (!name.includes("-chosen.") || value === NONE) return value;
    const before = this.#chosen.get(name) ?? value;
    this.#chosen.set(name, before);
    return before === value ? "chosen" : undefined;
  }
}

function valuesOf({ names, number, version, state }: LocalFile): [string, string][] {
  const isThere = state !== "absent";
  return [
    [names.always, isThere ? `10.100.${number}.${version}` : NONE],
    [names.odd, isThere && version % 2 === 1 ? `10.101.${number}.${version}` : NONE],
    ...(names.chosen === undefined ? [] : [[names.chosen, isThere ? "chosen" : NONE] as [string, string]]),
  ];
}

/** The next version's number. */
export function nextVersion({ version }: LocalFile): number {
  return (version % VERSIONS_MAX) + 1;
}
