// Runs the suite against this server and each peer, and writes the table of results in docs/conformance.md.
// `node test/conformance/table.ts [SERVER…]`: only these columns are made anew (ours, knot, nsd, unbound, coredns).
// A check passes when it passes in every way it was asked; where a server has no such thing it is n/a.
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { fileURLToPath } from "node:url";
import { CHECKS, type CheckId } from "./catalog.ts";

/** The columns of the table. */
export const SERVERS = ["ours", "knot", "nsd", "unbound", "coredns"] as const;
type ServerName = (typeof SERVERS)[number];

/** What became of a check at a server. */
export type Verdict = "pass" | "fail" | "n/a";

/** Verdicts of one server, by check. */
export type Column = ReadonlyMap<string, Verdict>;

const ROOT = fileURLToPath(new URL("../../", import.meta.url));
const PAGE = `${ROOT}docs/conformance.md`;
const [START, END] = ["<!-- results: made by test/conformance/table.ts -->", "<!-- end of results -->"];
const SECTIONS: Readonly<Record<string, string>> = {
  A: "EDNS and header flags",
  B: "malformed messages",
  C: "options and sizes",
  D: "TCP, TLS, HTTPS",
  E: "names of the cluster",
  G: "refusals",
};

/** As much of vitest's JSON report as counts here. */
interface Report {
  readonly testResults: readonly {
    readonly assertionResults: readonly {
      readonly title: string;
      readonly status: string;
      readonly meta?: { readonly notApplicable?: string };
    }[];
  }[];
}

/** A server's verdicts from a report; throws when a check was not run at all. */
export function readColumn(report: Report): Column {
  const outcomes = new Map<string, Verdict[]>();
  for (const { title, status, meta } of report.testResults.flatMap((file) => file.assertionResults)) {
    const id = /^[A-G]\d\d/.exec(title)?.[0];
    if (id === undefined) continue;
    const verdict = status === "passed" ? "pass" : meta?.notApplicable === undefined ? "fail" : "n/a";
    outcomes.set(id, [...(outcomes.get(id) ?? []), verdict]);
  }
  const missing = Object.keys(CHECKS).filter((id) => !outcomes.has(id));
  if (missing.length > 0) throw new Error(`not run: ${missing.join(" ")}`);
  const worst = (verdicts: readonly Verdict[]): Verdict =>
    verdicts.includes("fail") ? "fail" : verdicts.includes("pass") ? "pass" : "n/a";
  return new Map([...outcomes].map(([id, verdicts]) => [id, worst(verdicts)]));
}

/** The page's part with the totals of each section, and a row for each check. */
export function formatResults(columns: ReadonlyMap<string, Column>): string {
  const names = [...columns.keys()];
  const ids = Object.keys(CHECKS) as CheckId[];
  const row = (cells: readonly string[]): string => `| ${cells.join(" | ")} |`;
  const rule = (count: number): string => `|${" --- |".repeat(count)}`;
  const total = (name: string, section: string): string => {
    const verdicts = ids.filter((id) => id.startsWith(section)).map((id) => columns.get(name)!.get(id));
    const [passed, asked] = [
      verdicts.filter((verdict) => verdict === "pass"),
      verdicts.filter((each) => each !== "n/a"),
    ];
    return `${passed.length} of ${asked.length}`;
  };
  const totals = [...Object.entries(SECTIONS), ["", "all"] as const].map(([section, what]) =>
    row([`${section} ${what}`.trim(), ...names.map((name) => total(name, section))]),
  );
  const rows = ids.map((id) => row([id, CHECKS[id], ...names.map((name) => columns.get(name)!.get(id) ?? "n/a")]));
  return [
    row(["section", ...names]),
    rule(names.length + 1),
    ...totals,
    "",
    row(["id", "check", ...names]),
    rule(names.length + 2),
    ...rows,
  ].join("\n");
}

/** The columns that a page has. */
export function parseResults(page: string): ReadonlyMap<string, Column> {
  const lines = resultsOf(page)
    .split("\n")
    .map((line) => line.split("|").map((cell) => cell.trim()));
  const head = lines.find(([, first]) => first === "id") ?? [];
  const names = head.slice(3, -1);
  const rows = lines.filter(([, id]) => id !== undefined && id in CHECKS);
  return new Map(names.map((name, at) => [name, new Map(rows.map((cells) => [cells[1]!, cells[3 + at] as Verdict]))]));
}

function bounds(page: string): readonly [start: number, end: number] {
  const [start, end] = [page.indexOf(START), page.indexOf(END)];
  if (start < 0 || end < start) throw new Error(`docs/conformance.md has no lines ${START} and ${END}`);
  return [start + START.length, end];
}

function resultsOf(page: string): string {
  return page.slice(...bounds(page));
}

/** The page with other results. */
export function withResults(page: string, results: string): string {
  const [start, end] = bounds(page);
  return `${page.slice(0, start)}\n\n${results}\n\n${page.slice(end)}`;
}

function run(server: ServerName): Column {
  const folder = mkdtempSync(`${tmpdir()}/cluster-dns-table-`);
  try {
    const file = `${folder}/report.json`;
    const vitest = `${ROOT}node_modules/vitest/vitest.mjs`;
    const args = [vitest, "run", "test/conformance", "--reporter=json", `--outputFile=${file}`];
    const peer = server === "ours" ? {} : { CONFORMANCE_PEER: server };
    spawnSync(process.execPath, args, {
      cwd: ROOT,
      env: { ...process.env, TEST_TIMING: "1", ...peer },
      stdio: "ignore",
    });
    return readColumn(JSON.parse(readFileSync(file, "utf8")) as Report);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function main(asked: readonly string[]): void {
  const unknown = asked.filter((name) => !SERVERS.some((server) => server === name));
  if (unknown.length > 0) throw new Error(`not a server: ${unknown.join(" ")}; there are ${SERVERS.join(", ")}`);
  const page = readFileSync(PAGE, "utf8");
  const before = parseResults(page);
  const columns = new Map<string, Column>();
  for (const server of SERVERS) {
    const column = asked.length === 0 || asked.includes(server) ? run(server) : before.get(server);
    if (column !== undefined) columns.set(server, column);
  }
  writeFileSync(PAGE, withResults(page, formatResults(columns)));
}

if (process.argv[1] === fileURLToPath(import.meta.url)) main(process.argv.slice(2));
