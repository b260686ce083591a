// Gives the problems of text that `helm template` wrote the place of the template. The line in the template is not
// known: the place is the first line, as for problems of a whole file, and the place in the rendered text stays beside.
import { HelmSources } from "../diagnostics/helm-sources.ts";
import type { Problem } from "../objects/problem.ts";
import { findTemplateFiles } from "../sources/manifests/template-files.ts";
import type { TextOf } from "./silence-problems.ts";

/** The problems in order. A template that is not below the working directory keeps the name that Helm gives it. */
export async function placeInTemplates(problems: readonly Problem[], textOf: TextOf): Promise<readonly Problem[]> {
  const sources = new Map<string, HelmSources>();
  for (const file of new Set(problems.flatMap(({ place }) => place?.file ?? []))) {
    sources.set(file, new HelmSources((await textOf(file)) ?? ""));
  }
  const templates = problems.map(({ place }) => place && sources.get(place.file)?.templateOf(place.line));
  const files = await findTemplateFiles(new Set(templates.filter((template) => template !== undefined)));
  return problems.map((problem, index) => {
    const template = templates[index];
    if (template === undefined || problem.place === undefined) return problem;
    const file = files.get(template) ?? template;
    return { ...problem, place: { file, line: 1, column: 1 }, rendered: problem.place };
  });
}
