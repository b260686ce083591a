// What happens in a simulation, beside the server: a table of operations, from which a seed draws. An operation returns
// what it did in a few words, for the trace, or nothing if it can't be done now.
import type { FolderProgram } from "./folder-program.ts";
import { ADDRESS_NAMES, ALL_NAMES } from "./foreign-names.ts";
import { FOLDER, MOUNT, NAMED_FILE } from "./local-files.ts";
import { UPSTREAM_HOSTS, UPSTREAM_MODES } from "./network.ts";
import type { Questions } from "./questions.ts";
import type { World } from "./world.ts";

/** What operations work on. */
export interface Stage {
  readonly world: World;
  readonly folder: FolderProgram;
  readonly questions: Questions;
  /** Ends the server, as asked or with the machine's power, and starts it again. */
  restart(how: "asked" | "killed"): void;
}

type Operation = (stage: Stage) => string | undefined;

/** How long a fault lasts, ms. */
const FAULT_MS = 2_500;
const STALL_MS = 600;
/** A slow processor takes so long from one look at its clock to the next, ms; less work is done meanwhile than that. */
const SLOWNESS_MS = 2;
const CLOCK_STEP_MS = 3_600_000;

/** By theme, so that a seed may leave some out: `weight` is its part in a draw. */
export const OPERATIONS: readonly { readonly theme: string; readonly weight: number; readonly run: Operation }[] = [
  { theme: "files", weight: 12, run: write },
  { theme: "files", weight: 3, run: remove },
  { theme: "files", weight: 2, run: spoil },
  { theme: "folder", weight: 1, run: takeAway },
  { theme: "rights", weight: 2, run: forbid },
  { theme: "disk", weight: 2, run: breakDisk },
  { theme: "watches", weight: 2, run: breakWatches },
  { theme: "limits", weight: 2, run: reachLimits },
  { theme: "time", weight: 2, run: moveTime },
  { theme: "questions", weight: 14, run: ask },
  { theme: "questions", weight: 3, run: changeName },
  { theme: "upstreams", weight: 3, run: changeUpstream },
  { theme: "packets", weight: 3, run: breakPackets },
  { theme: "restarts", weight: 1, run: restart },
];

function write({ world, folder, questions }: Stage): string | undefined {
  if (folder.free.length === 0) return undefined;
  const file = world.random.pick(folder.free);
  const how = world.random.pick(["whole", "whole", "renamed", "slow"] as const);
  folder.write(file, how);
  if (!questions.isReady) folder.names.mayMiss(file);
  return `write ${file.path} ${file.version} ${how}`;
}

function remove({ world, folder }: Stage): string | undefined {
  const files = folder.free.filter(({ path, state }) => state !== "absent" && path.startsWith(FOLDER));
  if (files.length === 0) return undefined;
  const file = world.random.pick(files);
  folder.remove(file);
  return `remove ${file.path}`;
}

function spoil({ world, folder, questions }: Stage): string | undefined {
  const files = folder.free.filter(({ path }) => !path.startsWith(MOUNT));
  if (files.length === 0) return undefined;
  const file = world.random.pick(files);
  const to = world.random.pick(
    file.path === NAMED_FILE ? (["gone", "broken"] as const) : (["broken", "blank"] as const),
  );
  if (to === "gone" && !questions.isReady) return undefined;
  folder.spoil(file, to);
  if (!questions.isReady) folder.names.mayMiss(file);
  return `make ${file.path} ${to}`;
}

function takeAway({ world, folder, questions }: Stage): string | undefined {
  if (!questions.isReady || folder.isRefilling || !folder.isThere) return undefined;
  const ms = world.random.pick([1, 30, 120, 400, 2_000]);
  folder.takeAway(ms);
  return `take ${FOLDER} away for ${ms} ms`;
}

function forbid({ world, folder, questions }: Stage): string | undefined {
  const path = world.random.pick([...folder.files.map((file) => file.path), FOLDER, `${FOLDER}/sub`]);
  const ms = world.random.below(FAULT_MS);
  folder.forbid(path, ms);
  if (!questions.isReady) folder.names.mayMiss();
  return `forbid ${path} for ${ms} ms`;
}

