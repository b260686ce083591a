// What the controllers of applications, gateways and platforms make. One row a kind; nothing else. Sources: the
// documentation of each controller, as named in its row: the names of services and their ports.
import type { OperatorRow, Resource } from "./operator-row.ts";
import { deployment, headless, service, set } from "./operator-row.ts";

/** Leaders of more groups than this have no workers here. */
const GROUPS_MAX = 1_000;

function listenerPorts(gateway: Resource): string {
  const ports = gateway.items("spec.listeners").map((each) => `${each.text("name", "http")}:${each.count("port", 80)}`);
  return ["status-port:15021", ...ports].join(" ");
}

export const PLATFORMS: readonly OperatorRow[] = [
  {
    // As in a mesh, where the name is no alias of an ingress gateway.
    operator: "Knative Serving",
    kind: "Service.serving.knative.dev",
    make: ({ name }) => {
      const revision = `${name}-00001`;
      return {
        labels: { "serving.knative.dev/service": name, "serving.knative.dev/revision": revision },
        pods: [deployment(`${revision}-deployment`, 1)],
        services: [
          service(name, "http:80>8012"),
          service(revision, "http:80>8012"),
          service(`${revision}-private`, "http:80>8012"),
        ],
      };
    },
  },
  {
    operator: "Keycloak",
    kind: "Keycloak.k8s.keycloak.org",
    make: ({ name, count, has }) => ({
      labels: { app: "keycloak", "app.kubernetes.io/instance": name },
      pods: [set(name, count("spec.instances", 1), `${name}-discovery`)],
      services: [
        service(
          `${name}-service`,
          ["https:8443", ...(has("spec.http.httpEnabled") ? ["http:8080"] : []), "management:9000"].join(" "),
        ),
        headless(`${name}-discovery`, "tcp:7800"),
      ],
    }),
  },
  {
    operator: "Argo CD",
    kind: "ArgoCD.argoproj.io",
    make: ({ name }) => {
      const labelsOf = (part: string): Record<string, string> => ({ "app.kubernetes.io/name": `${name}-${part}` });
      const parts = ["server", "repo-server", "redis"];
      return {
        pods: parts.map((part) => deployment(`${name}-${part}`, 1, labelsOf(part))),
        services: [
          service(`${name}-server`, "http:80>8080 https:443>8080", labelsOf("server")),
          service(`${name}-server-metrics`, "metrics:8083", labelsOf("server")),
          service(`${name}-repo-server`, "server:8081 metrics:8084", labelsOf("repo-server")),
          service(`${name}-redis`, "tcp-redis:6379", labelsOf("redis")),
        ],
      };
    },
  },
  {
    operator: "Istio",
    kind: "Gateway.gateway.networking.k8s.io",
    make: (gateway) => {
      const { name, text } = gateway;
      // Other classes name their services in other ways, or have one for all gateways.
      if (text("spec.gatewayClassName", "") !== "istio") return { pods: [], services: [] };
      return {
        labels: { "gateway.networking.k8s.io/gateway-name": name },
        pods: [deployment(`${name}-istio`, 1)],
        services: [service(`${name}-istio`, listenerPorts(gateway))],
      };
    },
  },
  {
    operator: "LeaderWorkerSet",
    kind: "LeaderWorkerSet.leaderworkerset.x-k8s.io",
    make: ({ name, count }) => {
      const [groups, size] = [count("spec.replicas", 1), count("spec.leaderWorkerTemplate.size", 1)];
      const workers = Array.from({ length: size > 1 ? Math.min(groups, GROUPS_MAX) : 0 }, (_, group) =>
        set(`${name}-${group}`, size - 1, name, { first: 1 }),
      );
      return {
        labels: { "leaderworkerset.sigs.k8s.io/name": name },
        pods: [set(name, groups, name), ...workers],
        services: [headless(name, "")],
      };
    },
  },
  {
    operator: "KubeRay",
    kind: "RayCluster.ray.io",
    make: ({ name, items }) => {
      const labelsOf = (type: string): Record<string, string> => ({ "ray.io/node-type": type });
      return {
        labels: { "ray.io/cluster": name },
        pods: [
          deployment(`${name}-head`, 1, labelsOf("head")),
          ...items("spec.workerGroupSpecs").map((group) =>
            deployment(
              `${name}-${group.text("groupName", "workers")}-worker`,
              group.count("replicas", 1),
              labelsOf("worker"),
            ),
          ),
        ],
        services: [
          headless(`${name}-head-svc`, "gcs-server:6379 dashboard:8265 client:10001 serve:8000 metrics:8080", {
            "ray.io/cluster": name,
            ...labelsOf("head"),
          }),
        ],
      };
    },
  },
  {
    operator: "Flink",
    kind: "FlinkDeployment.flink.apache.org",
    make: ({ name, count }) => ({
      labels: { app: name },
      pods: [
        deployment(name, count("spec.jobManager.replicas", 1), { component: "jobmanager" }),
        deployment(`${name}-taskmanager`, count("spec.taskManager.replicas", 1), { component: "taskmanager" }),
      ],
      services: [service(`${name}-rest`, "rest:8081", { app: name, component: "jobmanager" })],
    }),
  },
  {
    operator: "Solr",
    kind: "SolrCloud.solr.apache.org",
    make: ({ name, count }) => {
      const full = `${name}-solrcloud`;
      return {
        labels: { "solr-cloud": name, technology: "solr-cloud" },
        pods: [set(full, count("spec.replicas", 3), `${full}-headless`)],
        services: [
          service(`${full}-common`, "solr-client:80>8983"),
          headless(`${full}-headless`, "solr-client:80>8983"),
        ],
      };
    },
  },
];
