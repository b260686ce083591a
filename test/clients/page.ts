// Writes what a run on this machine gave into docs/clients.md: `node test/clients/page.ts`.
// Stacks that are not installed here keep a row that says so; nothing is written where an answer is wrong.
import { readFileSync, writeFileSync } from "node:fs";
import { judgeAll, type Verdict } from "./compare.ts";
import { LOOKUPS, measure, type Cost } from "./measure.ts";
import { askAll, whyNoNamespace, Workshop } from "./namespace.ts";
import { KINDS, QUESTIONS, type Kind } from "./questions.ts";
import { STACKS, type Stack } from "./stacks.ts";

const PAGE = new URL("../../docs/clients.md", import.meta.url);
const MARKS = {
  kinds: ["<!-- kinds: made by test/clients/page.ts -->", "<!-- end of kinds -->"],
  results: ["<!-- results: made by test/clients/page.ts -->", "<!-- end of results -->"],
  costs: ["<!-- costs: made by test/clients/page.ts -->", "<!-- end of costs -->"],
} as const;

/** What is known of a stack: its version and verdicts; undefined: not tried. */
export type Tried = { readonly version: string; readonly verdicts: ReadonlyMap<Kind, readonly Verdict[]> } | undefined;

/** A stack's cells, one a kind: `same`, `N of M differ` with the letters of the reasons, `n/a`. */
export function formatCells(tried: Tried, letterOf: (reason: string) => string): readonly string[] {
  return (Object.keys(KINDS) as Kind[]).map((kind) => {
    const verdicts = tried?.verdicts.get(kind) ?? [];
    const reasons = verdicts.flatMap((verdict) => (verdict.is === "differs" ? [verdict.difference.reason] : []));
    if (verdicts.some(({ is }) => is === "wrong")) return "wrong";
    if (tried === undefined) return "–";
    if (verdicts.every(({ is }) => is === "n/a")) return "n/a";
    if (reasons.length === 0) return "same";
    return `${reasons.length} of ${verdicts.length} differ (${[...new Set(reasons)].map(letterOf).join(", ")})`;
  });
}

/** The table of stacks and kinds, and under it the reasons by their letters. */
export function formatResults(tried: ReadonlyMap<Stack, Tried>): string {
  const reasons: string[] = [];
  const letterOf = (reason: string): string => {
    if (!reasons.includes(reason)) reasons.push(reason);
    return String.fromCodePoint(97 + reasons.indexOf(reason));
  };
  const rows = [...tried].map(([stack, what]) => [
    stack.name,
    what?.version ?? "not installed",
    ...formatCells(what, letterOf),
  ]);
  const table = formatTable([["stack", "version", ...Object.keys(KINDS)], ...rows]);
  const notes = reasons.map((reason) => `(${letterOf(reason)}) ${reason}.\n`);
  return [table, ...notes].join("\n");
}

/** The rows of a page, by stack. */
export function parseResults(page: string): ReadonlyMap<string, { version: string; cells: readonly string[] }> {
  const rows = part(page, "results")
    .split("\n")
    .filter((line) => line.startsWith("| "));
  return new Map(
    rows.slice(2).map((row) => {
      const [name = "", version = "", ...cells] = row
        .split("|")
        .slice(1, -1)
        .map((cell) => cell.trim());
      return [name, { version, cells }];
    }),
  );
}

/** The page's table of kinds. */
export function formatKinds(): string {
  const rows = Object.entries(KINDS).map(([kind, what]) => [
    kind,
    what,
    `${QUESTIONS.filter((question) => question.kind === kind).length}`,
  ]);
  return formatTable([["kind", "what is asked", "names"], ...rows]);
}

/** What lies between a part's two marks. */
export function part(page: string, name: keyof typeof MARKS): string {
  const [start, end] = MARKS[name];
  const [from, to] = [page.indexOf(start), page.indexOf(end)];
  if (from < 0 || to < from) throw new Error(`docs/clients.md has no lines ${start} and ${end}`);
  return page.slice(from + start.length, to).trim();
}

function formatCosts(costs: readonly Cost[]): string {
  const count = (value: number): string => value.toLocaleString("en");
  const rows = costs.map(({ stack, autopath, clientPackets, upstreamQueries }) => [
    stack,
    autopath,
    count(clientPackets),
    count(upstreamQueries),
  ]);
  const head = ["stack", "`--autopath`", "packets between client and server", "queries to the upstream"];
  return formatTable([head, ...rows]);
}

function formatTable([head = [], ...rows]: readonly (readonly string[])[]): string {
  return [head, head.map(() => "---"), ...rows].map((cells) => `| ${cells.join(" | ")} |\n`).join("");
}

async function main(): Promise<void> {
  const reason = whyNoNamespace();
  if (reason !== undefined) throw new Error(reason);
  const workshop = new Workshop();
  try {
    const outcomes = await askAll(workshop);
    const tried = new Map(
      STACKS.map((stack): [Stack, Tried] => {
        const [version, outcome] = [workshop.versions.get(stack), outcomes.get(stack)];
        if (version === undefined || outcome === undefined) return [stack, undefined];
        return [stack, { version, verdicts: judgeAll(stack, version, outcome.lines) }];
      }),
    );
    const results = formatResults(tried);
    if (results.includes("wrong")) throw new Error(`not written, for there are wrong answers:\n${results}`);
    const parts = { kinds: formatKinds(), results, costs: formatCosts(await measure(workshop)) };
    let page = readFileSync(PAGE, "utf8");
    for (const name of Object.keys(MARKS) as (keyof typeof MARKS)[]) {
      const [start, end] = MARKS[name];
      page = page.replace(part(page, name), "");
      page = page.slice(0, page.indexOf(start) + start.length) + `\n\n${parts[name]}\n` + page.slice(page.indexOf(end));
    }
    writeFileSync(PAGE, page);
    process.stdout.write(`${results}\n${LOOKUPS} look-ups:\n${parts.costs}`);
  } finally {
    workshop.remove();
  }
}

if (import.meta.main) await main();
