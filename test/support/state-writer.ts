// Run by test/state/state-file.test.ts in a process of its own, to be killed: writes the state file given as argument
// over and over, each time with the next serial, and prints each serial once it is written. A second argument is the
// serial to end with.
import { writeSync } from "node:fs";
import { readState, writeState } from "../../src/state/state-file.ts";

const path = process.argv[2]!;
const last = Number(process.argv[3] ?? Infinity);
const { state } = await readState(path);
/** Large enough that it takes several writes to the disk. */
const clusterIps = new Map(Array.from({ length: 2000 }, (_, i) => [`a/s${i}`, [`10.96.${i >> 8}.${i & 255}`]]));
for (let serial = (state?.serial ?? 0) + 1; serial <= last; serial++) {
  const problems = await writeState(path, { clusterIps, podIps: new Map(), serial });
  if (problems.length > 0) throw new Error(problems[0]!.message);
  writeSync(1, `${serial}\n`);
}
