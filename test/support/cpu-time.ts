// How long code takes without what else the machine does: the CPU time of the process, and the best of three runs.

/** Milliseconds of CPU time that the fastest of three runs took. */
export function cpuTimeMs(run: () => void): number {
  const times = [1, 2, 3].map(() => {
    const before = process.cpuUsage();
    run();
    const { user, system } = process.cpuUsage(before);
    return (user + system) / 1000;
  });
  return Math.min(...times);
}
