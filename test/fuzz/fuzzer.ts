// The search: inputs are changed and run in batches, and those that reach new code or have a new outcome are changed
// further. Coverage is dear to ask for and costs little while it counts, so a batch is asked about as a whole and cut
// in halves only when it has something new. Runs in one thread, and lasts as long as it is called.
import { addReached, hasNew } from "./coverage.ts";
import type { Coverage, Reached } from "./coverage.ts";
import { mutate } from "./mutate.ts";
import { Random } from "./random.ts";
import type { Target } from "./target.ts";

/** An input that broke a law. */
export interface Fault {
  readonly input: Uint8Array;
  readonly message: string;
  readonly stack: string;
}

const BATCH = { least: 16, most: 4096 } as const;
/** How long a batch should take at most: the ends of runs and reports wait for it. */
const BATCH_MS_MAX = 200;
/** Inputs that are changed further; beyond them a new one takes the place of another. */
const POOL_MAX = 2_000;
/** Every other time one of the newest is taken. */
const NEWEST = 16;
/** Faults told apart; a run with more has the same one in many forms. */
const FAULTS_MAX = 20;
const SHRINK_RUNS_MAX = 3_000;
/** Inputs for outcomes are kept up to this many in all. */
const KEPT_MAX = 48;

export class Fuzzer {
  readonly reached: Reached = new Map();
  /** One for each kind of fault, the input made short. */
  readonly faults: Fault[] = [];
  runs = 0;
  readonly #target: Target;
  readonly #coverage: Coverage;
  readonly #random: Random;
  readonly #beforeRun: (input: Uint8Array) => void;
  readonly #pool: Uint8Array[] = [];
  readonly #outcomes = new Set<string>();
  readonly #faultKinds = new Set<string>();
  #batchSize: number = BATCH.least;

  /** Calls `beforeRun` with each input, since a run may never return. */
  constructor(target: Target, coverage: Coverage, seed: number, beforeRun: (input: Uint8Array) => void) {
    this.#target = target;
    this.#coverage = coverage;
    this.#random = new Random(seed);
    this.#beforeRun = beforeRun;
  }

  get poolSize(): number {
    return this.#pool.length;
  }

