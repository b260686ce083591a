// The last state of a cluster in a file, for a start while its API is away: a head, a line for each object, and a
// checksum. A file that is damaged, or of another cluster, is a problem and not served.
import { createHash } from "node:crypto";
import { setImmediate as untilNextTurn } from "node:timers/promises";
import { readBoundedFile } from "../../files/read-file.ts";
import { replaceFile } from "../../files/write-file.ts";
import type { KubeObject } from "../../objects/kube-object.ts";
import type { Problem } from "../../objects/problem.ts";
import { fileProblem } from "../../objects/problem.ts";
import { errorCode } from "../../std/error-code.ts";

/** Whose state it is, and of when. */
export interface SnapshotHead {
  /** What tells this cluster from others. */
  readonly cluster: string;
  /** Wall clock, milliseconds. */
  readonly takenAtMs: number;
}

export interface Snapshot extends SnapshotHead {
  readonly objects: readonly KubeObject[];
}

const FORMAT = "cluster-dns snapshot 1";
const BYTES_MAX = 1 << 30;
const MODE = 0o600;
/** Objects that are written between two turns of other work. */
const SLICE_OBJECTS = 500;
const ADVICE = "remove the file; it is written again when the API of the cluster answers";

/** Writes a snapshot; resolves with its problems, as a file that can't be written ends nothing. */
export async function writeSnapshot(
  path: string,
  head: SnapshotHead,
  objects: Iterable<KubeObject>,
): Promise<readonly Problem[]> {
  const parts = [`${JSON.stringify({ format: FORMAT, ...head })}\n`];
  const hash = createHash("sha256").update(parts[0]!);
  let slice = "";
  let count = 0;
  for (const object of objects) {
    slice += `${JSON.stringify(object, toPlain)}\n`;
    if (++count % SLICE_OBJECTS !== 0) continue;
    hash.update(slice);
    parts.push(slice);
    slice = "";
    await untilNextTurn();
  }
  parts.push(slice, `${hash.update(slice).digest("hex")}\n`);
  try {
    await replaceFile(path, parts.join(""), { mode: MODE });
    return [];
  } catch (error) {
    return [snapshotProblem(path, `the snapshot can't be written (${errorCode(error)})`, "make the folder writable")];
  }
}

/** Reads the snapshot of `cluster`; neither snapshot nor problem if there is no file. */
export async function readSnapshot(
  path: string,
  cluster: string,
): Promise<{ readonly snapshot?: Snapshot; readonly problems: readonly Problem[] }> {
  const read = await readBoundedFile(path, BYTES_MAX);
  const refuse = (message: string): { readonly problems: readonly Problem[] } => ({
    problems: [snapshotProblem(path, `${message}; it is not served`, ADVICE)],
  });
  if ("fault" in read) {
    if (read.fault === "failed" && read.code === "ENOENT") return { problems: [] };
    return refuse(`the snapshot can't be read (${read.fault === "failed" ? read.code : read.fault})`);
  }
  const { bytes } = read;
  // A checksum in hexadecimal digits and a line end.
  const end = bytes.length - 65;
  const sum = createHash("sha256")
    .update(bytes.subarray(0, Math.max(end, 0)))
    .digest("hex");
  if (end <= 0 || bytes.toString("latin1", end, end + 64) !== sum) return refuse("the snapshot is damaged");
  const [first, ...lines] = bytes.toString("utf8", 0, end - 1).split("\n");
  const head = JSON.parse(first!) as SnapshotHead & { readonly format: unknown };
  if (head.format !== FORMAT) return refuse("the snapshot is of another version of this program");
  if (head.cluster !== cluster) return refuse("the snapshot is of another cluster, or of other options");
  const objects = lines.map((line) => JSON.parse(line, fromPlain) as KubeObject);
  return { snapshot: { cluster: head.cluster, takenAtMs: head.takenAtMs, objects }, problems: [] };
}

/** JSON has no maps. */
function toPlain(_key: string, value: unknown): unknown {
  return value instanceof Map ? { map: [...value] } : value;
}

function fromPlain(_key: string, value: unknown): unknown {
  const isMap = typeof value === "object" && value !== null && "map" in value && Array.isArray(value.map);
  return isMap ? new Map(value.map as [string, string][]) : Object.freeze(value);
}

function snapshotProblem(path: string, message: string, advice: string): Problem {
  return fileProblem(path, "snapshot", message, advice, "warning");
}
