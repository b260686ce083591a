// One watched file: waits until it stands still, reads it and updates its contents. A change that takes names away, or
// that has faults, must stand longer than one that only adds: it may be a write that is under way. Knows no folders.
import type { Problem } from "../../objects/problem.ts";
import { fileProblem } from "../../objects/problem.ts";
import type { FileStatus } from "../../files/file-status.ts";
import { signatureAt } from "../../files/file-status.ts";
import type { FileContents } from "./file-contents.ts";
import { addGains, EMPTY_CONTENTS, isEmptyContents, isLoss, updateContents } from "./file-contents.ts";
import type { ManifestReporter } from "./manifest-reporter.ts";
import type { ReadOutcome } from "./read-manifest.ts";
import { joinSignatures } from "./read-manifest.ts";

/** A file is read when size, inode and times have stood this long. */
const STILL_MS = 12;
/** A loss or a fault must stand this long. */
const PROOF_MS = 80;
/** A file that grows step by step is being written slowly, and must stand this long. */
const SLOW_MS = 150;
/** Changes closer to each other than this belong to one write. */
const WRITE_MS = 250;
/** While a program has a file open for writing, the file is checked this often. */
const WRITER_CHECK_MS = 50;
/** A writer that pauses longer has stalled, which is told. */
const STALLED_MS = 3_000;
/** A file that has stood this long is read although a program has it open. */
const WRITER_MS_MAX = 30_000;
/** One more check after a change, in case the event of a later one was lost. */
const RECHECK_MS = 100;

/** The watched path that a file belongs to. */
export interface FileOwner {
  statusOf(file: ManifestFile): Promise<FileStatus>;
  /** Reads the file of `bytes` bytes. */
  read(file: ManifestFile, bytes: number): Promise<ReadOutcome>;
  /** Whether a program has the file at `path`, or one that it includes, open for writing. */
  hasWriters(path: string): boolean;
  /** How long a file that is missing since `sinceMs` must stay away before it counts as missing, ms. */
  missingMs(sinceMs: number): number;
  /** Whether a missing file was removed, so that its names go, or vanished with the whole path, so that they stay. */
  explainAbsence(): Promise<{ readonly isRemoved: boolean; readonly problem?: Problem }>;
  /** The file was removed and is empty. */
  forget(file: ManifestFile): void;
}

/** A file with its contents. No method throws on what it finds. */
export class ManifestFile {
  readonly path: string;
  readonly argument: number;
  contents: FileContents = EMPTY_CONTENTS;
  /** When the version that it holds was saved, wall clock, ms; undefined: it was there at the start. */
  savedAtMs: number | undefined;
  /** Paths of the files that it includes, or tries to. */
  included: readonly string[] = [];
  readonly #owner: FileOwner;
  readonly #reporter: ManifestReporter;
  /** Of the last status that was dealt with; undefined: the next one is dealt with whatever it is. */
  #signature: string | undefined;
  #following: Promise<void> | undefined;
  #isHinted = false;
  #mustReread = false;
  #wake: (() => void) | undefined;
  #recheck: NodeJS.Timeout | undefined;
  #isClosed = false;
  #growth = { inode: 0n, size: 0, steps: 0, atMs: 0 };

  /** `argument` is the position of the path by which it was found. */
  constructor(path: string, argument: number, owner: FileOwner, reporter: ManifestReporter) {
    this.path = path;
    this.argument = argument;
    this.#owner = owner;
    this.#reporter = reporter;
  }

