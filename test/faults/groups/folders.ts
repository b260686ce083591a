// Faults of folders of manifests: removed and made anew, not readable, swapped as Kubernetes swaps a ConfigMap, full of
// files, full of what editors leave; and input that is slow or large. What was served is served on.
import { spawn, spawnSync } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { chmodSync, mkdirSync, renameSync, rmSync, symlinkSync, unlinkSync, writeFileSync } from "node:fs";
import { rename, rm, writeFile } from "node:fs/promises";
import { delay, hasProgram } from "../../../bench/processes.ts";
import type { Fault } from "../fault.ts";
import {
  extraQuestion,
  extraService,
  fileOf,
  formatService,
  NXDOMAIN,
  replaceFile,
  rightOf,
} from "../fault-cluster.ts";
import { quantile } from "../prober.ts";
import type { Trial } from "../trial.ts";
import { CHANGE_MS, expectNewFileServed, GIVE_UP_MS } from "./change.ts";

/** The user that owns nothing. */
const NOBODY = "65534";

async function removeFolder(trial: Trial): Promise<void> {
  await trial.start();
  await trial.load(async () => {
    const gone = trial.cluster.services[3]!;
    const question = trial.cluster.questionOf(gone);
    question.right = [rightOf(gone), NXDOMAIN];
    unlinkSync(`${trial.manifests}/${fileOf(gone)}`);
    trial.converged(await trial.until(question, NXDOMAIN, GIVE_UP_MS), 1_000);
    await delay(200);
    question.right = [NXDOMAIN];
    const logged = trial.subject.lines.length;
    rmSync(trial.manifests, { recursive: true });
    await delay(trial.pick(1_500, 20_000));
    trial.expect(trial.subject.lines.length > logged, "the log says nothing of the folder");
    question.right = [NXDOMAIN, rightOf(gone)];
    trial.cluster.write(trial.manifests);
    await expectNewFileServed(trial, 1, 1_000);
    trial.converged(await trial.until(question, rightOf(gone), GIVE_UP_MS), 1_000);
  });
}

async function remakeRelativeFolder(trial: Trial): Promise<void> {
  await trial.start({ paths: ["."], cwd: "/", wrap: ["env", "-C", trial.manifests] });
  await trial.load(async () => {
    rmSync(trial.manifests, { recursive: true });
    await delay(trial.pick(1_000, 10_000));
    trial.cluster.write(trial.manifests);
    await expectNewFileServed(trial, 1, 1_000);
  });
}

async function forbidReading(trial: Trial): Promise<void> {
  await trial.prepare();
  chmodSync(trial.folder, 0o755);
  await trial.startServer({ wrap: ["setpriv", `--reuid=${NOBODY}`, `--regid=${NOBODY}`, "--clear-groups"] });
  const service = extraService("forbidden", "10.96.82.1");
  const path = `${trial.manifests}/${fileOf(service)}`;
  const pollMs = 5_000;
  await trial.load(async () => {
    writeFileSync(path, formatService(service), { mode: 0o000 });
    await trial.untilLogged(/forbidden\.yaml/);
    chmodSync(path, 0o644);
    trial.converged(await trial.until(extraQuestion(service), rightOf(service), GIVE_UP_MS), pollMs);
    chmodSync(path, 0o000);
    chmodSync(trial.manifests, 0o000);
    await delay(trial.pick(1_500, 10_000));
    const said = await trial.ask(extraQuestion(service));
    trial.expect(said === rightOf(service), `what was read before is lost: ${said}`);
    chmodSync(trial.manifests, 0o755);
    chmodSync(path, 0o644);
    await expectNewFileServed(trial, 1, pollMs);
  });
}

