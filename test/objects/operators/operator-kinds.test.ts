import { readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { madeByOperator, OPERATOR_ROWS } from "../../../src/objects/operators/operator-kinds.ts";
import { isDnsLabel } from "../../../src/objects/kube-names.ts";
import type { Service, Workload } from "../../../src/objects/kube-object.ts";

const HEAD = { namespace: "shop", name: "NAME".toLowerCase() };

/** Of each kind whose services depend on its fields, a resource with all of them. */
const SPECS: Readonly<Record<string, object>> = {
  "postgresql.acid.zalan.do": { enableConnectionPooler: true, enableReplicaConnectionPooler: true },
  "PostgresCluster.postgres-operator.crunchydata.com": { proxy: { pgBouncer: {} } },
  "MariaDB.k8s.mariadb.com": { galera: { enabled: true } },
  "PerconaXtraDBCluster.pxc.percona.com": { haproxy: { enabled: true }, proxysql: { enabled: true } },
  "PerconaServerMongoDB.psmdb.percona.com": { replsets: [{ name: "REPLSET" }], sharding: { enabled: true } },
  "CassandraDatacenter.cassandra.datastax.com": { clusterName: "CLUSTER" },
  "Kafka.kafka.strimzi.io": {
    kafka: { listeners: [{ name: "LISTENER", port: 9094, type: "nodeport" }] },
    zookeeper: {},
  },
  "Elasticsearch.elasticsearch.k8s.elastic.co": { nodeSets: [{ name: "NODESET" }] },
  "OpenSearchCluster.opensearch.opster.io": {
    general: { serviceName: "SERVICE" },
    nodePools: [{ component: "POOL" }],
    dashboards: { enable: true },
  },
  "Gateway.gateway.networking.k8s.io": { gatewayClassName: "istio" },
};

function made(kind: string, input: object, head = HEAD): readonly (Service | Workload)[] {
  return madeByOperator(kind, input, head)!;
}

const services = (all: readonly (Service | Workload)[]): readonly Service[] =>
  all.filter((object) => object.kind === "Service");
const workloads = (all: readonly (Service | Workload)[]): readonly Workload[] =>
  all.filter((object) => object.kind === "Workload");

function lower(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value), (_, each: unknown) =>
    typeof each === "string" && /^[A-Z]+$/.test(each) ? each.toLowerCase() : each,
  );
}

/** The names as the page has them: the words in capitals stand for names that somebody chooses. */
function namesOf(row: string, isHeadless: boolean): string {
  const spec = SPECS[row] ?? {};
  const words = ["NAME", ...(JSON.stringify(spec).match(/"[A-Z]+"/g) ?? []).map((word) => word.slice(1, -1))];
  const names = services(made(row, { spec: lower(spec) })).filter(({ headless }) => headless === isHeadless);
  return names
    .map(({ name }) => {
      const parts = name.split("-").map((part) => (words.includes(part.toUpperCase()) ? part.toUpperCase() : part));
      return `\`${parts.join("-")}\``;
    })
    .join(", ");
}

test("docs/workloads.md has a row for each kind", () => {
  const page = readFileSync(new URL("../../../docs/workloads.md", import.meta.url), "utf8");
  const rows = OPERATOR_ROWS.map(
    ({ operator, kind }) => `| ${operator} | \`${kind}\` | ${namesOf(kind, false)} | ${namesOf(kind, true)} |`,
  );
  const shown = page.split("\n").filter((line) => /^\| [^|]+ \| `[A-Za-z]+\.[a-z0-9.-]+` \|/.test(line));
  expect(shown.map((line) => line.replaceAll(/ +/g, " "))).toEqual(rows.map((line) => line.replaceAll(/ +/g, " ")));
});

test("kinds are unique, and have a group", () => {
  const kinds = OPERATOR_ROWS.map(({ kind }) => kind);
  expect(new Set(kinds).size).toBe(kinds.length);
  for (const kind of kinds) expect(kind).toMatch(/^[A-Za-z]+(?:\.[a-z0-9-]+)+$/);
});

