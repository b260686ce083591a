// What a long flood of names that do not exist does to memory: 20,000 different ones a second, all of which an upstream
// denies. Resident memory is taken every half minute, and answers are checked afterwards. Gives Markdown.
import { askUdp, checkServers } from "./check-answers.ts";
import { ExpectedAnswers } from "./cluster-records.ts";
import { missingQuestion, missingQuestions } from "./foreign.ts";
import { writeQuestions } from "./manifests.ts";
import { delay } from "./processes.ts";
import { treeUsage } from "./process-usage.ts";
import { measureLoad } from "./rounds.ts";
import type { Measured } from "./rounds.ts";
import { startOurs, startProgram } from "./servers.ts";
import type { BenchServer } from "./servers.ts";
import { formatNumber, formatTable, median } from "./statistics.ts";
import type { Workload } from "./workload.ts";

const RATE = 20_000;
const CACHE_MEGABYTES = 32;
/** Memory is taken so often, between two stretches of the flood. */
const STRETCH_SECONDS = 30;
/** Memory still grows in the first stretches: the cache is touched for the first time, heaps find their size. */
const WARM_UP_STRETCHES = 2;
const CLIENTS = 16;
/** The flood does not wait for answers: all that is asked within this time may be outstanding, twice over. */
const LOST_AFTER_SECONDS = 1;
const OUTSTANDING = 2 * RATE * LOST_AFTER_SECONDS;
/** What was under way has been answered, or given up, by then. */
const SETTLE_MS = 4_500;

export async function measureRandomNames({ bed, settings, services, questions, manifests }: Workload): Promise<string> {
  const upstream = await startProgram(bed, "denying upstream", "missing-upstream.ts", []);
  const forwarding = ["--upstream", `127.0.0.1:${upstream.port}`, "--cache-size", String(CACHE_MEGABYTES)];
  const server = await startOurs(bed, "cluster-dns", manifests, ["--udp-transport", "batch", ...forwarding]);
  const expected = new ExpectedAnswers(services);
  await checkServers([server], questions, expected);
  const megabytes = [treeUsage(server.pid).residentBytes / 1e6];
  const samples: Measured[] = [];
  const file = `${bed.folder}/random.txt`;
  const count = RATE * STRETCH_SECONDS;
  const stretches = (settings.minutes * 60) / STRETCH_SECONDS;
  for (let stretch = 0; stretch < stretches; stretch++) {
    writeQuestions(file, missingQuestions(stretch * count, count));
    const load = { file, seconds: STRETCH_SECONDS, clients: CLIENTS, rate: RATE, runs: 1 };
    const patience = { outstanding: OUTSTANDING, lostAfterSeconds: LOST_AFTER_SECONDS };
    samples.push(await measureLoad(bed, server, { ...load, ...patience }));
    megabytes.push(treeUsage(server.pid).residentBytes / 1e6);
  }
  await delay(SETTLE_MS);
  await checkServers([server], questions, expected);
  await checkDenied(server, stretches * count);
  await Promise.all([server, upstream].map((each) => each.stop()));
  return `## Random names (memory flat under a cap of ${CACHE_MEGABYTES} MB for the cache)\n
${formatNumber(RATE)} names/s offered for ${settings.minutes} min, no name twice, all denied for 300 s.

${formatSamples(samples)}
Resident MB before, then every ${STRETCH_SECONDS} s: ${megabytes.map((each) => formatNumber(each)).join(", ")}.
${formatGrowth(megabytes)} Answers are right afterwards, the cluster's and those of others.\n`;
}

/** Throws when a name that was never asked for is not denied as the upstream denies it. */
async function checkDenied({ name, port }: BenchServer, number: number): Promise<void> {
  const question = missingQuestion(number);
  const reply = await askUdp(port, question);
  if (reply?.rcode === "NXDOMAIN" && reply.authority[0]?.type === "SOA") return;
  throw new Error(`${name} answers wrongly after the flood: ${question.name}: ${reply?.rcode ?? "no answer"}`);
}

function formatSamples(samples: readonly Measured[]): string {
  const sum = (value: (sample: Measured) => number): number => samples.reduce((total, each) => total + value(each), 0);
  const row = [
    sum(({ completed, lost }) => completed + lost),
    sum(({ rcodes }) => rcodes["NXDOMAIN"] ?? 0),
    sum(({ rcodes }) => rcodes["SERVFAIL"] ?? 0),
    sum(({ lost }) => lost),
  ].map((value) => formatNumber(value));
  const cpuUs = formatNumber(median(samples.map((sample) => sample.cpuUs)), 1);
  const head = ["asked", "NXDOMAIN", "SERVFAIL", `nothing in ${LOST_AFTER_SECONDS} s`, "CPU µs/answer"];
  return formatTable(head, [[...row, cpuUs]]);
}

/** `megabytes`: before, then after each stretch. */
function formatGrowth(megabytes: readonly number[]): string {
  const warm = megabytes.slice(WARM_UP_STRETCHES);
  const [first, last] = [warm[0], warm.at(-1)];
  if (first === undefined || last === undefined || warm.length < 2) return "Too short to tell growth from warming up.";
  const most = formatNumber(Math.max(...warm));
  return `After the first minute: ${formatNumber(first)} MB, at the end ${formatNumber(last)} MB, at most ${most} MB.`;
}
