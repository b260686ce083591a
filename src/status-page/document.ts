// The document around every page: title, navigation, style sheet, script. No page has styles or scripts of its own.
// Links are relative, so that the pages also work below a path of a proxy.
import { markup, SCRIPT_END } from "./markup.ts";
import type { Markup } from "./markup.ts";
import type { StatusView } from "./status-view.ts";

/** A page. */
export interface Page {
  readonly title: string;
  readonly contents: Markup;
  /** The way up to the first page: empty, or `../` as often as needed. */
  readonly root: string;
  /** Where the changes of the page come from, from `root`; absent: it does not change. */
  readonly events?: string;
}

/** The parts of the first page that the navigation names. */
const PARTS: readonly (readonly [id: string, title: string])[] = [
  ["traffic", "Traffic"],
  ["problems", "Problems"],
  ["services", "Services"],
  ["explain", "Explain a name"],
  ["top", "Most asked"],
  ["sources", "Sources"],
  ["upstreams", "Upstreams"],
  ["resolv-conf", "resolv.conf"],
  ["queries", "Queries"],
];

export function documentMarkup({ title, contents, root, events }: Page, view: StatusView): Markup {
  const isFirst = root === "";
  const home = root === "" ? "./" : root;
  const links = PARTS.map(([id, text]) => markup`<li><a href="${home}#${id}">${text}</a></li>`);
  return markup`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${title} – cluster-dns</title>
<link rel="icon" type="image/svg+xml" href="${root}assets/icon.svg">
<link rel="stylesheet" href="${root}assets/status.css">
<script type="module" src="${root}assets/status.js">${SCRIPT_END}
</head>
<body${events !== undefined && markup` data-events="${root}${events}"`}>
<a class="skip" href="#main">Skip to the contents</a>
<header>
${isFirst ? markup`<h1>cluster-dns</h1>` : markup`<p class="name"><a href="${root}">cluster-dns</a></p>`}
<p>${view.version} for ${view.domains.join(", ")}</p>
<p id="connection" role="status"></p>
<nav aria-label="Parts of the page"><ul>${links}</ul></nav>
</header>
<main id="main" tabindex="-1">
${contents}
</main>
</body>
</html>
`;
}
