// A request for an explanation, by a page or by the API: the same parameters, faults and statuses for both.
// Knows no HTTP but the statuses.
import type { Explanation } from "../explain/explanation.ts";
import { parseExplainQuestion } from "./request-parameters.ts";
import type { StatusView } from "./status-view.ts";

/** What is wrong, and the status of HTTP that says so. */
export interface ExplainFault {
  readonly fault: string;
  readonly status: 400 | 404 | 503;
}

export async function explainRequest(
  view: StatusView,
  parameters: Readonly<Record<string, string>>,
): Promise<Explanation | ExplainFault> {
  const question = parseExplainQuestion(parameters);
  if ("fault" in question) return { fault: question.fault, status: 400 };
  const explanation = await view.explain(question);
  if (!("fault" in explanation)) return explanation;
  const { fault, isBusy, isMissing } = explanation;
  return { fault, status: isBusy === true ? 503 : isMissing === true ? 404 : 400 };
}
