import { expect, test } from "vitest";
import { parse } from "yaml";
import { collectReferences } from "../../../src/objects/references/collect-references.ts";
import { parseObject } from "../../../src/objects/parse-object.ts";

/** `path target` of each reference of a document in flow or block style. */
function referencesIn(yaml: string): string[] {
  const value: unknown = parse(yaml);
  const { object } = parseObject(value, { namespace: "shop", locate: () => undefined });
  return collectReferences(value, object!).map(({ path, target }) => {
    const name = target.form === "service" ? `${target.namespace}/${target.name}` : `${target.form} ${target.host}`;
    return `${path.join(".")} ${name}${target.port === undefined ? "" : `:${target.port}`}`;
  });
}

const head = (apiVersion: string, kind: string): string =>
  `apiVersion: ${apiVersion}\nkind: ${kind}\nmetadata: { name: x }\n`;
const CONTAINER = `containers:
  - name: a
    image: db.shop.svc:5000/a
    env:
      - { name: URL, value: "http://web:80" }
      - { name: DB_HOST, value: db }
      - { name: IMAGE, value: "redis:6379" }
      - { name: POD, valueFrom: { fieldRef: { fieldPath: metadata.name } } }
    args: ["--a=http://b", "--image=redis:6379", c:99]
    readinessProbe: { httpGet: { host: probe, port: 80 } }`;
const POD_REFERENCES = [
  "containers.0.env.0.value url web:80",
  "containers.0.env.1.value name db",
  "containers.0.args.0 url b",
  "containers.0.args.2 pair c:99",
  "containers.0.readinessProbe.httpGet.host name probe",
];
const indent = (text: string, depth: number): string => text.replaceAll(/^/gm, " ".repeat(depth));

test.each<[title: string, yaml: string, expected: string[]]>([
  ["a pod", `${head("v1", "Pod")}spec:\n${indent(CONTAINER, 2)}`, POD_REFERENCES.map((each) => `spec.${each}`)],
  [
    "a workload of others",
    `${head("argoproj.io/v1alpha1", "Rollout")}spec:\n  template:\n    spec:\n${indent(CONTAINER, 6)}`,
    POD_REFERENCES.map((each) => `spec.template.spec.${each}`),
  ],
  [
    "a CronJob",
    `${head("batch/v1", "CronJob")}spec:\n  schedule: "* * * * *"\n  jobTemplate:\n    spec:\n      template:\n        spec:\n          restartPolicy: Never\n${indent(CONTAINER, 10)}`,
    POD_REFERENCES.map((each) => `spec.jobTemplate.spec.template.spec.${each}`),
  ],
  [
    "a ConfigMap",
    `${head("v1", "ConfigMap")}data: { a: "http://b", c: d.shop.svc }`,
    ["data.a url b", "data.c full d.shop.svc"],
  ],
  [
    "a Secret in plain text",
    `${head("v1", "Secret")}stringData: { url: "postgres://user:secret@db.shop.svc:5432" }`,
    ["stringData.url full db.shop.svc:5432"],
  ],
  [
    "an Ingress",
    `${head("networking.k8s.io/v1", "Ingress")}spec:
  defaultBackend: { service: { name: a, port: { name: http } } }
  rules: [{ http: { paths: [{ backend: { service: { name: b, port: { number: 80 } } } }, { backend: { resource: { name: r } } }] } }]`,
    ["spec.defaultBackend.service.name shop/a:http", "spec.rules.0.http.paths.0.backend.service.name shop/b:80"],
  ],
  [
    "an Ingress of the old form",
    `${head("extensions/v1beta1", "Ingress")}spec: { backend: { serviceName: a, servicePort: 80 } }`,
    ["spec.backend.serviceName shop/a:80"],
  ],
  [
    "an action of a load balancer",
    `${head("networking.k8s.io/v1", "Ingress")}spec: { defaultBackend: { service: { name: ssl-redirect, port: { name: use-annotation } } } }`,
    [],
  ],
  [
    "a route",
    `${head("gateway.networking.k8s.io/v1", "HTTPRoute")}spec:
  rules: [{ backendRefs: [{ name: a, port: 80 }, { name: b, namespace: data, port: 81 }, { kind: Other, name: c }],
    filters: [{ requestMirror: { backendRef: { name: d, port: 82 } } }] }]`,
    [
      "spec.rules.0.backendRefs.0.name shop/a:80",
      "spec.rules.0.backendRefs.1.name data/b:81",
      "spec.rules.0.filters.0.requestMirror.backendRef.name shop/d:82",
    ],
  ],
  [
    "a webhook",
    `${head("admissionregistration.k8s.io/v1", "MutatingWebhookConfiguration")}webhooks:
  - clientConfig: { service: { namespace: data, name: a } }
  - clientConfig: { url: "https://a" }`,
    ["webhooks.0.clientConfig.service.name data/a:443"],
  ],
  [
    "a conversion",
    `${head("apiextensions.k8s.io/v1", "CustomResourceDefinition")}spec: { conversion: { webhook: { clientConfig: { service: { namespace: data, name: a, port: 9443 } } } } }`,
    ["spec.conversion.webhook.clientConfig.service.name data/a:9443"],
  ],
  [
    "an API service",
    `${head("apiregistration.k8s.io/v1", "APIService")}spec: { service: { namespace: data, name: a } }`,
    ["spec.service.name data/a:443"],
  ],
  [
    "a route of OpenShift",
    `${head("route.openshift.io/v1", "Route")}spec: { to: { kind: Service, name: a }, alternateBackends: [{ kind: Service, name: b }] }`,
    ["spec.to.name shop/a", "spec.alternateBackends.0.name shop/b"],
  ],
  [
    "a route of Traefik",
    `${head("traefik.io/v1alpha1", "IngressRoute")}spec: { routes: [{ services: [{ name: a, port: 80 }, { kind: TraefikService, name: b }] }] }`,
    ["spec.routes.0.services.0.name shop/a:80"],
  ],
  [
    "a VirtualService",
    `${head("networking.istio.io/v1", "VirtualService")}spec: { http: [{ route: [{ destination: { host: a, port: { number: 80 } } }] }] }`,
    ["spec.http.0.route.0.destination.host name a:80"],
  ],
  [
    "a kind of the same name of another group",
    `${head("example.com/v1", "Ingress")}spec: { backend: { serviceName: a } }`,
    [],
  ],
  [
    "what has another shape",
    `${head("networking.k8s.io/v1", "Ingress")}spec: [{ backend: 1 }, { backend: { service: [] } }]`,
    [],
  ],
])("%s", (_, yaml, expected) => {
  expect(referencesIn(yaml)).toEqual(expected);
});
