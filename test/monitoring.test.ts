// deploy/grafana-dashboard.json, deploy/prometheus-rules.yaml and the queries of docs/metrics.md: they ask for metrics and
// labels that exist, Prometheus takes them and finds values in a real scrape, and alerts fire when they should.
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { parse } from "yaml";
import { metricsOf } from "../src/metrics/all-metrics.ts";
import { renderDashboard } from "../tools/render-dashboard.ts";
import { ApiServer } from "./support/api-server/api-server.ts";
import { makeCertificate } from "./support/certificates.ts";
import { service } from "./support/cluster.ts";
import { startEngine } from "./support/engine.ts";
import type { Server } from "./support/engine.ts";
import { NamedUpstream } from "./support/forwarding.ts";
import { askTcp, UdpClient } from "./support/network.ts";
import { skipAll, whyNot } from "./support/optional-programs.ts";
import { ROOT } from "./support/process.ts";
import { Prometheus } from "./support/prometheus.ts";
import { Scrape } from "./support/scrape.ts";
import { writeQuery } from "./support/wire.ts";

interface Dashboard {
  readonly panels: readonly { readonly title: string; readonly targets?: readonly { readonly expr: string }[] }[];
}

interface Rule {
  readonly alert: string;
  readonly expr: string;
}

const RULE_FILE = `${ROOT}deploy/prometheus-rules.yaml`;
const dashboard = JSON.parse(readFileSync(`${ROOT}deploy/grafana-dashboard.json`, "utf8")) as Dashboard;
const rules = (parse(readFileSync(RULE_FILE, "utf8")) as { groups: { rules: Rule[] }[] }).groups.flatMap(
  (group) => group.rules,
);
const page = readFileSync(`${ROOT}docs/metrics.md`, "utf8");

/** The variables of the dashboard, as Grafana fills them in. */
const VARIABLES = { $job: ".*", $instance: ".*", $__rate_interval: "5s", $__range: "1m" };
const filledIn = (query: string): string =>
  Object.entries(VARIABLES).reduce((text, [name, value]) => text.replaceAll(name, value), query);

const shown = dashboard.panels.flatMap(({ title, targets = [] }) =>
  targets.map(({ expr }, i) => [`${title}, ${i + 1}`, filledIn(expr)] as const),
);
const explained = [...page.matchAll(/^\| (.*\?) \| `(.*)` \|$/gm)].map(
  ([, question, query]) => [question!, query!.replaceAll(/\[\w+\]/g, "[5s]")] as const,
);

test("the dashboard is as tools/render-dashboard.ts makes it", () => {
  expect(dashboard).toEqual(JSON.parse(JSON.stringify(renderDashboard())));
});

