// What the operators of messaging and streaming make. One row a kind; nothing else. Sources: the documentation of each
// operator, as named in its row: the names of services and their ports.
import type { MadePods, MadeService, OperatorRow, Resource } from "./operator-row.ts";
import { deployment, headless, service, set } from "./operator-row.ts";

const POD_SET = "StrimziPodSet.core.strimzi.io";

function strimzi(cluster: string, kind: string, name: string): Record<string, string> {
  return { "strimzi.io/cluster": cluster, "strimzi.io/kind": kind, "strimzi.io/name": name };
}

function podSet(name: string, count: number, subdomain: string, labels?: MadePods["labels"]): MadePods {
  return set(name, count, subdomain, { owner: POD_SET, ...(labels && { labels }) });
}

/** The ports of internal listeners; three names are older than the rule. */
function listenerPorts(listeners: readonly Resource[]): string {
  const olderNames: Readonly<Record<string, string>> = { "plain 9092": "clients", "tls 9093": "clientstls" };
  return listeners
    .map((listener) => {
      const name = listener.text("name", "");
      const port = listener.count("port", 0);
      return `tcp-${olderNames[`${name} ${port}`] ?? name}:${port}`;
    })
    .join(" ");
}

function zookeeper(kafka: Resource): { pods: readonly MadePods[]; services: readonly MadeService[] } {
  const { name } = kafka;
  if (!kafka.has("spec.zookeeper")) return { pods: [], services: [] };
  const labels = strimzi(name, "Kafka", `${name}-zookeeper`);
  const nodes = `${name}-zookeeper-nodes`;
  const ports = "tcp-clients:2181 tcp-clustering:2888 tcp-election:3888";
  return {
    pods: [podSet(`${name}-zookeeper`, kafka.count("spec.zookeeper.replicas", 3), nodes, labels)],
    services: [service(`${name}-zookeeper-client`, "tcp-clients:2181", labels), headless(nodes, ports, labels)],
  };
}

export const MESSAGING: readonly OperatorRow[] = [
  {
    operator: "Strimzi",
    kind: "Kafka.kafka.strimzi.io",
    make: (kafka) => {
      const { name } = kafka;
      const listeners = kafka.items("spec.kafka.listeners");
      const isInternal = (listener: Resource): boolean => listener.text("type", "internal") === "internal";
      const internal = listenerPorts(listeners.filter(isInternal));
      const brokers = `${name}-kafka-brokers`;
      const labels = strimzi(name, "Kafka", `${name}-kafka`);
      const external = listeners.filter((listener) => !isInternal(listener));
      const zookeepers = zookeeper(kafka);
      // Brokers of node pools are made for the pools.
      const count = kafka.count("spec.kafka.replicas", 0);
      return {
        labels: {},
        pods: [...(count > 0 ? [podSet(`${name}-kafka`, count, brokers, labels)] : []), ...zookeepers.pods],
        services: [
          service(`${name}-kafka-bootstrap`, `tcp-replication:9091 ${internal}`, labels),
          headless(brokers, `tcp-ctrlplane:9090 tcp-replication:9091 tcp-kafkaagent:8443 ${internal}`, labels),
          ...external.map((each) =>
            service(`${name}-kafka-${each.text("name", "")}-bootstrap`, listenerPorts([each]), labels),
          ),
          ...zookeepers.services,
        ],
      };
    },
  },
  {
    operator: "Strimzi",
    kind: "KafkaNodePool.kafka.strimzi.io",
    make: (pool) => {
      const cluster = pool.label("strimzi.io/cluster");
      if (cluster === undefined) return { pods: [], services: [] };
      return {
        labels: { ...strimzi(cluster, "Kafka", `${cluster}-kafka`), "strimzi.io/pool-name": pool.name },
        pods: [podSet(`${cluster}-${pool.name}`, pool.count("spec.replicas", 1), `${cluster}-kafka-brokers`)],
        services: [],
      };
    },
  },
  {
    operator: "Strimzi",
    kind: "KafkaConnect.kafka.strimzi.io",
    make: (connect) => {
      const name = `${connect.name}-connect`;
      return {
        labels: strimzi(connect.name, "KafkaConnect", name),
        pods: [podSet(name, connect.count("spec.replicas", 3), name)],
        services: [service(`${name}-api`, "rest-api:8083"), headless(name, "rest-api:8083")],
      };
    },
  },
  {
    operator: "Strimzi",
    kind: "KafkaBridge.kafka.strimzi.io",
    make: (bridge) => {
      const name = `${bridge.name}-bridge`;
      return {
        labels: strimzi(bridge.name, "KafkaBridge", name),
        pods: [deployment(name, bridge.count("spec.replicas", 1))],
        services: [service(`${name}-service`, "rest-api:8080")],
      };
    },
  },
  {
    operator: "RabbitMQ",
    kind: "RabbitmqCluster.rabbitmq.com",
    make: (cluster) => {
      const { name } = cluster;
      return {
        labels: { "app.kubernetes.io/name": name },
        pods: [set(`${name}-server`, cluster.count("spec.replicas", 1), `${name}-nodes`)],
        services: [
          service(name, "amqp:5672 management:15672 prometheus:15692"),
          headless(`${name}-nodes`, "epmd:4369 cluster-rpc:25672"),
        ],
      };
    },
  },
  {
    operator: "ZooKeeper",
    kind: "ZookeeperCluster.zookeeper.pravega.io",
    make: (cluster) => {
      const { name } = cluster;
      const ports = "tcp-client:2181 tcp-quorum:2888 tcp-leader-election:3888";
      return {
        labels: { app: name },
        pods: [set(name, cluster.count("spec.replicas", 3), `${name}-headless`)],
        services: [service(`${name}-client`, "tcp-client:2181"), headless(`${name}-headless`, ports)],
      };
    },
  },
];
