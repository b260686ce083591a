// HTML from templates. Every text in it is escaped, and characters that hide or disguise others are spelled out: it may
// come from a query or from an object.
import { html, raw } from "hono/html";
import type { HtmlEscapedString } from "hono/utils/html";
import { visible } from "../std/visible.ts";

/** HTML that a template made: the only text that is not escaped when it is part of another template. */
export type Markup = HtmlEscapedString;

/** What a template takes: of `false` and `undefined` nothing is shown. */
export type Content = string | number | false | undefined | readonly Content[];

/** The end of a script. Bundlers make a call of a helper that is not there of a template that has it. */
export const SCRIPT_END: Markup = raw("</script>");

/** The tag of templates. */
export function markup(strings: TemplateStringsArray, ...values: readonly Content[]): Markup {
  // A promise only where a value is one.
  return html(strings, ...values.map(shown)) as Markup;
}

function shown(value: Content): unknown {
  if (Array.isArray(value)) return value.map(shown);
  // Markup is an object.
  return typeof value === "string" ? visible(value) : value;
}

/** With a comma at each thousand. */
export function formatCount(count: number): string {
  return Math.round(count).toLocaleString("en-US");
}

/** `1 service`, `2 services`. */
export function countOf(count: number, what: string): string {
  return `${formatCount(count)} ${what}${count === 1 ? "" : "s"}`;
}
