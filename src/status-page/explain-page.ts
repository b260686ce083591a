// The page of an explanation: why a name resolves or not. The form asks for it, and keeps what was typed.
// explain/ finds the causes; the answer comes first, then its evidence.
import type { Explanation } from "../explain/explanation.ts";
import type { ExplainFault } from "./explain-request.ts";
import { tableMarkup } from "./live-section.ts";
import { markup } from "./markup.ts";
import type { Markup } from "./markup.ts";
import { part } from "./part.ts";
import { answerMarkup, askerMarkup, candidatesSection, recordsSection, verdictOf } from "./sections/answer-sections.ts";
import { chainMarkup } from "./sections/chain-sections.ts";

/** What is offered; any other type may be typed. */
const TYPES = ["A", "AAAA", "SRV", "PTR", "CNAME", "TXT", "MX", "NS", "SOA"];

/** What was typed, whether or not it is a question. */
export interface AskedName {
  readonly name?: string;
  readonly type?: string;
  readonly from?: string;
}

/** `explained`: undefined where nothing was asked. */
export function explainTitle({ name = "" }: AskedName, explained: Explanation | ExplainFault | undefined): string {
  if (explained === undefined) return "Explain a name";
  return "fault" in explained ? "Not explained" : `${name} ${verdictOf(explained).text}`;
}

export function explainMarkup(
  asked: AskedName,
  explained: Explanation | ExplainFault | undefined,
  root: string,
): Markup {
  const shown =
    explained !== undefined &&
    ("fault" in explained
      ? markup`<p role="alert" class="bad"><span aria-hidden="true">✗</span> Not explained: ${explained.fault}.</p>`
      : explanationMarkup(explained, root));
  return markup`<h1>Why a name resolves or not</h1>
${explainForm(root, asked)}
${shown}`;
}

export function explainForm(root: string, { name = "", type = "", from = "" }: AskedName): Markup {
  const types = TYPES.map((each) => markup`<option>${each}</option>`);
  return markup`<form class="row fields" action="${root}explain">
    <label class="field">Name <input name="name" value="${name}" maxlength="255" autocomplete="off" autocapitalize="off"
      spellcheck="false" required placeholder="such as web.shop"></label>
    <label class="field">Type <input name="type" value="${type}" maxlength="16" autocomplete="off" spellcheck="false"
      list="types" placeholder="A and AAAA"></label><datalist id="types">${types}</datalist>
    <label class="field">Asked by <input name="from" value="${from}" maxlength="400" autocomplete="off"
      autocapitalize="off" spellcheck="false" placeholder="shop, shop/web-0 or 10.244.1.7"></label>
    <button>Explain</button></form>`;
}

function explanationMarkup(explanation: Explanation, root: string): Markup {
  const { candidates, decisive, search } = explanation;
  const { service } = candidates[decisive]!;
  const records = recordsSection(candidates);
  return markup`${answerMarkup(explanation)}
${part("candidates", "Names that are asked for, in this order", [
  askerMarkup(search),
  tableMarkup(candidatesSection(explanation), "candidates"),
])}
${records.rows.length > 0 && part("records", "Records", tableMarkup(records, "records"))}
${service !== undefined && chainMarkup(service, root)}`;
}