async function swapConfigMap(trial: Trial): Promise<void> {
  await trial.prepare();
  const mount = `${trial.folder}/mount`;
  mkdirSync(mount);
  const swap = (n: number): void => {
    const service = extraService("swapped", `10.96.${90 + (n >> 8)}.${n & 255}`);
    mkdirSync(`${mount}/..${n}`);
    writeFileSync(`${mount}/..${n}/swapped.yaml`, formatService(service));
    symlinkSync(`..${n}`, `${mount}/..data_tmp`);
    renameSync(`${mount}/..data_tmp`, `${mount}/..data`);
    if (n > 1) rmSync(`${mount}/..${n - 1}`, { recursive: true });
  };
  swap(1);
  symlinkSync("..data/swapped.yaml", `${mount}/swapped.yaml`);
  await trial.startServer({ paths: [trial.manifests, mount] });
  const question = extraQuestion(extraService("swapped", "10.96.90.1"));
  const took: number[] = [];
  await trial.load(
    async () => {
      const before = trial.subject.resources();
      for (let n = 2; n <= trial.pick(40, 1_000); n++) {
        const address = `NOERROR A 10.96.${90 + (n >> 8)}.${n & 255}`;
        question.right = [...question.right, address];
        swap(n);
        const ms = await trial.until(question, address, GIVE_UP_MS);
        took.push(ms);
        question.right = question.right.slice(-2);
        await delay(Math.max(0, 100 - ms));
      }
      const { descriptors, watches } = trial.subject.resources();
      trial.expect(descriptors <= before.descriptors, `${descriptors - before.descriptors} more descriptors`);
      trial.expect(watches === before.watches, `${before.watches} watches became ${watches}`);
    },
    { next: (n) => (n % 10 === 2 ? question : trial.cluster.next(n)) },
  );
  trial.converged(quantile(took, 0.99), 300);
}

async function changeManyFiles(trial: Trial): Promise<void> {
  await trial.start();
  const count = trial.pick(2_000, 10_000);
  const paceMs = trial.pick(5_000, 30_000) / count;
  const phases = await trial.load(async () => {
    const startedMs = performance.now();
    for (let n = 0; n < count; n++) {
      const path = `${trial.manifests}/churn-${n % 200}.yaml`;
      if (n % 4 === 3) await rm(path.replace(/\d+/, String((n - 3) % 200)), { force: true });
      else if (n % 4 === 2) await rename(path.replace(/\d+/, String((n - 1) % 200)), path).catch(() => undefined);
      else await writeFile(path, formatService(extraService(`churn-${n % 200}`, `10.97.${n % 200}.1`)));
      const ahead = n * paceMs - (performance.now() - startedMs);
      if (ahead > 4) await delay(ahead);
    }
    await expectNewFileServed(trial, 1, 2_000);
  });
  const p99 = [phases.baseline, phases.during].map(({ latencies }) => quantile(latencies.known, 0.99));
  trial.note = `p99 of known names: ${p99.map((ms) => ms.toFixed(1)).join(" ms before, ")} ms while files change`;
}

async function saveAsEditors(trial: Trial): Promise<void> {
  await trial.start();
  const service = trial.cluster.services[5]!;
  const question = trial.cluster.questionOf(service);
  const path = `${trial.manifests}/${fileOf(service)}`;
  const [folder, file] = [trial.manifests, fileOf(service)];
  const broken = "kind: Service\nmetadata: { name: not-this-one }\nspec: {\n";
  let address = "";
  const saves: Readonly<Record<string, (text: string) => void>> = {
    vim: (text) => {
      writeFileSync(`${folder}/.${file}.swp`, broken);
      writeFileSync(`${folder}/4913`, "");
      unlinkSync(`${folder}/4913`);
      renameSync(path, `${path}~`);
      writeFileSync(path, text);
      unlinkSync(`${path}~`);
      unlinkSync(`${folder}/.${file}.swp`);
    },
    emacs: (text) => {
      symlinkSync("somebody@host:1", `${folder}/.#${file}`);
      writeFileSync(`${folder}/#${file}#`, broken);
      replaceFile(path, text);
      unlinkSync(`${folder}/#${file}#`);
      unlinkSync(`${folder}/.#${file}`);
    },
    sed: () => void spawnSync("sed", ["-i", `s/clusterIP: .*/clusterIP: ${address}/`, path]),
    rsync: (text) => {
      writeFileSync(`${folder}/.${file}.Xa3k9Q`, text.slice(0, 100));
      writeFileSync(`${folder}/.${file}.Xa3k9Q`, text);
      renameSync(`${folder}/.${file}.Xa3k9Q`, path);
    },
    git: (text) => {
      unlinkSync(path);
      writeFileSync(path, text);
    },
  };
  await trial.load(async () => {
    for (const [nth, [name, save]] of Object.entries(saves).entries()) {
      address = `10.96.83.${nth + 1}`;
      const changed = { ...service, clusterIp: address };
      question.right = [...question.right, rightOf(changed)];
      save(formatService(changed));
      trial.converged(await trial.until(question, rightOf(changed), GIVE_UP_MS), CHANGE_MS);
      await delay(200);
      const said = await trial.ask(question);
      trial.expect(said === rightOf(changed), `after ${name} the answer went back to ${said}`);
      question.right = [rightOf(changed)];
    }
  });
  const read = trial.subject.lines.filter((line) => /not-this-one|\.swp|Xa3k9Q|4913/.test(line));
  trial.expect(read.length === 0, `a file of an editor was read: ${read[0]}`);
}

