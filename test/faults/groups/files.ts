// Faults of single manifests: half-written, broken, duplicate, hostile, not plain files. The last good content is served,
// and what is wrong with one file never touches another.
import { spawnSync } from "node:child_process";
import { closeSync, mkdirSync, openSync, rmSync, symlinkSync, truncateSync, writeFileSync, writeSync } from "node:fs";
import { createServer } from "node:net";
import { delay } from "../../../bench/processes.ts";
import type { ModelService } from "../../../bench/cluster.ts";
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
import type { Trial } from "../trial.ts";
import { CHANGE_MS, expectNewFileServed, GIVE_UP_MS } from "./change.ts";

const BROKEN_YAML = "apiVersion: v1\nkind: Service\nmetadata: { name: broken\n  spec: [\n";

/** Rewrites a file in place, a few bytes at a time, with a pause in the middle. */
async function writeSlowly(path: string, text: string, withinMs: number): Promise<void> {
  const bytes = Buffer.from(text);
  const file = openSync(path, "w");
  const startedMs = performance.now();
  for (let at = 0; at < bytes.length; at++) {
    writeSync(file, bytes, at, 1);
    // A third of the time is one pause, after a line in the middle of the file.
    const isMiddle = at === bytes.indexOf("\n", bytes.length / 2);
    const dueMs = isMiddle ? withinMs / 3 : ((withinMs * 2) / 3) * (1 / bytes.length);
    const ahead = isMiddle || at % 16 === 0;
    if (ahead) await delay(isMiddle ? dueMs : Math.max(0, dueMs * 16));
  }
  const leftMs = withinMs - (performance.now() - startedMs);
  if (leftMs > 0) await delay(leftMs);
  closeSync(file);
}

async function writeByteByByte(trial: Trial): Promise<void> {
  await trial.start();
  const changed = trial.cluster.services.slice(0, 4);
  const path = `${trial.manifests}/${fileOf(changed[0]!)}`;
  replaceFile(path, changed.map(formatService).join("---\n"));
  for (const service of changed.slice(1)) rmSync(`${trial.manifests}/${fileOf(service)}`);
  await trial.untilLogged(/./);
  const moved: ModelService = { ...changed[0]!, clusterIp: "10.96.88.1" };
  const question = trial.cluster.questionOf(moved);
  await trial.load(async () => {
    const text = [moved, ...changed.slice(1)].map(formatService).join("---\n");
    // Of the file's services all but the first keep their answers throughout.
    question.right = [...question.right, rightOf(moved)];
    await writeSlowly(path, text, trial.pick(2_500, 5_000));
    trial.converged(await trial.until(question, rightOf(moved), GIVE_UP_MS), CHANGE_MS);
  });
}

async function breakOneFile(trial: Trial): Promise<void> {
  await trial.start();
  const broken = trial.cluster.services[7]!;
  await trial.load(async () => {
    replaceFile(`${trial.manifests}/${fileOf(broken)}`, BROKEN_YAML);
    await trial.untilLogged(/service-00007\.yaml/);
    await expectNewFileServed(trial, 1);
  });
  const places = trial.subject.lines.filter((line) => /service-00007\.yaml/.test(line));
  trial.expect(places.length === 1, `${places.length} lines of the log name the file`);
  trial.expect(/"line":\d+|yaml:\d+:\d+/.test(places[0] ?? ""), "the log does not tell the line");
  // After a cold start this file's names alone are missing.
  await trial.processes.stop(trial.subject.child);
  await trial.startServer();
  trial.cluster.questionOf(broken).right = [NXDOMAIN];
  await trial.load(() => delay(trial.pick(300, 5_000)));
}

async function addBadObjects(trial: Trial): Promise<void> {
  await trial.start();
  const good = Array.from({ length: 97 }, (_, i) => extraService(`good-${i}`, `10.96.78.${i + 1}`));
  const bad = [
    formatService(extraService("bad-port", "10.96.79.1")).replace("port: 80\n", "port: 70000\n"),
    formatService(extraService("bad-address", "10.0.0.999")),
    formatService(extraService("bad_name", "10.96.79.2")),
  ];
  await trial.load(async () => {
    const texts = [...good.slice(0, 50).map(formatService), ...bad, ...good.slice(50).map(formatService)];
    replaceFile(`${trial.manifests}/many.yaml`, texts.join("---\n"));
    const last = good.at(-1)!;
    trial.converged(await trial.until(extraQuestion(last), rightOf(last), GIVE_UP_MS), CHANGE_MS);
    for (const service of good) {
      const said = await trial.ask(extraQuestion(service));
      trial.expect(said === rightOf(service), `${service.name}: ${said}`);
    }
    for (const name of ["bad-port", "bad-address", "bad_name"]) {
      const said = await trial.ask(extraQuestion(extraService(name, "10.96.79.9")));
      trial.expect(said === NXDOMAIN, `${name}: ${said}`);
    }
  });
}

async function breakThirdDocument(trial: Trial): Promise<void> {
  await trial.start();
  const services = [1, 2, 4].map((n) => extraService(`document-${n}`, `10.96.80.${n}`));
  const [first, second, fourth] = services.map(formatService);
  await trial.load(async () => {
    replaceFile(`${trial.manifests}/documents.yaml`, [first, second, "kind: [Service\n", fourth].join("---\n"));
    for (const service of services) {
      trial.converged(await trial.until(extraQuestion(service), rightOf(service), GIVE_UP_MS), CHANGE_MS);
    }
  });
}

