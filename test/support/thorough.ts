// `THOROUGH=1 npm test` runs what takes long and seldom finds anything that a sample does not, beside the files that
// vitest.config.ts leaves out otherwise. Releases are tested so.

export const isThorough = process.env["THOROUGH"] === "1";

/** All rows if the tests are thorough, else every `step`th of them. */
export function sampleOf<T>(rows: readonly T[], step: number): readonly T[] {
  return isThorough ? rows : rows.filter((_, index) => index % step === 0);
}