test("an unknown kind makes nothing", () => {
  expect(madeByOperator("Kafka.example.org", {}, HEAD)).toBeUndefined();
});

describe("each kind", () => {
  test.each(OPERATOR_ROWS.map(({ kind }) => kind))("%s: pods answer its headless services", (kind) => {
    const all = made(kind, { spec: lower(SPECS[kind] ?? {}) });
    for (const { name, selector, ports, maker, simulated } of services(all)) {
      expect([isDnsLabel(name), maker, simulated]).toEqual([true, { kind, name: "name" }, true]);
      expect(selector).toBeDefined();
      expect(new Set(ports.map(({ port, protocol }) => `${port} ${protocol}`)).size).toBe(ports.length);
    }
    for (const { serviceName } of workloads(all)) {
      // The services of a pool's cluster come from another resource.
      const isOwn = serviceName === undefined || all.some((object) => object.name === serviceName);
      expect(isOwn || kind.startsWith("KafkaNodePool")).toBe(true);
    }
  });

  test("whatever is in a resource: valid objects, and no more than its fields ask for", () => {
    const inputs = fc.oneof(
      fc.object({ key: fc.constantFrom("spec", "metadata", "labels", "kafka", "replicas", "listeners", "instances") }),
      fc.anything(),
    );
    fc.assert(
      fc.property(
        fc.constantFrom(...OPERATOR_ROWS),
        inputs,
        fc.stringMatching(/^[a-z]{1,60}$/),
        ({ kind }, input, name) => {
          for (const object of made(kind, input as object, { namespace: "a", name })) {
            expect(object.name.length).toBeLessThanOrEqual(object.kind === "Service" ? 63 : 253);
            expect(Object.isFrozen(object)).toBe(true);
          }
        },
      ),
    );
  });
});

describe("fields of a resource", () => {
  const summary = (all: readonly (Service | Workload)[]): readonly string[] =>
    all.map((object) =>
      object.kind === "Service"
        ? `${object.name} ${object.ports.map(({ name, port }) => `${name}:${port}`).join(" ")}`
        : `${object.name} x${object.replicas}`,
    );

  test.each<[kind: string, input: object, expected: readonly string[]]>([
    [
      "Kafka.kafka.strimzi.io",
      {
        spec: {
          kafka: {
            replicas: 3,
            listeners: [
              { name: "plain", port: 9092, type: "internal" },
              { name: "own", port: 9099, type: "internal" },
              { name: "out", port: 9094, type: "loadbalancer" },
            ],
          },
        },
      },
      [
        "name-kafka-bootstrap tcp-replication:9091 tcp-clients:9092 tcp-own:9099",
        "name-kafka-brokers tcp-ctrlplane:9090 tcp-replication:9091 tcp-kafkaagent:8443 tcp-clients:9092 tcp-own:9099",
        "name-kafka-out-bootstrap tcp-out:9094",
        "name-kafka x3",
      ],
    ],
    [
      "KafkaNodePool.kafka.strimzi.io",
      { metadata: { labels: { "strimzi.io/cluster": "c" } }, spec: { replicas: 3 } },
      ["c-name x3"],
    ],
    ["KafkaNodePool.kafka.strimzi.io", { spec: { replicas: 3 } }, []],
    ["Gateway.gateway.networking.k8s.io", { spec: { gatewayClassName: "nginx" } }, []],
    [
      "Tenant.minio.min.io",
      { spec: { requestAutoCert: false, pools: [{ name: "p", servers: 4 }] } },
      ["minio http-minio:80", "name-console http-console:9090", "name-hl http-minio:9000", "name-p x4"],
    ],
    [
      "LeaderWorkerSet.leaderworkerset.x-k8s.io",
      { spec: { replicas: 2, leaderWorkerTemplate: { size: 4 } } },
      ["name ", "name x2", "name-0 x3", "name-1 x3"],
    ],
  ])("%s %o", (kind, input, expected) => {
    expect(summary(made(kind, input))).toEqual(expected);
  });
});
