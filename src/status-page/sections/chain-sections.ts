// The objects behind a name of an explanation: the service, its ports with why they have no SRV records, its pods with
// why they are not ready, and its endpoints.
import type { ObjectPlace, ServiceChain } from "../../explain/explanation.ts";
import { placeWords } from "../../explain/sentence.ts";
import { podLink, serviceLink } from "../links.ts";
import { elementMarkup, tableMarkup } from "../live-section.ts";
import type { TableSection } from "../live-section.ts";
import { formatCount, markup } from "../markup.ts";
import type { Content, Markup } from "../markup.ts";
import { part } from "../part.ts";
import { marked } from "./answer-sections.ts";
import { factsSection } from "./facts-section.ts";
import type { Fact } from "./facts-section.ts";
import { formatPort, spaced } from "./services-section.ts";

/** Of the endpoints of all slices; a slice has few. */
const ENDPOINTS_SHOWN_MAX = 100;

export function chainMarkup(service: ServiceChain, root: string): Markup {
  const table = (title: string, section: TableSection): Markup =>
    markup`<h3 id="${section.name}">${title}</h3>${tableMarkup(section, section.name)}`;
  return part("chain", "The service behind the name", [
    elementMarkup("div", factsSection(factsOf(service, root)), markup` class="facts"`),
    service.ports.length > 0 && table("Ports", portsSection(service)),
    service.selector !== undefined && table("Pods", podsSection(service, root)),
    service.slices.length > 0 && table("Endpoints", endpointsSection(service, root)),
  ]);
}

function factsOf(service: ServiceChain, root: string): readonly Fact[] {
  const { type, addresses, externalName, selector } = service;
  const labels = Object.entries(selector ?? {}).map(([key, value]) => `${key}=${value}`);
  const place = placeWords(service);
  return [
    ["Service", serviceLink(service, root)],
    ...(place === undefined ? [] : [["Place", place] as const]),
    ["Type", type],
    ...(externalName === undefined ? [] : [["External name", externalName] as const]),
    ...(addresses.length === 0 ? [] : [["Address", spaced(addresses)] as const]),
    ...(type === "ExternalName" ? [] : [["Selector", selector === undefined ? "none" : spaced(labels)] as const]),
  ];
}

function portsSection({ ports }: ServiceChain): TableSection {
  return {
    name: "ports",
    columns: ["Port", "Target port", "SRV records"],
    rows: ports.map((port) => {
      const { srv, noSrv = "" } = port;
      const text = formatPort(port);
      return { key: text, cells: [text, String(port.targetPort), srv ?? ["none: ", noSrv]] };
    }),
    empty: "The service has no ports.",
  };
}

function podsSection(service: ServiceChain, root: string): TableSection {
  const { pods, podCount } = service;
  return {
    name: "pods",
    columns: ["Pod", "Address", "State"],
    rows: [
      ...pods.map((pod) => ({
        key: pod.name,
        cells: [
          [podLink(pod.name, service, root), placeMarkup(pod)],
          spaced(pod.addresses),
          [readyMark(pod.isReady), pod.why !== undefined && markup` <span class="advice">${pod.why}</span>`],
        ],
      })),
      ...moreRows(podCount - pods.length, 3),
    ],
    empty: "The selector matches no pod.",
  };
}

function endpointsSection(service: ServiceChain, root: string): TableSection {
  const { slices } = service;
  const rows = slices.flatMap((slice) =>
    slice.endpoints.map(({ label, addresses, pod, isReady }, i) => ({
      key: `${slice.name} ${i}`,
      cells: [
        label,
        spaced(addresses),
        podLink(pod, service, root),
        readyMark(isReady),
        slice.isDerived ? "follows from the objects above" : [slice.name, placeMarkup(slice)],
      ],
    })),
  );
  const shown = rows.slice(0, ENDPOINTS_SHOWN_MAX);
  const total = slices.reduce((sum, { endpointCount }) => sum + endpointCount, 0);
  return {
    name: "endpoints",
    columns: ["Endpoint", "Address", "Pod", "State", "EndpointSlice"],
    rows: [...shown, ...moreRows(total - shown.length, 5)],
    empty: "The EndpointSlices have no endpoints.",
  };
}

function moreRows(count: number, columns: number): TableSection["rows"] {
  if (count <= 0) return [];
  return [{ key: "more", cells: [`and ${formatCount(count)} more`, ...Array<string>(columns - 1).fill("")] }];
}

function readyMark(isReady: boolean): Markup {
  return marked(isReady ? "good" : "bad", isReady ? "ready" : "not ready");
}

function placeMarkup(place: ObjectPlace): Content {
  const words = placeWords(place);
  return words !== undefined && markup` <span class="advice">${words}</span>`;
}
