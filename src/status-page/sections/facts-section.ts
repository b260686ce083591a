// Facts of one thing, a line each: a term and its value.
// The page of a service keeps them up to date.
import type { LiveSection } from "../live-section.ts";
import { markup } from "../markup.ts";
import type { Content } from "../markup.ts";

export type Fact = readonly [term: string, value: Content];

export function factsSection(facts: readonly Fact[]): LiveSection {
  return {
    name: "facts",
    items: facts.map(([term, value]) => ({
      key: term,
      html: markup`<p data-key="${term}"><span class="term">${term}</span> ${value}</p>`,
    })),
  };
}
