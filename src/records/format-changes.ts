// What differs between two lists of records, as text for people, as Markdown for pull requests, and as JSON.
// Everything is spelled as in zone files, so that records cannot control a terminal or end a block of Markdown.
import { TYPE } from "../dns/constants.ts";
import { foldedKey, nameKey } from "../dns/name.ts";
import { formatType } from "../dns/type-names.ts";
import { formatRdata } from "../zonefile/rdata-text.ts";
import type { NameChange, RecordChanges } from "./compare-records.ts";
import { toJsonRecord } from "./format-json.ts";
import type { ListedRecord } from "./listed-record.ts";
import { formatOwner } from "./name-texts.ts";

/** Of the lines in Markdown: more are collapsed, and a comment of GitHub has 65,536 characters at most. */
const LINES_OPEN_MAX = 20;
const MARKDOWN_LENGTH_MAX = 60_000;
/** Types whose data ends in a name. */
const ENDS_IN_NAME: ReadonlySet<number> = new Set([TYPE.CNAME, TYPE.DNAME, TYPE.MX, TYPE.NS, TYPE.PTR, TYPE.SRV]);

export function hasChanges({ names, moved }: RecordChanges): boolean {
  return names.length + moved.length > 0;
}

/** `2 names added, 1 changed; 1 assigned address moved` */
export function summarize({ names, moved }: RecordChanges): string {
  const counts = (["added", "removed", "changed"] as const)
    .map((change) => ({ change, count: names.filter((each) => each.change === change).length }))
    .filter(({ count }) => count > 0)
    .map(({ change, count }, i) => `${count} ${i > 0 ? "" : count === 1 ? "name " : "names "}${change}`);
  const moves = moved.length === 1 ? "1 assigned address moved" : `${moved.length} assigned addresses moved`;
  const parts = [counts.join(", "), moved.length === 0 ? "" : moves].filter((part) => part !== "");
  return parts.length === 0 ? "no differences" : parts.join("; ");
}

/** The summary, then a line for each record, by name. */
export function formatChangesText(changes: RecordChanges): string {
  const lines = changeLines(changes);
  return [summarize(changes), ...(lines.length === 0 ? [] : ["", ...lines])].map((line) => `${line}\n`).join("");
}

/** The summary in bold, and the lines in a block, which is collapsed where it is long. */
export function formatChangesMarkdown(changes: RecordChanges): string {
  const heading = `**DNS names**: ${summarize(changes)}`;
  const lines = changeLines(changes);
  if (lines.length === 0) return `${heading}\n`;
  const shown: string[] = [];
  let length = 0;
  for (const line of lines) {
    length += line.length + 1;
    if (length > MARKDOWN_LENGTH_MAX) break;
    shown.push(line);
  }
  const left = lines.length - shown.length;
  // A fence is longer than any in the text.
  const longest = Math.max(2, ...shown.flatMap((line) => line.match(/`+/g) ?? []).map((run) => run.length));
  const fence = "`".repeat(longest + 1);
  const block = [`${fence}diff`, ...shown, fence, ...(left === 0 ? [] : ["", `and ${left} more lines`])];
  const isLong = lines.length > LINES_OPEN_MAX;
  const body = isLong ? [`<details><summary>${lines.length} lines</summary>`, "", ...block, "", "</details>"] : block;
  return [heading, "", ...body].map((line) => `${line}\n`).join("");
}

/** All of it for programs; `minus` and `plus` turn the records of one list into those of the other. */
export function formatChangesJson(changes: RecordChanges): string {
  const sides = ({ minus, plus }: Pick<NameChange, "minus" | "plus">): object => {
    return { minus: minus.map(toJsonRecord), plus: plus.map(toJsonRecord) };
  };
  const all = {
    summary: summarize(changes),
    names: changes.names.map((each) => ({ name: formatOwner(each.name), change: each.change, ...sides(each) })),
    moved: changes.moved,
    movedRecords: sides(changes.movedRecords),
  };
  return `${JSON.stringify(all, undefined, 2)}\n`;
}

function changeLines({ names, moved }: RecordChanges): readonly string[] {
  return [
    ...names.flatMap(({ minus, plus }) => [
      ...minus.map((record) => `- ${describe(record, plus)}`),
      ...plus.map((record) => `+ ${describe(record, minus)}`),
    ]),
    ...moved.map(({ object, from, to }) => `~ ${object} ${from} -> ${to}`),
  ];
}

/** With its TTL where the other side has the record with another one. */
function describe({ owner, type, ttl, rdata }: ListedRecord, others: readonly ListedRecord[]): string {
  const name = formatOwner(owner).replace(/(?<=.)\.$/, "");
  const data = formatRdata(type, rdata);
  const shown = ENDS_IN_NAME.has(type) ? data.replace(/(?<=[^ ])\.$/, "") : data;
  const isSame = (other: ListedRecord): boolean =>
    other.type === type && foldedKey(other.owner) === foldedKey(owner) && nameKey(other.rdata) === nameKey(rdata);
  return `${name} ${formatType(type)} ${shown}${others.some(isSame) ? ` (TTL ${ttl})` : ""}`;
}
