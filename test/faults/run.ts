// `npm run faults`: does one fault after another to a running server, and prints a JSON line for each. Exit code 0 when
// this project's server holds against all of them, 1 when it does not, 2 on a wrong flag. An interrupt ends all it started.
import { appendFileSync, writeFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { FAULTS } from "./catalog.ts";
import type { Fault, Row } from "./fault.ts";
import { FaultRunner } from "./runner.ts";
import type { ServerName } from "./subject.ts";

const SERVERS: readonly ServerName[] = ["ours", "coredns"];
const USAGE = `Usage: npm run faults [-- [ID]... [--long] [--server NAME] [--table FILE] [--list]]

  ID             such as X17 (default: all); a part of one stands for all that begin with it
  --long         the times of the specification; without it the whole list takes less than ten minutes
  --server NAME  ours or coredns (default: ours, and CoreDNS too where COREDNS names its program)
  --table FILE   writes the rows to this file, for test/faults/table.ts
  --list         prints the ids and titles
`;

process.exitCode = await main(process.argv.slice(2));

async function main(args: readonly string[]): Promise<number> {
  const flags = parseFlags(args);
  if (typeof flags === "string") {
    process.stderr.write(`${flags}\n${USAGE}`);
    return 2;
  }
  if (flags.isList) {
    for (const { id, title } of flags.faults) process.stdout.write(`${id} ${title}\n`);
    return 0;
  }
  const runner = new FaultRunner(flags);
  const interrupt = (signal: NodeJS.Signals): never => process.exit(signal === "SIGINT" ? 130 : 143);
  process
    .once("exit", () => runner.killAll())
    .once("SIGINT", interrupt)
    .once("SIGTERM", interrupt);
  const rows = await runAll(runner, flags);
  return flags.isInside ? 0 : report(rows, flags.servers);
}

async function runAll(runner: FaultRunner, { faults, servers, table }: Flags): Promise<readonly Row[]> {
  const rows: Row[] = [];
  if (table !== undefined) writeFileSync(table, "");
  for (const fault of faults) {
    for (const server of servers) {
      if (!(fault.servers ?? ["ours"]).includes(server)) continue;
      const row = await runner.run(fault, server);
      rows.push(row);
      process.stdout.write(`${JSON.stringify(row)}\n`);
      if (table !== undefined) appendFileSync(table, `${JSON.stringify(row)}\n`);
    }
  }
  return rows;
}

/** Prints the counts, those of the first server last; the exit code. */
function report(rows: readonly Row[], servers: readonly ServerName[]): number {
  const counts = servers.map((server) => {
    const its = rows.filter((row) => row.server === server);
    const passed = its.filter(({ pass }) => pass === true).length;
    const failed = its.filter(({ pass }) => pass === false).length;
    return { server, failed, text: `${passed} passed, ${failed} failed, ${its.length - passed - failed} skipped` };
  });
  const [first, ...others] = counts;
  for (const { server, text } of others) process.stdout.write(`${server}: ${text}\n`);
  process.stdout.write(`${first!.text}\n`);
  return first!.failed > 0 ? 1 : 0;
}

interface Flags {
  readonly faults: readonly Fault[];
  readonly servers: readonly ServerName[];
  readonly isLong: boolean;
  readonly isList: boolean;
  /** Whether this process runs in a namespace made for one fault. */
  readonly isInside: boolean;
  readonly table?: string;
}

/** What is wrong with the arguments, as text, where something is. */
function parseFlags(args: readonly string[]): Flags | string {
  const switches = { long: { type: "boolean" }, list: { type: "boolean" }, inside: { type: "boolean" } } as const;
  const texts = { server: { type: "string" }, table: { type: "string" } } as const;
  let parsed;
  try {
    parsed = parseArgs({ args: [...args], allowPositionals: true, options: { ...switches, ...texts } });
  } catch (error) {
    return (error as Error).message;
  }
  const { long, list, inside, server, table } = parsed.values;
  const isAsked = ({ id }: Fault): boolean => parsed.positionals.some((asked) => id.startsWith(asked));
  const unknown = parsed.positionals.find((asked) => !FAULTS.some(({ id }) => id.startsWith(asked)));
  if (unknown !== undefined) return `no fault ${unknown}`;
  const named = SERVERS.find((name) => name === server);
  if (server !== undefined && named === undefined) return `no server ${server}`;
  const servers = SERVERS.slice(0, (process.env["COREDNS"] ?? "") === "" ? 1 : 2);
  return {
    faults: parsed.positionals.length === 0 ? FAULTS : FAULTS.filter(isAsked),
    servers: named === undefined ? servers : [named],
    isLong: long === true,
    isList: list === true,
    isInside: inside === true,
    ...(table !== undefined && { table }),
  };
}