describe("names and labels", () => {
  const labelsOf = new Map(
    metricsOf("own").flatMap(({ name, type, labels }) =>
      type === "histogram"
        ? [[`${name}_bucket`, [...labels, "le"]] as const, [`${name}_count`, labels] as const]
        : [[name, labels] as const],
    ),
  );

  test.each([...shown, ...explained, ...rules.map(({ alert, expr }) => [alert, expr] as const)])("%s", (_, query) => {
    const names = [...query.matchAll(/\b(?:cluster_dns|process|nodejs)_\w+/g)].map(([name]) => name);
    expect(names).not.toEqual([]);
    expect(names.filter((name) => !labelsOf.has(name))).toEqual([]);
    const matched = [...query.matchAll(/([a-z_]+)(?:=~|!=|=)"/g)].map(([, label]) => label!);
    const grouped = [...query.matchAll(/\bby \(([^)]*)\)/g)].flatMap(([, list]) => list!.split(", "));
    const known = new Set(["job", "instance", ...names.flatMap((name) => labelsOf.get(name)!)]);
    expect([...matched, ...grouped].filter((label) => !known.has(label))).toEqual([]);
  });
});

const folder = mkdtempSync(join(tmpdir(), "monitoring-"));
afterAll(() => rmSync(folder, { recursive: true }));

function promtool(args: readonly string[], input?: string): { code: number | null; out: string } {
  const { status, stdout, stderr } = spawnSync("promtool", args, { encoding: "utf8", input });
  return { code: status, out: stdout + stderr };
}

describe("rules", () => {
  skipAll(whyNot("promtool"));
  const SERVER = 'job="dns",instance="a"';
  const one = (name: string, values: string, labels = ""): Record<string, string> => ({
    [`${name}{${SERVER}${labels === "" ? "" : `,${labels}`}}`]: values,
  });
  /** Two classes of a histogram: values up to `le`, and all. */
  const slower = (name: string, le: number, values: readonly [upTo: string, all: string], labels = "") => ({
    ...one(`${name}_bucket`, values[0], `${labels}le="${le}"`),
    ...one(`${name}_bucket`, values[1], `${labels}le="+Inf"`),
  });

  /** For each alert series of 40 minutes, a value each minute, with which it fires, and others with which it does not. */
  const CASES: Readonly<Record<string, readonly [fires: object, doesNot: object]>> = {
    ClusterDnsAbsent: [one("cluster_dns_ready", "1x40"), one("cluster_dns_build_info", "1x40")],
    ClusterDnsNotReady: [one("cluster_dns_ready", "0x40"), one("cluster_dns_ready", "0x36 1 0x3")],
    ClusterDnsFailing: [
      {
        ...one("cluster_dns_answers_total", "0+4x40", 'rcode="SERVFAIL"'),
        ...one("cluster_dns_answers_total", "0+96x40", 'rcode="NOERROR"'),
      },
      {
        ...one("cluster_dns_answers_total", "0+2x40", 'rcode="SERVFAIL"'),
        ...one("cluster_dns_answers_total", "0+98x40", 'rcode="NXDOMAIN"'),
      },
    ],
    ClusterDnsSlow: [
      {
        ...slower("cluster_dns_answer_duration_seconds", 1, ["0+95x40", "0+100x40"]),
        ...one("cluster_dns_answer_duration_seconds_bucket", "0+95x40", 'le="2"'),
      },
      slower("cluster_dns_answer_duration_seconds", 1, ["0+1000x40", "0+1001x40"]),
    ],
    ClusterDnsUpstreamDown: [one("cluster_dns_upstream_up", "0x40"), one("cluster_dns_upstream_up", "1x40")],
    ClusterDnsNoUpstream: [
      one("cluster_dns_upstream_up", "0x40", 'domain=".",upstream="b"'),
      {
        ...one("cluster_dns_upstream_up", "0x40", 'domain=".",upstream="b"'),
        ...one("cluster_dns_upstream_up", "1x40", 'domain=".",upstream="c"'),
      },
    ],
    ClusterDnsSourceStale: [
      one("cluster_dns_source_stale_seconds", "0+60x40"),
      one("cluster_dns_source_stale_seconds", "200x40"),
    ],
    ClusterDnsSourceNotSynced: [
      { ...one("cluster_dns_source_synced", "0x40"), ...one("cluster_dns_source_stale_seconds", "0x40") },
      { ...one("cluster_dns_source_synced", "1x40"), ...one("cluster_dns_source_stale_seconds", "0x40") },
    ],
    ClusterDnsChangesSlow: [
      {
        ...slower("cluster_dns_programming_duration_seconds", 30, ["0+9x40", "0+10x40"], 'kind="headless",'),
        ...one("cluster_dns_programming_duration_seconds_bucket", "0+9x40", 'kind="headless",le="60"'),
      },
      slower("cluster_dns_programming_duration_seconds", 30, ["0+10x40", "0+10x40"], 'kind="headless",'),
    ],
    ClusterDnsInputErrors: [
      one("cluster_dns_problems", "1x40", 'code="bad-yaml",severity="error"'),
      one("cluster_dns_problems", "1x40", 'code="old-api-version",severity="warning"'),
    ],
    ClusterDnsReloadFailed: [
      one("cluster_dns_reloads_total", "0x35 1x5", 'what="manifests",result="failed"'),
      one("cluster_dns_reloads_total", "0+1x40", 'what="manifests",result="succeeded"'),
    ],
    ClusterDnsCertificateExpires: [
      // The clock of the test begins at 0.
      one("cluster_dns_certificate_expiry_timestamp_seconds", `${6 * 86_400}x40`),
      one("cluster_dns_certificate_expiry_timestamp_seconds", `${8 * 86_400}x40`),
    ],
    ClusterDnsOverloaded: [
      one("cluster_dns_dropped_queries_total", "0+9x40", 'reason="queue-full"'),
      one("cluster_dns_dropped_queries_total", "0+9x40", 'reason="unusable"'),
    ],
    ClusterDnsMainThreadBusy: [
      {
        ...slower("cluster_dns_event_loop_lag_seconds", 0.25, ["0+95x40", "0+100x40"]),
        ...one("cluster_dns_event_loop_lag_seconds_bucket", "0+95x40", 'le="0.5"'),
      },
      slower("cluster_dns_event_loop_lag_seconds", 0.25, ["0+1000x40", "0+1001x40"]),
    ],
    ClusterDnsFaults: [
      one("cluster_dns_worker_restarts_total", "0x38 1x2", 'transport="udp"'),
      { ...one("cluster_dns_faults_total", "3x40"), ...one("cluster_dns_worker_restarts_total", "1x40") },
    ],
  };

  test("are well-formed", () => {
    expect(promtool(["check", "rules", RULE_FILE])).toMatchObject({ code: 0 });
  });

  test("each has its case", () => {
    expect(Object.keys(CASES)).toEqual(rules.map(({ alert }) => alert));
  });

  test("fire when they should, and not otherwise", () => {
    const tests = Object.entries(CASES).flatMap(([alert, cases]) =>
      cases.map((series, i) => ({
        interval: "1m",
        name: `${alert} ${i === 0 ? "fires" : "does not fire"}`,
        input_series: Object.entries(series).map(([each, values]) => ({ series: each, values })),
        promql_expr_test: [
          {
            expr: `count(ALERTS{alertname="${alert}",alertstate="firing"})`,
            eval_time: "40m",
            exp_samples: i === 0 ? [{ labels: "{}", value: 1 }] : [],
          },
        ],
      })),
    );
    const path = join(folder, "rules-test.yml");
    writeFileSync(path, JSON.stringify({ rule_files: [RULE_FILE], evaluation_interval: "1m", tests }));
    expect(promtool(["test", "rules", path])).toEqual({ code: 0, out: `Unit Testing:  ${path}\n  SUCCESS\n\n` });
  });
});

describe("a real scrape", () => {
  let server: Server;
  let ask: () => Promise<unknown>;
  const closing: (() => Promise<void>)[] = [];
  beforeAll(async () => {
    const { cert, key } = makeCertificate();
    writeFileSync(join(folder, "tls.crt"), cert);
    writeFileSync(join(folder, "tls.key"), key);
    const [good, dead] = [await NamedUpstream.open(), await NamedUpstream.open()];
    await dead.close();
    const api = await ApiServer.start();
    api.put({ apiVersion: "v1", kind: "Namespace", metadata: { name: "default" } });
    writeFileSync(join(folder, "kubeconfig"), api.kubeconfig());
    closing.push(
      () => good.close(),
      () => api.close(),
    );
    server = startEngine({
      admin: "0",
      metricsNames: "coredns",
      listen: ["127.0.0.1:0", "tls://127.0.0.1:0"],
      tlsCert: join(folder, "tls.crt"),
      tlsKey: join(folder, "tls.key"),
      upstream: good.address,
      stubDomain: [`dead.example=${dead.address}`],
      source: "kubernetes",
      kubeconfig: join(folder, "kubeconfig"),
      objects: [service("web", "10.96.0.80"), { kind: "Service", apiVersion: "v1" }],
    });
    await server.ready;
    const udp = await UdpClient.open(server.addresses[0]!);
    let id = 0;
    ask = async () => {
      id++;
      const names = ["web.default.svc.cluster.local.", "www.example.", `n${id}.example.`, `n${id}.dead.example.`];
      for (const name of names) await udp.ask(writeQuery({ name, type: "A", id }));
      await askTcp(server.addresses[0]!, writeQuery({ name: names[0]!, type: "A", id }));
    };
    await ask();
  });
  afterAll(async () => {
    await server?.close();
    for (const close of closing) await close();
  });

  describe("promtool", () => {
    skipAll(whyNot("promtool"));

    test("finds nothing against it", async () => {
      expect(promtool(["check", "metrics"], (await Scrape.of(server)).text)).toEqual({ code: 0, out: "" });
    });
  });

  describe("Prometheus", () => {
    skipAll(whyNot("prometheus"));
    let prometheus: Prometheus | undefined;
    let asking: NodeJS.Timeout;
    beforeAll(async () => {
      if (whyNot("prometheus") !== undefined) return;
      asking = setInterval(() => void ask(), 200);
      const { host, port } = server.adminAddresses[0]!;
      prometheus = await Prometheus.start(`${host}:${port}`, RULE_FILE);
    });
    afterAll(async () => {
      clearInterval(asking);
      await prometheus?.stop();
    });

    const POLL = { timeout: 30_000, interval: 200 } as const;

    test("takes the scrape", async () => {
      await expect.poll(() => prometheus!.target(), POLL).toMatchObject({ health: "up", lastError: "" });
    });

    test.each([...shown, ...explained])("finds values for %s", async (_, query) => {
      await expect.poll(() => prometheus!.count(query), POLL).toBeGreaterThan(0);
    });

    test("takes the rules", async () => {
      const unwell = async (): Promise<unknown> => (await prometheus!.rules()).filter(({ health }) => health !== "ok");
      await expect.poll(unwell, POLL).toEqual([]);
      expect((await prometheus!.rules()).map(({ name }) => name)).toEqual(rules.map(({ alert }) => alert));
    });
  });
});
