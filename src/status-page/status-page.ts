// The status page as requests and responses: pages, their live changes, and what they load. Knows no sockets.
// Everything is to be read only; no page loads anything from elsewhere or has scripts of its own (Content Security
// Policy Level 3).
import { Hono } from "hono";
import type { Context } from "hono";
import type { ServiceSearch } from "../overview/service-list.ts";
import { readAssets } from "./assets.ts";
import { resolvConfMarkup, serviceMarkup, serviceSections } from "./detail-pages.ts";
import { documentMarkup } from "./document.ts";
import type { Page } from "./document.ts";
import { explainMarkup, explainTitle } from "./explain-page.ts";
import { explainRequest } from "./explain-request.ts";
import type { LiveSection } from "./live-section.ts";
import { LiveStreams } from "./live-streams.ts";
import { markup } from "./markup.ts";
import { overviewMarkup, overviewSections } from "./overview-page.ts";
import { RecentQueries } from "./recent-queries.ts";
import { parsePodName, parseSearch } from "./request-parameters.ts";
import { searchParameters } from "./sections/services-section.ts";
import { statusApi } from "./status-api.ts";
import type { StatusView } from "./status-view.ts";

const POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self'",
  "connect-src 'self'",
  "form-action 'self'",
  "base-uri 'none'",
  "frame-ancestors 'none'",
].join("; ");

/** From `services/DOMAIN/NAMESPACE/NAME`. */
const SERVICE_ROOT = "../../../";

/** The pages of a server. */
export interface StatusPage {
  /** The pages at `/` and the API at `/api/`. */
  readonly app: Hono;
  /** Ends the streams of open pages, so that their connections can be closed. */
  close(): void;
}

/** `onFault` gets what a live page throws; what a request throws is for whoever has mounted `app`. */
export function createStatusPage(view: StatusView, onFault: (fault: Error) => void): StatusPage {
  const app = new Hono();
  const streams = new LiveStreams(onFault);
  const assets = readAssets();
  const send = (c: Context, page: Page, status: 200 | 400 | 404 | 503 = 200): Response =>
    c.html(String(documentMarkup(page, view)), status, { "content-security-policy": POLICY });

  app.get("/", (c) => {
    const search = parseSearch(c.req.query());
    if ("fault" in search) return send(c, faultPage(search.fault, ""), 400);
    const events = `events?${searchParameters(search)}`;
    return send(c, { title: "Status", contents: overviewMarkup(view, search), root: "", events });
  });
  app.get("/services/:domain/:namespace/:name", (c) => {
    const { domain, namespace, name } = c.req.param();
    const service = view.service(domain, namespace, name);
    const root = SERVICE_ROOT;
    if (service === undefined) return send(c, faultPage(`There is no service ${namespace}/${name}.`, root), 404);
    const events = `events?${new URLSearchParams({ service: [domain, namespace, name].join("/") }).toString()}`;
    return send(c, { title: `${namespace}/${name}`, contents: serviceMarkup(service, root), root, events });
  });
  app.get("/explain", async (c) => {
    const asked = c.req.query();
    const explained = asked["name"] === undefined ? undefined : await explainRequest(view, asked);
    const page = { title: explainTitle(asked, explained), contents: explainMarkup(asked, explained, ""), root: "" };
    return send(c, page, explained !== undefined && "fault" in explained ? explained.status : 200);
  });
  app.get("/resolv-conf", async (c) => {
    const { pod = "", cluster } = c.req.query();
    const { namespace, name } = parsePodName(pod);
    const file = await view.resolvConf(cluster ?? view.domains[0]!, namespace, name);
    const page = { title: "resolv.conf", contents: resolvConfMarkup({ pod, cluster }, file, view.domains), root: "" };
    return send(c, page, file === undefined ? 404 : 200);
  });
  app.get("/events", (c) => {
    const open = eventsOf(view, c.req.query());
    if ("fault" in open) return c.text(`${open.fault}\n`, 400);
    if (streams.isFull) return c.text("too many pages are open\n", 503, { "retry-after": "5" });
    const headers = { "content-type": "text/event-stream" };
    // A request for the headers alone would never end its stream.
    if (c.req.method === "HEAD") return c.body(null, 200, headers);
    const { render, onEnd } = open();
    return c.body(streams.open(render, onEnd), 200, headers);
  });
  app.get("/assets/:name", (c) => {
    const asset = assets.get(c.req.param("name"));
    return asset === undefined ? c.notFound() : c.body(asset.text, 200, { "content-type": asset.type });
  });
  app.route("/api", statusApi(view));
  return { app, close: () => streams.close() };
}

interface Events {
  readonly render: () => readonly LiveSection[];
  readonly onEnd?: () => void;
}

/** Opens what the page of these parameters keeps up to date. */
function eventsOf(view: StatusView, parameters: Readonly<Record<string, string>>): (() => Events) | { fault: string } {
  const { service, queries } = parameters;
  if (service !== undefined) {
    const [domain = "", namespace = "", name = ""] = service.split("/");
    return () => ({ render: () => serviceSections(view.service(domain, namespace, name), SERVICE_ROOT) });
  }
  const search: ServiceSearch | { readonly fault: string } = parseSearch(parameters);
  if ("fault" in search) return search;
  if (queries !== "1") return () => ({ render: () => overviewSections(view, search) });
  return () => {
    const recent = new RecentQueries(view);
    return { render: () => [...overviewSections(view, search), ...recent.sections()], onEnd: recent.close };
  };
}

function faultPage(message: string, root: string): Page {
  return { title: "Not found", contents: markup`<h1>Not found</h1><p>${message}</p>`, root };
}
