// The sentence of an explanation, hints, the names that were asked for with what became of each, and their records.
// What is good or bad is said by a mark and a word besides its colour.
import type { CandidateOutcome, Explanation, Outcome, SearchList } from "../../explain/explanation.ts";
import { askerLines, deciderText, replyStatus } from "../../explain/format-explanation.ts";
import type { TableSection } from "../live-section.ts";
import { formatCount, markup } from "../markup.ts";
import type { Content, Markup } from "../markup.ts";
import { part } from "../part.ts";

/** A reply may have thousands. */
const RECORDS_SHOWN_MAX = 100;

const MARKS = { good: "✓", warn: "!", bad: "✗" } as const;
type Mood = keyof typeof MARKS;

const MOODS: Readonly<Record<Outcome, Mood>> = {
  records: "good",
  "no-records": "warn",
  "no-name": "warn",
  forwarded: "warn",
  refused: "bad",
  failed: "bad",
  silence: "bad",
};

/** Whether the name resolves, in a word or few. */
export function verdictOf({ isResolved, candidates, decisive }: Explanation): { mood: Mood; text: string } {
  if (isResolved) return { mood: "good", text: "resolves" };
  const { outcome, reasonText } = candidates[decisive]!;
  const isUnknown = outcome === "forwarded" && reasonText === undefined;
  return isUnknown ? { mood: "warn", text: "is forwarded" } : { mood: "bad", text: "does not resolve" };
}

export function answerMarkup(explanation: Explanation): Markup {
  const { sentence, hints } = explanation;
  const items = hints.map((hint) => markup`<li>${hint}</li>`);
  const list = items.length > 0 && markup`<h3 id="hints">Hints</h3><ul aria-labelledby="hints">${items}</ul>`;
  return part("answer", marked(verdictOf(explanation).mood, sentence), list);
}

/** Who asks, and with which search list. */
export function askerMarkup(search: SearchList): Content {
  return askerLines(search).map((line) => markup`<p class="asker">${line}</p>`);
}

export function candidatesSection({ candidates, decisive }: Explanation): TableSection {
  return {
    name: "candidates",
    columns: ["Name", "Answer", "Why"],
    rows: candidates.map((candidate, i) => {
      const { name, reasonText, decidedBy, rewrittenTo } = candidate;
      const isDecisive = i === decisive;
      const notes = [
        ...(isDecisive || decidedBy.kind !== "cluster" ? [`decided by ${deciderText(decidedBy)}`] : []),
        ...(rewrittenTo === undefined ? [] : [`rewritten to ${rewrittenTo}`]),
      ];
      const isMeant = isDecisive && candidates.length > 1;
      const meant = isMeant && markup` <span class="advice">the sentence above is about this name</span>`;
      return {
        key: String(i),
        cells: [
          markup`${i + 1}.\u00a0${name}${meant}`,
          repliesMarkup(candidate),
          [reasonText, ...notes.map((note) => markup` <span class="advice">${note}</span>`)],
        ],
      };
    }),
    empty: "No name of the search list can be asked for.",
  };
}

/** The records of all names, each once. */
export function recordsSection(candidates: readonly CandidateOutcome[]): TableSection {
  const records = [...new Set(candidates.flatMap(({ replies }) => replies.flatMap((reply) => reply.records)))];
  const rows = records.slice(0, RECORDS_SHOWN_MAX).map((record) => {
    const [owner = "", ttl = "", , type = "", ...data] = record.split(" ");
    return { key: record, cells: [owner, type, markup`<span class="long">${data.join(" ")}</span>`, ttl] };
  });
  const more = records.length - rows.length;
  return {
    name: "records",
    columns: ["Name", "Type", "Data", "TTL (seconds)"],
    rows: more > 0 ? [...rows, { key: "more", cells: [`and ${formatCount(more)} more`, "", "", ""] }] : rows,
    empty: "There are no records.",
  };
}

/** `text` with a mark, in the colour of the mood. */
export function marked(mood: Mood, text: string): Markup {
  return markup`<span class="part ${mood}"><span class="mark" aria-hidden="true">${MARKS[mood]}</span> ${text}</span>`;
}

/** Types with the same reply share a line. Beside records, a type without any is no fault. */
function repliesMarkup({ replies, outcome }: CandidateOutcome): Content {
  const byStatus = Map.groupBy(replies, (reply) => replyStatus(reply, outcome));
  return [...byStatus].map(([status, group]) => {
    const text = `${group.map(({ type }) => type).join(", ")}: ${status}`;
    const isBeside = outcome === "records" && group[0]!.records.length === 0;
    return isBeside ? markup`<span class="part">${text}</span> ` : markup`${marked(MOODS[outcome], text)} `;
  });
}
