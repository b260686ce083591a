// Reads the text format of Prometheus: samples by name and labels.
import { formatListenAddress } from "../../src/net/listen-address.ts";
import type { Server } from "./engine.ts";

export interface Sample {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

export class Scrape {
  readonly text: string;
  readonly samples: readonly Sample[];

  constructor(text: string) {
    this.text = text;
    this.samples = text
      .split("\n")
      .filter((line) => line !== "" && !line.startsWith("#"))
      .map(parseSample);
  }

  /** A scrape of a server's first admin address. */
  static async of({ adminAddresses }: Server): Promise<Scrape> {
    const response = await fetch(`${formatListenAddress(adminAddresses[0]!)}/metrics`);
    if (!response.ok) throw new Error(`/metrics: ${response.status} ${await response.text()}`);
    return new Scrape(await response.text());
  }

  /** The names of all metrics, those without samples too. */
  get names(): readonly string[] {
    return [...this.text.matchAll(/^# TYPE (\S+) /gm)].map(([, name]) => name!);
  }

  /** The sum of the samples of that name that have these labels; undefined: there is none. */
  value(name: string, labels: Readonly<Record<string, string>> = {}): number | undefined {
    const fitting = this.samples.filter(
      (sample) =>
        sample.name === name && Object.entries(labels).every(([label, value]) => sample.labels[label] === value),
    );
    return fitting.length === 0 ? undefined : fitting.reduce((sum, { value }) => sum + value, 0);
  }
}

function parseSample(line: string): Sample {
  const [, name, labels = "", value] = /^([a-zA-Z_:]+)(?:\{(.*)\})? (\S+)$/.exec(line) ?? [];
  if (name === undefined) throw new Error(`no sample: ${line}`);
  const pairs = [...labels.matchAll(/([a-zA-Z_]+)="((?:[^"\\]|\\.)*)"/g)].map(
    ([, label, text]) => [label!, text!.replaceAll(/\\(.)/g, (_, c: string) => (c === "n" ? "\n" : c))] as const,
  );
  return { name, labels: Object.fromEntries(pairs), value: Number(value) };
}
