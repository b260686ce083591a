// Calls of the simulated process that the system answers later.
import { systemError } from "./fake-file-system.ts";
import { world } from "./world.ts";

const FAST_MS = 0.5;
const SLOW_MS = 250;
/** The result of one call in so many is handed over later than its effect, and others come first. */
const LATE_RESULT_ONE_IN = 4;
const LATE_RESULT_MS = 12;

/** Does `work` after a while and resolves with its result, or rejects with what it throws or the fault of the day. */
export function delayed<T>(path: string, work: () => T): Promise<T> {
  const { scheduler, faults, random } = world();
  return new Promise((resolve, reject) => {
    const now = world();
    const isSlow = now.chance(faults.slowOneIn);
    scheduler.inside(now.upTo(isSlow ? SLOW_MS : FAST_MS), () => {
      let settle: () => void;
      try {
        if (now.chance(now.faults.fileOneIn)) throw systemError(now.faults.fileCode, path);
        const result = work();
        settle = () => resolve(result);
      } catch (error) {
        const fault = error instanceof Error ? error : new Error(String(error));
        settle = () => reject(fault);
      }
      if (random.below(LATE_RESULT_ONE_IN) > 0) settle();
      else scheduler.inside(now.upTo(LATE_RESULT_MS), settle);
    });
  });
}
