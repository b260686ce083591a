// Writes what is there into the text of a file, in the place of what failed. Only the items that failed are printed
// anew, with their comments; every other character of the file stays. Pure.
import { Document, isAlias, isMap, isScalar, isSeq, parseAllDocuments } from "yaml";
import type { Pair, Scalar, YAMLMap, YAMLSeq } from "yaml";
import { EXPECTED_KEYS } from "./expectation.ts";
import type { ExpectedKey, Expectation, Verdict } from "./expectation.ts";
import { isResolved } from "./judge.ts";
import { parseRdataText } from "./rdata-text.ts";

/** Values by key; undefined: the key goes. */
type Revision = ReadonlyMap<ExpectedKey, readonly string[] | string | number | undefined>;

/** The text with the failed ones of `verdicts`, which are all of this text, as they are now. */
export function updateExpectations(text: string, verdicts: readonly Verdict[]): string {
  const documents = parseAllDocuments(text, { logLevel: "silent" });
  const lists = (Array.isArray(documents) ? documents : [])
    .filter(({ contents }) => contents !== null && !(isScalar(contents) && contents.value === null))
    .map((document) => document.get("expectations", true));
  const edits = verdicts.filter(canUpdate).flatMap(({ expectation, ...rest }) => {
    const list: unknown = lists[expectation.document];
    // An alias shares the item of its anchor, which fails as well.
    const item: unknown = isSeq(list) ? list.items[expectation.index] : undefined;
    if (!isMap(item) || item.range === undefined || item.range === null) return [];
    const [start, end] = item.range;
    const written = text.slice(start, end);
    revise(item, expectation, findRevision({ expectation, ...rest }));
    return [{ start, end, text: printItem(item, written, start - (text.lastIndexOf("\n", start - 1) + 1)) }];
  });
  let at = 0;
  let updated = "";
  for (const edit of edits) {
    updated += text.slice(at, edit.start) + edit.text;
    at = edit.end;
  }
  return updated + text.slice(at);
}

/** Whether it failed, and there is a reply that can be written. */
export function canUpdate({ mismatches, outcome }: Verdict): boolean {
  return mismatches.length > 0 && outcome.fault === undefined;
}

/** What each failed key becomes, and the key that takes the place of those that go. */
function findRevision({ expectation, mismatches, outcome, why }: Verdict): Revision {
  const records = outcome.answer;
  const present = expectation.contains?.filter((record) => records.includes(record)) ?? [];
  const reason = why?.code !== undefined && /^[a-z-]+$/.test(expectation.reason ?? "") ? why.code : why?.text;
  const values = {
    answer: records.length > 0 ? records.toSorted() : undefined,
    contains: present.length > 0 ? present : records.length > 0 ? records.toSorted() : undefined,
    count: records.length,
    rcode: isResolved(outcome) ? undefined : outcome.status,
    reason: isResolved(outcome) ? undefined : reason,
  };
  const revision = new Map(mismatches.flatMap(({ key }) => (key === undefined ? [] : [[key, values[key]] as const])));
  const stays = (key: ExpectedKey): boolean =>
    revision.has(key) ? revision.get(key) !== undefined : expectation[key] !== undefined;
  const wantsRcode = records.length === 0 && !stays("rcode") && !stays("reason") && !stays("answer");
  if (wantsRcode) revision.set("rcode", outcome.status);
  else if (!EXPECTED_KEYS.some(stays)) revision.set("answer", values.answer);
  return revision;
}

function revise(item: YAMLMap, { type }: Expectation, revision: Revision): void {
  const gone = [...revision].filter(([, value]) => value === undefined).map(([key]) => key);
  for (const [key, value] of revision) {
    if (value === undefined) continue;
    const pair = findPair(item, key) ?? renamePair(item, gone, key);
    if (pair === undefined) item.items.push(new Document(undefined).createPair(key, toNode(value)) as Pair);
    else if (Array.isArray(value) && isSeq(pair.value)) reviseList(pair.value, type, value as readonly string[]);
    else if (!Array.isArray(value) && isScalar(pair.value)) pair.value.value = value;
    else pair.value = toNode(value);
  }
  for (const key of gone) {
    // A key that a merge brings can only be hidden.
    if (!item.delete(key)) item.set(key, toNode(null));
  }
}

function findPair(item: YAMLMap, key: string): Pair | undefined {
  return item.items.find((pair) => isScalar(pair.key) && pair.key.value === key);
}

/** Gives the place of the first key that goes to `key`. */
function renamePair(item: YAMLMap, gone: ExpectedKey[], key: ExpectedKey): Pair | undefined {
  const old = gone.find((each) => findPair(item, each) !== undefined);
  const pair = old === undefined ? undefined : findPair(item, old)!;
  if (pair === undefined) return undefined;
  gone.splice(gone.indexOf(old!), 1);
  (pair.key as Scalar).value = key;
  return pair;
}

/** New records take the places of those that go, so that comments and order stay. */
function reviseList(list: YAMLSeq, type: number, records: readonly string[]): void {
  const written = list.items.map((node) => {
    const { value } = isAlias(node) || !isScalar(node) ? { value: undefined } : node;
    const rdata = typeof value === "string" ? parseRdataText(type, value) : undefined;
    return typeof rdata === "string" ? rdata : undefined;
  });
  const added = records.filter((record) => !written.includes(record));
  list.items = list.items.flatMap((node, index) => {
    const rdata = written[index];
    if (rdata !== undefined && records.includes(rdata)) return [node];
    const next = added.shift();
    if (next === undefined) return [];
    if (!isScalar(node)) return [toNode(next)];
    node.value = next;
    return [node];
  });
  list.items.push(...added.map(toNode));
}

function toNode(value: unknown): unknown {
  return new Document(undefined).createNode(value, { flow: true });
}

/** The item as text that begins at `column`, in the style of `written`. */
function printItem(item: YAMLMap, written: string, column: number): string {
  // What stands around the item is not part of it.
  item.commentBefore = null;
  item.comment = null;
  item.spaceBefore = false;
  const document = new Document(undefined, { logLevel: "silent" });
  document.contents = item as never;
  const isJson = /^\{\s*"/.test(written);
  let text = document
    .toString({
      lineWidth: 0,
      verifyAliasOrder: false,
      flowCollectionPadding: /[[] /.test(written),
      ...(isJson && { defaultStringType: "QUOTE_DOUBLE", defaultKeyType: "QUOTE_DOUBLE" }),
    })
    .trimEnd();
  // The library pads braces and brackets alike.
  if (item.flow === true && written.startsWith("{ ") && !text.startsWith("{ ")) text = `{ ${text.slice(1, -1)} }`;
  const lines = text.split("\n").map((line, index) => (index === 0 || line === "" ? line : " ".repeat(column) + line));
  const end = written.endsWith("\n") ? "\n" : "";
  const eol = written.includes("\r\n") ? "\r\n" : "\n";
  return (lines.join("\n") + end).replaceAll("\n", eol);
}
