// One worker thread that reads and parses large files, one at a time. The thread starts with the first file and ends
// when it is idle, to free its memory: at once after a large file, and where memory is short. A file has a budget of
// processor time and memory. Keeps no queue.
import { Worker } from "node:worker_threads";
import { fileProblem } from "../../objects/problem.ts";
import type { Problem } from "../../objects/problem.ts";
import type { ParsedItem } from "./parsed-items.ts";
import { withItems } from "./parsed-items.ts";
import type { ParseAnswer, ParseJob, ParseWorkerData } from "./parse-worker.ts";
import type { ReadOutcome, ReadRequest } from "./read-manifest.ts";

const IDLE_MS = 3_000;
const MB = 1 << 20;
/** The largest heap of the thread. */
export const HEAP_BYTES_MAX = 1_536 * MB;
/** A file of this size leaves a heap of some hundred megabytes, and takes much longer than a thread takes to start. */
const LARGE_BYTES = 2 * MB;
/** Young objects of the thread where memory is short. */
const SHORT_YOUNG_MB = 6;
const BUDGET_CHECK_MS = 500;
/** Four times what the slowest manifests take. */
const BUDGET_MS = 1_000;
const BUDGET_MS_PER_MB = 16_000;
/** Where memory is short, what takes longer is spent on garbage. */
const SHORT_BUDGET_MS_PER_MB = 3_000;

/**
 * What became of a file; `no-thread`: the system has no thread or descriptor for the worker now. `no-memory`: its
 * parsing takes more than the heap that it had, or what it holds more than there is; `neededBytes` more, if known.
 */
export type LaneOutcome =
  | ReadOutcome
  | { readonly kind: "no-thread"; readonly code: string }
  | { readonly kind: "no-memory"; readonly neededBytes: number | undefined };

/** The memory of one parse. */
export interface ParseMemory {
  /** The bound of the thread's heap. */
  readonly heapBytes: number;
  /**
   * Undefined if what was parsed may be kept, which takes `costBytes`, while the thread's heap takes `heapBytes`;
   * otherwise the bytes that all of this takes.
   */
  readonly findExcess: (costBytes: number, heapBytes: number) => number | undefined;
}

interface Job {
  readonly request: ReadRequest;
  readonly items: ParsedItem[];
  readonly memory: ParseMemory;
  readonly resolve: (outcome: LaneOutcome) => void;
  readonly reject: (error: unknown) => void;
  /** The size of the file and of those that it includes, and what the thread had used before it. */
  bytes: number;
  usedMs: number | undefined;
}

export class ParseLane {
  #worker: Worker | undefined;
  #isStarted = false;
  #job: Job | undefined;
  #idle: NodeJS.Timeout | undefined;
  #watching: NodeJS.Timeout | undefined;

  get isFree(): boolean {
    return this.#job === undefined;
  }