async function defineTwice(trial: Trial): Promise<void> {
  await trial.prepare();
  const addresses = ["10.96.81.1", "10.96.81.2"];
  addresses.forEach((address, i) =>
    writeFileSync(`${trial.manifests}/zz-twice-${i}.yaml`, formatService(extraService("twice", address))),
  );
  const said = new Set<string>();
  for (let n = 0; n < trial.pick(3, 20); n++) {
    await trial.startServer();
    said.add(await trial.ask(extraQuestion(extraService("twice", ""))));
    await trial.untilLogged(/twice/);
    const warnings = trial.subject.lines.filter((line) => /duplicate/.test(line) && /twice/.test(line));
    trial.expect(warnings.length === 1, `${warnings.length} warnings of the duplicate`);
    await trial.processes.stop(trial.subject.child);
  }
  trial.expect(said.size === 1 && said.has("NOERROR A 10.96.81.2"), `answers: ${[...said].join(", ")}`);
  trial.endsServer = true;
}

async function writeHugeFiles(trial: Trial): Promise<void> {
  await trial.start();
  const before = trial.subject.resources().residentBytes;
  await trial.load(async () => {
    writeFileSync(`${trial.manifests}/nested.yaml`, "[".repeat(5_000));
    await expectNewFileServed(trial, 1);
    // Larger than any file may be: nothing of it needs to be on the disk.
    writeFileSync(`${trial.manifests}/large.yaml`, BROKEN_YAML);
    truncateSync(`${trial.manifests}/large.yaml`, 200e6);
    await expectNewFileServed(trial, 2);
    const count = trial.pick(100_000, 1_000_000);
    const item = '{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"c"}}';
    writeFileSync(`${trial.manifests}/many.json`, `{"kind":"List","items":[${Array(count).fill(item).join(",")}]}`);
    await expectNewFileServed(trial, 3);
    await trial.untilLogged(/large\.yaml/, GIVE_UP_MS);
  });
  const grown = (trial.subject.resources().residentBytes - before) / 1e6;
  trial.expect(grown < 300, `resident memory grew by ${Math.round(grown)} MB`);
}

async function makeSpecialFiles(trial: Trial): Promise<void> {
  await trial.start();
  const socket = createServer();
  await trial.load(async () => {
    spawnSync("mkfifo", [`${trial.manifests}/pipe.yaml`]);
    socket.listen(`${trial.manifests}/socket.yaml`);
    symlinkSync("/dev/zero", `${trial.manifests}/zero.yaml`);
    mkdirSync(`${trial.manifests}/folder.yaml`);
    await delay(500);
    await expectNewFileServed(trial, 1);
  });
  socket.close();
}

async function makeBadLinks(trial: Trial): Promise<void> {
  await trial.start();
  const trace = `${trial.folder}/trace`;
  const args = ["-f", "-qq", "-e", "trace=openat,open", "-o", trace, "-p", String(trial.subject.pid)];
  const hasTrace = spawnSync("strace", ["-V"]).status === 0;
  const strace = hasTrace ? await trial.processes.start("strace", args, { stdio: "ignore" }) : undefined;
  // It takes a moment to attach to each thread.
  await delay(1_000);
  await trial.load(async () => {
    symlinkSync("loop.yaml", `${trial.manifests}/loop.yaml`);
    symlinkSync("nowhere.yaml", `${trial.manifests}/dangling.yaml`);
    symlinkSync("/etc/shadow", `${trial.manifests}/shadow.yaml`);
    symlinkSync("..", `${trial.manifests}/up`);
    await trial.untilLogged(/shadow\.yaml/);
    await trial.untilLogged(/loop\.yaml/);
    await expectNewFileServed(trial, 1, strace === undefined ? CHANGE_MS : 2 * CHANGE_MS);
  });
  if (strace === undefined) {
    trial.note = "without strace nobody saw which files were opened";
    return;
  }
  await trial.processes.stop(strace);
  const opened = spawnSync("grep", ["-E", '"/etc/shadow"', trace], { encoding: "utf8" }).stdout;
  trial.expect(opened === "", `opened outside the root: ${opened.split("\n")[0]}`);
}

export const FILE_FAULTS: readonly Fault[] = [
  { id: "X01", title: "a manifest is written in place byte by byte, with a pause", run: writeByteByByte },
  { id: "X02", title: "one of 100 files is no YAML", run: breakOneFile },
  { id: "X03", title: "three of 100 objects of a file are bad", run: addBadObjects },
  { id: "X04", title: "the third of four documents is broken", run: breakThirdDocument },
  { id: "X05", title: "two files have the same service", run: defineTwice },
  { id: "X11", title: "200 MB, a million objects, 5,000 brackets", run: writeHugeFiles },
  { id: "X12", title: "a pipe, a socket, a link to /dev/zero and a folder named as manifests", run: makeSpecialFiles },
  { id: "X13", title: "links that loop, dangle, and lead out", run: makeBadLinks },
];
