// Child processes that are sure to end: each is known here from its start to its end, has a process group of its own,
// and is ended by its number, also when the run fails or is interrupted.
import { spawn, spawnSync } from "node:child_process";
import type { ChildProcess, StdioOptions } from "node:child_process";
import { once } from "node:events";

/** How long a process has to end by itself, milliseconds. */
const STOP_TIMEOUT_MS = 5_000;

/** What `start` takes beside the command. */
export interface StartSettings {
  readonly stdio: StdioOptions;
  readonly cwd?: string;
}

export class Processes {
  readonly #running = new Set<ChildProcess>();
  #stopped = false;

  /** Starts a program, which `stopAll` ends whatever becomes of the caller; throws when there is none of that name. */
  async start(command: string, args: readonly string[], settings: StartSettings): Promise<ChildProcess> {
    if (this.#stopped) throw new Error("the run is ending");
    const child = spawn(command, args, { ...settings, detached: true });
    await once(child, "spawn");
    this.#running.add(child);
    child.once("exit", () => this.#running.delete(child));
    return child;
  }

  /** Ends a process; resolves when it is gone. */
  async stop(child: ChildProcess): Promise<void> {
    if (child.exitCode !== null || child.signalCode !== null) return;
    const gone = once(child, "exit");
    signalGroup(child, "SIGTERM");
    const timer = setTimeout(() => signalGroup(child, "SIGKILL"), STOP_TIMEOUT_MS);
    await gone;
    clearTimeout(timer);
  }

  /** Ends all; from then on none can be started. */
  async stopAll(): Promise<void> {
    this.#stopped = true;
    await Promise.all([...this.#running].map((child) => this.stop(child)));
  }

  /** For the last moment of this process, when nothing can be waited for. */
  killAll(): void {
    for (const child of this.#running) signalGroup(child, "SIGKILL");
  }
}

function signalGroup(child: ChildProcess, signal: NodeJS.Signals): void {
  try {
    process.kill(-child.pid!, signal);
  } catch {
    // It has ended in between.
  }
}

/** Polls until `check` gives something; throws what `describe` says after `timeoutMs`. */
export async function waitFor<T>(
  check: () => Promise<T | undefined>,
  timeoutMs: number,
  describe: () => string,
): Promise<T> {
  const deadline = performance.now() + timeoutMs;
  for (;;) {
    const value = await check();
    if (value !== undefined) return value;
    if (performance.now() > deadline) throw new Error(describe());
    await delay(20);
  }
}

export function delay(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

/** Whether a program is on PATH. */
export function hasProgram(name: string): boolean {
  return spawnSync("/bin/sh", ["-c", 'command -v "$1"', "sh", name]).status === 0;
}
