// Reads the folders of test/situations/: manifests, zone files and settings of a user who gets no records, and
// `situation.txt`, which says what must be said about it. test/situations.test.ts describes the format.
import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { EngineSettings } from "./engine.ts";
import { readSettings } from "./scenario.ts";

/** A question that somebody asks, and how the explanation of it begins. */
export interface ExplainedQuestion {
  readonly name: string;
  readonly type: string;
  /** A namespace, a pod as NAMESPACE/NAME, or an address. */
  readonly from: string;
  /** The sentence of the reason, or its beginning. */
  explain: string;
  /** What the explanation names somewhere. */
  readonly mentions: string[];
}

/** A query without records, and the text of the extended error in its reply, or the beginning of it. */
export interface NegativeQuery {
  readonly name: string;
  readonly type: string;
  readonly text: string;
}

export interface Situation {
  readonly name: string;
  readonly path: string;
  readonly settings: EngineSettings;
  /** The comment at the top. */
  readonly comments: readonly string[];
  /** The codes of what `check` reports, sorted. */
  readonly codes: readonly string[];
  readonly questions: readonly ExplainedQuestion[];
  readonly queries: readonly NegativeQuery[];
}

/** Reads all folders below `root`. */
export function readSituations(root: URL): readonly Situation[] {
  return readdirSync(root).map((name) => readSituation(name, new URL(`${name}/`, root)));
}

function readSituation(name: string, folder: URL): Situation {
  const lines = readFileSync(new URL("situation.txt", folder), "utf8").trimEnd().split("\n");
  const comments = lines.filter((line) => line.startsWith("#"));
  const codes: string[] = [];
  const questions: ExplainedQuestion[] = [];
  const queries: NegativeQuery[] = [];
  for (const line of lines.slice(comments.length)) {
    const [, keyword = "", rest = ""] = /^([a-z]+) (.+)$/.exec(line) ?? [];
    const question = questions.at(-1);
    if (keyword === "check") codes.push(...(rest === "-" ? [] : rest.split(", ")));
    else if (keyword === "ask") questions.push(readQuestion(rest));
    else if (keyword === "explain" && question !== undefined) question.explain = rest;
    else if (keyword === "mentions" && question !== undefined) question.mentions.push(rest);
    else if (keyword === "reply") queries.push(readQuery(rest));
    else throw new Error(`${name}: not a line of situation.txt: ${line}`);
  }
  return { name, path: fileURLToPath(folder), settings: readSettings(folder), comments, codes, questions, queries };
}

/** `NAME TYPE from FROM`. */
function readQuestion(text: string): ExplainedQuestion {
  const [, name, type, from] = /^(\S+) ([A-Z]+) from (\S+)$/.exec(text) ?? [];
  if (name === undefined || type === undefined || from === undefined) throw new Error(`not a question: ${text}`);
  return { name, type, from, explain: "", mentions: [] };
}

/** `NAME TYPE: TEXT`. */
function readQuery(line: string): NegativeQuery {
  const [, name, type, text] = /^(\S+) ([A-Z]+): (.+)$/.exec(line) ?? [];
  if (name === undefined || type === undefined || text === undefined) throw new Error(`not a query: ${line}`);
  return { name: `${name}.`, type, text };
}
