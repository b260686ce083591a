// What the operators of metrics, logs, search and traces make. One row a kind; nothing else. Sources: the documentation
// of each operator, as named in its row: the names of services and their ports.
import type { Made, OperatorRow, Resource } from "./operator-row.ts";
import { deployment, headless, service, set } from "./operator-row.ts";

/** One of the services of ECK that only speaks HTTP. */
function elasticHttp(resource: Resource, type: string, part: string, port: number): Made {
  const { name, count, flag } = resource;
  const isPlain = flag("spec.http.tls.selfSignedCertificate.disabled", false);
  return {
    labels: { "common.k8s.elastic.co/type": type, [`${type}.k8s.elastic.co/name`]: name },
    pods: [deployment(`${name}-${part}`, count("spec.count", 1))],
    services: [service(`${name}-${part}-http`, `${isPlain ? "http" : "https"}:${port}`)],
  };
}

/** The pods of one kind of the Prometheus operator, behind a service that all resources of the kind share. */
function operated(resource: Resource, type: string, label: string, governing: string, ports: string): Made {
  const { name, count } = resource;
  return {
    labels: { "app.kubernetes.io/name": type },
    pods: [
      set(`${type}-${name}`, count("spec.replicas", 1), governing, {
        labels: { [label]: name, "app.kubernetes.io/instance": name, "operator.prometheus.io/name": name },
      }),
    ],
    services: [headless(governing, ports)],
  };
}

/** One part of VictoriaMetrics. */
function victoria(name: string, part: string, count: number, ports: string, isSet: boolean): Made {
  const full = `${part}-${name}`;
  return {
    labels: { "app.kubernetes.io/name": part, "app.kubernetes.io/instance": name },
    pods: [isSet ? set(full, count, full) : deployment(full, count)],
    services: [isSet ? headless(full, ports) : service(full, ports)],
  };
}

