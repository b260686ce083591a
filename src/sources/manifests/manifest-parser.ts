// Reads and parses manifests: small ones in this thread, large ones in a worker thread, which ends when it is idle to
// free its memory. Bounds the number of files that are open at once.
import { Worker } from "node:worker_threads";
import { fileProblem } from "../../objects/problem.ts";
import type { ParsedItem } from "./parsed-items.ts";
import { withItems } from "./parsed-items.ts";
import type { ParseAnswer } from "./parse-worker.ts";
import type { ReadOutcome, ReadRequest } from "./read-manifest.ts";
import { readManifest } from "./read-manifest.ts";
import { zoneTextKind } from "./zone-text.ts";

/** The YAML parser takes 0.7 ms a kilobyte, 4 ms at worst: a file blocks the main thread for about 30 ms at most. */
const SMALL_BYTES_MAX = 8 * 1024;
const OPEN_FILES_MAX = 16;
const IDLE_MS = 3_000;
const WORKER_MEMORY_MAX_MB = 1_536;
const CLOSED = ["closed", "was not parsed because the program is stopping"] as const;

interface Waiting {
  readonly request: ReadRequest;
  readonly items: ParsedItem[];
  readonly resolve: (content: ReadOutcome) => void;
  readonly reject: (error: unknown) => void;
}

/** Reads and parses manifests; `close` ends the worker and refuses pending and later requests. */
export class ManifestParser {
  readonly #queue: (() => void)[] = [];
  readonly #waiting = new Map<number, Waiting>();
  #open = 0;
  #lastId = 0;
  #isClosed = false;
  #worker: Worker | undefined;
  #idle: NodeJS.Timeout | undefined;

  /** Reads the request's file of `bytes` bytes; rejects only on a bug. */
  async parse(request: ReadRequest, bytes: number): Promise<ReadOutcome> {
    if (this.#open >= OPEN_FILES_MAX) await new Promise<void>((resolve) => this.#queue.push(resolve));
    else this.#open++;
    try {
      if (this.#isClosed) return refuse(request, ...CLOSED);
      // The files that a zone file includes are of unknown size and are read synchronously.
      const isLarge = bytes > SMALL_BYTES_MAX || zoneTextKind(request.path) !== undefined;
      return isLarge ? await this.#parseInWorker(request) : await readManifest(request);
    } finally {
      const next = this.#queue.shift();
      if (next === undefined) this.#open--;
      else next();
    }
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    this.#refuse(...CLOSED);
    await this.#endWorker();
  }

  async #endWorker(): Promise<void> {
    clearTimeout(this.#idle);
    const worker = this.#worker;
    this.#worker = undefined;
    await worker?.terminate();
  }

  #parseInWorker(request: ReadRequest): Promise<ReadOutcome> {
    clearTimeout(this.#idle);
    this.#worker ??= this.#startWorker();
    const id = ++this.#lastId;
    const worker = this.#worker;
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, { request, items: [], resolve, reject });
      worker.postMessage({ id, request });
    });
  }

  #startWorker(): Worker {
    const file = import.meta.url.endsWith(".ts") ? "./parse-worker.ts" : "./parse-worker.js";
    const worker = new Worker(new URL(file, import.meta.url), {
      resourceLimits: { maxOldGenerationSizeMb: WORKER_MEMORY_MAX_MB },
    });
    worker.on("message", (answer: ParseAnswer) => this.#take(worker, answer));
    worker.on("error", (error) => this.#fail(error));
    return worker;
  }

  #take(worker: Worker, answer: ParseAnswer): void {
    const waiting = this.#waiting.get(answer.id);
    if (waiting === undefined) return;
    if ("items" in answer) {
      waiting.items.push(...answer.items);
      worker.postMessage({ id: answer.id });
      return;
    }
    this.#waiting.delete(answer.id);
    if (this.#waiting.size === 0) this.#idle = setTimeout(() => void this.#endWorker(), IDLE_MS).unref();
    const { content } = answer;
    waiting.resolve(
      content.kind === "refused" ? content : { ...content, parsed: withItems(content.parsed, waiting.items) },
    );
  }

  #fail(error: unknown): void {
    this.#worker = undefined;
    const isMemory = error instanceof Error && "code" in error && error.code === "ERR_WORKER_OUT_OF_MEMORY";
    if (isMemory) return this.#refuse("file-too-large", "needs too much memory to parse");
    for (const { reject } of this.#waiting.values()) reject(error);
    this.#waiting.clear();
  }

  #refuse(code: string, message: string): void {
    for (const { request, resolve } of this.#waiting.values()) resolve(refuse(request, code, message));
    this.#waiting.clear();
  }
}

function refuse({ path }: ReadRequest, code: string, message: string): ReadOutcome {
  return { kind: "refused", problem: fileProblem(path, code, message, "split the file") };
}
