// Names without records that no other rule tells of, by the answers of a server over the same objects.
import { expect, test } from "vitest";
import {
  headlessYaml,
  serviceYaml,
  statefulSetYaml,
  unresolvedOfYaml,
  workloadYaml,
} from "../support/diagnose-yaml.ts";

const API = serviceYaml("api", "selector: { app: db }, ports: [{ name: http, port: 80 }]");
const DB = [headlessYaml("db", "db"), statefulSetYaml("db", "db", "db")];
const SLICE =
  "apiVersion: discovery.k8s.io/v1\nkind: EndpointSlice\nmetadata: { name: h, namespace: shop, labels: { kubernetes.io/service-name: hand } }\naddressType: IPv4\nports: [{ name: web, port: 80 }]\nendpoints: [{ addresses: [192.0.2.1] }]";
const hand = (port: string): string => serviceYaml("hand", `clusterIP: None, ports: [{ name: ${port}, port: 80 }]`);
const external = (name: string): string => serviceYaml("ext", `type: ExternalName, externalName: ${name}`);
const config = (text: string): string =>
  `apiVersion: v1\nkind: ConfigMap\nmetadata: { name: c, namespace: shop }\ndata: { a: ${JSON.stringify(text)} }`;
const client = (url: string, spec: string): string =>
  workloadYaml("Deployment", "client", "client", spec).replace(
    "image: c",
    `image: c, env: [{ name: URL, value: ${JSON.stringify(url)} }]`,
  );

const TEXT = "ConfigMap.v1 shop/c data.a: warning";
const EXT = "Service shop/ext spec.externalName";
const URL = "Deployment shop/client spec.template.spec.containers.0.env.0.value";

test.each<[title: string, documents: string[], expected: string[]]>([
  ["names that resolve", [API, ...DB, config("http://api http://db-0.db.shop.svc _http._tcp.api.shop.svc")], []],
  ["a service that another rule judges", [headlessYaml("web", "nope"), config("http://web.shop.svc")], []],
  ["a service that may be another team's", [API, config("http://web.other.svc")], []],
  ["a name outside", [API, external("www.example.org"), config("http://www.example.org http://all.db")], []],
  [
    "an endpoint",
    [...DB, config("all.db.shop.svc")],
    [`name-not-resolved ${TEXT}: all.db.shop.svc: no endpoint all of service db in namespace shop`],
  ],
  ["the address of an endpoint", [...DB, config("10-244-0-9.db.shop.svc")], []],
  ["an endpoint of slices by hand", [hand("web"), SLICE, config("all.hand.shop.svc")], []],
  [
    "a protocol",
    [API, ...DB, config("_http._udp.api.shop.svc")],
    [
      `srv-missing ${TEXT}: _http._udp.api.shop.svc: port not named: http/UDP of service api in namespace shop; named: http/TCP`,
    ],
  ],
  [
    "the port of a headless service",
    [hand("http"), SLICE],
    [
      "srv-missing Service shop/hand spec.ports.0.name: warning: _http._tcp.hand.shop.svc.cluster.local: no ready endpoint has the port http/TCP of service hand in namespace shop",
    ],
  ],
  [
    "the label svc",
    [API, ...DB, config("http://api.shop.cluster.local")],
    [
      `name-not-resolved ${TEXT}: api.shop.cluster.local: no name api.shop.cluster.local in the cluster cluster.local: services are SERVICE.NAMESPACE.svc.cluster.local; nearest: api.shop.svc.cluster.local`,
    ],
  ],
  [
    "an external name: no endpoint",
    [...DB, external("db-7.db.shop.svc.cluster.local")],
    [`name-not-resolved ${EXT}: warning: ext.shop.svc.cluster.local: no endpoint db-7 of service db in namespace shop`],
  ],
  [
    "an external name that is not forwarded",
    [external("db.corp.local")],
    [`name-not-resolved ${EXT}: hint: ext.shop.svc.cluster.local: names under .local are not forwarded`],
  ],
  [
    "a pod of the host's network",
    [API, ...DB, client("http://api", "hostNetwork: true")],
    [
      `name-not-resolved ${URL}: hint: api: the pod does not ask the cluster's DNS server: its dnsPolicy is Default (hostNetwork)`,
    ],
  ],
  [
    "a pod of the host's network, with the cluster's server",
    [API, ...DB, client("http://api", "hostNetwork: true, dnsPolicy: ClusterFirstWithHostNet")],
    [],
  ],
  [
    "a search list of the pod's own",
    [API, ...DB, client("http://api", "dnsPolicy: None, dnsConfig: { nameservers: [10.96.0.10] }")],
    [
      `name-not-resolved ${URL}: warning: api: the search list of this dnsConfig does not lead to it, other than that of the namespace`,
    ],
  ],
  [
    "few dots",
    [API, ...DB, client("http://api.shop.svc", "dnsConfig: { options: [{ name: ndots, value: '1' }] }")],
    [],
  ],
])("%s", async (_, documents, expected) => {
  const found = await unresolvedOfYaml(...documents);
  expect(
    found.map(
      ({ code, object, path, severity, message }) => `${code} ${object} ${path.join(".")}: ${severity}: ${message}`,
    ),
  ).toEqual(expected);
});
