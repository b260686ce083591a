// Faults of addresses and sockets: taken, forbidden, not there, gone while the server runs; replies that cannot be sent;
// no port left to ask from. Those that change a machine's network run in a namespace of their own.
import { spawnSync } from "node:child_process";
import { createServer } from "node:net";
import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { delay } from "../../../bench/processes.ts";
import { LAUNCHER } from "../../support/process.ts";
import { whyNot } from "../../support/optional-programs.ts";
import type { Fault } from "../fault.ts";
import { askOnce } from "../ask-once.ts";
import { gistOf, quantile } from "../prober.ts";
import { Subject } from "../subject.ts";
import type { Trial } from "../trial.ts";

const RAW_DATAGRAMS = new URL("../../conformance/raw-datagrams.py", import.meta.url).pathname;

function run(command: string): void {
  const [program, ...args] = command.split(" ");
  const { status, stderr } = spawnSync(program!, args, { encoding: "utf8" });
  if (status !== 0) throw new Error(`${command}: ${stderr}`);
}

/** Starts a server that cannot listen; it is to end soon, with one line that says why. */
async function expectRefused(trial: Trial, what: string, address: string, user: readonly string[] = []): Promise<void> {
  const startedMs = performance.now();
  const command = [...user, LAUNCHER, "serve", trial.manifests, "--listen", address, "--upstream", "none"];
  const subject = await Subject.start(trial.processes, {
    command: command as [string, ...string[]],
    endpoint: { host: "127.0.0.1", port: 0 },
  });
  trial.expect(await subject.ended(10_000), `${what}: it does not end`);
  const ms = performance.now() - startedMs;
  await delay(50);
  trial.expect(/^exit code [1-9]/.test(subject.end ?? ""), `${what}: it ended with ${subject.end}`);
  trial.expect(
    subject.lines.some((line) => line.includes(address.replace(/:\d+$/, ""))),
    `${what}: no line names the address: ${subject.lines.at(-1)}`,
  );
  trial.expect(subject.lines.length <= 3, `${what}: ${subject.lines.length} lines`);
  trial.converged(ms, 1_000);
}

async function listenInVain(trial: Trial): Promise<void> {
  await trial.prepare();
  const taken = createServer().listen(0, "127.0.0.1");
  await once(taken, "listening");
  await expectRefused(trial, "taken", `127.0.0.1:${(taken.address() as { port: number }).port}`);
  taken.close();
  await expectRefused(trial, "not there", "198.51.100.1:5300");
  run("sysctl -qw net.ipv6.conf.all.disable_ipv6=1");
  await expectRefused(trial, "IPv6 off", "[::1]:5300");
  const user = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", "--inh-caps=-all"];
  spawnSync("chmod", ["755", trial.folder]);
  await expectRefused(trial, "not permitted", "127.0.0.1:53", user);
}

async function removeAddress(trial: Trial): Promise<void> {
  await trial.prepare();
  const host = "10.254.53.1";
  run(`ip addr add ${host}/32 dev lo`);
  await trial.startServer({ args: ["--listen", `${host}:5300`] });
  const known = trial.cluster.known[0]!;
  const ask = async (): Promise<string> => {
    const reply = await askOnce({ host, port: 5_300 }, known, 300);
    return reply === undefined ? "no reply" : gistOf(reply);
  };
  await trial.load(async () => {
    run(`ip addr del ${host}/32 dev lo`);
    await delay(trial.pick(1_000, 10_000));
    run(`ip addr add ${host}/32 dev lo`);
    const startedMs = performance.now();
    let said = "";
    while ((said = await ask()) !== known.right[0] && performance.now() - startedMs < 10_000) await delay(20);
    trial.expect(said === known.right[0], `the address is not served again: ${said}`);
    trial.converged(performance.now() - startedMs, 5_000);
  });
}

/** Sends queries with addresses to which no reply can be sent, from port 0, and from nobody. */
async function failToSend(trial: Trial): Promise<void> {
  await trial.start();
  const { port } = trial.subject.endpoint;
  const script = `
import importlib.util, socket, sys
sys.argv = ["x", "${port}"]
text = open("${RAW_DATAGRAMS}").read().rsplit("main()", 1)[0]
exec(text)
raw = socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_RAW)
for n in range(3000):
    source = ["203.0.113.9", "255.255.255.255", "224.0.0.1", "127.0.0.1"][n % 4]
    raw.sendto(datagram(source, 0 if n % 4 == 3 else 5353, query(n)), ("127.0.0.1", 0))
`;
  const path = `${trial.folder}/send.py`;
  writeFileSync(path, script);
  await trial.load(async () => {
    for (let n = 0; n < trial.pick(4, 20); n++) {
      const sender = await trial.processes.start("python3", [path], { stdio: "inherit" });
      const [code] = sender.exitCode === null ? ((await once(sender, "exit")) as [number]) : [sender.exitCode];
      trial.expect(code === 0, `the sender ended with ${code}`);
    }
  });
}

async function leaveNoPorts(trial: Trial): Promise<void> {
  await trial.start();
  trial.allowance = { forwardedFailed: Infinity };
  const phases = await trial.load(
    async () => {
      writeFileSync("/proc/sys/net/ipv4/ip_local_port_range", "40000 40040\n");
      trial.proxy.faults = { blackhole: true };
      await delay(trial.pick(6_000, 60_000));
      trial.proxy.faults = {};
    },
    { lostMs: 5_000, afterMs: 2_000, next: (n) => trial.cluster.next(n % 3 === 0 ? n * 10 + 9 : n) },
  );
  const [before, then] = [phases.baseline, phases.during].map(({ latencies }) => quantile(latencies.known, 0.99));
  trial.note = `p99 of known names: ${before!.toFixed(1)} ms before, ${then!.toFixed(1)} ms without ports`;
  trial.expect(then! <= before! * 1.1 + 25 + phases.during.lagMs, trial.note);
}

const whyNoRaw = (): string | undefined => whyNot("python3");

export const LISTEN_FAULTS: readonly Fault[] = [
  { id: "X53", title: "port taken, not permitted; address not there; no IPv6", namespace: "net", run: listenInVain },
  { id: "X54", title: "an address goes, and comes back", namespace: "net", run: removeAddress },
  { id: "X55", title: "replies that cannot be sent", namespace: "net", whyNot: whyNoRaw, run: failToSend },
  { id: "X56", title: "forty ports to ask from, and a silent upstream", namespace: "net", run: leaveNoPorts },
];
