// Where log lines go: standard output, by one asynchronous write at a time from a bounded queue. A full disk, a reader
// that stalls or one that ended costs log lines, which are counted, and never holds up or ends the server.
// Never throws; a write that failed is tried again. POSIX: write, open with O_NONBLOCK.
import { constants, fstatSync, openSync, write as writeFile, writeSync } from "node:fs";
import { errorCode } from "../std/error-code.ts";

/** Writes a part of `bytes`, at least one byte, and tells how many. */
export type WriteSome = (bytes: Buffer, done: (error: Error | null, written: number) => void) => void;

/** Some 4,000 lines. */
const QUEUED_BYTES_MAX = 1 << 20;
/** What lines of less weight leave to the others. */
const RESERVED_BYTES = QUEUED_BYTES_MAX / 4;
/** Lines that are written at once. */
const CHUNK_BYTES_MAX = 64 << 10;
/** A reader that is only slow has room again by then. */
const BUSY_RETRY_MS = 20;
/** A disk is full for longer, and a named pipe gets another reader some time. */
const FAULT_RETRY_MS = 1_000;
const STANDARD_OUTPUT = 1;

export class LogOutput {
  /** Called when lines can be written again, with the number of lines that were lost. */
  onLost: (count: number) => void = () => undefined;
  /** Whether people read the lines as they come. */
  readonly isTerminal: boolean;
  readonly #write: WriteSome;
  readonly #flushSync: (bytes: Buffer) => void;
  #lines: string[] = [];
  #queuedBytes = 0;
  /** What `#write` has, or had when it failed. */
  #chunk: Buffer | undefined;
  #isWriting = false;
  #isDue = false;
  #retry: NodeJS.Timeout | undefined;
  #lost = 0;
  #onIdle: (() => void)[] = [];

  constructor(write: WriteSome, flushSync: (bytes: Buffer) => void = () => undefined, isTerminal = false) {
    this.isTerminal = isTerminal;
    this.#write = write;
    this.#flushSync = flushSync;
  }

  /** The standard output of this process. */
  static standard(): LogOutput {
    const fd = openForWriting(STANDARD_OUTPUT);
    if (fd === undefined) return new LogOutput(writeToStream);
    const flushSync = (bytes: Buffer): void => {
      try {
        writeSync(fd, bytes);
      } catch {
        // The process ends; there is nobody left to tell.
      }
    };
    return new LogOutput((bytes, done) => writeFile(fd, bytes, done), flushSync, process.stdout.isTTY);
  }

  /** Queues a line, and begins to write it; a line that finds the queue full is lost. */
  write(line: string): void {
    if (this.#queue(line, QUEUED_BYTES_MAX)) this.#next();
    else this.#lost++;
  }

  /** Queues a line of less weight, of which there may be very many. False: it is not queued, since others need room. */
  writeIfRoom(line: string): boolean {
    const isQueued = this.#queue(line, QUEUED_BYTES_MAX - RESERVED_BYTES);
    if (isQueued && !this.#isDue && !this.#isWriting) this.#writeSoon();
    return isQueued;
  }

  /** Resolves when the queue is written, or after `limitMs`. */
  async flush(limitMs: number): Promise<void> {
    if (!this.#isBusy) return;
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, limitMs);
      this.#onIdle.push(() => {
        clearTimeout(timer);
        resolve();
      });
    });
  }

  /** Writes what is queued as far as that takes no time, for a process that ends now. */
  flushNow(): void {
    const rest = Buffer.concat([this.#isWriting ? Buffer.alloc(0) : (this.#chunk ?? Buffer.alloc(0)), this.#take()]);
    this.#chunk = undefined;
    if (rest.length > 0) this.#flushSync(rest);
  }

  get #isBusy(): boolean {
    return this.#chunk !== undefined || this.#lines.length > 0;
  }

  #queue(line: string, bytesMax: number): boolean {
    if (this.#queuedBytes + line.length > bytesMax) return false;
    this.#lines.push(line);
    this.#queuedBytes += line.length;
    return true;
  }

  /** Lines that come in one go are one write, which costs more than its bytes. */
  #writeSoon(): void {
    this.#isDue = true;
    queueMicrotask(() => {
      this.#isDue = false;
      this.#next();
    });
  }

  #next(): void {
    if (this.#isWriting || this.#retry !== undefined) return;
    if (!this.#isBusy) {
      for (const onIdle of this.#onIdle.splice(0)) onIdle();
      return;
    }
    const bytes = (this.#chunk ??= this.#take());
    this.#isWriting = true;
    this.#write(bytes, (error, written) => {
      this.#isWriting = false;
      if (error !== null) return this.#tryAgain(error);
      this.#chunk = written < bytes.length ? bytes.subarray(written) : undefined;
      this.#tellLost();
      this.#next();
    });
  }

  /** The next lines as bytes, which leave the queue. */
  #take(): Buffer {
    let length = 0;
    let count = 0;
    while (count < this.#lines.length && length < CHUNK_BYTES_MAX) length += this.#lines[count++]!.length;
    this.#queuedBytes -= length;
    return Buffer.from(this.#lines.splice(0, count).join(""));
  }

  #tryAgain(error: Error): void {
    const isFull = errorCode(error) === "EAGAIN";
    this.#retry = setTimeout(
      () => {
        this.#retry = undefined;
        this.#next();
      },
      isFull ? BUSY_RETRY_MS : FAULT_RETRY_MS,
    );
    // A log that can't be written is no reason to go on running.
    this.#retry.unref();
  }

  #tellLost(): void {
    if (this.#lost === 0) return;
    const count = this.#lost;
    this.#lost = 0;
    this.onLost(count);
  }
}

/**
 * A descriptor of `fd` whose writes wait for no reader; undefined if there is none. Pipes and terminals are opened
 * again, since the flag O_NONBLOCK of `fd` itself would hold for all processes that share it.
 */
function openForWriting(fd: number): number | undefined {
  try {
    if (fstatSync(fd).isFile()) return fd;
    return openSync(`/proc/self/fd/${fd}`, constants.O_WRONLY | constants.O_NONBLOCK | constants.O_NOCTTY);
  } catch {
    return undefined;
  }
}

/** Sockets can't be opened again; Node.js never waits for one. */
function writeToStream(bytes: Buffer, done: (error: Error | null, written: number) => void): void {
  process.stdout.write(bytes, (error) => done(error ?? null, bytes.length));
}