export const OBSERVABILITY: readonly OperatorRow[] = [
  {
    operator: "ECK",
    kind: "Elasticsearch.elasticsearch.k8s.elastic.co",
    make: ({ name, items, flag }) => {
      const http = flag("spec.http.tls.selfSignedCertificate.disabled", false) ? "http:9200" : "https:9200";
      const nodeSets = items("spec.nodeSets").map((nodes) => {
        const full = `${name}-es-${nodes.text("name", "")}`;
        return {
          full,
          count: nodes.count("count", 1),
          labels: { "elasticsearch.k8s.elastic.co/statefulset-name": full },
        };
      });
      return {
        labels: { "common.k8s.elastic.co/type": "elasticsearch", "elasticsearch.k8s.elastic.co/cluster-name": name },
        pods: nodeSets.map(({ full, count, labels }) => set(full, count, full, { labels })),
        services: [
          service(`${name}-es-http`, http),
          service(`${name}-es-internal-http`, http),
          headless(`${name}-es-transport`, "tls-transport:9300"),
          ...nodeSets.map(({ full, labels }) => headless(full, http, labels)),
        ],
      };
    },
  },
  {
    operator: "ECK",
    kind: "Kibana.kibana.k8s.elastic.co",
    make: (kibana) => elasticHttp(kibana, "kibana", "kb", 5601),
  },
  {
    operator: "ECK",
    kind: "ApmServer.apm.k8s.elastic.co",
    make: (apm) => elasticHttp(apm, "apm-server", "apm", 8200),
  },
  {
    operator: "ECK",
    kind: "EnterpriseSearch.enterprisesearch.k8s.elastic.co",
    make: (search) => elasticHttp(search, "enterprise-search", "ent", 3002),
  },
  {
    operator: "OpenSearch",
    kind: "OpenSearchCluster.opensearch.opster.io",
    make: ({ name, text, items, has }) => {
      const labels = { "opster.io/opensearch-cluster": name };
      const pools = items("spec.nodePools").map((pool) => ({
        full: `${name}-${pool.text("component", "nodes")}`,
        count: pool.count("replicas", 1),
        labels: { "opster.io/opensearch-nodepool": pool.text("component", "nodes") },
      }));
      return {
        labels,
        pods: pools.map((pool) => set(pool.full, pool.count, pool.full, { labels: pool.labels })),
        services: [
          service(text("spec.general.serviceName", name), "http:9200 transport:9300 metrics:9600 rca:9650"),
          headless(`${name}-discovery`, "http:9200 transport:9300"),
          ...pools.map((pool) => headless(pool.full, "http:9200 transport:9300", { ...labels, ...pool.labels })),
          ...(has("spec.dashboards.enable")
            ? [service(`${name}-dashboards`, "http:5601", { "opensearch.cluster.dashboards": name })]
            : []),
        ],
      };
    },
  },
  {
    operator: "Prometheus",
    kind: "Prometheus.monitoring.coreos.com",
    make: (resource) => {
      const ports = resource.has("spec.thanos") ? "web:9090 grpc:10901" : "web:9090";
      return operated(resource, "prometheus", "prometheus", "prometheus-operated", ports);
    },
  },
  {
    operator: "Prometheus",
    kind: "Alertmanager.monitoring.coreos.com",
    make: (resource) => {
      const ports = "web:9093 tcp-mesh:9094 udp-mesh:9094/UDP";
      return operated(resource, "alertmanager", "alertmanager", "alertmanager-operated", ports);
    },
  },
  {
    operator: "Prometheus",
    kind: "ThanosRuler.monitoring.coreos.com",
    make: (resource) =>
      operated(resource, "thanos-ruler", "thanos-ruler", "thanos-ruler-operated", "web:10902 grpc:10901"),
  },
  {
    operator: "VictoriaMetrics",
    kind: "VMSingle.operator.victoriametrics.com",
    make: ({ name, text }) => victoria(name, "vmsingle", 1, `http:${text("spec.port", "8429")}`, false),
  },
  {
    operator: "VictoriaMetrics",
    kind: "VMAgent.operator.victoriametrics.com",
    make: ({ name, text, count }) =>
      victoria(name, "vmagent", count("spec.replicaCount", 1), `http:${text("spec.port", "8429")}`, false),
  },
  {
    operator: "VictoriaMetrics",
    kind: "VMAlert.operator.victoriametrics.com",
    make: ({ name, text, count }) =>
      victoria(name, "vmalert", count("spec.replicaCount", 1), `http:${text("spec.port", "8080")}`, false),
  },
  {
    operator: "VictoriaMetrics",
    kind: "VMCluster.operator.victoriametrics.com",
    make: ({ name, count }) => {
      const parts = [
        victoria(name, "vmselect", count("spec.vmselect.replicaCount", 1), "http:8481", true),
        victoria(name, "vminsert", count("spec.vminsert.replicaCount", 1), "http:8480", false),
        victoria(
          name,
          "vmstorage",
          count("spec.vmstorage.replicaCount", 1),
          "http:8482 vminsert:8400 vmselect:8401",
          true,
        ),
      ];
      return {
        pods: parts.flatMap(({ pods, labels }) => pods.map((each) => ({ ...each, ...(labels && { labels }) }))),
        services: parts.flatMap(({ services, labels }) =>
          services.map((each) => ({ ...each, ...(labels && { labels }) })),
        ),
      };
    },
  },
  {
    operator: "Grafana",
    kind: "Grafana.grafana.integreatly.org",
    make: ({ name, count }) => ({
      labels: { app: name },
      pods: [deployment(`${name}-deployment`, count("spec.deployment.spec.replicas", 1))],
      services: [service(`${name}-service`, "grafana:3000")],
    }),
  },
  {
    operator: "Jaeger",
    kind: "Jaeger.jaegertracing.io",
    make: ({ name }) => {
      const collector = "http-zipkin:9411 grpc-jaeger:14250 http-c-binary-trft:14268 grpc-otlp:4317 http-otlp:4318";
      return {
        labels: { app: "jaeger", "app.kubernetes.io/instance": name },
        pods: [deployment(name, 1)],
        services: [
          service(`${name}-query`, "http-query:16686 grpc-query:16685"),
          service(`${name}-collector`, collector),
          headless(`${name}-collector-headless`, collector),
        ],
      };
    },
  },
  {
    operator: "OpenTelemetry",
    kind: "OpenTelemetryCollector.opentelemetry.io",
    make: ({ name, text, count }) => {
      const mode = text("spec.mode", "deployment");
      if (mode === "sidecar") return { pods: [], services: [] };
      const full = `${name}-collector`;
      const form = ({ daemonset: "DaemonSet", statefulset: "StatefulSet" } as const)[mode] ?? "Deployment";
      return {
        labels: { "app.kubernetes.io/component": "opentelemetry-collector", "app.kubernetes.io/name": full },
        pods: [{ name: full, count: count("spec.replicas", 1), form }],
        services: [
          service(full, "otlp-grpc:4317 otlp-http:4318"),
          headless(`${full}-headless`, "otlp-grpc:4317 otlp-http:4318"),
          service(`${full}-monitoring`, "monitoring:8888"),
        ],
      };
    },
  },
];
