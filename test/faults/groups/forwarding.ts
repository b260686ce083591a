// Faults of questions that are forwarded: in hand at the end, from one greedy client, with a hostile reply. Other clients
// lose nothing, and no question is left without an answer.
import { delay } from "../../../bench/processes.ts";
import { address, name, rightAnswer, writeReply } from "../../support/scripted-upstream.ts";
import { readMessage } from "../../support/wire.ts";
import type { Fault } from "../fault.ts";
import { forwardedQuestion } from "../fault-cluster.ts";
import { FaultProxy } from "../fault-proxy.ts";
import { freeServerPort } from "../ports.ts";
import { Prober, totalOf } from "../prober.ts";
import type { ProbeQuestion } from "../prober.ts";
import type { Trial } from "../trial.ts";

const BOTH = ["ours", "coredns"] as const;

async function stopWithQuestions(trial: Trial): Promise<void> {
  await trial.start();
  trial.proxy.faults = { delayMs: 800 };
  trial.endsServer = true;
  const asked = Array.from({ length: 16 }, (_, i) => trial.ask(forwardedQuestion(`in-hand-${i}`), 5_000));
  while (trial.proxy.queries < 16) await delay(5);
  const startedMs = performance.now();
  trial.subject.signal("SIGTERM");
  const said = await Promise.all(asked);
  const lost = said.filter((each) => each === "no reply").length;
  const right = said.filter((each) => each === "NOERROR A 192.0.2.1").length;
  trial.expect(lost === 0, `${lost} of 16 without an answer`);
  trial.expect(await trial.subject.ended(10_000), "the server does not end");
  trial.tookMs = performance.now() - startedMs;
  if (trial.server === "ours") trial.expect(trial.subject.end === "exit code 0", `it ended with ${trial.subject.end}`);
  trial.note = `${right} of 16 answered, ${16 - right - lost} failed, ${lost} lost`;
}

async function floodSilentUpstream(trial: Trial): Promise<void> {
  await trial.prepare();
  const silent = await FaultProxy.open({ host: "127.0.0.1", port: trial.upstream.port });
  silent.faults = { blackhole: true };
  trial.defer(() => silent.closePort());
  const args = ["--stub-domain", `silent.example=${silent.address}`, "--upstream", trial.proxy.address];
  const block = (port: number): string =>
    `silent.example:${port} {\n    bind 127.0.0.1\n    forward . ${silent.address}\n}`;
  const port = await freeServerPort();
  await trial.startServer({ args, corefile: { more: block(port) } }, port);
  await floodFrom(trial, "silent.example.");
}

async function floodSilentNames(trial: Trial): Promise<void> {
  await trial.start();
  const isSilent = (query: Buffer): boolean => readMessage(query).question?.name.includes(".silent.") === true;
  trial.upstream.script = ({ query }) => (isSilent(query) ? [] : [{ bytes: rightAnswer(query) }]);
  await floodFrom(trial, "silent.fwd.example.");
}

/** One client asks for names of a domain; the others are the load. */
async function floodFrom(trial: Trial, domain: string): Promise<void> {
  for (const rate of [300, 1_000]) {
    const next = (n: number): ProbeQuestion => ({ ...forwardedQuestion(""), name: `n${n}-${rate}.${domain}` });
    const phases = await trial.load(
      async () => {
        const greedy = await Prober.open(trial.subject.endpoint, { next, rate, from: "127.0.0.9", lostMs: 5_000 });
        await delay(trial.pick(4_000, 60_000));
        await greedy.stop();
      },
      { afterMs: 0 },
    );
    const missed = totalOf(phases.during.failed) + totalOf(phases.during.lost);
    const { forwarded } = phases.during.failed;
    trial.note = `${trial.note ?? ""}at ${rate}/s others missed ${missed} (${forwarded} failed) of ${phases.during.sent}; `;
  }
}

/** A reply of 64 kB whose records are named by a chain of thousands of pointers. */
function chainOfPointers(query: Buffer): Buffer {
  const owner = readMessage(query).question!.name;
  const first = { owner, type: "A", rdata: address("192.0.2.1") };
  // RDATA of a type that nobody reads begins behind the question and the fixed fields of its record.
  const start = 12 + name(owner).length + 4 + name(owner).length + 10;
  const chain = Buffer.alloc(((0x3ffe - start) >> 1) << 1);
  for (let at = 0; at < chain.length; at += 2) chain.writeUInt16BE(0xc000 | (at === 0 ? 12 : start + at - 2), at);
  const end = start + chain.length - 2;
  const pointer = Buffer.from([0xc0 | (end >> 8), end & 0xff]);
  const records = Array.from({ length: 2_900 }, (_, i) => ({
    owner: pointer as unknown as string,
    type: "A",
    rdata: Buffer.from([192, 0, 2 + (i >> 8), i & 255]),
  }));
  const null10 = { owner, type: "TYPE10", rdata: chain };
  return writeReply(query, { answer: [null10, first, ...records], edns: false });
}

async function replyWithPointers(trial: Trial): Promise<void> {
  await trial.start();
  trial.upstream.script = ({ query, transport }) => {
    if (!readMessage(query).question?.name.startsWith("chain")) return [{ bytes: rightAnswer(query) }];
    return [{ bytes: transport === "udp" ? writeReply(query, { flags: 0x8380 }) : chainOfPointers(query) }];
  };
  const phases = await trial.load(async () => {
    for (let n = 0; n < trial.pick(4, 20); n++) {
      await trial.ask(forwardedQuestion(`chain-${n}`));
      await delay(200);
    }
  });
  trial.converged(Math.max(0, ...phases.during.latencies.forwarded), 100);
}

export const FORWARDING_FAULTS: readonly Fault[] = [
  { id: "Y05", title: "SIGTERM with 16 forwarded questions in hand", servers: BOTH, run: stopWithQuestions },
  {
    id: "Y06",
    title: "one client asks a silent upstream for 300 and 1,000 names a second",
    servers: BOTH,
    run: floodSilentUpstream,
  },
  {
    id: "Y08",
    title: "one client asks for 300 and 1,000 names a second about which the only upstream is silent",
    servers: BOTH,
    run: floodSilentNames,
  },
  { id: "Y07", title: "replies of 64 kB are chains of pointers", servers: BOTH, run: replyWithPointers },
];
