// The names that a resolver asks for one name: as it is, and with each domain of the search list; which comes first
// depends on ndots (resolv.conf(5); glibc and musl agree). Pure.
import { parseName } from "../dns/name.ts";
import type { ResolvConf } from "../resolv-conf/resolv-conf.ts";

const NDOTS_DEFAULT = 1;
/** glibc takes more for this (RES_MAXNDOTS). */
const NDOTS_MAX = 15;

/** The value of the option, as resolvers take it. */
export function ndotsOf({ options }: Pick<ResolvConf, "options">): number {
  const text = options.find((option) => option.startsWith("ndots:"))?.slice("ndots:".length) ?? "";
  return /^\d+$/.test(text) ? Math.min(Number(text), NDOTS_MAX) : NDOTS_DEFAULT;
}

/** Whether the text is a domain name that fits into a query. */
export function isAskable(name: string): boolean {
  return parseName(name) !== undefined;
}

/** Absolute names in the order in which they are asked; those that are too long are left out, as resolvers do. */
export function searchSteps(name: string, conf: Pick<ResolvConf, "searches" | "options">): readonly string[] {
  if (name.endsWith(".")) return [name];
  const absolute = `${name}.`;
  const searched = conf.searches.map((domain) => `${name}.${domain}.`).filter(isAskable);
  return dotsIn(name) >= ndotsOf(conf) ? [absolute, ...searched] : [...searched, absolute];
}

/** Dots of a name, without the final one. */
export function dotsIn(name: string): number {
  return name.replace(/\.$/, "").split(".").length - 1;
}

/** The cluster domain that a search list is for: of `svc.DOMAIN`; undefined: not that of a pod. */
export function clusterDomainOf({ searches }: Pick<ResolvConf, "searches">): string | undefined {
  return searches.find((domain) => domain.startsWith("svc."))?.slice("svc.".length);
}
