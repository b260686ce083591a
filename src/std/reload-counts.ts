// How often something was read again while the server runs, with what result, and when it was last taken over.
// Pure: the time is an argument.

export class ReloadCounts {
  succeeded = 0;
  /** The old contents, or a part of them, stayed in force. */
  failed = 0;
  /** Of the last success, wall clock, ms; undefined: there was none. */
  succeededAtMs: number | undefined;

  /** Records a reload at `nowMs`, wall clock. */
  record(isSuccess: boolean, nowMs: number): void {
    if (!isSuccess) {
      this.failed++;
      return;
    }
    this.succeeded++;
    this.succeededAtMs = nowMs;
  }
}
