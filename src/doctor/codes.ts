// The table of what the doctor finds: severity, what it means, and what to do. docs/doctor.md shows it.
// An `error`: names fail to resolve. A `warning`: some do, at times or slowly. A `hint`: it works, but costs something.
import type { Severity } from "../objects/problem.ts";
import type { Observation } from "./observation.ts";
import { formatObservation } from "./observation.ts";

interface CodeRow {
  readonly severity: Severity;
  readonly summary: string;
  readonly advice: string;
}

const SERVERS = {
  "port-closed": row(
    "error",
    "Nothing listens on the port of the server: connection refused",
    "start the DNS server there, or correct the address; a service of Kubernetes without ready pods refuses as well",
  ),
  "stub-in-container": row(
    "error",
    "The server is the stub of systemd-resolved on 127.0.0.53, which a container does not reach",
    "give the container the file /run/systemd/resolve/resolv.conf, or the server's address with --dns",
  ),
  "server-unreachable": row(
    "error",
    "There is no route to the server",
    "check the address, the routes, and whether this machine has IPv6 at all",
  ),
  "no-reply": row(
    "error",
    "The server answers neither over UDP nor over TCP",
    "check that it runs, and that firewalls, network policies and security groups let port 53 through, both protocols",
  ),
  "wrong-source": row(
    "error",
    "Replies come from another address than the one that was asked, and resolvers drop them",
    "load br_netfilter and set net.bridge.bridge-nf-call-iptables=1 on the node, so that replies are translated back",
  ),
  "udp-blocked": row(
    "error",
    "The server answers over TCP, but not over UDP",
    "let UDP port 53 through firewalls, network policies and security groups, in both directions",
  ),
  "tcp-blocked": row(
    "warning",
    "The server answers over UDP, but not over TCP, which large answers need",
    "let TCP port 53 through, and name it in the service of the DNS server",
  ),
  "truncation-without-tcp": row(
    "error",
    "The server truncates an answer and does not answer over TCP, so nobody gets the whole answer",
    "let TCP port 53 through, and name it in the service of the DNS server",
  ),
  "malformed-reply": row(
    "error",
    "A reply can't be read",
    "update the server, or find what changes its packets on the way",
  ),
  "pair-lost": row(
    "error",
    "Of A and AAAA, asked at once from one socket, one gets no reply: the 5 second DNS delay",
    "run a DNS cache on each node (NodeLocal DNSCache), or set dnsConfig options single-request-reopen (glibc); " +
      "conntrack -S shows insert_failed",
  ),
  "packets-lost": row(
    "warning",
    "Some questions over UDP get no reply: each costs a lookup 5 seconds",
    "look for a full conntrack table, an overloaded server, a rate limit, and a DNS pod that has gone",
  ),
  "not-all-asked": row(
    "warning",
    "The time was over before all questions were asked",
    "ask for fewer names, or repair the servers that do not answer",
  ),
  "slow-server": row("warning", "The server is slow", "look for a CPU limit on the server, and for a far upstream"),
} as const satisfies Record<string, CodeRow>;

const EDNS = {
  "edns-dropped": row(
    "warning",
    "Questions with EDNS get no reply, those without do",
    "let a firewall or a home router pass EDNS; Go, c-ares and systemd-resolved ask with EDNS",
  ),
  "edns-refused": row(
    "warning",
    "The server answers questions with EDNS by an error",
    "update the server, or turn EDNS off in clients (no options edns0)",
  ),
  "edns-ignored": row(
    "hint",
    "The server ignores EDNS, so that answers over UDP end at 512 bytes",
    "update the server or the proxy before it",
  ),
  "cut-at-512": row(
    "warning",
    "The server truncates answers that fit the size that EDNS allows",
    "raise the size of UDP answers at the server to 1232 bytes (max-udp-size, edns-packet-max, bufsize)",
  ),
  "large-lost": row(
    "warning",
    "A large answer arrives over TCP, but never over UDP",
    "lower the size of UDP answers at the server to 1232 bytes, and check the MTU of the network",
  ),
} as const satisfies Record<string, CodeRow>;