async function readFromSlowPipe(trial: Trial): Promise<void> {
  await trial.prepare();
  const pipe = `${trial.folder}/pipe`;
  spawnSync("mkfifo", [pipe]);
  // Writes half a file, and stops without closing.
  const writer: ChildProcess = spawn("sh", ["-c", `exec 3>"$0"; printf 'apiVersion: v1' >&3; exec sleep 1000`, pipe]);
  trial.defer(() => void writer.kill());
  const text = '"$0" "$@" <"$PIPE"';
  await trial.startServer({
    paths: [trial.manifests, "-"],
    wrap: ["env", `PIPE=${pipe}`, "sh", "-c", text],
  });
  await trial.load(async () => {
    await expectNewFileServed(trial, 1);
    await trial.untilLogged(/standard input|stdin/i, 1_000);
  });
}

async function writeLargeBesideSmall(trial: Trial): Promise<void> {
  await trial.start();
  const documents = Array.from({ length: 24_000 }, (_, i) =>
    formatService(extraService(`large-${i}`, `10.${100 + (i >> 16)}.${(i >> 8) & 255}.${i & 255}`)),
  );
  await trial.load(async () => {
    replaceFile(`${trial.manifests}/large.yaml`, documents.join("---\n"));
    await delay(300);
    await expectNewFileServed(trial, 1);
  });
}

async function writeHostileBesideSmall(trial: Trial): Promise<void> {
  await trial.start();
  const before = trial.subject.resources().residentBytes;
  let peak = before;
  const watch = setInterval(() => (peak = Math.max(peak, trial.subject.resources().residentBytes)), 100);
  await trial.load(async () => {
    const head = "apiVersion: v1\nkind: Service\nmetadata: { name: hostile }\nspec:\n  ports: ";
    replaceFile(`${trial.manifests}/hostile.yaml`, `${head}[${"[],".repeat(1_000_000)}]`);
    await delay(300);
    await expectNewFileServed(trial, 1);
    await trial.untilLogged(/hostile\.yaml/, 20_000);
  });
  clearInterval(watch);
  trial.expect(peak - before < 400e6, `resident memory rose by ${Math.round((peak - before) / 1e6)} MB`);
}

async function writeManyAtOnce(trial: Trial): Promise<void> {
  await trial.start();
  const count = 5_000;
  const path = (n: number): string => `${trial.manifests}/at-once-${n}.yaml`;
  const service = (n: number) => extraService(`at-once-${n}`, `10.97.${n >> 8}.${n & 255}`);
  await trial.load(async () => {
    for (let n = 0; n < count; n += 50) {
      const batch = Array.from({ length: 50 }, (_, i) => n + i);
      await Promise.all(batch.map((each) => writeFile(path(each), formatService(service(each)))));
    }
    const last = service(count - 1);
    trial.converged(await trial.until(extraQuestion(last), rightOf(last), GIVE_UP_MS), 2_000);
    for (let n = 0; n < count; n += 250) {
      const said = await trial.ask(extraQuestion(service(n)));
      trial.expect(said === rightOf(service(n)), `file ${n} is not served with the last one: ${said}`);
    }
  });
}

const whyNotOther = (): string | undefined => {
  if (process.getuid?.() !== 0) return "only root can start it as another user";
  return hasProgram("setpriv") ? undefined : "setpriv is not installed";
};

export const FOLDER_FAULTS: readonly Fault[] = [
  { id: "X06", title: "a file is removed; then the folder, which is made anew", run: removeFolder },
  { id: "X07", title: "a file, then the folder, may not be read", whyNot: whyNotOther, run: forbidReading },
  { id: "X08", title: "a ConfigMap's ..data is swapped again and again", run: swapConfigMap },
  { id: "X09", title: "thousands of files are made, renamed and removed", run: changeManyFiles },
  { id: "X10", title: "saves of vim, emacs, sed, rsync and git", run: saveAsEditors },
  { id: "X14", title: "standard input is a pipe that stalls and never ends", run: readFromSlowPipe },
  { id: "Y01", title: "5 MB of YAML are read when a small file changes", run: writeLargeBesideSmall },
  { id: "Y02", title: "a million empty lists are read when a small file changes", run: writeHostileBesideSmall },
  { id: "Y03", title: "`serve .`, and the folder is removed and made anew", run: remakeRelativeFolder },
  { id: "Y04", title: "5,000 files at once", run: writeManyAtOnce },
];
