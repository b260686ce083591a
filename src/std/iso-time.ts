// Times as text for lines that come by the thousand in a second: all but the milliseconds is kept from line to line.
// ISO 8601 in UTC, as `Date.toISOString` has it.

/** Characters of `2026-11-29T12:34:56.` */
const SECOND_SIZE = 20;

export class IsoTime {
  #second = NaN;
  #text = "";

  /** `ms`: since 1970; fractions are cut. */
  format(ms: number): string {
    const second = Math.floor(ms / 1_000);
    if (second !== this.#second) {
      this.#second = second;
      this.#text = new Date(second * 1_000).toISOString().slice(0, SECOND_SIZE);
    }
    return `${this.#text}${Math.floor(ms - second * 1_000)
      .toString()
      .padStart(3, "0")}Z`;
  }
}