const ANSWERS = {
  "one-server-fails": row(
    "error",
    "One of several servers fails where another one answers",
    "repair or remove that server; glibc asks the next one after 5 s of silence, musl (Alpine) takes the first answer",
  ),
  "servers-disagree": row(
    "error",
    "The servers answer a question differently",
    "list only servers that know the same names; resolvers do not ask a second server after NXDOMAIN",
  ),
  "outside-fails": row(
    "error",
    "Names outside the cluster do not resolve",
    "check the upstreams of the server; without a way to the internet use --outside with a name that should resolve",
  ),
  "outside-refused": row(
    "hint",
    "The server refuses names outside its zones",
    "give the server upstreams, if clients shall resolve other names; --outside none does not ask for them",
  ),
  "aaaa-fails": row(
    "error",
    "A is answered, and AAAA of the same name fails",
    "have the server answer AAAA with no records (NODATA) where there is no IPv6 address",
  ),
  "a-aaaa-incoherent": row(
    "error",
    "Of A and AAAA of one name, one says that the name does not exist, and the other that it does",
    "correct the server: NXDOMAIN is for all types of a name; resolvers take either for the whole answer",
  ),
  "nxdomain-rewritten": row(
    "error",
    "A name that does not exist has an address: NXDOMAIN hijacking",
    "use another upstream; each provider has a way to turn this off",
  ),
  "nodata-for-missing": row(
    "warning",
    "A name that does not exist gets an empty answer in place of NXDOMAIN",
    "correct the server: musl (Alpine) ends the search list at such an answer",
  ),
} as const satisfies Record<string, CodeRow>;

const NAMES = {
  "wrong-cluster-domain": row(
    "error",
    "The service of the API server does not exist in the cluster domain of the search list",
    "set clusterDomain of the kubelet and the domain of the DNS server to the same name",
  ),
  "cluster-domain-fails": row(
    "error",
    "No server answers for the cluster domain of the search list",
    "check that the DNS server is ready, and that it serves this domain; REFUSED means that it does not",
  ),
  "not-cluster-dns": row(
    "warning",
    "This pod does not use the DNS server of its cluster",
    "with hostNetwork set dnsPolicy: ClusterFirstWithHostNet; else leave dnsPolicy out",
  ),
  "name-not-found": row(
    "error",
    "A name exists in no step of its search",
    "correct the name or its namespace; on manifests, cluster-dns check finds the nearest",
  ),
  "name-fails": row(
    "error",
    "A name gets no answer, because a step of its search fails",
    "repair the server of the domain that fails, or remove the domain from the search list",
  ),
  "step-fails": row(
    "warning",
    "A step of the search fails before the name is found: musl (Alpine) ends the search there",
    "repair the server of the domain that fails, or remove the domain from the search list",
  ),
  "search-wildcard": row(
    "warning",
    "A domain of the search list has every name, so that other names are found there by mistake",
    "remove the domain from the search list or its wildcard record, or write names with a final dot",
  ),
  "ndots-cost": row(
    "hint",
    "The search list makes a lookup cost more queries",
    "write the name with a final dot, or set a smaller ndots in dnsConfig options",
  ),
} as const satisfies Record<string, CodeRow>;

const FILE = {
  "resolv-conf-unreadable": row(
    "error",
    "The file resolv.conf can't be read, so resolvers ask this machine (127.0.0.1)",
    "create the file, or name another one with --resolv-conf",
  ),
  "no-nameserver": row(
    "error",
    "The file resolv.conf has no name server, so resolvers ask this machine (127.0.0.1)",
    "add a nameserver line; in a pod, correct dnsPolicy and dnsConfig",
  ),
  "nameserver-not-an-address": row(
    "error",
    "A name server of resolv.conf is not an IP address, and resolvers skip it",
    "write an IP address, without a port and without a name",
  ),
  "too-many-nameservers": row(
    "warning",
    "The file resolv.conf has more than three name servers; the rest is never asked",
    "remove servers; Kubernetes keeps three as well",
  ),
  "search-list-cut": row(
    "warning",
    "The search list is longer than resolvers or Kubernetes take, so the rest is never tried",
    "remove domains; glibc before 2.26 takes 6 domains and 256 characters, musl 256 characters, Kubernetes 32 and 2048",
  ),
} as const satisfies Record<string, CodeRow>;

function row<S extends Severity>(severity: S, summary: string, advice: string) {
  return { severity, summary, advice };
}

/** All codes, in the order of the page. */
export const DOCTOR_CODES = { ...SERVERS, ...EDNS, ...ANSWERS, ...NAMES, ...FILE };

export type DoctorCode = keyof typeof DOCTOR_CODES;

/** Something that is wrong: a sentence without a final stop, lines of evidence, and what to do. */
export interface DoctorFinding {
  readonly code: DoctorCode;
  readonly severity: Severity;
  readonly message: string;
  readonly evidence: readonly string[];
  readonly advice: string;
}

const EVIDENCE_MAX = 6;

/** A finding with the severity of its code; of the observations, the first ones become its evidence. */
export function finding(
  code: DoctorCode,
  message: string,
  evidence: readonly (Observation | string)[],
  advice: string = DOCTOR_CODES[code].advice,
): DoctorFinding {
  const lines = [...new Set(evidence.map((each) => (typeof each === "string" ? each : formatObservation(each))))];
  const { severity } = DOCTOR_CODES[code];
  return { code, severity, message, evidence: lines.slice(0, EVIDENCE_MAX), advice };
}
