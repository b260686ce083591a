// Finds the hosts in a text that may be services: names with a label `svc`, hosts of URLs, and values of the form
// HOST:PORT. Parts in which a variable stands are left out. Linear in the length of the text. Pure.
// Kubernetes: "DNS for Services and Pods"; RFC 3986 section 3.2 for the authority of a URL.
import type { HostTarget } from "./reference.ts";

/** A longer text is data, not configuration. */
const TEXT_LENGTH_MAX = 1_000_000;
const HOSTS_MAX = 1_000;
const PORT_MAX = 65_535;
/** `redis:7` is an image far more often than a host. */
const PAIR_PORT_MIN = 80;

/** The hosts in the value of an environment variable, an argument or a field. */
export function hostsInValue(value: string): readonly HostTarget[] {
  if (value.length > TEXT_LENGTH_MAX) return [];
  return unique([...fullNames(value), ...hostsOfUrls(value), ...pairs(value)]);
}

/** The hosts in a file of a ConfigMap or Secret; lines that are comments are left out. */
export function hostsInFile(file: string): readonly HostTarget[] {
  if (file.length > TEXT_LENGTH_MAX) return [];
  if (!file.includes("\n")) return hostsInValue(file);
  const found: HostTarget[] = [];
  for (const line of file.split("\n")) {
    if (/^\s*(?:#|\/\/|;|<!--)/.test(line)) continue;
    found.push(...fullNames(line), ...hostsOfUrls(line));
    const value = /^\s*[\w.-]+\s*[=:]\s*["']?([\w.,:-]+)["']?,?\s*$/.exec(line)?.[1];
    if (value !== undefined) found.push(...pairs(value));
    if (found.length > HOSTS_MAX) break;
  }
  return unique(found);
}

/** The value of a field for a host name. */
export function hostOfName(value: string): readonly HostTarget[] {
  const host = hostName(value);
  return host === undefined ? hostsInValue(value) : [{ form: isFull(host) ? "full" : "name", host }];
}

function* fullNames(value: string): Generator<HostTarget> {
  if (!value.includes(".svc")) return;
  for (const match of value.matchAll(/[\w.-]+/g)) {
    if (!match[0].includes(".svc")) continue;
    // After a variable, what comes before the first dot is not known.
    const isAfterVariable = /[)}\]>%*]/.test(value[match.index - 1] ?? "");
    if (isAfterVariable && !match[0].startsWith(".")) continue;
    const host = hostName(isAfterVariable ? match[0].slice(1) : match[0]);
    if (host !== undefined && isFull(host)) {
      yield { form: "full", host, ...portAt(value, match.index + match[0].length) };
    }
  }
}

function* hostsOfUrls(value: string): Generator<HostTarget> {
  for (let at = value.indexOf("://"); at !== -1; at = value.indexOf("://", at + 3)) {
    const rest = value.slice(at + 3, at + 3 + 1_000);
    const authority = rest.slice(0, rest.search(/[/?#\s"'`;<>\\|]|$/));
    for (const part of authority.slice(authority.lastIndexOf("@") + 1).split(",")) {
      const found = hostAndPort(part);
      if (found !== undefined && !isFull(found.host)) yield { form: "url", ...found };
    }
  }
}

function* pairs(value: string): Generator<HostTarget> {
  if (!value.includes(":") || value.includes("/")) return;
  for (const part of value.split(",")) {
    const found = hostAndPort(part.trim());
    if (found?.port === undefined || found.port < PAIR_PORT_MIN || isFull(found.host)) continue;
    yield { form: "pair", ...found };
  }
}

function hostAndPort(part: string): { readonly host: string; readonly port?: number } | undefined {
  const [, name, port] = /^([\w.-]+)(?::(\d{1,5}))?$/.exec(part) ?? [];
  const host = name === undefined ? undefined : hostName(name);
  if (host === undefined) return undefined;
  return port === undefined || Number(port) > PORT_MAX ? { host } : { host, port: Number(port) };
}

function portAt(value: string, offset: number): { readonly port?: number } {
  const digits = /^:(\d{1,5})(?!\d)/.exec(value.slice(offset, offset + 8))?.[1];
  return digits === undefined || Number(digits) > PORT_MAX ? {} : { port: Number(digits) };
}

/** The name in lower case; undefined for an address and for what is no host name. */
function hostName(name: string): string | undefined {
  const host = name.toLowerCase().replace(/\.$/, "");
  const labels = host.split(".");
  if (host.length > 253 || !labels.every((label) => /^_?[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/.test(label))) return;
  return /^\d+$/.test(labels.at(-1)!) ? undefined : host;
}

/** Whether the name is SERVICE.NAMESPACE.svc, with or without more. */
function isFull(host: string): boolean {
  return host.split(".").indexOf("svc", 2) !== -1;
}

function unique(targets: readonly HostTarget[]): readonly HostTarget[] {
  const byName = new Map(targets.map((target) => [`${target.host}:${target.port ?? ""}`, target]));
  return [...byName.values()].slice(0, HOSTS_MAX);
}
