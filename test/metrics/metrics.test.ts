// The text of /metrics in both formats, from numbers of a made-up server.
import { setImmediate as untilNextTurn } from "node:timers/promises";
import { describe, expect, test } from "vitest";
import { Metrics } from "../../src/metrics/metrics.ts";
import type { MetricsView } from "../../src/metrics/metrics-view.ts";
import { listener, VIEW } from "../support/metrics-view.ts";

const OPEN_METRICS = "application/openmetrics-text; version=1.0.0";

async function render(accept?: string, view: MetricsView = VIEW): Promise<{ contentType: string; lines: string[] }> {
  const { contentType, body } = await new Metrics("coredns", () => view).render(accept);
  return { contentType, lines: body.split("\n") };
}

/** The samples of the metric; of the text, the lines that begin with its name. */
const of = (lines: readonly string[], name: string): string[] =>
  lines.filter((line) => line.startsWith(`${name}{`) || line.startsWith(`${name} `));

describe("the text format", () => {
  test("has help, type and samples of each metric", async () => {
    const { contentType, lines } = await render();
    expect(contentType).toBe("text/plain; version=0.0.4; charset=utf-8");
    const at = lines.indexOf("# TYPE cluster_dns_answers_total counter");
    expect(lines[at - 1]).toMatch(/^# HELP cluster_dns_answers_total Answers by the part of the server/);
    expect(of(lines, "cluster_dns_answers_total").slice(0, 2)).toEqual([
      'cluster_dns_answers_total{server="127.0.0.1:53",transport="udp",answered_by="cluster",type="A",rcode="NOERROR"} 2',
      'cluster_dns_answers_total{server="127.0.0.1:53",transport="udp",answered_by="upstream",type="AAAA",rcode="NXDOMAIN"} 1',
    ]);
    expect(of(lines, "cluster_dns_ready")).toEqual(["cluster_dns_ready 1"]);
    expect(of(lines, "process_virtual_memory_bytes")).toEqual([]);
  });

  test("adds up the classes of a histogram", async () => {
    const { lines } = await render();
    const series = 'server="127.0.0.1:53",transport="udp"';
    const own = lines.filter((line) => line.startsWith("cluster_dns_answer_size_bytes") && line.includes(series));
    expect(own).toEqual([
      `cluster_dns_answer_size_bytes_bucket{le="100",${series}} 1`,
      `cluster_dns_answer_size_bytes_bucket{le="512",${series}} 2`,
      `cluster_dns_answer_size_bytes_bucket{le="+Inf",${series}} 3`,
      `cluster_dns_answer_size_bytes_sum{${series}} 1060`,
      `cluster_dns_answer_size_bytes_count{${series}} 3`,
    ]);
  });

  test("quotes what a label may not have bare", async () => {
    const hostsFiles = [{ file: 'a "b"\\c\nd', lines: 1 }];
    const { lines } = await render(undefined, { ...VIEW, zones: { ...VIEW.zones, hostsFiles } });
    expect(of(lines, "cluster_dns_hosts_lines")).toEqual(['cluster_dns_hosts_lines{file="a \\"b\\"\\\\c\\nd"} 1']);
  });
});

test("OpenMetrics has the same samples, the names of counters without their suffix, and an end", async () => {
  const [text, open] = [await render(), await render(OPEN_METRICS)];
  expect(open.contentType).toBe("application/openmetrics-text; version=1.0.0; charset=utf-8");
  expect(open.lines.slice(-2)).toEqual(["# EOF", ""]);
  expect(open.lines).toContain("# TYPE cluster_dns_answers counter");
  const samples = (lines: readonly string[]): string[] => lines.filter((line) => line !== "" && !line.startsWith("#"));
  expect(samples(open.lines)).toEqual(samples(text.lines));
  for (const line of open.lines) expect(line).not.toMatch(/_total_total|^# TYPE \S+_total /);
});

test("without forwarding its metrics have no samples, and all others do", async () => {
  const { lines } = await render(undefined, { ...VIEW, forwarding: undefined });
  for (const name of ["cluster_dns_cache_entries", "coredns_cache_entries", "cluster_dns_upstream_up"])
    expect(of(lines, name)).toEqual([]);
  expect(of(lines, "cluster_dns_names")).toEqual(["cluster_dns_names 100"]);
});

test("scrapes at once share one reading; a later one reads again", async () => {
  let reads = 0;
  const metrics = new Metrics("own", () => {
    reads++;
    return VIEW;
  });
  const [first, second] = await Promise.all([metrics.render(undefined), metrics.render("text/plain")]);
  expect([reads, first]).toEqual([1, second]);
  await Promise.all([metrics.render(undefined), metrics.render(OPEN_METRICS)]);
  expect(reads).toBe(3);
});

test("a reading that fails fails its scrape alone", async () => {
  let isBroken = true;
  const metrics = new Metrics("own", () => {
    if (isBroken) throw new Error("broken");
    return VIEW;
  });
  await expect(metrics.render(undefined)).rejects.toThrow("broken");
  isBroken = false;
  expect((await metrics.render(undefined)).body).toContain("cluster_dns_ready 1");
});

test("other work of the thread has its turns while a scrape is written", async () => {
  let isDone = false;
  const answers = Array.from({ length: 200 }, (_, port) => listener(`127.0.0.1:${port}`, "udp"));
  const rendered = new Metrics("coredns", () => ({ ...VIEW, answers })).render(undefined).then(() => (isDone = true));
  let turns = 0;
  for (; !isDone; turns++) await untilNextTurn();
  await rendered;
  expect(turns).toBeGreaterThan(3);
});
