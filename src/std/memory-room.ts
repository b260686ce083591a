// Keeps account of memory that is about to be taken, so that what does not fit is refused before the system ends the
// process. Counts estimates, in bytes, and asks its maker how much is really free.

/** Memory of a fixed size, and what its holders have of it. */
export class MemoryRoom {
  readonly #bytesMax: number;
  readonly #held = new Map<string, number>();
  #used = 0;

  readonly #measureFree: () => number;

  /** Without `bytesMax` everything fits. `measureFree`: the bytes that the process may still take, as it is now. */
  constructor(bytesMax = Number.POSITIVE_INFINITY, measureFree = () => Number.POSITIVE_INFINITY) {
    this.#bytesMax = bytesMax;
    this.#measureFree = measureFree;
  }

  /** What nobody holds; never negative. */
  get free(): number {
    return Math.max(this.#bytesMax - this.#used, 0);
  }

  /** As `free`, or less where more is used than was expected. */
  get freeNow(): number {
    return Math.max(Math.min(this.free, this.#measureFree()), 0);
  }

  /** Sets what `holder` has to `bytes` if the growth fits; returns whether it does. Less always fits. */
  take(holder: string, bytes: number): boolean {
    const growth = bytes - (this.#held.get(holder) ?? 0);
    if (growth > this.free) return false;
    this.set(holder, bytes);
    return true;
  }

  /** Sets what `holder` has, whether it fits or not: it is there. */
  set(holder: string, bytes: number): void {
    this.#used += bytes - (this.#held.get(holder) ?? 0);
    if (bytes === 0) this.#held.delete(holder);
    else this.#held.set(holder, bytes);
  }

  /** The bytes of `holder`. */
  heldBy(holder: string): number {
    return this.#held.get(holder) ?? 0;
  }
}
