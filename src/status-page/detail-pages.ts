// The pages of one thing: a service with its endpoints and problems, and the resolv.conf of a pod.
// The page of a service is kept up to date as the first page is.
import { explainLink, podLink } from "./links.ts";
import { elementMarkup, liveTable, tableMarkup } from "./live-section.ts";
import type { LiveSection, TableSection } from "./live-section.ts";
import { formatCount, markup } from "./markup.ts";
import type { Content, Markup } from "./markup.ts";
import { resolvConfForm } from "./overview-page.ts";
import type { AskedPod } from "./overview-page.ts";
import { part } from "./part.ts";
import { factsSection } from "./sections/facts-section.ts";
import type { Fact } from "./sections/facts-section.ts";
import { problemsSection } from "./sections/problems-section.ts";
import { formatPort, readyMark, spaced } from "./sections/services-section.ts";
import type { PodFile, ServiceDetails } from "./status-view.ts";

/** Of a service with more, the first are shown: those that are not ready are among them. */
const ENDPOINTS_SHOWN_MAX = 200;

/** What the page of a service keeps up to date; undefined: the service has gone. */
export function serviceSections(service: ServiceDetails | undefined, root: string): readonly LiveSection[] {
  if (service === undefined) return [factsSection([["State", "This service does not exist any more."]])];
  return [
    factsSection(factsOf(service, root)),
    liveTable(endpointsSection(service, root)),
    liveTable(problemsSection(service.problems, root)),
  ];
}

export function serviceMarkup(service: ServiceDetails, root: string): Markup {
  const { namespace, name, problems } = service;
  return markup`<h1>Service ${namespace}/${name}</h1>
${elementMarkup("div", factsSection(factsOf(service, root)), markup` class="facts"`)}
${part("endpoints", "Endpoints", tableMarkup(endpointsSection(service, root), "endpoints"))}
${part("problems", "Problems", tableMarkup(problemsSection(problems, root), "problems"))}`;
}

/** `file`: the file of the pod that was asked for. */
export function resolvConfMarkup(asked: AskedPod, file: PodFile | undefined, domains: readonly string[]): Markup {
  const shown =
    file === undefined
      ? markup`<p role="alert">There is no pod ${asked.pod}. Give a namespace and the name of a pod, such as
          <code>shop/web-0</code>, or a namespace alone.</p>`
      : markup`<pre tabindex="0" role="region" aria-label="resolv.conf">${lines(file.text)}</pre>
${part("problems", "Warnings", tableMarkup(problemsSection(file.warnings, ""), "problems"))}`;
  return markup`<h1>resolv.conf of a pod</h1>
${resolvConfForm("", domains, asked)}
${shown}`;
}

function factsOf(service: ServiceDetails, root: string): readonly Fact[] {
  const { namespace, dnsName, type, addresses, externalName, ports, file, line } = service;
  return [
    ["Name", [dnsName, " ", explainLink({ name: dnsName, from: namespace }, root, "Explain this name")]],
    ["Type", type],
    ...(externalName === undefined ? [] : [["External name", externalName] as const]),
    ...(addresses.length === 0 ? [] : [["Address", spaced(addresses)] as const]),
    ...(ports.length === 0 ? [] : [["Ports", spaced(ports.map(formatPort))] as const]),
    ["Ready", readyMark(service)],
    ...(file === undefined ? [] : [["File", `${file}:${line}`] as const]),
  ];
}

function endpointsSection({ domain, namespace, endpointRows }: ServiceDetails, root: string): TableSection {
  const rows = endpointRows.slice(0, ENDPOINTS_SHOWN_MAX).map((endpoint) => ({
    key: endpoint.pod ?? endpoint.addresses.join(" "),
    cells: [
      spaced(endpoint.addresses),
      markup`<span class="${endpoint.ready ? "good" : "bad"}">${endpoint.ready ? "ready" : "not ready"}</span>`,
      podLink(endpoint.pod, { namespace, domain }, root),
      endpoint.hostname ?? "–",
      spaced(endpoint.ports.map(formatPort)),
    ],
  }));
  const more = endpointRows.length - rows.length;
  return {
    name: "endpoints",
    columns: ["Address", "State", "Pod", "Host name", "Ports"],
    rows: more > 0 ? [...rows, { key: "more", cells: [`and ${formatCount(more)} more`, "", "", "", ""] }] : rows,
    empty: "This service has no endpoints.",
  };
}

/** The lines of a text, whose ends `markup` would spell out. */
function lines(text: string): Content {
  return text.split("\n").map(
    (line) => markup`${line}
`,
  );
}
