// Rules on resolv.conf itself: name servers and search list against the limits of resolvers and of Kubernetes. Pure.
// glibc: MAXNS, and MAXDNSRCH before 2.26; musl: the size of its search list; pkg/apis/core/validation in Kubernetes.
import { canonicalIp } from "../net/ip.ts";
import type { ResolvConf } from "../resolv-conf/resolv-conf.ts";
import { finding } from "./codes.ts";
import type { DoctorFinding } from "./codes.ts";

const NAMESERVERS_MAX = 3;
const SEARCHES_MAX = { old: 6, kubernetes: 32 };
const SEARCH_CHARACTERS_MAX = { old: 256, kubernetes: 2048 };

/** A file that was read, or why it was not. */
export type ReadFile =
  | { readonly file: string; readonly conf: ResolvConf }
  | { readonly file: string; readonly fault: string };

/** The address of a name server, which may have a zone (`fe80::1%eth0`); undefined: not an address. */
export function nameserverHost(text: string): string | undefined {
  const [address, zone] = text.split("%", 2);
  const canonical = canonicalIp(address!);
  return canonical === undefined || zone === undefined ? canonical : `${canonical}%${zone}`;
}

/** What is wrong with the file; with its name servers, if they are used. */
export function resolvConfRules(read: ReadFile, usesNameservers: boolean): readonly DoctorFinding[] {
  const { file } = read;
  if ("fault" in read) {
    return [finding("resolv-conf-unreadable", `${file} can't be read: ${read.fault}`, [])];
  }
  const { nameservers, searches } = read.conf;
  return [...(usesNameservers ? nameserverRules(file, nameservers) : []), ...searchListRule(file, searches)];
}

function nameserverRules(file: string, nameservers: readonly string[]): readonly DoctorFinding[] {
  if (nameservers.length === 0) return [finding("no-nameserver", `${file} has no nameserver`, [])];
  const wrong = nameservers.filter((text) => nameserverHost(text) === undefined);
  const unused = nameservers.slice(NAMESERVERS_MAX);
  const lines = (texts: readonly string[]): string[] => texts.map((text) => `${file}: nameserver ${text}`);
  const message = `${file} has ${nameservers.length} nameservers, and resolvers ask ${NAMESERVERS_MAX}`;
  return [
    ...wrong.map((text) =>
      finding("nameserver-not-an-address", `the nameserver ${text} of ${file} is not an IP address`, lines([text])),
    ),
    ...(unused.length > 0 ? [finding("too-many-nameservers", message, lines(unused))] : []),
  ];
}

function searchListRule(file: string, searches: readonly string[]): readonly DoctorFinding[] {
  const characters = searches.join(" ").length;
  const exceeds = (who: "old" | "kubernetes"): boolean =>
    searches.length > SEARCHES_MAX[who] || characters > SEARCH_CHARACTERS_MAX[who];
  if (!exceeds("old")) return [];
  const who = exceeds("kubernetes") ? "Kubernetes and many resolvers take" : "old resolvers take";
  const size = `${searches.length} domains, ${characters} characters`;
  const message = `the search list of ${file} has ${size}: more than ${who}`;
  const kept = keptByOldResolvers(searches);
  return [finding("search-list-cut", message, [`may be left out: ${searches.slice(kept).join(" ")}`])];
}

function keptByOldResolvers(searches: readonly string[]): number {
  let kept = Math.min(searches.length, SEARCHES_MAX.old);
  while (searches.slice(0, kept).join(" ").length > SEARCH_CHARACTERS_MAX.old) kept--;
  return kept;
}
