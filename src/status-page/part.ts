// A part of a page: a heading that can be linked to, and what is below it.
// Its class is that of the style sheet, which says how wide it is.
import { markup } from "./markup.ts";
import type { Content, Markup } from "./markup.ts";

export function part(id: string, title: Content, contents: Content): Markup {
  return markup`<section class="part-${id}" aria-labelledby="${id}"><h2 id="${id}">${title}</h2>${contents}</section>`;
}
