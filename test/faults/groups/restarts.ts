// Hard ends and what is kept over them: addresses that were given stay, nothing is said of names that are not read yet,
// and a state file that is damaged is told of and replaced.
import { copyFileSync, readFileSync, writeFileSync } from "node:fs";
import { delay } from "../../../bench/processes.ts";
import { serviceName } from "../../../bench/cluster.ts";
import type { Fault } from "../fault.ts";
import { extraService, formatService, replaceFile } from "../fault-cluster.ts";
import type { ProbeQuestion } from "../prober.ts";
import type { Trial } from "../trial.ts";
import { GIVE_UP_MS } from "./change.ts";

const BOTH = ["ours", "coredns"] as const;
const GIVEN = 20;

/** Services without an address, which the server is to give. */
function writeUnassigned(trial: Trial, from = 0): void {
  const texts = Array.from({ length: GIVEN }, (_, i) => formatUnassigned(from + i));
  replaceFile(`${trial.manifests}/unassigned-${from}.yaml`, texts.join("---\n"));
}

function formatUnassigned(n: number): string {
  return formatService(extraService(`given-${n}`, "x")).replace(/ {2}clusterIP: x\n/, "");
}

function questionOf(n: number): ProbeQuestion {
  return { name: serviceName(extraService(`given-${n}`, "")), type: "A", kind: "known", right: [] };
}

async function givenAddresses(trial: Trial, count = GIVEN): Promise<readonly string[]> {
  const answers: string[] = [];
  for (let n = 0; n < count; n++) answers.push(await trial.ask(questionOf(n)));
  return answers;
}

/** Waits until a service without an address has one. */
async function untilGiven(trial: Trial, n: number): Promise<string> {
  const deadline = performance.now() + GIVE_UP_MS;
  for (;;) {
    const said = await trial.ask(questionOf(n), 500);
    if (said.startsWith("NOERROR A")) return said;
    if (performance.now() > deadline) throw new Error(`no address was given: ${said}`);
    await delay(10);
  }
}

async function killAndRestart(trial: Trial): Promise<void> {
  const settings = { services: trial.pick(1_000, 50_000), args: ["--state", `${trial.folder}/state.json`] };
  await trial.prepare(settings);
  if (trial.server === "ours") writeUnassigned(trial);
  await trial.startServer(settings);
  const { port } = trial.subject.endpoint;
  const before = trial.server === "ours" ? await givenAddresses(trial) : [];
  trial.expect(new Set(before).size === before.length, "an address was given twice");
  // Until it answers again, questions are lost or fail; none may be denied.
  trial.allowance = { lost: Infinity, failed: Infinity, forwardedFailed: Infinity };
  const phases = await trial.load(async () => {
    trial.subject.child.kill("SIGKILL");
    await trial.subject.ended(2_000);
    trial.converged(await trial.startServer(settings, port), trial.pick(1_000, 5_000));
  });
  const denied = phases.during.wrong;
  trial.expect(denied === 0, `${denied} wrong answers while it starts`);
  const after = trial.server === "ours" ? await givenAddresses(trial) : [];
  const changed = after.filter((address, i) => address !== before[i]);
  trial.expect(changed.length === 0, `${changed.length} addresses are others than before`);
}

async function killWhileStateIsWritten(trial: Trial): Promise<void> {
  const state = `${trial.folder}/state.json`;
  const settings = { args: ["--state", state] };
  await trial.prepare(settings);
  trial.endsServer = true;
  const loops = trial.pick(8, 500);
  const known: string[] = [];
  for (let n = 0; n < loops; n++) {
    await trial.startServer(settings);
    for (const [i, address] of known.entries()) {
      const said = await trial.ask(questionOf(i * GIVEN));
      trial.expect(said === address, `given-${i * GIVEN} was ${address}, and is ${said} after a restart`);
    }
    writeUnassigned(trial, n * GIVEN);
    known.push(await untilGiven(trial, n * GIVEN));
    // The state is written after the answer: the kill comes before, while and after that.
    await delay((n % 8) * 8);
    trial.subject.child.kill("SIGKILL");
    await trial.subject.ended(2_000);
    const text = readFileSync(state, "utf8");
    trial.expect(isJson(text), `the state file is cut after kill ${n}`);
  }
  trial.note = `${loops} kills`;
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

async function damageState(trial: Trial): Promise<void> {
  const state = `${trial.folder}/state.json`;
  const settings = { args: ["--state", state] };
  await trial.prepare(settings);
  writeUnassigned(trial);
  await trial.startServer(settings);
  const before = await givenAddresses(trial);
  await trial.processes.stop(trial.subject.child);
  const sound = `${trial.folder}/sound.json`;
  copyFileSync(state, sound);
  const text = readFileSync(sound, "utf8");
  const damages: Readonly<Record<string, string | Buffer>> = {
    empty: "",
    cut: text.slice(0, text.length / 2),
    flipped: flipBit(Buffer.from(text)),
    newer: text.replace(/"version":\s*\d+/, '"version": 999'),
  };
  for (const [what, damaged] of Object.entries(damages)) {
    writeFileSync(state, damaged);
    await trial.startServer(settings);
    await trial.untilLogged(/state/);
    const changed = (await givenAddresses(trial)).filter((address, i) => address !== before[i]);
    trial.expect(changed.length === 0, `${what}: ${changed.length} addresses are others than before`);
    await trial.load(() => delay(200), { baselineMs: 100, afterMs: 100 });
    await trial.processes.stop(trial.subject.child);
  }
  trial.endsServer = true;
}

/** One bit of a byte in the middle. */
function flipBit(bytes: Buffer): Buffer {
  const at = bytes.length >> 1;
  bytes[at] = bytes[at]! ^ 0x10;
  return bytes;
}

export const RESTART_FAULTS: readonly Fault[] = [
  { id: "X33", title: "kill -9 under load, and a restart", servers: BOTH, run: killAndRestart },
  { id: "X34", title: "kill -9 while the state is written", run: killWhileStateIsWritten },
  { id: "X35", title: "the state file is empty, cut, has a flipped bit, is of a newer version", run: damageState },
];
