// Links from one page to another: to a service, to the resolv.conf of a pod, to the explanation of a name.
// `root` is the way up to the first page, as in document.ts.
import type { ExplainQuestion } from "../explain/explanation.ts";
import { markup } from "./markup.ts";
import type { Content, Markup } from "./markup.ts";
import { parseExplainQuestion } from "./request-parameters.ts";

/** What identifies a service. */
interface ServiceName {
  readonly domain: string;
  readonly namespace: string;
  readonly name: string;
}

export function serviceLink({ domain, namespace, name }: ServiceName, root: string): Markup {
  const path = [domain, namespace, name].map(encodeURIComponent).join("/");
  return markup`<a href="${root}services/${path}"><span class="namespace">${namespace}/</span>${name}</a>`;
}

/** A dash where there is no pod. */
export function podLink(
  pod: string | undefined,
  { domain, namespace }: Omit<ServiceName, "name">,
  root: string,
): Content {
  if (pod === undefined) return "–";
  const query = new URLSearchParams({ pod: `${namespace}/${pod}`, cluster: domain }).toString();
  return markup`<a href="${root}resolv-conf?${query}">${pod}</a>`;
}

/** The text alone where the name can't be asked for. */
export function explainLink(question: ExplainQuestion, root: string, text: string = question.name): Content {
  const parameters = Object.fromEntries(Object.entries(question) as [string, string][]);
  if ("fault" in parseExplainQuestion(parameters)) return text;
  return markup`<a href="${root}explain?${new URLSearchParams(parameters).toString()}">${text}</a>`;
}