  /** Reads the file at once, as it stands. */
  async load(): Promise<void> {
    if (this.#isClosed) return;
    const status = await this.#status();
    if (this.#isClosed) return;
    if (status.kind === "file") {
      const outcome = await this.#read(status.size);
      if (!this.#isClosed) this.#accept(outcome);
    } else if (status.problem !== undefined) {
      this.#settle(status.signature, { ...this.contents, problems: [status.problem] });
    }
  }

  /** Checks the file, as something may have happened to it. */
  hint(): void {
    this.#isHinted = true;
    this.#wake?.();
    if (this.#isClosed || this.#following !== undefined) return;
    this.#following = this.#follow().finally(() => (this.#following = undefined));
  }

  /** As `hint`, and reads the file even if its status is the last one. */
  reread(): void {
    this.#signature = undefined;
    this.#mustReread = true;
    this.hint();
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    clearTimeout(this.#recheck);
    this.#wake?.();
    await this.#following;
  }

  async #follow(): Promise<void> {
    while (this.#isHinted && !this.#isClosed) {
      this.#isHinted = false;
      const status = await this.#status();
      if (status.signature === this.#signature || this.#isClosed) continue;
      await this.#waitUntilStill(status);
      clearTimeout(this.#recheck);
      if (this.#isClosed || this.#signature === undefined) continue;
      this.#recheck = setTimeout(() => this.hint(), RECHECK_MS).unref();
    }
  }

  async #waitUntilStill(first: FileStatus): Promise<void> {
    let seen = first;
    let sinceMs = performance.now();
    let needMs = this.#needMs(seen);
    let outcome: ReadOutcome | undefined;
    let isTold = false;
    while (!this.#isClosed) {
      // Its folder may have returned meanwhile.
      if (seen.kind === "missing") needMs = this.#owner.missingMs(sinceMs);
      const isLong = needMs > SLOW_MS || outcome !== undefined || seen.kind !== "file";
      await this.#sleep(needMs - (performance.now() - sinceMs), isLong);
      const status = await this.#status();
      if (status.signature !== seen.signature || isTorn(outcome, seen)) {
        seen = status;
        sinceMs = performance.now();
        needMs = this.#needMs(seen);
        outcome = undefined;
        continue;
      }
      if (performance.now() - sinceMs < needMs || this.#isClosed) continue;
      if (seen.kind !== "file") {
        if (await this.#acceptAbsence(seen, sinceMs)) return;
        continue;
      }
      const stoodMs = performance.now() - sinceMs;
      if (stoodMs < WRITER_MS_MAX && this.#hasWriters()) {
        if (!isTold && stoodMs >= STALLED_MS) {
          isTold = true;
          this.#update({ ...this.contents, problems: [beingWritten(this.path)] });
        }
        needMs = stoodMs + WRITER_CHECK_MS;
        continue;
      }
      outcome ??= await this.#read(seen.size);
      if (this.#isClosed) return;
      if (isTorn(outcome, seen)) continue;
      this.savedAtMs = seen.savedAtMs;
      if (needMs >= PROOF_MS) return this.#accept(outcome);
      if (outcome.kind === "parsed") {
        if (!isLoss(this.contents, outcome.parsed)) return this.#accept(outcome);
        this.#update(addGains(this.contents, outcome.parsed));
      }
      needMs = PROOF_MS;
    }
  }

  #hasWriters(): boolean {
    return [this.path, ...this.included].some((path) => this.#owner.hasWriters(path));
  }

  // Included files are part of the file: they must stand still too.
  async #status(): Promise<FileStatus> {
    const status = await this.#owner.statusOf(this);
    if (status.kind !== "file" || this.included.length === 0) return status;
    const signatures = await Promise.all(this.included.map(signatureAt));
    return { ...status, signature: joinSignatures(status.signature, signatures) };
  }

  async #read(bytes: number): Promise<ReadOutcome> {
    const outcome = await this.#owner.read(this, bytes);
    if (outcome.kind === "parsed") this.included = outcome.parsed.included;
    return outcome;
  }

  #needMs(status: FileStatus): number {
    if (status.kind !== "file") return PROOF_MS;
    const now = performance.now();
    const last = this.#growth;
    const isGrowth = status.inode === last.inode && status.size > last.size && now - last.atMs < WRITE_MS;
    this.#growth = { inode: status.inode, size: status.size, steps: isGrowth ? last.steps + 1 : 0, atMs: now };
    return this.#growth.steps >= 2 ? SLOW_MS : STILL_MS;
  }

  // A hint ends long waits only: a file that is written to without a pause is checked now and then, not at each write.
  async #sleep(ms: number, isLong: boolean): Promise<void> {
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, Math.max(ms, 1));
      if (isLong) {
        this.#wake = () => {
          clearTimeout(timer);
          resolve();
        };
      }
    });
    this.#wake = undefined;
  }

  #accept(outcome: ReadOutcome): void {
    if (outcome.kind === "refused") {
      // No signature, so that the next hint reads again: permissions of folders above leave no trace on the file.
      this.#settle(undefined, { ...this.contents, problems: [outcome.problem] });
    } else if (outcome.isBlank && !isEmptyContents(this.contents)) {
      const message = "the file is empty; its previous contents stay in effect";
      const problem = fileProblem(this.path, "empty-file", message, "remove the file to remove its names");
      this.#settle(outcome.signature, { ...this.contents, problems: [problem] });
    } else {
      this.#settle(outcome.signature, updateContents(this.contents, outcome.parsed, this.path));
    }
  }

  /** Whether it is as it was since `sinceMs`; else a check must follow. */
  async #acceptAbsence(status: Exclude<FileStatus, { kind: "file" }>, sinceMs: number): Promise<boolean> {
    if (status.kind === "refused") {
      this.#settle(status.signature, { ...this.contents, problems: [status.problem] });
      return true;
    }
    this.#mustReread = false;
    const { isRemoved, problem = status.problem } = await this.#owner.explainAbsence();
    if (this.#isClosed) return true;
    // The folder may have returned meanwhile, with the inode that it had, and the file with it.
    if (isRemoved && (await this.#status()).signature !== status.signature) return false;
    if (this.#mustReread || performance.now() - sinceMs < this.#owner.missingMs(sinceMs)) return false;
    if (isRemoved) this.included = [];
    const problems = problem === undefined ? [] : [problem];
    // What vanished with its path is looked at again at the next hint: the path may be back.
    this.#settle(isRemoved ? status.signature : undefined, {
      ...(isRemoved ? EMPTY_CONTENTS : this.contents),
      problems,
    });
    if (isRemoved && problem === undefined) this.#owner.forget(this);
    return true;
  }

  #settle(signature: string | undefined, contents: FileContents): void {
    this.#signature = signature;
    this.#update(contents);
  }

  #update(contents: FileContents): void {
    const before = this.contents;
    this.contents = contents;
    this.#reporter.report(this, before);
  }
}

/** Whether the file changed between its status and its reading: what was read is neither the old nor the new. */
function isTorn(outcome: ReadOutcome | undefined, seen: FileStatus): boolean {
  return outcome?.kind === "parsed" && outcome.signature !== seen.signature;
}

function beingWritten(path: string): Problem {
  const seconds = STALLED_MS / 1_000;
  const pause = `a program has it open for writing and has written nothing for ${seconds} s`;
  const message = `${pause}; its previous contents stay in effect`;
  const advice = `the file is read when that program closes it, or after ${WRITER_MS_MAX / 1_000} s`;
  return fileProblem(path, "being-written", message, advice, "warning");
}
