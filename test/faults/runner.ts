// Runs one fault at a time: in a folder of its own, in a namespace of its own where the fault needs one, bounded in time.
// Whatever becomes of the fault, its row is made and what it started is ended.
import { spawn, spawnSync } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import type { Fault, Row } from "./fault.ts";
import type { ServerName } from "./subject.ts";
import { Trial } from "./trial.ts";

/** Where a fault is done. */
export interface RunnerSettings {
  readonly isLong: boolean;
  readonly isInside: boolean;
}

const TIMEOUT_MS = { short: 120_000, long: 1_500_000 } as const;
const PROGRAM = fileURLToPath(new URL("run.ts", import.meta.url));
const ENTER = 'ip link set lo up && exec "$0" "$@"';

export class FaultRunner {
  readonly #settings: RunnerSettings;
  #trial: Trial | undefined;
  #inner: ChildProcess | undefined;

  constructor(settings: RunnerSettings) {
    this.#settings = settings;
  }

  /** The row of a fault done to a server. */
  async run(fault: Fault, server: ServerName): Promise<Row> {
    const head = { id: fault.id, server, title: fault.title };
    const lacks =
      server === "coredns" && (process.env["COREDNS"] ?? "") === "" ? "COREDNS names no program" : undefined;
    const reason = fault.whyNot?.() ?? lacks ?? (this.#isOutside(fault) ? whyNoNamespace() : undefined);
    if (reason !== undefined) return { ...head, note: reason };
    return this.#isOutside(fault) ? await this.#runInside(head) : await this.#runHere(fault, server);
  }

  /** For the last moment of this process, when nothing can be waited for. */
  killAll(): void {
    // This one ends what it has started.
    this.#inner?.kill("SIGTERM");
    this.#trial?.processes.killAll();
    if (this.#trial !== undefined) rmSync(this.#trial.folder, { recursive: true, force: true });
  }

  #isOutside({ namespace }: Fault): boolean {
    return namespace !== undefined && !this.#settings.isInside;
  }

  async #runHere(fault: Fault, server: ServerName): Promise<Row> {
    const { isLong } = this.#settings;
    const trial = (this.#trial = new Trial(fault, server, mkdtempSync(`${tmpdir()}/cluster-dns-faults-`), isLong));
    const { promise: late, reject } = Promise.withResolvers<never>();
    const timeoutMs = isLong ? TIMEOUT_MS.long : TIMEOUT_MS.short;
    const timer = setTimeout(() => reject(new Error(`the fault was not done within ${timeoutMs} ms`)), timeoutMs);
    try {
      const done = fault.run(trial);
      done.catch(() => undefined);
      await Promise.race([done, late]);
    } catch (error) {
      trial.complain((error as Error).message);
    } finally {
      clearTimeout(timer);
    }
    const row = trial.row();
    await trial.close();
    this.#trial = undefined;
    return row;
  }

  async #runInside(head: Pick<Row, "id" | "server" | "title">): Promise<Row> {
    const flags = [head.id, "--inside", "--server", head.server, ...(this.#settings.isLong ? ["--long"] : [])];
    const args = ["-n", "sh", "-c", ENTER, process.execPath, PROGRAM, ...flags];
    const child = (this.#inner = spawn("unshare", args, { stdio: ["ignore", "pipe", "inherit"] }));
    const exited = once(child, "exit");
    const output = await text(child.stdout);
    await exited;
    this.#inner = undefined;
    const line = output.split("\n").find((each) => each.startsWith("{"));
    return line === undefined
      ? { ...head, pass: false, faults: ["the fault ended without a row"] }
      : (JSON.parse(line) as Row);
  }
}

function whyNoNamespace(): string | undefined {
  const { status } = spawnSync("unshare", ["-n", "sh", "-c", "ip link set lo up"], { stdio: "ignore" });
  return status === 0 ? undefined : "this user has no network namespace (unshare -n)";
}
