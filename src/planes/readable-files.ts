// Whether the present user can read and write what a running server reads and writes later: better told at the start
// than at the next change. Only permissions count; a file that is not there is for whoever reads it.
import { closeSync, constants, openSync, readdirSync, statSync, unlinkSync } from "node:fs";
import { dirname } from "node:path";
import { fileURLToPath } from "node:url";
import { snapshotOf } from "../config/cluster-conflicts.ts";
import type { Options } from "../config/options.ts";
import { errorCode } from "../std/error-code.ts";

/** Files of a server beside those of its options. */
export interface OtherFiles {
  /** The manifests. */
  readonly paths: readonly string[];
  /** What sources other than manifests read. */
  readonly sourceFiles: readonly string[];
}

/** What this user can't do, as the end of a sentence with its advice; undefined: nothing. */
export function checkServerFiles(options: Options, { paths, sourceFiles }: OtherFiles): string | undefined {
  const { tlsFiles, cookieSecretFile, upstreamFile, kubeconfig, stateFile, snapshotFile, clusters } = options;
  const snapshots = [snapshotFile, ...clusters.map((cluster) => snapshotOf(cluster, snapshotFile))];
  const files: readonly (readonly [string, string | undefined])[] = [
    ...ownFiles().map((path) => ["the program itself, ", path] as const),
    ...paths.filter((path) => path !== "-").map((path) => ["", path] as const),
    ["--tls-cert ", tlsFiles?.cert],
    ["--tls-key ", tlsFiles?.key],
    ["--cookie-secret ", cookieSecretFile],
    ["--upstream ", upstreamFile],
    ["--kubeconfig ", kubeconfig],
    ...clusters.map(({ name, kubeconfig: path }) => [`--cluster ${name} `, path] as const),
    ...sourceFiles.map((path) => ["what the source needs, ", path] as const),
    ["--state ", stateFile],
    ...snapshots.map((path) => ["--snapshot ", path] as const),
  ];
  for (const [what, path] of files) {
    const fault = path === undefined ? undefined : checkRead(what, path);
    if (fault !== undefined) return fault;
  }
  const replaced = snapshots.map((path) => checkReplace("--snapshot", path));
  return checkReplace("--state", stateFile) ?? replaced.find((fault) => fault !== undefined);
}

/** Whether a file can be opened, or a folder listed; `what` is put before its path. */
export function checkRead(what: string, path: string): string | undefined {
  const code = codeOf(() => {
    const stats = statSync(path);
    if (stats.isDirectory()) readdirSync(path);
    // Opening a pipe would take its writer's bytes.
    else if (stats.isFile()) closeSync(openSync(path, constants.O_RDONLY | constants.O_NONBLOCK));
  });
  return isDenied(code) ? `cannot read ${what}${path} (${code}): chown or chmod it, or give another user` : undefined;
}

/** Whether a file can be replaced by way of a new one beside it. */
function checkReplace(option: string, path: string | undefined): string | undefined {
  if (path === undefined) return undefined;
  const temporary = `${path}.new`;
  const code = codeOf(() => {
    closeSync(openSync(temporary, constants.O_WRONLY | constants.O_CREAT | constants.O_NOFOLLOW, 0o600));
    unlinkSync(temporary);
  });
  if (!isDenied(code)) return undefined;
  const advice = `give it the folder ${dirname(path)} with chown, or give another user`;
  return `cannot write ${option} ${path} (${code}): ${advice}`;
}

/** What threads that start later load: a file of this program, and two of its packages. */
function ownFiles(): string[] {
  const packages = ["yaml", "koffi"].flatMap((name) => {
    try {
      return [fileURLToPath(import.meta.resolve(name))];
    } catch {
      return [];
    }
  });
  return [import.meta.filename, ...packages];
}

function codeOf(work: () => void): string | undefined {
  try {
    work();
    return undefined;
  } catch (error) {
    return errorCode(error);
  }
}

function isDenied(code: string | undefined): boolean {
  return code === "EACCES" || code === "EPERM";
}
