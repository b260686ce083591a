// Parses and formats resolv.conf: the three keywords that the kubelet copies from a node to its pods (resolv.conf(5);
// pkg/kubelet/network/dns in Kubernetes). The others, such as `domain`, are ignored.
import type { Problem } from "../objects/problem.ts";

/** A resolv.conf. Options are `name` or `name:value`. */
export interface ResolvConf {
  readonly nameservers: readonly string[];
  readonly searches: readonly string[];
  readonly options: readonly string[];
}

/** That of a node without one. */
export const NO_RESOLV_CONF: ResolvConf = { nameservers: [], searches: [], options: [] };

/** Parses the text of `file` (its name in problems). The last `search` line and the last value of an option win. */
export function parseResolvConf(text: string, file: string): { conf: ResolvConf; problems: readonly Problem[] } {
  const nameservers: string[] = [];
  let searches: string[] = [];
  let options: readonly string[] = [];
  const problems: Problem[] = [];
  text.split("\n").forEach((line, index) => {
    const [keyword, ...values] = line.trim().split(/\s+/);
    if (keyword === "search") {
      searches = values.filter((domain) => domain !== ".").map((domain) => domain.replace(/\.$/, ""));
    } else if (keyword === "options") {
      options = mergeOptions(options, values);
    } else if (keyword === "nameserver") {
      if (values[0] !== undefined) nameservers.push(values[0]);
      else problems.push(emptyNameserver(file, index + 1, line.indexOf(keyword) + 1));
    }
  });
  return { conf: { nameservers, searches, options }, problems };
}

function emptyNameserver(file: string, line: number, column: number): Problem {
  return {
    code: "resolv-conf-syntax",
    severity: "warning",
    message: "nameserver without an address",
    advice: "add an IP address or remove the line; a kubelet starts no pods with such a file",
    place: { file, line, column },
  };
}

/** `options`, in which those of `overriding` replace options of the same name; new ones come last. */
export function mergeOptions(options: readonly string[], overriding: readonly string[]): readonly string[] {
  const byName = new Map<string, string>();
  for (const option of [...options, ...overriding]) byName.set(option.split(":", 1)[0]!, option);
  return [...byName.values()];
}

/** The text of the file: a line per nameserver, then the search list, then the options; no line for an empty list. */
export function formatResolvConf(conf: ResolvConf): string {
  const lines = conf.nameservers.map((address) => `nameserver ${address}`);
  if (conf.searches.length > 0) lines.push(`search ${conf.searches.join(" ")}`);
  if (conf.options.length > 0) lines.push(`options ${conf.options.join(" ")}`);
  return lines.map((line) => `${line}\n`).join("");
}
