// Answers the questions of `expect` by asking a DNS server, any one: over UDP, and over TCP what UDP has truncated.
// A fault of the network is an outcome, never a rejection.
import { CLASS_IN } from "../dns/constants.ts";
import { parseName } from "../dns/name.ts";
import type { Expectation, Outcome, Why } from "../expect/expectation.ts";
import { readOutcome } from "../expect/read-outcome.ts";
import type { NameService } from "../expect/resolve.ts";
import { candidateNames } from "../explain/asker.ts";
import type { Exchange, ExchangeFault } from "../forward/exchange.ts";
import { FAILURE_CAUSES } from "../forward/failure-cause.ts";
import { openExchange } from "../forward/open-exchange.ts";
import { extendedErrorOf, rcodeOf } from "../forward/reply-check.ts";
import { writeUpstreamQuery } from "../forward/upstream-query.ts";
import { parseIp } from "../net/ip.ts";
import { formatListenAddress } from "../net/listen-address.ts";
import type { ListenAddress } from "../net/listen-address.ts";
import { podResolvConf } from "../resolv-conf/pod-resolv-conf.ts";

/** As resolvers do (resolv.conf(5): timeout, attempts). */
const TRIES = 2;
const TIMEOUT_MS = 3_000;
/** What the kubelet writes for a pod that uses the cluster's DNS. */
const CLUSTER_NDOTS = 5;

export class ServerNames implements NameService {
  readonly #address: string;
  readonly #exchange: Exchange;
  readonly #clusterDomain: string;

  constructor(server: ListenAddress, clusterDomain: string) {
    this.#address = formatListenAddress(server);
    this.#clusterDomain = clusterDomain;
    const settings = { mixedCase: false, onMismatch: () => undefined, now: () => performance.now() };
    this.#exchange = openExchange({ text: this.#address, protocol: "udp", ...server }, settings);
  }

  /** With the search list of a pod without DNS settings: a server does not tell those that a pod has. */
  candidatesOf({ name, from }: Expectation): readonly string[] | string {
    if (from === undefined) return candidateNames(name, { domains: [], ndots: 0 });
    if (parseIp(from) !== undefined) return `${this.#address} does not tell which pod has the address ${from}`;
    const { searches } = podResolvConf({
      pod: { namespace: from.split("/", 1)[0]!, dnsPolicy: "ClusterFirst", hostNetwork: false },
      clusterDomain: this.#clusterDomain,
      clusterNameservers: [],
      node: { nameservers: [], searches: [], options: [] },
    }).conf;
    return candidateNames(name, { domains: searches, ndots: CLUSTER_NDOTS });
  }

  async ask(name: string, { type }: Expectation): Promise<Outcome> {
    const question = { name: parseName(name)!, type, class: CLASS_IN, dnssecOk: false, checkingDisabled: false };
    const query = writeUpstreamQuery(question);
    let result = await this.#exchange.exchange(query, TIMEOUT_MS);
    for (let tries = 1; tries < TRIES && "fault" in result && result.fault === "timeout"; tries++) {
      result = await this.#exchange.exchange(query, TIMEOUT_MS);
    }
    if ("fault" in result) return { status: "unanswered", name, answer: [], fault: this.#describe(result) };
    const { reply } = result;
    return readOutcome(reply, { name, type, rcode: rcodeOf(reply).rcode, error: extendedErrorOf(reply)?.text ?? "" });
  }

  /** What the server says itself (RFC 8914). */
  explain(_expectation: Expectation, { error }: Outcome): Why | undefined {
    return error === undefined ? undefined : { text: error, details: [] };
  }

  close(): void {
    this.#exchange.close();
  }

  #describe({ fault, detail }: ExchangeFault): string {
    return `${this.#address} ${FAILURE_CAUSES[fault].text}${detail === undefined ? "" : ` (${detail})`}`;
  }
}
