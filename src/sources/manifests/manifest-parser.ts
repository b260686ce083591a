// Reads and parses manifests: small ones in this thread, large ones in lanes, each a worker thread. Small files go
// before large ones, and one large file at most is parsed at a time, so that a lane is left for the rest. Bounds the
// number of files that are open at once.
import type { Problem } from "../../objects/problem.ts";
import { fileProblem } from "../../objects/problem.ts";
import { MemoryRoom } from "../../std/memory-room.ts";
import { Turns } from "../../std/turns.ts";
import { ParseLane } from "./parse-lane.ts";
import type { LaneOutcome } from "./parse-lane.ts";
import { BYTES_PARSED_HERE, ParseMemories } from "./parse-memory.ts";
import type { ReadOutcome, ReadRequest } from "./read-manifest.ts";
import { readManifest } from "./read-manifest.ts";
import { zoneTextKind } from "./zone-text.ts";

/** The YAML parser takes 0.7 ms a kilobyte, 4 ms at worst: a file blocks the main thread for about 30 ms at most. */
const SMALL_BYTES_MAX = 8 * 1024;
/** Where nothing else waits for this thread, a lane is only worth its start for a file that needs much memory. */
const ALONE_BYTES_MAX = 4 * 1024 * 1024;
/** A lane parses a file up to this size within a fraction of a second. */
const MEDIUM_BYTES_MAX = 256 * 1024;
const LANES = 2;
const OPEN_FILES_MAX = 16;
/** How soon a file is tried again for which the system had no thread or descriptor. */
const RETRY_MS = 500;
const SHORTAGES: ReadonlySet<string> = new Set(["EMFILE", "ENFILE", "EAGAIN", "ENOMEM"]);

interface Waiting {
  readonly request: ReadRequest;
  readonly bytes: number;
  readonly resolve: (outcome: LaneOutcome) => void;
  readonly reject: (error: unknown) => void;
}

/** Reads and parses manifests; `close` ends the threads and refuses pending and later requests. */
export class ManifestParser {
  readonly #onProblems: (problems: readonly Problem[]) => void;
  readonly #smallBytesMax: number;
  /** Large files that wait for a lane, the smallest first. */
  readonly #waiting: Waiting[] = [];
  readonly #lanes = Array.from({ length: LANES }, (_, index) => ({ lane: new ParseLane(), index, isLarge: false }));
  readonly #memories: ParseMemories;
  readonly #open = new Turns(OPEN_FILES_MAX);
  #isClosed = false;
  #isShort = false;
  readonly #retries = new Set<() => void>();

  /**
   * `onProblems` gets the problems of the parser itself, which are of no file. `isAlone`: this thread has nothing else
   * to do until all is parsed. What does not fit `room` is refused.
   */
  constructor(
    onProblems: (problems: readonly Problem[]) => void = () => undefined,
    { isAlone = false, room = new MemoryRoom() }: { readonly isAlone?: boolean; readonly room?: MemoryRoom } = {},
  ) {
    this.#onProblems = onProblems;
    this.#memories = new ParseMemories(room);
    const alone = Math.min(ALONE_BYTES_MAX, room.free / BYTES_PARSED_HERE);
    this.#smallBytesMax = isAlone ? Math.max(alone, SMALL_BYTES_MAX) : SMALL_BYTES_MAX;
  }

  /** Reads the request's file of `bytes` bytes, when the system has what that takes; rejects only on a bug. */
  async parse(request: ReadRequest, bytes: number): Promise<ReadOutcome> {
    // The files that a zone file includes are of unknown size and are read synchronously.
    const isLarge = bytes > this.#smallBytesMax || zoneTextKind(request.path) !== undefined;
    for (;;) {
      if (this.#isClosed) return refusal(request);
      const refused = this.#memories.refusal(request.path, bytes);
      if (refused !== undefined) return refused;
      const outcome = await (isLarge ? this.#parseInLane(request, bytes) : this.#parseHere(request));
      if (outcome.kind === "no-memory") return this.#memories.refuse(request.path, bytes, outcome.neededBytes);
      const shortage = shortageOf(outcome);
      this.#setShortage(shortage);
      if (outcome.kind !== "no-thread" && shortage === undefined) return outcome;
      await this.#untilRetry();
    }
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    for (const end of this.#retries) end();
    for (const { request, resolve } of this.#waiting.splice(0)) resolve(refusal(request));
    await Promise.all(this.#lanes.map(({ lane }) => lane.end(closed)));
  }

  #parseHere(request: ReadRequest): Promise<LaneOutcome> {
    return this.#open.run(async () => {
      if (this.#isClosed) return refusal(request);
      return this.#memories.keep(request.path, await readManifest(request));
    });
  }

  #parseInLane(request: ReadRequest, bytes: number): Promise<LaneOutcome> {
    return new Promise((resolve, reject) => {
      const at = this.#waiting.findIndex((other) => other.bytes > bytes);
      this.#waiting.splice(at === -1 ? this.#waiting.length : at, 0, { request, bytes, resolve, reject });
      this.#startNext();
    });
  }

  #startNext(): void {
    for (const each of this.#lanes) {
      const next = this.#waiting[0];
      if (next === undefined) return;
      if (!each.lane.isFree) continue;
      const isLarge = next.bytes > MEDIUM_BYTES_MAX;
      const isBusy = this.#lanes.some(({ lane }) => !lane.isFree);
      if (isLarge && this.#lanes.some((other) => other.isLarge && !other.lane.isFree)) return;
      const { request, bytes, resolve, reject } = next;
      const memory = this.#memories.open(`lane ${each.index}`, request.path, bytes);
      // What the other lane has may do.
      if ("neededBytes" in memory && isBusy) return;
      this.#waiting.shift();
      if ("neededBytes" in memory) {
        if (this.#memories.mayParseHere(bytes)) this.#parseHere(request).then(resolve, reject);
        else resolve(memory);
        continue;
      }
      each.isLarge = isLarge;
      void each.lane
        .parse(request, bytes, memory)
        .finally(() => memory.close())
        .then(resolve, reject)
        .finally(() => this.#startNext());
    }
  }

  /** Resolves after a while, or when the parser is closed. */
  async #untilRetry(): Promise<void> {
    await new Promise<void>((resolve) => {
      const end = (): void => {
        clearTimeout(timer);
        this.#retries.delete(end);
        resolve();
      };
      const timer = setTimeout(end, RETRY_MS);
      this.#retries.add(end);
    });
  }

  #setShortage(code: string | undefined): void {
    if (this.#isShort === (code !== undefined)) return;
    this.#isShort = code !== undefined;
    this.#onProblems(code === undefined ? [] : [shortOf(code)]);
  }
}

/** What the system lacks now but may have later, as the code of its error. */
function shortageOf(outcome: LaneOutcome): string | undefined {
  if (outcome.kind === "no-thread") return outcome.code;
  return outcome.kind === "refused" && SHORTAGES.has(outcome.error ?? "") ? outcome.error : undefined;
}

function refusal({ path }: ReadRequest): ReadOutcome {
  return { kind: "refused", problem: closed(path) };
}

function closed(path: string): Problem {
  return fileProblem(path, "closed", "was not parsed because the program is stopping", "split the file");
}

function shortOf(code: string): Problem {
  return {
    code: "no-resources",
    severity: "error",
    message: `the system has no thread or no open file left for manifests (${code}): they are read when it has`,
    advice: "raise the limits of open files and processes, or end what uses them up",
  };
}
