// Metrics of sockets that listen: datagrams, connections, threads. Rows of the table in all-metrics.ts.
// A row for each number that a transport counts; a transport has those that its protocol can have.
import { counter, gauge } from "./metric.ts";
import type { Metric, Sample } from "./metric.ts";

const LISTENER = ["server", "transport"] as const;

/** The metric of a number of `TransportState.counts`. With `reason`, it has that label besides. */
interface TransportRow {
  readonly name: string;
  readonly help: string;
  readonly reason?: string;
}

const DROPPED = {
  name: "cluster_dns_dropped_queries_total",
  help:
    "Datagrams that got no reply: unusable (no query, cut, or from an address that can't get one), or queue-full " +
    "(too many queries wait for the main thread or for upstreams)",
} as const;
const CLOSED = {
  name: "cluster_dns_connections_closed_total",
  help:
    "Connections that this server closed: evicted (in favour of a newer one), timeout, malformed (no DNS message) or " +
    "handshake (TLS failed)",
} as const;

/** By the name of the number. */
export const TRANSPORT_ROWS: Readonly<Record<string, TransportRow>> = {
  received: { name: "cluster_dns_datagrams_received_total", help: "Datagrams received" },
  batches: {
    name: "cluster_dns_receive_batches_total",
    help: "System calls that received datagrams; datagrams by calls is the size of a batch",
  },
  dropped: { ...DROPPED, reason: "unusable" },
  queueFull: { ...DROPPED, reason: "queue-full" },
  sendErrors: {
    name: "cluster_dns_send_errors_total",
    help: "Replies that the system refused to send: no route, a firewall, or a full buffer",
  },
  socketErrors: {
    name: "cluster_dns_socket_errors_total",
    help: "Errors of a UDP socket that belong to no query",
  },
  replies: {
    name: "cluster_dns_replies_sent_total",
    help: "Replies given to the system; not counted for UDP in batches",
  },
  workers: { name: "cluster_dns_workers", help: "Threads that answer UDP queries" },
  restarts: { name: "cluster_dns_worker_restarts_total", help: "Threads that failed and were replaced" },
  accepted: { name: "cluster_dns_connections_accepted_total", help: "Connections accepted" },
  open: { name: "cluster_dns_connections", help: "Connections that are open" },
  evicted: { ...CLOSED, reason: "evicted" },
  timedOut: { ...CLOSED, reason: "timeout" },
  malformed: { ...CLOSED, reason: "malformed" },
  failedHandshakes: { ...CLOSED, reason: "handshake" },
  acceptErrors: {
    name: "cluster_dns_accept_errors_total",
    help: "Connections that could not be accepted, mostly for want of file descriptors",
  },
  chunks: {
    name: "cluster_dns_stream_reads_total",
    help: "Reads from TCP and TLS connections; each has one query, several, or a part of one",
  },
  requests: { name: "cluster_dns_https_requests_total", help: "Requests of DNS over HTTPS" },
  pending: {
    name: "cluster_dns_https_pending_requests",
    help: "Requests of DNS over HTTPS that have no response yet",
  },
};

const NAMES: readonly string[] = [...new Set(Object.values(TRANSPORT_ROWS).map(({ name }) => name))];

export const TRANSPORT_METRICS: readonly Metric[] = NAMES.map((name) => {
  const rows = Object.entries(TRANSPORT_ROWS).filter(([, row]) => row.name === name);
  const { help, reason } = rows[0]![1];
  const labels = reason === undefined ? LISTENER : [...LISTENER, "reason"];
  return (name.endsWith("_total") ? counter : gauge)(name, labels, help, ({ transports }) =>
    transports.flatMap(({ server, transport, counts }) =>
      rows.flatMap(([key, row]): readonly Sample<number>[] => {
        const value = counts[key];
        if (value === undefined) return [];
        return [row.reason === undefined ? [value, server, transport] : [value, server, transport, row.reason]];
      }),
    ),
  );
});