  /** Parses a file of `bytes` bytes; the lane must be free. Rejects only on a bug. */
  parse(request: ReadRequest, bytes: number, memory: ParseMemory): Promise<LaneOutcome> {
    clearTimeout(this.#idle);
    return new Promise((resolve, reject) => {
      this.#job = { request, bytes, memory, items: [], usedMs: undefined, resolve, reject };
      try {
        this.#worker ??= this.#startWorker(memory.heapBytes);
      } catch (error) {
        return this.#endJob({ kind: "no-thread", code: startFault(error) });
      }
      if (this.#isStarted) this.#post({ request });
      this.#watching = setInterval(() => void this.#checkBudget(), BUDGET_CHECK_MS).unref();
    });
  }

  /** Ends the thread; a file that is being parsed is refused with `problem`. */
  async end(problem?: (path: string) => Problem): Promise<void> {
    clearTimeout(this.#idle);
    const worker = this.#worker;
    this.#worker = undefined;
    this.#isStarted = false;
    if (problem !== undefined && this.#job !== undefined) {
      this.#endJob({ kind: "refused", problem: problem(this.#job.request.path) });
    }
    await worker?.terminate();
  }

  #startWorker(heapBytes: number): Worker {
    const isShort = heapBytes < HEAP_BYTES_MAX;
    const file = import.meta.url.endsWith(".ts") ? "./parse-worker.ts" : "./parse-worker.js";
    const worker = new Worker(new URL(file, import.meta.url), {
      workerData: { isShort } satisfies ParseWorkerData,
      resourceLimits: {
        maxOldGenerationSizeMb: Math.floor(heapBytes / MB),
        ...(isShort && { maxYoungGenerationSizeMb: SHORT_YOUNG_MB }),
      },
    });
    worker.on("message", (answer: ParseAnswer) => {
      if (worker === this.#worker) this.#take(answer);
    });
    worker.on("error", (error) => {
      if (worker === this.#worker) this.#fail(error);
    });
    return worker;
  }

  #post(job: ParseJob): void {
    this.#worker?.postMessage(job);
  }

  #take(answer: ParseAnswer): void {
    const job = this.#job;
    if (answer === "started") {
      this.#isStarted = true;
      if (job !== undefined) this.#post({ request: job.request });
      return;
    }
    if (job === undefined) return;
    if ("includedBytes" in answer) {
      job.bytes += answer.includedBytes;
      return;
    }
    if ("costBytes" in answer) {
      const neededBytes = job.memory.findExcess(answer.costBytes, answer.heapBytes);
      if (neededBytes === undefined) return this.#post("next");
      return void this.#endWith({ kind: "no-memory", neededBytes });
    }
    if ("items" in answer) {
      for (const item of answer.items) job.items.push(item);
      this.#post("next");
      return;
    }
    const { content } = answer;
    const outcome = content.kind === "refused" ? content : { ...content, parsed: withItems(content.parsed, job.items) };
    // After a large file, and where memory is short, the thread's is given back before what it parsed is put to use.
    if (job.bytes >= LARGE_BYTES || job.memory.heapBytes < HEAP_BYTES_MAX) return void this.#endWith(outcome);
    this.#idle = setTimeout(() => void this.end(), IDLE_MS).unref();
    this.#endJob(outcome);
  }

  #fail(error: unknown): void {
    const isStarted = this.#isStarted;
    this.#worker = undefined;
    this.#isStarted = false;
    const code = error instanceof Error && "code" in error ? error.code : undefined;
    if (code === "ERR_WORKER_OUT_OF_MEMORY") {
      this.#endJob({ kind: "no-memory", neededBytes: undefined });
    } else if (!isStarted) {
      this.#endJob({ kind: "no-thread", code: startFault(error) });
    } else {
      const job = this.#job;
      this.#endJob();
      job?.reject(error);
    }
  }

  /** Refuses the file when it has used its time up. */
  async #checkBudget(): Promise<void> {
    const [worker, job] = [this.#worker, this.#job];
    if (worker === undefined || job === undefined || !this.#isStarted) return;
    const usedMs = await usedMsOf(worker);
    if (job !== this.#job || usedMs === undefined) return;
    job.usedMs ??= usedMs;
    const isShort = job.memory.heapBytes < HEAP_BYTES_MAX;
    const perMegabyteMs = isShort ? SHORT_BUDGET_MS_PER_MB : BUDGET_MS_PER_MB;
    if (usedMs - job.usedMs <= BUDGET_MS + (perMegabyteMs * job.bytes) / MB) return;
    const noMemory = { kind: "no-memory", neededBytes: undefined } as const;
    await this.#endWith(isShort ? noMemory : refusal(job.request, "takes too long to parse"));
  }

  /** Ends the thread, and then the job, if it has not ended meanwhile. */
  async #endWith(outcome: LaneOutcome): Promise<void> {
    const job = this.#job;
    await this.end();
    if (job === this.#job) this.#endJob(outcome);
  }

  #endJob(outcome?: LaneOutcome): void {
    clearInterval(this.#watching);
    const job = this.#job;
    this.#job = undefined;
    if (outcome !== undefined) job?.resolve(outcome);
  }
}

function refusal({ path }: ReadRequest, message: string): LaneOutcome {
  return { kind: "refused", problem: fileProblem(path, "file-too-large", message, "split the file") };
}

/** Processor time of the thread, ms: waiting for a busy machine does not count. Undefined before Node.js 24.6. */
async function usedMsOf(worker: Worker): Promise<number | undefined> {
  if (!("cpuUsage" in worker)) return undefined;
  try {
    const { user, system } = await worker.cpuUsage();
    return (user + system) / 1_000;
  } catch {
    // The thread has ended.
    return undefined;
  }
}

/** Why a thread did not start; throws an error that is none of the system. */
function startFault(error: unknown): string {
  const code = error instanceof Error && "code" in error ? String(error.code) : "";
  if (code === "") throw error;
  return code;
}
