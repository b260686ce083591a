// A server that is put to the test, as a process: ours by its launcher, or CoreDNS. Starts it on a given port, reads its
// log, tells what it uses, and ends it.
import type { ChildProcess, StdioOptions } from "node:child_process";
import { createInterface } from "node:readline";
import type { Readable } from "node:stream";
import { treeUsage } from "../../bench/process-usage.ts";
import { delay, waitFor } from "../../bench/processes.ts";
import type { Processes } from "../../bench/processes.ts";
import type { Endpoint } from "../support/network.ts";
import { countsOf } from "../support/process-counts.ts";
import type { ProcessCounts } from "../support/process-counts.ts";

/** The servers that the list knows. */
export type ServerName = "ours" | "coredns";

/** How a server is started. */
export interface SubjectSettings {
  readonly command: readonly [string, ...string[]];
  readonly endpoint: Endpoint;
  readonly cwd?: string;
  /** Where its output goes; default: here, where it is read. */
  readonly stdio?: StdioOptions;
}

/** What a server uses, by Linux's proc(5). */
export interface Resources {
  readonly residentBytes: number;
  readonly descriptors: number;
  readonly watches: number;
}

const START_TIMEOUT_MS = 60_000;
const LINES_MAX = 20_000;

export class Subject {
  readonly endpoint: Endpoint;
  readonly child: ChildProcess;
  /** What it has said, a line each. */
  readonly lines: string[] = [];

  private constructor(child: ChildProcess, endpoint: Endpoint) {
    this.child = child;
    this.endpoint = endpoint;
    for (const stream of [child.stdout, child.stderr]) if (stream !== null) this.#read(stream);
  }

  /** Starts a process that is to become the server. */
  static async start(processes: Processes, settings: SubjectSettings): Promise<Subject> {
    const [program, ...args] = settings.command;
    const { cwd, stdio = ["ignore", "pipe", "pipe"] } = settings;
    const child = await processes.start(program, args, { stdio, ...(cwd !== undefined && { cwd }) });
    return new Subject(child, settings.endpoint);
  }

  get pid(): number {
    return this.child.pid!;
  }

  /** How it ended: `exit code 0`, `SIGKILL`; undefined: it runs. */
  get end(): string | undefined {
    const { exitCode, signalCode } = this.child;
    return exitCode === null ? (signalCode ?? undefined) : `exit code ${exitCode}`;
  }

  /** Resolves when `check` is true; throws with the last lines where the server ends first. */
  async untilReady(check: () => Promise<boolean>): Promise<void> {
    const said = (): string => `the server does not answer: ${this.lines.slice(-5).join("\n")}`;
    const look = async (): Promise<true | undefined> => {
      if (this.end !== undefined) {
        // What it said at last may still be on its way.
        await delay(100);
        throw new Error(`the server ended with ${this.end}: ${this.lines.slice(-5).join("\n")}`);
      }
      return (await check()) ? true : undefined;
    };
    await waitFor(look, START_TIMEOUT_MS, said);
  }

  resources(): Resources {
    const { descriptors, watches } = countsNow(this.pid);
    return { residentBytes: treeUsage(this.pid).residentBytes, descriptors, watches };
  }

  signal(signal: NodeJS.Signals): void {
    this.child.kill(signal);
  }

  /** Resolves when the process has ended; after the time with false. */
  async ended(withinMs: number): Promise<boolean> {
    const deadline = performance.now() + withinMs;
    while (this.end === undefined && performance.now() < deadline) await delay(5);
    return this.end !== undefined;
  }

  #read(stream: Readable): void {
    createInterface({ input: stream }).on("line", (line) => {
      if (this.lines.length < LINES_MAX) this.lines.push(line);
    });
  }
}

/** Of a process that has ended: nothing. */
function countsNow(pid: number): Pick<ProcessCounts, "descriptors" | "watches"> {
  try {
    return countsOf(pid);
  } catch {
    return { descriptors: 0, watches: 0 };
  }
}
