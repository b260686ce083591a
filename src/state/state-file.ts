// The file that remembers addresses over restarts. A write replaces it as a whole or not at all, whenever the process
// is killed; what is cut, damaged or newer than this program is reported and not used. Knows nothing of what the
// addresses mean. POSIX: rename, fsync; docs/allocation.md.
import { dirname } from "node:path";
import { readBoundedFile } from "../files/read-file.ts";
import { replaceFile, syncFolder } from "../files/write-file.ts";
import type { Problem } from "../objects/problem.ts";
import { fileProblem } from "../objects/problem.ts";
import { fnv1a } from "../std/fnv1a.ts";
import { canonicalIp } from "../net/ip.ts";
import { errorCode } from "../std/error-code.ts";

type Addresses = ReadonlyMap<string, readonly string[]>;

/** What outlives a run. Keys are `namespace/name`, addresses in canonical text. */
export interface State {
  readonly clusterIps: Addresses;
  readonly podIps: Addresses;
  /** The last SOA serial that was served: it goes up also where the clock was set back. */
  readonly serial?: number;
}

const VERSION = 1;
const STATE_BYTES_MAX = 256 * 1024 * 1024;
const SERIAL_MAX = 0xffff_ffff;
const REBUILT = "addresses are made anew from the names, and most are the same";

/** Reads what `writeState` wrote; no state and no problem where there is no file yet. Never throws. */
export async function readState(
  path: string,
): Promise<{ readonly state?: State; readonly problems: readonly Problem[] }> {
  const read = await readBoundedFile(path, STATE_BYTES_MAX);
  if (!("fault" in read)) return parseState(path, read.bytes.toString("utf8"));
  if (read.fault === "not-a-file") return faulty(path, "is not a file", "name a file, or a path where none is yet");
  if (read.fault === "too-large") return faulty(path, "is too large to be a state file", "name another file");
  if (read.code === "ENOENT") return { problems: [] };
  return faulty(path, `can't be read (${read.code})`, "give this user the permission to read and write it");
}

/**
 * Replaces the file; when it resolves without a problem, `state` is on the disk. One at a time for a path: two at once
 * would share a temporary file.
 */
export async function writeState(path: string, state: State): Promise<readonly Problem[]> {
  try {
    await replaceFile(path, formatState(state), { mode: 0o600 });
    await syncFolder(dirname(path));
    return [];
  } catch (error) {
    const message = `the state file can't be written (${errorCode(error)}): addresses may move at the next start`;
    return [fileProblem(path, "state-not-written", message, "check the folder's permissions and space", "warning")];
  }
}

function formatState({ clusterIps, podIps, serial }: State): string {
  const state = JSON.stringify({
    clusterIps: Object.fromEntries(clusterIps),
    podIps: Object.fromEntries(podIps),
    ...(serial !== undefined && { serial }),
  });
  return `{"version":${VERSION},"checksum":${fnv1a(state)},"state":${state}}\n`;
}

function parseState(path: string, text: string): { readonly state?: State; readonly problems: readonly Problem[] } {
  const advice = "nothing, unless addresses must stay: then stop, put back a copy of the file, and start again";
  let file: unknown;
  try {
    file = JSON.parse(text);
  } catch {
    return faulty(path, text.trim() === "" ? "is empty" : "is cut or damaged: it is no JSON", advice);
  }
  const { version, checksum, state } = asRecord(file) ?? {};
  if (typeof version === "number" && version > VERSION)
    return faulty(path, `is of version ${version}, and this program knows ${VERSION}`, "use the program that wrote it");
  const record = asRecord(state);
  // What was written, as the same program writes it again: keys keep their order.
  if (version !== VERSION || record === undefined || fnv1a(JSON.stringify(state)) !== checksum)
    return faulty(path, "is damaged: its checksum is wrong", advice);
  const clusterIps = parseAddresses(record["clusterIps"]);
  const podIps = parseAddresses(record["podIps"]);
  const { serial } = record;
  if (clusterIps === undefined || podIps === undefined || !(serial === undefined || isSerial(serial)))
    return faulty(path, "is damaged: it does not hold what it should", advice);
  return { state: { clusterIps, podIps, ...(serial !== undefined && { serial }) }, problems: [] };
}

function parseAddresses(value: unknown): Addresses | undefined {
  const record = asRecord(value);
  if (record === undefined) return undefined;
  const isAddress = (item: unknown): boolean => typeof item === "string" && canonicalIp(item) === item;
  const entries = Object.entries(record);
  const isValid = entries.every(([, list]) => Array.isArray(list) && list.every(isAddress));
  return isValid ? new Map(entries as [string, string[]][]) : undefined;
}

function asRecord(value: unknown): Readonly<Record<string, unknown>> | undefined {
  const isRecord = typeof value === "object" && value !== null && !Array.isArray(value);
  return isRecord ? (value as Readonly<Record<string, unknown>>) : undefined;
}

function isSerial(value: unknown): value is number {
  return typeof value === "number" && Number.isInteger(value) && value >= 0 && value <= SERIAL_MAX;
}

function faulty(path: string, what: string, advice: string): { readonly problems: readonly Problem[] } {
  return { problems: [fileProblem(path, "state-not-used", `the state file ${what}; ${REBUILT}`, advice, "warning")] };
}
