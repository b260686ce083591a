// `cluster-dns top`: what a running server does, in a terminal: rates, response codes, latency, most frequent names and
// clients. Refreshed on a terminal until a stop signal; elsewhere, or with `--once`, printed once.
import { parseSwitch } from "../config/option-values.ts";
import { parseFlags } from "../config/parse-flags.ts";
import type { TopList, TopLists } from "../overview/top-lists.ts";
import { formatMicroseconds } from "../overview/traffic-history.ts";
import type { ApiCounts } from "../status-page/status-api.ts";
import { visible } from "../std/visible.ts";
import { parseServer, SERVER_FLAG } from "./admin-client.ts";
import type { AdminClient } from "./admin-client.ts";
import type { CommandIo } from "./command-io.ts";
import type { Failure } from "./failure.ts";
import { writeFailure } from "./failure.ts";
import { flagReader } from "./flag-reader.ts";
import { countOf } from "./format-report.ts";
import type { CommandHelp } from "./help.ts";
import { untilStopSignal } from "./stop-signal.ts";
import { formatTable } from "./text-table.ts";

export const HELP: CommandHelp = {
  name: "top",
  usage: "[FLAGS]",
  about: [
    "Shows what a running server does: queries a second, response codes, latency, and the names and clients of most",
    "queries in the last five to ten minutes. Refreshed each second on a terminal, printed once elsewhere.",
  ],
  flags: [SERVER_FLAG, { flag: "--once", help: "Print once and exit, on a terminal too" }],
  examples: ["cluster-dns top --server 9153", "cluster-dns top --once"],
};

const REFRESH_MS = 1_000;
const RCODES = ["NOERROR", "NXDOMAIN", "SERVFAIL", "REFUSED"] as const;
const LIST_SIZE = 10;
/** ECMA-48: to the first column of the first line, to the end of a line, to the end of the screen. */
const SCREEN = {
  home: "\u001b[H",
  endOfLine: "\u001b[K\n",
  rest: "\u001b[J",
  hideCursor: "\u001b[?25l",
  showCursor: "\u001b[?25h",
} as const;

/** Prints the figures; resolves with the exit code: 0, 1 (no server), 2 (usage). */
export async function run(args: readonly string[], io: CommandIo): Promise<number> {
  const { values, operands, errors } = parseFlags(args, { "--server": "value", "--once": "switch" });
  const faults = [...errors, ...operands.map((operand) => `unexpected argument ${JSON.stringify(operand)}`)];
  const isOnce = flagReader(values, faults)("--once", "false", parseSwitch);
  const server = parseServer(values.get("--server"), io.env);
  if (faults.length > 0) return writeFailure(HELP, io, { faults, exitCode: 2 });
  if ("faults" in server) return writeFailure(HELP, io, server);
  const first = await readFigures(server);
  if ("faults" in first) return writeFailure(HELP, io, first);
  const terminal = io.stdout as Partial<NodeJS.WriteStream>;
  if (isOnce === true || terminal.isTTY !== true) {
    io.stdout.write(first.map((line) => `${line}\n`).join(""));
    return 0;
  }
  await refresh(first, server, io.stdout as NodeJS.WriteStream);
  return 0;
}

/** Shows the figures anew each second, until a stop signal. */
async function refresh(first: readonly string[], server: AdminClient, terminal: NodeJS.WriteStream): Promise<void> {
  let isStopped = false;
  const stopped = untilStopSignal().then(() => (isStopped = true));
  terminal.write(SCREEN.hideCursor);
  for (let lines = first; !isStopped;) {
    const { columns, rows } = terminal;
    const fitting = lines.slice(0, rows - 1).map((line) => line.slice(0, columns) + SCREEN.endOfLine);
    terminal.write(SCREEN.home + fitting.join("") + SCREEN.rest);
    let timer: NodeJS.Timeout | undefined;
    await Promise.race([stopped, new Promise((resolve) => (timer = setTimeout(resolve, REFRESH_MS)))]);
    clearTimeout(timer);
    if (isStopped) break;
    const read = await readFigures(server);
    lines = "faults" in read ? [...read.faults.map(visible), "", ...lines.slice(2)] : read;
  }
  terminal.write(SCREEN.showCursor);
}

async function readFigures(server: AdminClient): Promise<readonly string[] | Failure> {
  const [counts, top] = await Promise.all([
    server.get<ApiCounts>("counts", ["services", "problems", "queries"]),
    server.get<TopLists>("top", ["names", "missing", "clients"]),
  ]);
  if ("faults" in counts) return counts;
  // What a server says must not control the terminal.
  return "faults" in top ? top : formatFigures(counts, top).map(visible);
}

function formatFigures(counts: ApiCounts, top: TopLists): readonly string[] {
  const { version, ready, services, problems, queries } = counts;
  const { perSecond, perSecondByRcode, latency, total } = queries;
  const other = Object.entries(perSecondByRcode).filter(
    ([rcode]) => !RCODES.includes(rcode as (typeof RCODES)[number]),
  );
  const rates = [
    ...RCODES.map((rcode) => perSecondByRcode[rcode] ?? 0),
    other.reduce((sum, [, rate]) => sum + rate, 0),
  ];
  const what = [
    ready ? "ready" : "not ready",
    `${countOf(services.total, "service")}, ${services.unready} without a ready endpoint`,
  ];
  const faults = `${countOf(problems.error, "error")}, ${countOf(problems.warning, "warning")}`;
  return [
    `cluster-dns ${version}: ${[...what, faults].join("; ")}`,
    "",
    ...formatTable([
      ["QUERIES/S", ...RCODES, "OTHER", "HALF WITHIN", "99 % WITHIN", "SINCE START"],
      [
        formatRate(perSecond),
        ...rates.map(formatRate),
        formatLatency(latency.medianUs, latency.classes),
        formatLatency(latency.p99Us, latency.classes),
        String(total),
      ],
    ]),
    ...formatTop("NAME", top.names),
    ...formatTop("NAME THAT DOES NOT EXIST", top.missing),
    ...formatTop("CLIENT", top.clients),
  ];
}

function formatTop(title: string, { keys, total }: TopList): readonly string[] {
  if (keys.length === 0) return [];
  const rows = keys
    .slice(0, LIST_SIZE)
    .map(({ key, count }) => [key, String(count), `${((count / total) * 100).toFixed(1)} %`]);
  return ["", ...formatTable([[title, "QUERIES", "SHARE"], ...rows])];
}

function formatRate(rate: number): string {
  return rate > 0 && rate < 10 ? rate.toFixed(1) : String(Math.round(rate));
}

/** The upper bound of a class; without one, more than all bounds. */
function formatLatency(us: number | null, classes: ApiCounts["queries"]["latency"]["classes"]): string {
  if (us !== null) return formatMicroseconds(us);
  return classes.some(({ count }) => count > 0) ? "longer" : "-";
}
