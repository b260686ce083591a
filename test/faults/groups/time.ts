// Faults of time: the wall clock jumps, the process stands still. Caches and timers go by a clock that does not jump.
import { existsSync } from "node:fs";
import { writeFileSync } from "node:fs";
import { delay } from "../../../bench/processes.ts";
import type { Fault } from "../fault.ts";
import {
  extraQuestion,
  extraService,
  fileOf,
  formatService,
  forwardedQuestion,
  replaceFile,
  rightOf,
} from "../fault-cluster.ts";
import type { ProbeQuestion } from "../prober.ts";
import type { Trial } from "../trial.ts";
import { expectNewFileServed, GIVE_UP_MS } from "./change.ts";

const FAKETIME = "/usr/lib/x86_64-linux-gnu/faketime/libfaketime.so.1";
const JUMPS = ["+1h", "-1h", "+10y", "+0"];

async function jumpClock(trial: Trial): Promise<void> {
  await trial.prepare();
  const clock = `${trial.folder}/clock`;
  writeFileSync(clock, "+0\n");
  const variables = [`LD_PRELOAD=${FAKETIME}`, `FAKETIME_TIMESTAMP_FILE=${clock}`, "FAKETIME_NO_CACHE=1"];
  await trial.startServer({ wrap: ["env", ...variables, "DONT_FAKE_MONOTONIC=1"] });
  // Names that the cache knows: a jump must not make it ask for all of them again.
  const names = Array.from({ length: 20 }, (_, i) => forwardedQuestion(`cached-${i}`));
  const next = (n: number): ProbeQuestion =>
    n % 10 === 9 ? names[Math.floor(n / 10) % names.length]! : trial.cluster.next(n);
  for (const each of names) await trial.ask(each);
  const before = trial.upstream.taken.length;
  await trial.load(
    async () => {
      for (const [nth, jump] of JUMPS.entries()) {
        writeFileSync(clock, `${jump}\n`);
        await delay(trial.pick(700, 15_000));
        await expectNewFileServed(trial, nth + 1);
      }
    },
    { next },
  );
  const asked = trial.upstream.taken.length - before;
  trial.expect(asked <= 2 * names.length, `${asked} questions to the upstream for ${names.length} cached names`);
}

async function standStill(trial: Trial): Promise<void> {
  await trial.start();
  const service = extraService("meanwhile", "10.96.84.1");
  const [known] = trial.cluster.known;
  const phases = await trial.load(async () => {
    trial.subject.signal("SIGSTOP");
    replaceFile(`${trial.manifests}/${fileOf(service)}`, formatService(service));
    await delay(trial.pick(3_000, 30_000));
    trial.subject.signal("SIGCONT");
    const firstMs = await trial.until(known!, known!.right[0]!, GIVE_UP_MS);
    trial.expect(firstMs <= 100, `the first answer came after ${Math.round(firstMs)} ms`);
    trial.converged(await trial.until(extraQuestion(service), rightOf(service), GIVE_UP_MS), 2_000);
  });
  // While it stands still nobody answers.
  trial.allowance = { lost: phases.during.sent, forwardedFailed: Infinity };
  trial.expect(phases.after.lost.known === 0, `${phases.after.lost.known} lost afterwards`);
}

export const TIME_FAULTS: readonly Fault[] = [
  {
    id: "X15",
    title: "the wall clock jumps by an hour and by ten years",
    whyNot: () => (existsSync(FAKETIME) ? undefined : "libfaketime is not installed"),
    run: jumpClock,
  },
  { id: "X16", title: "the process is stopped for a while (SIGSTOP)", run: standStill },
];
