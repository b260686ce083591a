// The file that keeps addresses across restarts (docs/allocation.md). A write replaces it as a whole or not at all; a
// file that is cut, damaged or newer than this program is reported and not used. Does not interpret the addresses.
import { dirname } from "node:path";
import { readBoundedFile } from "../files/read-file.ts";
import { replaceFile, syncFolder } from "../files/write-file.ts";
import type { Problem } from "../objects/problem.ts";
import { fileProblem } from "../objects/problem.ts";
import { fnv1a } from "../std/fnv1a.ts";
import { canonicalIp } from "../net/ip.ts";
import { errorCode } from "../std/error-code.ts";

type Addresses = ReadonlyMap<string, readonly string[]>;

/** What lasts across restarts. Keys are `namespace/name`; addresses are in canonical text. */
export interface State {
  readonly clusterIps: Addresses;
  readonly podIps: Addresses;
  /** The last SOA serial that was served: serials increase even if the clock was set back. */
  readonly serial?: number;
}

const VERSION = 1;
const STATE_BYTES_MAX = 256 * 1024 * 1024;
const SERIAL_MAX = 0xffff_ffff;
const REBUILT = "addresses are derived from the names again, and most stay the same";

/** Reads a file of `writeState`; neither a state nor a problem when there is no file yet. Never throws. */
export async function readState(
  path: string,
): Promise<{ readonly state?: State; readonly problems: readonly Problem[] }> {
  const read = await readBoundedFile(path, STATE_BYTES_MAX);
  if (!("fault" in read)) return parseState(path, read.bytes.toString("utf8"));
  if (read.fault === "not-a-file") return faulty(path, "is not a file", "name a file, or a path where no file is yet");
  if (read.fault === "too-large") return faulty(path, "is too large to be a state file", "name another file");
  if (read.code === "ENOENT") return { problems: [] };
  return faulty(path, `can't be read (${read.code})`, "give this user the permission to read and write it");
}

/**
 * Replaces the file; without a problem in the result, `state` is on the disk. One call at a time for a path, since two
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
  const advice =
    "no action is needed unless addresses must stay: then stop, restore a copy of the file, and start again";
  let file: unknown;
  try {
    file = JSON.parse(text);
  } catch {
    return faulty(path, text.trim() === "" ? "is empty" : "is cut or damaged: it is not JSON", advice);
  }
  const { version, checksum, state } = asRecord(file) ?? {};
  if (typeof version === "number" && version > VERSION)
    return faulty(
      path,
      `is of version ${version}, and this program knows up to ${VERSION}`,
      "use the program that wrote it",
    );
  const record = asRecord(state);
  // Parsing and formatting keep the order of keys, so this is the text whose checksum was written.
  if (version !== VERSION || record === undefined || fnv1a(JSON.stringify(state)) !== checksum)
    return faulty(path, "is damaged: its checksum is wrong", advice);
  const clusterIps = parseAddresses(record["clusterIps"]);
  const podIps = parseAddresses(record["podIps"]);
  const { serial } = record;
  if (clusterIps === undefined || podIps === undefined || !(serial === undefined || isSerial(serial)))
    return faulty(path, "is damaged: fields are missing or invalid", advice);
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
