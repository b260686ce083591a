// `cluster-dns serve` as a process whose threads and sockets a test looks at: starts it, waits for its log, and reads
// /proc.
import { spawn } from "node:child_process";
import type { ChildProcess, SpawnOptions } from "node:child_process";
import { once } from "node:events";
import { readdirSync, readFileSync, readlinkSync } from "node:fs";
import { LAUNCHER } from "./process.ts";

/** A line of the log. */
export type LogLine = Readonly<Record<string, unknown>>;

/** A started server. */
export interface Served {
  readonly pid: number;
  readonly child: ChildProcess;
  /** Lines of the log so far. */
  readonly log: readonly LogLine[];
  /** Resolves with the first address when it serves; rejects when it has ended before. */
  readonly address: Promise<string>;
  readonly ended: Promise<{ readonly code: number | null; readonly err: string }>;
}

/** Starts the launcher by `wrapper`, a command line that ends where the launcher's begins. */
export function startServed(
  args: readonly string[],
  options: SpawnOptions = {},
  wrapper: readonly string[] = [],
): Served {
  const [program, ...rest] = [...wrapper, LAUNCHER, "serve", ...args] as [string, ...string[]];
  return watchServed(spawn(program, rest, { cwd: "/", ...options, stdio: ["ignore", "pipe", "pipe"] }));
}

/** Reads the log of a child that is, or becomes, a server. */
export function watchServed(child: ChildProcess): Served {
  const log: LogLine[] = [];
  let [out, err] = ["", ""];
  child.stderr!.on("data", (data: Buffer) => (err += data.toString()));
  const ended = once(child, "close").then(([code]) => ({ code: code as number | null, err }));
  const address = new Promise<string>((resolve, reject) => {
    child.stdout!.on("data", (data: Buffer) => {
      const lines = (out + data.toString()).split("\n");
      out = lines.pop()!;
      for (const line of lines.filter((each) => each.startsWith("{"))) log.push(JSON.parse(line) as LogLine);
      const addresses = log.find(({ msg }) => msg === "serving")?.["addresses"] as string[] | undefined;
      if (addresses !== undefined) resolve(addresses[0]!);
    });
    void ended.then(({ code }) => reject(new Error(`ended with code ${code}; it said:\n${err}`)));
  });
  address.catch(() => undefined);
  return { pid: child.pid!, child, log, address, ended };
}

/** Fields of proc(5) status for each thread, e.g. `Uid`, whitespace made single spaces. */
export function threadsOf(pid: number, fields: readonly string[]): Record<string, string>[] {
  return readdirSync(`/proc/${pid}/task`).flatMap((thread) => {
    const status = statusOf(`/proc/${pid}/task/${thread}/status`);
    if (status === undefined) return [];
    const of = (field: string): string => new RegExp(`^${field}:(.*)$`, "m").exec(status)?.[1] ?? "missing";
    return [Object.fromEntries(fields.map((field) => [field, of(field).trim().replace(/\s+/g, " ")]))];
  });
}

function statusOf(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch {
    // The thread has ended.
    return undefined;
  }
}

/** The ports of all TCP sockets on which the process listens. */
export function listeningPorts(pid: number): number[] {
  const inodes = new Set(
    readdirSync(`/proc/${pid}/fd`).flatMap((fd) => {
      try {
        return /^socket:\[(\d+)\]$/.exec(readlinkSync(`/proc/${pid}/fd/${fd}`))?.[1] ?? [];
      } catch {
        return [];
      }
    }),
  );
  return ["tcp", "tcp6"].flatMap((table) =>
    readFileSync(`/proc/${pid}/net/${table}`, "utf8")
      .split("\n")
      .slice(1)
      .map((line) => line.trim().split(/\s+/))
      .filter(([, , , state, , , , , , inode]) => state === "0A" && inodes.has(inode ?? ""))
      .map(([, local]) => Number.parseInt(local!.split(":")[1]!, 16)),
  );
}
