// Prometheus itself, scraping one server on loopback: to run queries and rules as those do who watch a server.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { freePort } from "./process.ts";

export interface RuleState {
  readonly name: string;
  readonly health: "ok" | "unknown" | "err";
  readonly lastError?: string;
}

export interface ScrapeTarget {
  readonly health: "up" | "down" | "unknown";
  readonly lastError: string;
}

export class Prometheus {
  readonly #base: string;
  readonly #stop: () => Promise<void>;

  private constructor(base: string, stop: () => Promise<void>) {
    this.#base = base;
    this.#stop = stop;
  }

  /** Scrapes `target`, HOST:PORT, each second, and evaluates the rules of the file as often. */
  static async start(target: string, ruleFile: string): Promise<Prometheus> {
    const folder = mkdtempSync(join(tmpdir(), "prometheus-"));
    const config = {
      global: { scrape_interval: "1s", evaluation_interval: "1s" },
      rule_files: [ruleFile],
      scrape_configs: [{ job_name: "cluster-dns", static_configs: [{ targets: [target] }] }],
    };
    writeFileSync(join(folder, "prometheus.yml"), JSON.stringify(config));
    const address = `127.0.0.1:${await freePort()}`;
    const args = [
      `--config.file=${folder}/prometheus.yml`,
      `--storage.tsdb.path=${folder}/data`,
      `--web.listen-address=${address}`,
    ];
    const child = spawn("prometheus", args, { stdio: ["ignore", "ignore", "pipe"] });
    let said = "";
    child.stderr.on("data", (data: Buffer) => (said += data.toString()));
    const ended = once(child, "close");
    const stop = async (): Promise<void> => {
      child.kill("SIGKILL");
      await ended;
      rmSync(folder, { recursive: true, force: true });
    };
    const prometheus = new Prometheus(`http://${address}/`, stop);
    while (!(await prometheus.#isReady())) {
      if (child.exitCode === null) continue;
      await stop();
      throw new Error(`prometheus ended; it said:\n${said}`);
    }
    return prometheus;
  }

  /** The number of series in the result of a query. Throws what Prometheus has against it. */
  async count(query: string): Promise<number> {
    const { result } = await this.#get<{ result: readonly unknown[] }>(`query?query=${encodeURIComponent(query)}`);
    return result.length;
  }

  async rules(): Promise<readonly RuleState[]> {
    const { groups } = await this.#get<{ groups: readonly { rules: readonly RuleState[] }[] }>("rules");
    return groups.flatMap(({ rules }) => rules);
  }

  async target(): Promise<ScrapeTarget | undefined> {
    const { activeTargets } = await this.#get<{ activeTargets: readonly ScrapeTarget[] }>("targets");
    return activeTargets[0];
  }

  stop(): Promise<void> {
    return this.#stop();
  }

  async #isReady(): Promise<boolean> {
    // A refused port answers at once: don't spin on it.
    await new Promise((resolve) => setTimeout(resolve, 50));
    return fetch(`${this.#base}-/ready`).then(
      ({ ok }) => ok,
      () => false,
    );
  }

  async #get<T>(path: string): Promise<T> {
    const response = await fetch(`${this.#base}api/v1/${path}`);
    const { data, error } = (await response.json()) as { data: T; error?: string };
    if (error !== undefined) throw new Error(error);
    return data;
  }
}
