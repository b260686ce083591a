// A change of one manifest, and how long it takes to the answer: what the faults of files and folders have in common.
// The change itself is sound; what is wrong stands beside it.
import { extraQuestion, extraService, fileOf, formatService, replaceFile, rightOf } from "../fault-cluster.ts";
import type { Trial } from "../trial.ts";

/** From a file's change to the answer, at most. */
export const CHANGE_MS = 500;
/** When a wait for what must come is given up. */
export const GIVE_UP_MS = 10_000;

/** Writes a new service, the `nth` of the trial from 1, and expects it to be served as fast as when nothing is wrong. */
export async function expectNewFileServed(
  trial: Trial,
  nth: number,
  limitMs = CHANGE_MS,
  folder = trial.manifests,
): Promise<void> {
  const service = extraService(`beside-${nth}`, `10.96.77.${nth}`);
  replaceFile(`${folder}/${fileOf(service)}`, formatService(service));
  trial.converged(await trial.until(extraQuestion(service), rightOf(service), GIVE_UP_MS), limitMs);
}
