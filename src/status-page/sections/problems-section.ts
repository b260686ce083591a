// What is wrong with the input right now: the place, what is wrong and what to do.
// Errors come first; of very many problems only the first are shown.
import type { Problem, Severity } from "../../objects/problem.ts";
import { explainLink } from "../links.ts";
import type { TableSection } from "../live-section.ts";
import { formatCount, markup } from "../markup.ts";
import type { Content } from "../markup.ts";

const SHOWN_MAX = 100;
const ORDER: readonly Severity[] = ["error", "warning", "hint"];
const MOODS: Readonly<Record<Severity, string>> = { error: "bad", warning: "warn", hint: "plain" };

export function problemsSection(problems: readonly Problem[], root: string): TableSection {
  const sorted = sortProblems(problems);
  const rows = sorted.slice(0, SHOWN_MAX).map(({ code, severity, message, advice, object, place }) => {
    const where = place === undefined ? "" : `${place.file}:${place.line}:${place.column}`;
    return {
      key: [code, where, object, message].join(" "),
      cells: [
        markup`<span class="${MOODS[severity]}">${severity}</span> <span class="code">${code}</span>`,
        markup`<span class="long">${where}</span>`,
        markup`${object !== undefined && markup`<span class="part">${object}:</span> `}${message}
          <span class="advice">${advice}</span> ${explainService(object, root)}`,
      ],
    };
  });
  const more = sorted.length - rows.length;
  return {
    name: "problems",
    columns: ["Problem", "Place", "What is wrong"],
    rows: more > 0 ? [...rows, { key: "more", cells: [`and ${formatCount(more)} more`, "", ""] }] : rows,
    empty: "There are no problems.",
  };
}

/** A link to the explanation of the service that the problem is of. */
function explainService(object: string | undefined, root: string): Content {
  const [, from, service] = /^Service ([^/]+)\/(.+)$/.exec(object ?? "") ?? [];
  if (from === undefined) return undefined;
  const name = `${service}.${from}`;
  return explainLink({ name, from }, root, `Explain ${name}`);
}

/** By severity, then by place. */
export function sortProblems(problems: readonly Problem[]): readonly Problem[] {
  const rank = ({ severity }: Problem): number => ORDER.indexOf(severity);
  const file = ({ place }: Problem): string => place?.file ?? "";
  return problems.toSorted(
    (a, b) =>
      rank(a) - rank(b) ||
      (file(a) < file(b) ? -1 : file(a) > file(b) ? 1 : (a.place?.line ?? 0) - (b.place?.line ?? 0)),
  );
}