  /** Runs `inputs`, which are where the search begins. */
  begin(inputs: readonly Uint8Array[]): void {
    for (const input of inputs) {
      this.#run(input);
      this.#keep(input);
    }
    addReached(this.reached, this.#coverage.take());
  }

  /** Runs a batch of changed inputs. */
  turn(): void {
    const startedAtMs = performance.now();
    const batch = Array.from({ length: this.#batchSize }, () => this.#change());
    for (const input of batch) if (this.#run(input)) this.#keep(input);
    const scripts = this.#coverage.take();
    const isNew = hasNew(this.reached, scripts);
    const isSlow = performance.now() - startedAtMs > BATCH_MS_MAX;
    if (isNew) this.#findNew(batch);
    // Where it ran only once, nothing was found.
    if (isNew) addReached(this.reached, scripts);
    if (isNew || isSlow) this.#batchSize = Math.max(BATCH.least, this.#batchSize >> 1);
    else this.#batchSize = Math.min(BATCH.most, this.#batchSize * 2);
  }

  /** Short inputs that reach all that the seeds do not, then a few for the outcomes that are still missing. */
  minimal(): readonly Uint8Array[] {
    const { seeds } = this.#target;
    const shortFirst = this.#pool.toSorted((a, b) => a.length - b.length);
    // Once more from the end: what came later may reach all that an earlier one does.
    const kept = this.#cover(this.#cover(shortFirst).toReversed());
    const outcomes = new Set([...seeds, ...kept].map((input) => this.#outcomeOf(input)));
    for (const input of shortFirst) {
      const outcome = this.#outcomeOf(input);
      if (kept.length >= KEPT_MAX || outcome === undefined || outcomes.has(outcome)) continue;
      outcomes.add(outcome);
      kept.push(input);
    }
    return kept;
  }

  /** Those that reach something that neither the seeds nor the ones before them do. */
  #cover(inputs: readonly Uint8Array[]): Uint8Array[] {
    const reached: Reached = new Map();
    this.#coverage.take();
    for (const seed of this.#target.seeds) this.#outcomeOf(seed);
    addReached(reached, this.#coverage.take());
    return inputs.filter((input) => {
      const outcome = this.#outcomeOf(input);
      const scripts = this.#coverage.take();
      const isNew = hasNew(reached, scripts);
      if (isNew) addReached(reached, scripts);
      return isNew && outcome !== undefined;
    });
  }

  #change(): Uint8Array {
    const random = this.#random;
    const { input, sizeMax, dictionary } = this.#target;
    const newest = random.below(2) === 0 ? this.#pool.slice(-NEWEST) : this.#pool;
    return mutate(random.pick(newest), input, sizeMax, { random, dictionary, others: this.#pool });
  }

  #keep(input: Uint8Array): void {
    if (this.#pool.length >= POOL_MAX) this.#pool.splice(this.#random.below(POOL_MAX), 1);
    this.#pool.push(input);
  }

  /** Runs halves again until single inputs are left, and keeps those with something new. */
  #findNew(batch: readonly Uint8Array[]): void {
    const middle = batch.length >> 1;
    for (const half of [batch.slice(0, middle), batch.slice(middle)]) {
      for (const input of half) this.#run(input);
      const scripts = this.#coverage.take();
      if (!hasNew(this.reached, scripts)) continue;
      if (half.length > 1) {
        this.#findNew(half);
        continue;
      }
      addReached(this.reached, scripts);
      this.#keep(half[0]!);
    }
  }

  /** Whether the outcome is a new one. */
  #run(input: Uint8Array): boolean {
    const outcome = this.#outcomeOf(input);
    if (outcome === undefined || this.#outcomes.has(outcome)) return false;
    this.#outcomes.add(outcome);
    return true;
  }

  /** Undefined for an input that breaks a law. */
  #outcomeOf(input: Uint8Array): string | undefined {
    this.runs++;
    this.#beforeRun(input);
    try {
      return this.#target.run(input);
    } catch (error) {
      this.#addFault(input, error);
      return undefined;
    }
  }

  #addFault(input: Uint8Array, error: unknown): void {
    const kind = kindOf(error);
    if (this.#faultKinds.has(kind) || this.#faultKinds.size >= FAULTS_MAX) return;
    this.#faultKinds.add(kind);
    const short = shrink(input, (shorter) => {
      this.#beforeRun(shorter);
      try {
        this.#target.run(shorter);
        return false;
      } catch (other) {
        return kindOf(other) === kind;
      }
    });
    this.faults.push({ input: short, message: textOf(error), stack: (error instanceof Error && error.stack) || "" });
  }
}

function textOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** The same for errors that differ only in numbers and quoted bytes. */
function kindOf(error: unknown): string {
  const place = error instanceof Error ? (/^\s+at .*$/m.exec(error.stack ?? "")?.[0] ?? "") : "";
  return (
    textOf(error)
      .split("\n", 1)[0]!
      .replace(/"[^"]*"|\b[0-9a-f]+\b/g, "_") + place
  );
}

/** Cuts out ever shorter pieces as long as `stillFails` says so. */
export function shrink(input: Uint8Array, stillFails: (input: Uint8Array) => boolean): Uint8Array {
  let short = input;
  let runs = 0;
  for (let size = input.length >> 1; size > 0; size >>= 1) {
    for (let at = 0; at < short.length && runs < SHRINK_RUNS_MAX; runs++) {
      const shorter = Uint8Array.from([...short.subarray(0, at), ...short.subarray(at + size)]);
      if (stillFails(shorter)) short = shorter;
      else at += size;
    }
  }
  return short;
}