function breakDisk({ world, folder, questions }: Stage): string {
  const { faults, random } = world;
  const what = random.pick(["errors", "slow", "full"] as const);
  faults.fileCode = random.pick(["EMFILE", "EIO", "ENOMEM"]);
  if (what === "errors") faults.fileOneIn = random.pick([1, 2, 5]);
  else if (what === "slow") faults.slowOneIn = random.pick([1, 3, 10]);
  else faults.isDiskFull = true;
  if (!questions.isReady) folder.names.mayMiss();
  return heal(world, `disk ${what} (${faults.fileCode})`, () => {
    Object.assign(faults, { fileOneIn: 0, slowOneIn: 0, isDiskFull: false });
  });
}

function breakWatches({ world }: Stage): string {
  const { faults, random } = world;
  const what = random.pick(["lost", "late", "refused"] as const);
  if (what === "lost") faults.lostEventOneIn = random.pick([1, 2, 4]);
  else if (what === "late") faults.lateEventOneIn = random.pick([1, 2]);
  else faults.isWatchRefused = true;
  return heal(world, `watches ${what}`, () => {
    Object.assign(faults, { lostEventOneIn: 0, lateEventOneIn: 0, isWatchRefused: false });
  });
}

function reachLimits({ world }: Stage): string {
  const { faults, random } = world;
  const what = random.pick(["isThreadRefused", "isSocketRefused"] as const);
  faults[what] = true;
  return heal(world, what, () => (faults[what] = false));
}

function moveTime({ world, questions }: Stage): string {
  const { scheduler, random } = world;
  if (random.below(2) === 0) {
    scheduler.wallOffsetMs += random.pick([CLOCK_STEP_MS, -CLOCK_STEP_MS]);
    return "step of the time of day";
  }
  if (random.below(2) === 0) {
    scheduler.slownessMs = SLOWNESS_MS;
    return heal(world, "slow processor", () => (scheduler.slownessMs = 0));
  }
  const ms = random.below(STALL_MS);
  scheduler.stalledUntilMs = scheduler.nowMs + ms;
  questions.stalledMs += ms;
  return `no processor for ${ms} ms`;
}

function ask({ world, questions }: Stage): string {
  const { random } = world;
  const [name, times] = [random.pick(ALL_NAMES), random.pick([1, 1, 3])];
  for (let i = 0; i < times; i++) questions.ask(name, { client: random.below(3) });
  return `ask ${name}${times > 1 ? ` ${times} times` : ""}`;
}

function changeName({ world }: Stage): string {
  const name = world.random.pick(ADDRESS_NAMES);
  return `${name} becomes ${world.network.names.change(name)}`;
}

function changeUpstream({ world }: Stage): string {
  const at = world.random.below(UPSTREAM_HOSTS.length);
  const mode = world.random.pick([...UPSTREAM_MODES, "up"] as const);
  world.network.modes[at] = mode;
  return `upstream ${UPSTREAM_HOSTS[at]} is ${mode}`;
}

function breakPackets({ world }: Stage): string {
  const { random, network } = world;
  const { faults } = network;
  const what = random.pick(["lostOneIn", "lateOneIn", "doubledOneIn", "forgedOneIn", "cutOneIn"] as const);
  faults[what] = random.pick([1, 2, 2, 5]);
  return heal(world, `packets ${what} ${faults[what]}`, () => (faults[what] = 0));
}

function restart(stage: Stage): string | undefined {
  const { world, folder } = stage;
  if (!folder.canBeServed || world.listener === undefined) return undefined;
  const how = world.random.pick(["asked", "killed"] as const);
  stage.restart(how);
  return `restart, ${how}`;
}

/** Ends a fault after a while. */
function heal(world: World, what: string, end: () => void): string {
  const ms = world.random.below(FAULT_MS);
  world.scheduler.outside(ms, end);
  return `${what} for ${ms} ms`;
}
