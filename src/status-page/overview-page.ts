// The first page: health, services, problems, sources, upstreams, traffic, top lists and queries.
// Works without scripts; with them, the sections are kept up to date by server-sent events.
import type { ServicePage, ServiceSearch } from "../overview/service-list.ts";
import { explainForm } from "./explain-page.ts";
import { elementMarkup, liveTable, tableMarkup } from "./live-section.ts";
import type { LiveSection, TableSection } from "./live-section.ts";
import { markup } from "./markup.ts";
import type { Markup } from "./markup.ts";
import { part } from "./part.ts";
import { problemsSection } from "./sections/problems-section.ts";
import { queriesSection } from "./sections/query-section.ts";
import { pagesSection, servicesSection } from "./sections/services-section.ts";
import { sourcesSection, upstreamsSection, zonesSection } from "./sections/source-sections.ts";
import { summarySection } from "./sections/summary-section.ts";
import { TOP_SHOWN, topSections } from "./sections/top-sections.ts";
import { trafficSection } from "./sections/traffic-section.ts";
import type { StatusView } from "./status-view.ts";

/** The page has no folder above it. */
const ROOT = "";

/** What the page shows, before it is laid out. */
interface Overview {
  readonly summary: LiveSection;
  readonly pages: LiveSection;
  readonly traffic: LiveSection;
  readonly services: TableSection;
  readonly problems: TableSection;
  readonly sources: TableSection;
  readonly zones: TableSection;
  readonly upstreams: TableSection;
  readonly top: readonly TableSection[];
}

function overviewOf(view: StatusView, search: ServiceSearch): Overview {
  const found: ServicePage = view.findServices(search);
  return {
    summary: summarySection(view),
    pages: pagesSection(found, search),
    traffic: trafficSection(view.traffic()),
    services: servicesSection(found, ROOT, view.domains.length > 1),
    problems: problemsSection(view.problems(), ROOT),
    sources: sourcesSection(view),
    zones: zonesSection(view.readiness().zones),
    upstreams: upstreamsSection(view.upstreams()),
    top: topSections(view.top(TOP_SHOWN), ROOT),
  };
}

/** What the page keeps up to date. */
export function overviewSections(view: StatusView, search: ServiceSearch): readonly LiveSection[] {
  const { summary, pages, traffic, services, problems, sources, zones, upstreams, top } = overviewOf(view, search);
  return [
    summary,
    pages,
    traffic,
    ...[services, problems, sources, zones, upstreams, ...top].map((table) => liveTable(table)),
  ];
}

/** The contents of `<main>`. */
export function overviewMarkup(view: StatusView, search: ServiceSearch): Markup {
  const { summary, pages, traffic, services, problems, sources, zones, upstreams, top } = overviewOf(view, search);
  const [names, missing, clients] = top;
  const found = markup`<p role="status" data-section="pages">${pages.items.map(({ html }) => html)}</p>`;
  const topTable = (title: string, table: TableSection): Markup =>
    markup`<div><h3 id="${table.name}">${title}</h3>${tableMarkup(table, table.name)}</div>`;
  const topTables = [
    topTable("Names", names!),
    topTable("Names that do not exist", missing!),
    topTable("Clients", clients!),
  ];
  const zonesTable = [markup`<h3 id="zones">Zones</h3>`, tableMarkup(zones, "zones")];
  return markup`${elementMarkup("div", summary, markup` class="tiles"`)}
${part("traffic", "Traffic", elementMarkup("div", traffic, markup` class="charts"`))}
${part("problems", "Problems", tableMarkup(problems, "problems"))}
${part("services", "Services", [searchForm(search), found, tableMarkup(services, "services")])}
${part("explain", "Explain a name", explainForm(ROOT, {}))}
${part("top", "Most asked", markup`<div class="charts">${topTables}</div>`)}
${part("sources", "Sources", [tableMarkup(sources, "sources"), zonesTable])}
${part("upstreams", "Upstreams", tableMarkup(upstreams, "upstreams"))}
${part("resolv-conf", "resolv.conf of a pod", resolvConfForm(ROOT, view.domains, {}))}
${part("queries", "Queries", [queriesForm(), tableMarkup(queriesSection([], 0, ROOT), "queries")])}`;
}

function searchForm({ query = "", isUnready }: ServiceSearch): Markup {
  return markup`<form id="search" class="row" role="search" action="./" data-live>
    <label for="query">Search</label>
    <input id="query" name="query" type="search" value="${query}" maxlength="256" autocomplete="off" spellcheck="false"
      placeholder="name, address, pod, port or type">
    <label><input type="checkbox" name="unready" value="1"${isUnready === true && markup` checked`}>
      only without a ready endpoint</label>
    <button>Search</button></form>`;
}

/** Part of the search form: what is watched is one choice. */
function queriesForm(): Markup {
  return markup`<p class="row"><label><input type="checkbox" name="queries" value="1" form="search" autocomplete="off">
    Show queries as they come</label> <span data-section="queries-note"></span></p>`;
}

/** What is asked for. */
export interface AskedPod {
  /** `NAMESPACE/NAME`, or a namespace. */
  readonly pod?: string;
  /** The domain of its cluster; absent: the first one. */
  readonly cluster?: string | undefined;
}

/** Asks for a pod, of one of the clusters. */
export function resolvConfForm(root: string, domains: readonly string[], { pod = "", cluster }: AskedPod): Markup {
  const options = domains.map((domain) => markup`<option${domain === cluster && markup` selected`}>${domain}</option>`);
  const choice =
    domains.length > 1 &&
    markup`<label for="cluster">Cluster</label> <select id="cluster" name="cluster">${options}</select>`;
  return markup`<form class="row" action="${root}resolv-conf"><label for="pod">Pod</label>
    <input id="pod" name="pod" value="${pod}" maxlength="400" autocomplete="off" spellcheck="false" required
      placeholder="namespace/pod, or namespace">
    ${choice} <button>Show</button></form>`;
}
