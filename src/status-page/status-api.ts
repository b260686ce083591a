// The API of the status page: JSON for programs and for the commands `list` and `top`, to be read only.
// docs/status-page.md describes it; fields are added, and not renamed.
import { Hono } from "hono";
import type { Context } from "hono";
import { countSeverities } from "../objects/problem.ts";
import type { Problem, Severity } from "../objects/problem.ts";
import type { LatencySummary } from "../overview/traffic-history.ts";
import { explainRequest } from "./explain-request.ts";
import { parsePodName, parseSearch } from "./request-parameters.ts";
import { sortProblems } from "./sections/problems-section.ts";
import type { ServiceCounts, ServiceDetails, StatusView } from "./status-view.ts";

const PROBLEMS_MAX = 1_000;
const TOP_MAX = 50;

/** The answer to `/api/counts`. */
export interface ApiCounts {
  readonly version: string;
  readonly ready: boolean;
  readonly services: ServiceCounts;
  readonly problems: Readonly<Record<Severity, number>>;
  readonly queries: {
    /** Since the start. */
    readonly total: number;
    /** In the last second. */
    readonly perSecond: number;
    readonly perSecondByRcode: Readonly<Record<string, number>>;
    /** Of the last minute; the last class has `null` for its upper bound. */
    readonly latency: ApiLatency;
  };
}

interface ApiLatency {
  readonly medianUs: number | null;
  readonly p99Us: number | null;
  readonly classes: readonly { readonly maxUs: number | null; readonly count: number }[];
}

export function statusApi(view: StatusView): Hono {
  const api = new Hono();
  api.get("/counts", (c) => c.json(countsOf(view)));
  api.get("/services", (c) => {
    const search = parseSearch(c.req.query());
    return "fault" in search ? fault(c, search.fault, 400) : c.json(view.findServices(search));
  });
  api.get("/services/:domain/:namespace/:name", (c) => {
    const { domain, namespace, name } = c.req.param();
    const service = view.service(domain, namespace, name);
    return service === undefined
      ? fault(c, `there is no service ${namespace}/${name} in ${domain}`, 404)
      : c.json(detailsOf(service));
  });
  api.get("/problems", (c) => {
    const problems = sortProblems(view.problems());
    return c.json({ problems: problems.slice(0, PROBLEMS_MAX).map(flatProblem), total: problems.length });
  });
  api.get("/sources", (c) => {
    const { sources, zones } = view.readiness();
    return c.json({ sources: sources.map((each) => ({ ...each, details: view.sourceDetails(each.id) })), zones });
  });
  api.get("/upstreams", (c) => c.json({ upstreams: view.upstreams() ?? [] }));
  api.get("/top", (c) => c.json(view.top(TOP_MAX)));
  api.get("/explain", async (c) => {
    const explained = await explainRequest(view, c.req.query());
    return "fault" in explained ? fault(c, explained.fault, explained.status) : c.json(explained);
  });
  api.get("/resolv-conf", async (c) => {
    const pod = c.req.query("pod") ?? "";
    const { namespace, name } = parsePodName(pod);
    const file = await view.resolvConf(c.req.query("cluster") ?? view.domains[0]!, namespace, name);
    if (file === undefined)
      return fault(c, `there is no pod ${JSON.stringify(pod)}: pod=NAMESPACE/NAME or NAMESPACE`, 404);
    return c.json({ text: file.text, warnings: file.warnings.map(flatProblem) });
  });
  return api;
}

function fault(c: Context, message: string, status: 400 | 404 | 503): Response {
  return c.json({ error: message }, status);
}

function countsOf(view: StatusView): ApiCounts {
  const { total, points, latency } = view.traffic();
  const last = points.at(-1);
  return {
    version: view.version,
    ready: view.readiness().ready,
    services: view.serviceCounts(),
    problems: countSeverities(view.problems()),
    queries: {
      total,
      perSecond: last?.perSecond ?? 0,
      perSecondByRcode: last?.byRcode ?? {},
      latency: finite(latency),
    },
  };
}

/** JSON has no infinity. */
function finite({ classes, medianUs, p99Us }: LatencySummary): ApiLatency {
  const bound = (us: number | undefined): number | null => (us === undefined || us === Infinity ? null : us);
  return {
    medianUs: bound(medianUs),
    p99Us: bound(p99Us),
    classes: classes.map(({ maxUs, count }) => ({ maxUs: bound(maxUs), count })),
  };
}

function detailsOf({ problems, ...service }: ServiceDetails): object {
  return { ...service, problems: problems.map(flatProblem) };
}

/** As in the JSON of `cluster-dns check`. */
function flatProblem({ code, severity, message, advice, object, place }: Problem): object {
  const { file, line, column } = place ?? {};
  return { code, severity, message, advice, object, file, line, column };
}
