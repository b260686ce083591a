// Answers the questions of `expect` by asking a DNS server, any one.
// A fault of the network is an outcome, never a rejection.
import { readExtendedErrors } from "../dns/extended-error.ts";
import { parseName } from "../dns/name.ts";
import type { Expectation, Outcome, Why } from "../expect/expectation.ts";
import { readOutcome } from "../expect/read-outcome.ts";
import type { NameService } from "../expect/resolve.ts";
import { candidateNames } from "../explain/asker.ts";
import { parseIp } from "../net/ip.ts";
import { formatListenAddress } from "../net/listen-address.ts";
import type { ListenAddress } from "../net/listen-address.ts";
import { podResolvConf } from "../resolv-conf/pod-resolv-conf.ts";
import { AskedServer } from "./asked-server.ts";

/** What the kubelet writes for a pod that uses the cluster's DNS. */
const CLUSTER_NDOTS = 5;

export class ServerNames implements NameService {
  readonly #server: AskedServer;
  readonly #clusterDomain: string;

  constructor(server: ListenAddress, clusterDomain: string) {
    this.#server = new AskedServer({ text: formatListenAddress(server), protocol: "udp", ...server });
    this.#clusterDomain = clusterDomain;
  }

  /** With the search list of a pod without DNS settings: a server does not tell those that a pod has. */
  candidatesOf({ name, from }: Expectation): readonly string[] | string {
    if (from === undefined) return candidateNames(name, { domains: [], ndots: 0 });
    if (parseIp(from) !== undefined) return `${this.#server.text} does not tell which pod has the address ${from}`;
    const { searches } = podResolvConf({
      pod: { namespace: from.split("/", 1)[0]!, dnsPolicy: "ClusterFirst", hostNetwork: false },
      clusterDomain: this.#clusterDomain,
      clusterNameservers: [],
      node: { nameservers: [], searches: [], options: [] },
    }).conf;
    return candidateNames(name, { domains: searches, ndots: CLUSTER_NDOTS });
  }

  async ask(name: string, { type }: Expectation): Promise<Outcome> {
    const result = await this.#server.ask(parseName(name)!, type);
    if ("fault" in result) return { status: "unanswered", name, answer: [], fault: result.fault };
    const { reply, rcode } = result;
    return readOutcome(reply, { name, type, rcode, error: readExtendedErrors(reply)[0]?.text.toString() ?? "" });
  }

  /** What the server says itself (RFC 8914). */
  explain(_expectation: Expectation, { error }: Outcome): Why | undefined {
    return error === undefined ? undefined : { text: error, details: [] };
  }

  close(): void {
    this.#server.close();
  }
}
