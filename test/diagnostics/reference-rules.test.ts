import { expect, test } from "vitest";
import {
  adviceOfYaml,
  diagnoseYaml,
  headlessYaml,
  otherYaml,
  serviceYaml,
  workloadYaml,
} from "../support/diagnose-yaml.ts";

const API = serviceYaml("api", "ports: [{ name: http, port: 80 }, { port: 9090, name: admin }]");
const EXTERNAL = serviceYaml("ext", "type: ExternalName, externalName: a.example");
const CACHE = serviceYaml("cache", "clusterIP: None, ports: [{ port: 6379 }]");
const SLICE =
  "apiVersion: discovery.k8s.io/v1\nkind: EndpointSlice\nmetadata: { name: c, namespace: shop, labels: { kubernetes.io/service-name: cache } }\naddressType: IPv4\nendpoints: [{ addresses: [192.0.2.1], hostname: cache-0 }]";
const HEADLESS = [CACHE, SLICE];

const DB = [workloadYaml("StatefulSet", "db", "db", "", "serviceName: db, replicas: 2"), headlessYaml("db", "db")];

const config = (text: string, namespace = "shop"): string =>
  `apiVersion: v1\nkind: ConfigMap\nmetadata: { name: c, namespace: ${namespace} }\ndata: { a: ${JSON.stringify(text)} }`;
const ingress = (name: string, port: string): string =>
  `apiVersion: networking.k8s.io/v1\nkind: Ingress\nmetadata: { name: i, namespace: shop }\nspec: { defaultBackend: { service: { name: ${name}, port: { ${port} } } } }`;

const CONFIG = "ConfigMap.v1 shop/c data.a";
const BACKEND = "Ingress.networking.k8s.io/v1 shop/i spec.defaultBackend.service.name";
const SERVICE = [`reference-no-service ${CONFIG}`];
const POD = [`reference-no-pod ${CONFIG}`];
const PORT = [`reference-no-port ${CONFIG}`];

test.each<[title: string, documents: string[], expected: string[]]>([
  ["a full name", [API, config("api.shop.svc:80")], []],
  ["a full name of no service", [API, config("db.shop.svc.cluster.local")], SERVICE],
  ["a full name in another cluster's domain", [API, config("db.shop.svc.other.example")], []],
  ["a full name in a namespace of others", [API, config("db.data.svc")], []],
  ["a full name in a namespace that is nearly one", [API, config("api.shopp.svc")], SERVICE],
  ["the API server", [API, config("https://kubernetes.default.svc")], []],
  [
    "a system service",
    [API, serviceYaml("kube-system/x", "ports: [{ port: 1 }]"), config("dns.kube-system.svc")],
    SERVICE,
  ],
  ["an endpoint", [...HEADLESS, config("cache-0.cache.shop.svc:6379")], []],
  ["a port by name", [API, config("_http._tcp.api.shop.svc")], []],
  ["no port of that name", [API, config("_web._tcp.api.shop.svc")], PORT],
  ["a host of a URL", [API, config("http://api")], []],
  ["a host of a URL that is nearly a service", [API, config("http://apj:80")], SERVICE],
  ["a host of a URL that is no service", [API, config("http://example:80")], []],
  ["a host in another namespace", [API, config("http://api.shop:80", "web")], []],
  [
    "nearly a host in another namespace",
    [API, config("http://apj.shop:80", "web")],
    ["reference-no-service ConfigMap.v1 web/c data.a"],
  ],
  ["a host outside", [API, config("http://apj.example:80")], []],
  ["a pod of a service", [...HEADLESS, config("http://cache-1.cache:6379")], []],
  ["a pod of a StatefulSet", [...DB, config("db-1.db.shop.svc")], []],
  ["no pod of a StatefulSet", [...DB, config("db-2.db.shop.svc.cluster.local:1")], POD],
  ["no pod of a StatefulSet, in the same namespace", [...DB, config("http://db-2.db:1")], POD],
  ["a name that is none of a pod", [...DB, config("http://all.db:1")], []],
  ["an address as the name of a pod", [...DB, config("10-244-0-1.db.shop.svc")], []],
  ["a pod of a service that is nearly one", [API, config("http://api-0.apj:1")], SERVICE],
  ["a host outside that is nearly a service", [API, config("http://www.apj:1")], []],
  ["a pair", [API, config("api:80")], []],
  ["a pair that is nearly one", [API, config("apj:80")], SERVICE],
  ["another port", [API, config("api:8080")], PORT],
  ["any port of a headless service", [...HEADLESS, config("cache:1234")], []],
  ["any port of an external name", [EXTERNAL, config("http://ext:1234")], []],
  ["a backend", [API, ingress("api", "number: 9090")], []],
  ["a backend by name", [API, ingress("api", "name: admin")], []],
  ["a backend without the port", [API, ingress("api", "number: 81")], [`reference-no-port ${BACKEND}`]],
  [
    "a backend of a headless service without the port",
    [...HEADLESS, ingress("cache", "number: 81")],
    [`reference-no-port ${BACKEND}`],
  ],
  ["a backend of no service", [API, ingress("other", "number: 80")], [`reference-no-service ${BACKEND}`]],
])("%s", (_, documents, expected) => {
  expect(diagnoseYaml(...documents)).toEqual(expected);
});

test.each<[title: string, documents: string[], text: string]>([
  [
    "the nearest service",
    [API, config("http://apj")],
    "namespace shop has no service apj; use api, the nearest service",
  ],
  [
    "the nearest namespace",
    [API, config("api.shopp.svc")],
    "there is no namespace shopp; use api.shop, a service of the nearest namespace",
  ],
  ["the ports", [API, config("http://api:81")], "Service shop/api has no port 81; use 80 (http), 9090 (admin)"],
  [
    "the custom resource whose operator may create the service",
    [API, otherYaml("databases.example/v1", "Database", "main"), config("main-rw.shop.svc")],
    "but an operator may create it for Database shop/main",
  ],
])("the problem has %s", (_, documents, text) => {
  expect(adviceOfYaml(...documents)).toEqual([expect.stringContaining(text)]);
});
