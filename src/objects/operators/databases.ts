// What the operators of databases, caches and stores make. One row a kind; nothing else. Sources: the documentation of
// each operator, as named in its row: the names of services and their ports.
import type { Made, MadePods, MadeService, OperatorRow, Resource } from "./operator-row.ts";
import { deployment, headless, service, set } from "./operator-row.ts";

/** A set, a service of its name, and a headless one. */
function plainSet(resource: Resource, name: string, count: number, ports: string, headlessName: string): Made {
  return {
    labels: { "app.kubernetes.io/instance": resource.name, "app.kubernetes.io/name": name },
    pods: [set(name, count, headlessName)],
    services: [service(name, ports), headless(headlessName, ports)],
  };
}

/** One part of a Redis of the OT container kit. */
function redisPart(name: string, count: number, ports: string): { pods: MadePods[]; services: MadeService[] } {
  const labels = { app: name };
  return {
    pods: [set(name, count, `${name}-headless`, { labels })],
    services: [
      service(name, ports, labels),
      headless(`${name}-headless`, ports, labels),
      service(`${name}-additional`, ports, labels),
    ],
  };
}

const REDIS = "redis-client:6379";

export const DATABASES: readonly OperatorRow[] = [
  {
    operator: "CloudNativePG",
    kind: "Cluster.postgresql.cnpg.io",
    make: ({ name, count }) => ({
      labels: { "cnpg.io/cluster": name, "cnpg.io/podRole": "instance" },
      pods: [set(name, count("spec.instances", 1), undefined, { first: 1, owner: "Cluster.postgresql.cnpg.io" })],
      services: ["rw", "ro", "r"].map((role) => service(`${name}-${role}`, "postgres:5432")),
    }),
  },
  {
    operator: "CloudNativePG",
    kind: "Pooler.postgresql.cnpg.io",
    make: ({ name, count }) => ({
      labels: { "cnpg.io/poolerName": name },
      pods: [deployment(name, count("spec.instances", 1))],
      services: [service(name, "pgbouncer:5432")],
    }),
  },
  {
    operator: "Zalando Postgres",
    kind: "postgresql.acid.zalan.do",
    make: ({ name, count, has }) => {
      const pooler = (suffix: string): MadeService => service(`${name}-${suffix}`, `${name}-${suffix}:5432`);
      return {
        labels: { application: "spilo", "cluster-name": name },
        pods: [set(name, count("spec.numberOfInstances", 1), name)],
        services: [
          service(name, "postgresql:5432"),
          service(`${name}-repl`, "postgresql:5432"),
          ...(has("spec.enableConnectionPooler") ? [pooler("pooler")] : []),
          ...(has("spec.enableReplicaConnectionPooler") ? [pooler("pooler-repl")] : []),
        ],
      };
    },
  },
  {
    operator: "Crunchy Postgres",
    kind: "PostgresCluster.postgres-operator.crunchydata.com",
    make: ({ name, has, items }) => ({
      labels: { "postgres-operator.crunchydata.com/cluster": name },
      pods: items("spec.instances").map((instance, index) =>
        set(
          `${name}-${instance.text("name", `${index}0`.padStart(2, "0"))}`,
          instance.count("replicas", 1),
          `${name}-pods`,
        ),
      ),
      services: [
        ...["primary", "ha", "replicas"].map((role) => service(`${name}-${role}`, "postgres:5432")),
        headless(`${name}-pods`, ""),
        ...(has("spec.proxy.pgBouncer") ? [service(`${name}-pgbouncer`, "pgbouncer:5432")] : []),
      ],
    }),
  },
  {
    operator: "MariaDB",
    kind: "MariaDB.k8s.mariadb.com",
    make: (resource) => {
      const { name, count, has } = resource;
      const made = plainSet(resource, name, count("spec.replicas", 1), "mariadb:3306", `${name}-internal`);
      if (!has("spec.replication.enabled") && !has("spec.galera.enabled")) return made;
      const roles = ["primary", "secondary"].map((role) => service(`${name}-${role}`, "mariadb:3306"));
      return { ...made, services: [...made.services, ...roles] };
    },
  },
  {
    operator: "MySQL (Oracle)",
    kind: "InnoDBCluster.mysql.oracle.com",
    make: ({ name, count }) => ({
      labels: { "mysql.oracle.com/cluster": name, component: "mysqld" },
      pods: [set(name, count("spec.instances", 1), `${name}-instances`)],
      services: [
        service(name, "mysql:3306>6446 mysqlx:33060>6448 mysql-alternate:6446 mysqlx-alternate:6448 mysql-ro:6447"),
        headless(`${name}-instances`, "mysql:3306 mysqlx:33060 gr-xcom:33061"),
      ],
    }),
  },
  {
    operator: "Percona XtraDB Cluster",
    kind: "PerconaXtraDBCluster.pxc.percona.com",
    make: ({ name, count, has }) => {
      const labels = { "app.kubernetes.io/instance": name, "app.kubernetes.io/component": "pxc" };
      return {
        labels,
        pods: [set(`${name}-pxc`, count("spec.pxc.size", 3), `${name}-pxc`)],
        services: [
          headless(`${name}-pxc`, "mysql:3306 mysql-admin:33062 mysqlx:33060"),
          headless(`${name}-pxc-unready`, "mysql:3306 mysql-admin:33062 mysqlx:33060"),
          ...(has("spec.haproxy.enabled")
            ? ["haproxy", "haproxy-replicas"].map((part) => service(`${name}-${part}`, "mysql:3306"))
            : []),
          ...(has("spec.proxysql.enabled") ? [service(`${name}-proxysql`, "mysql:3306")] : []),
        ],
      };
    },
  },
  {
    operator: "Percona Server for MongoDB",
    kind: "PerconaServerMongoDB.psmdb.percona.com",
    make: ({ name, items, has, count }) => {
      const replsets = items("spec.replsets").map((each) => [each.text("name", "rs0"), each.count("size", 3)] as const);
      const isSharded = has("spec.sharding.enabled");
      const all = [
        ...replsets,
        ...(isSharded ? [["cfg", count("spec.sharding.configsvrReplSet.size", 3)] as const] : []),
      ];
      const labelsOf = (part: string): Record<string, string> => ({
        "app.kubernetes.io/instance": name,
        "app.kubernetes.io/replset": part,
      });
      const mongos = { "app.kubernetes.io/instance": name, "app.kubernetes.io/component": "mongos" };
      return {
        pods: [
          ...all.map(([part, size]) => set(`${name}-${part}`, size, `${name}-${part}`, { labels: labelsOf(part) })),
          ...(isSharded
            ? [set(`${name}-mongos`, count("spec.sharding.mongos.size", 3), undefined, { labels: mongos })]
            : []),
        ],
        services: [
          ...all.map(([part]) => headless(`${name}-${part}`, "mongodb:27017", labelsOf(part))),
          ...(isSharded ? [service(`${name}-mongos`, "mongos:27017", mongos)] : []),
        ],
      };
    },
  },
  {
    operator: "MongoDB Community",
    kind: "MongoDBCommunity.mongodbcommunity.mongodb.com",
    make: ({ name, count }) => ({
      labels: { app: `${name}-svc` },
      pods: [set(name, count("spec.members", 1), `${name}-svc`)],
      services: [headless(`${name}-svc`, "mongodb:27017")],
    }),
  },
  {
    operator: "Redis (Spotahome)",
    kind: "RedisFailover.databases.spotahome.com",
    make: ({ name, count }) => {
      const redis = { "app.kubernetes.io/component": "redis", "app.kubernetes.io/name": name };
      const sentinel = { "app.kubernetes.io/component": "sentinel", "app.kubernetes.io/name": name };
      return {
        pods: [
          set(`rfr-${name}`, count("spec.redis.replicas", 3), `rfr-${name}`, { labels: redis }),
          deployment(`rfs-${name}`, count("spec.sentinel.replicas", 3), sentinel),
        ],
        services: [
          service(`rfs-${name}`, "sentinel:26379", sentinel),
          service(`rfrm-${name}`, "redis:6379", redis),
          service(`rfrs-${name}`, "redis:6379", redis),
        ],
      };
    },
  },
  {
    operator: "Redis (OT container kit)",
    kind: "Redis.redis.redis.opstreelabs.in",
    make: ({ name }) => redisPart(name, 1, REDIS),
  },
  {
    operator: "Redis (OT container kit)",
    kind: "RedisReplication.redis.redis.opstreelabs.in",
    make: ({ name, count }) => redisPart(name, count("spec.clusterSize", 1), REDIS),
  },
  {
    operator: "Redis (OT container kit)",
    kind: "RedisCluster.redis.redis.opstreelabs.in",
    make: ({ name, count }) => {
      const size = count("spec.clusterSize", 3);
      const leader = redisPart(`${name}-leader`, count("spec.redisLeader.replicas", size), REDIS);
      const follower = redisPart(`${name}-follower`, count("spec.redisFollower.replicas", size), REDIS);
      return { pods: [...leader.pods, ...follower.pods], services: [...leader.services, ...follower.services] };
    },
  },
  {
    operator: "Redis (OT container kit)",
    kind: "RedisSentinel.redis.redis.opstreelabs.in",
    make: ({ name, count }) => redisPart(`${name}-sentinel`, count("spec.clusterSize", 3), "sentinel-client:26379"),
  },
  {
    operator: "Dragonfly",
    kind: "Dragonfly.dragonflydb.io",
    make: ({ name, count }) => ({
      labels: { app: name },
      pods: [set(name, count("spec.replicas", 1), name)],
      services: [service(name, "redis:6379")],
    }),
  },
  {
    operator: "K8ssandra cass-operator",
    kind: "CassandraDatacenter.cassandra.datastax.com",
    make: ({ name, text, count, items }) => {
      const prefix = `${text("spec.clusterName", name)}-${name}`.toLowerCase();
      const racks = items("spec.racks").map((rack) => rack.text("name", "default"));
      const all = racks.length === 0 ? ["default"] : racks;
      const size = count("spec.size", 1);
      const ports = "native:9042 tls-native:9142 mgmt-api:8080 prometheus:9103 thrift:9160";
      return {
        labels: { "cassandra.datastax.com/datacenter": name },
        pods: all.map((rack, index) =>
          set(
            `${prefix}-${rack}-sts`,
            Math.floor((size + all.length - 1 - index) / all.length),
            `${prefix}-all-pods-service`,
          ),
        ),
        services: [
          headless(`${prefix}-service`, ports),
          headless(`${prefix}-all-pods-service`, ports),
          headless(`${text("spec.clusterName", name).toLowerCase()}-seed-service`, ""),
        ],
      };
    },
  },
  {
    operator: "CockroachDB",
    kind: "CrdbCluster.crdb.cockroachlabs.com",
    make: ({ name, count }) => ({
      labels: { "app.kubernetes.io/instance": name, "app.kubernetes.io/name": "cockroachdb" },
      pods: [set(name, count("spec.nodes", 3), name)],
      services: [
        service(`${name}-public`, "grpc:26258 http:8080 sql:26257"),
        headless(name, "grpc:26258 http:8080 sql:26257"),
      ],
    }),
  },
  {
    operator: "TiDB",
    kind: "TidbCluster.pingcap.com",
    make: ({ name, count }) => {
      const labelsOf = (part: string): Record<string, string> => ({
        "app.kubernetes.io/instance": name,
        "app.kubernetes.io/component": part,
      });
      return {
        pods: ["pd", "tikv", "tidb"].map((part) =>
          set(`${name}-${part}`, count(`spec.${part}.replicas`, 1), `${name}-${part}-peer`, { labels: labelsOf(part) }),
        ),
        services: [
          service(`${name}-pd`, "client:2379", labelsOf("pd")),
          headless(`${name}-pd-peer`, "tcp-peer-2380:2380 tcp-peer-2379:2379", labelsOf("pd")),
          headless(`${name}-tikv-peer`, "peer:20160", labelsOf("tikv")),
          service(`${name}-tidb`, "mysql-client:4000 status:10080", labelsOf("tidb")),
          headless(`${name}-tidb-peer`, "status:10080", labelsOf("tidb")),
        ],
      };
    },
  },
  {
    operator: "MinIO",
    kind: "Tenant.minio.min.io",
    make: ({ name, flag, items }) => {
      const isPlain = !flag("spec.requestAutoCert", true);
      return {
        labels: { "v1.min.io/tenant": name },
        pods: items("spec.pools").map((pool, index) =>
          set(`${name}-${pool.text("name", `pool-${index}`)}`, pool.count("servers", 1), `${name}-hl`),
        ),
        services: [
          service("minio", isPlain ? "http-minio:80>9000" : "https-minio:443>9000"),
          service(`${name}-console`, isPlain ? "http-console:9090" : "https-console:9443"),
          headless(`${name}-hl`, isPlain ? "http-minio:9000" : "https-minio:9000"),
        ],
      };
    },
  },
  {
    operator: "Infinispan",
    kind: "Infinispan.infinispan.org",
    make: ({ name, count }) => ({
      labels: { app: "infinispan-pod", infinispan_cr: name, clusterName: name },
      pods: [set(name, count("spec.replicas", 1))],
      services: [
        service(name, "infinispan:11222"),
        headless(`${name}-admin`, "infinispan-adm:11223"),
        headless(`${name}-ping`, "ping:8888"),
      ],
    }),
  },
];
