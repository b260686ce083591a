// Runs h2load, the load generator for HTTP/2, against a DNS over HTTPS server of 127.0.0.1, with one question again and
// again, and reads what it tells.
import { once } from "node:events";
import { closeSync, openSync, readFileSync } from "node:fs";
import type { Processes } from "./processes.ts";

export type DohMethod = "GET" | "POST";

export interface HttpLoad {
  readonly port: number;
  readonly method: DohMethod;
  /** A file with the bytes of the query. */
  readonly file: string;
  readonly seconds: number;
  readonly connections: number;
  /** Outstanding requests of each connection. */
  readonly streams: number;
}

export interface HttpLoadResult {
  readonly completed: number;
  readonly requestsPerSecond: number;
}

/** Runs a load; throws where a request failed. `scratch` is a file for its output. */
export async function runHttpLoad(processes: Processes, load: HttpLoad, scratch: string): Promise<HttpLoadResult> {
  const output = openSync(scratch, "w");
  try {
    const child = await processes.start("h2load", formatArguments(load), { stdio: ["ignore", output, output] });
    const [code] = (await once(child, "exit")) as [number | null];
    const text = readFileSync(scratch, "utf8");
    if (code !== 0) throw new Error(`h2load ended with ${code}: ${text.slice(-500)}`);
    return parseHttpResult(text);
  } finally {
    closeSync(output);
  }
}

function formatArguments({ port, method, file, seconds, connections, streams }: HttpLoad): readonly string[] {
  const url = `https://127.0.0.1:${port}/dns-query`;
  const fixed = ["-D", String(seconds), "-c", String(connections), "-m", String(streams), "-t", "1"];
  if (method === "GET") return [...fixed, `${url}?dns=${readFileSync(file).toString("base64url")}`];
  return [...fixed, "-d", file, "-H", "content-type: application/dns-message", url];
}

/** The totals of h2load's output; throws where one is missing, and where a request failed. */
export function parseHttpResult(text: string): HttpLoadResult {
  const number = (pattern: RegExp): number => {
    const found = pattern.exec(text)?.[1];
    if (found === undefined) throw new Error(`h2load does not tell ${pattern}: ${text.slice(-500)}`);
    return Number(found);
  };
  const failed = number(/, (\d+) failed,/) + number(/, (\d+) errored,/);
  const completed = number(/status codes: (\d+) 2xx,/);
  const others = number(/2xx, (\d+) 3xx,/) + number(/3xx, (\d+) 4xx,/) + number(/4xx, (\d+) 5xx/);
  if (failed + others > 0) throw new Error(`h2load: ${failed} requests failed, ${others} had another status than 2xx`);
  return { completed, requestsPerSecond: number(/, ([\d.]+) req\/s,/) };
}
