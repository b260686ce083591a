// The services that a search finds, a page of them, with how many of their endpoints are ready.
// The search itself is in overview/.
import type { ServicePage, ServiceSearch } from "../../overview/service-list.ts";
import type { ServiceRow } from "../../overview/service-row.ts";
import { serviceLink } from "../links.ts";
import type { LiveSection, TableSection } from "../live-section.ts";
import { countOf, markup } from "../markup.ts";
import type { Content } from "../markup.ts";

/** `hasSeveral`: there are several clusters, so that a service needs the domain of its own. */
export function servicesSection({ services }: ServicePage, root: string, hasSeveral: boolean): TableSection {
  return {
    name: "services",
    columns: ["Service", "Type", "Address", "Ports", "Ready"],
    rows: services.map((service) => {
      const { domain, namespace, name, type, addresses, externalName, ports } = service;
      const where = hasSeveral && markup` <span class="advice">${domain}</span>`;
      const cells = [
        markup`${serviceLink(service, root)}${where}`,
        type,
        externalName ?? spaced(addresses),
        spaced(ports.map(formatPort)),
        readyMark(service),
      ];
      return { key: `${namespace}/${name} ${domain}`, cells };
    }),
    empty: "No service is found.",
  };
}

/** How many were found, and the ways to the other pages. */
export function pagesSection({ found, page, pages }: ServicePage, search: ServiceSearch): LiveSection {
  const link = (to: number, text: string): Content =>
    to >= 1 && to <= pages && markup` <a href="?${searchParameters({ ...search, page: to })}#services">${text}</a>`;
  const place = pages > 1 && `, page ${page} of ${pages}`;
  const links = [link(page - 1, "previous"), link(page + 1, "next")];
  const text = markup`<span data-key="pages">${countOf(found, "service")}${place}${links}</span>`;
  return { name: "pages", items: [{ key: "pages", html: text }] };
}

/** The search as the query of a URL. */
export function searchParameters({ query, isUnready, page }: ServiceSearch): string {
  const parameters = new URLSearchParams();
  if (query !== undefined && query !== "") parameters.set("query", query);
  if (isUnready === true) parameters.set("unready", "1");
  if (page !== undefined && page > 1) parameters.set("page", String(page));
  return parameters.toString();
}

/** `http 80/TCP`, or `80/TCP` of a port without a name. */
export function formatPort({ name, port, protocol }: ServiceRow["ports"][number]): string {
  return `${name === "" ? "" : `${name} `}${port}/${protocol}`;
}

/** `2 of 3`, with a mark. Nothing for an ExternalName. */
export function readyMark({ type, endpoints: { ready, total } }: ServiceRow): Content {
  if (type === "ExternalName") return "–";
  const [mood, mark] = ready === 0 ? ["bad", "✗"] : ready < total ? ["warn", "!"] : ["good", "✓"];
  const text = `${ready} of ${total}`;
  return markup`<span class="part ${mood}"><span class="mark" aria-hidden="true">${mark}</span> ${text}</span>`;
}

/** Texts that may each take a line, or a dash. */
export function spaced(texts: readonly string[]): Content {
  return texts.length === 0 ? "–" : texts.map((text) => markup`<span class="part">${text}</span> `);
}
