// Writes deploy/grafana-dashboard.json: the panels of dashboard-rows.ts in the form that Grafana imports. Run it with
// `node tools/render-dashboard.ts` after a change; test/monitoring.test.ts compares the file with a fresh one, and runs
// each query.
import { execFileSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { ROWS } from "./dashboard-rows.ts";
import type { Panel } from "./dashboard-rows.ts";

const COLUMNS = 24;
const DATA_SOURCE = { type: "prometheus", uid: "${datasource}" } as const;

/** The dashboard, as Grafana imports it. */
export function renderDashboard(): object {
  const panels: object[] = [];
  let y = 0;
  for (const { title, panels: own } of ROWS) {
    panels.push({
      id: panels.length + 1,
      type: "row",
      title,
      collapsed: false,
      gridPos: { h: 1, w: COLUMNS, x: 0, y },
      panels: [],
    });
    y++;
    let x = 0;
    let height = 0;
    for (const panel of own) {
      const size = panel.form === "stat" ? { w: 4, h: 4 } : { w: 12, h: 8 };
      if (x + size.w > COLUMNS) [x, y] = [0, y + height];
      height = size.h;
      panels.push(renderPanel(panel, panels.length + 1, { ...size, x, y }));
      x += size.w;
    }
    y += height;
  }
  return {
    title: "cluster-dns",
    description: "Answers, upstreams, sources and the process of cluster-dns.",
    uid: "cluster-dns",
    tags: ["dns", "kubernetes"],
    schemaVersion: 39,
    editable: true,
    graphTooltip: 1,
    refresh: "30s",
    time: { from: "now-1h", to: "now" },
    timezone: "browser",
    templating: { list: VARIABLES },
    annotations: { list: [] },
    panels,
  };
}

const VARIABLES = [
  { name: "datasource", label: "Data source", type: "datasource", query: "prometheus", current: {} },
  variable("job", "Job", "label_values(cluster_dns_build_info, job)"),
  variable("instance", "Instance", 'label_values(cluster_dns_build_info{job=~"$job"}, instance)'),
];

function variable(name: string, label: string, query: string): object {
  const definition = { qryType: 1, query, refId: "variable" };
  return {
    name,
    label,
    type: "query",
    datasource: DATA_SOURCE,
    query: definition,
    definition: query,
    refresh: 2,
    sort: 1,
    includeAll: true,
    multi: true,
    allValue: ".*",
    current: { text: "All", value: "$__all" },
  };
}

function renderPanel(
  { title, description, unit, queries, form, isStacked }: Panel,
  id: number,
  gridPos: object,
): object {
  const isNow = form !== undefined;
  const targets = queries.map(([expr, legendFormat], i) => ({
    refId: String.fromCharCode(65 + i),
    datasource: DATA_SOURCE,
    expr,
    legendFormat,
    ...(isNow ? { instant: true } : { range: true }),
    ...(form === "table" && { format: "table" }),
  }));
  const custom = form === undefined && {
    custom: { fillOpacity: 10, showPoints: "never", stacking: { mode: isStacked ? "normal" : "none" } },
  };
  return {
    id,
    type: form ?? "timeseries",
    title,
    description,
    datasource: DATA_SOURCE,
    gridPos,
    fieldConfig: { defaults: { unit, min: 0, ...custom }, overrides: [] },
    options: OPTIONS[form ?? "timeseries"],
    targets,
  };
}

const OPTIONS = {
  stat: { reduceOptions: { calcs: ["lastNotNull"], fields: "", values: false }, colorMode: "value", graphMode: "none" },
  table: { showHeader: true },
  timeseries: { legend: { displayMode: "list", placement: "bottom" }, tooltip: { mode: "multi", sort: "desc" } },
} as const;

if (import.meta.main) {
  const path = fileURLToPath(new URL("../deploy/grafana-dashboard.json", import.meta.url));
  writeFileSync(path, JSON.stringify(renderDashboard(), null, 2));
  execFileSync("npx", ["oxfmt", path]);
}
