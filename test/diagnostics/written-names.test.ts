// The questions for the names of manifests, and who asks.
import { expect, test } from "vitest";
import { hostNames, podNames, serviceNames } from "../../src/diagnostics/written-names.ts";
import { headlessYaml, serviceYaml, statefulSetYaml, viewOfYaml, workloadYaml } from "../support/diagnose-yaml.ts";

const asked = (names: Iterable<{ question: { name: string; type?: string; from: string } }>): string[] =>
  [...names].map(({ question: { name, type, from } }) => [name, type, from].filter((part) => part).join(" "));

test("of services: each family, and the ports with names", () => {
  const view = viewOfYaml(
    serviceYaml("a", "clusterIP: None, ipFamilies: [IPv4], ports: [{ name: dns, port: 53, protocol: UDP }]"),
    serviceYaml("b", "ports: [{ port: 80 }]"),
    serviceYaml("c", "type: ExternalName, externalName: a.example"),
  );
  expect(view.services.map((service) => asked(serviceNames(view, service)))).toEqual([
    ["a.shop.svc.cluster.local. A shop", "_dns._udp.a.shop.svc.cluster.local. SRV shop"],
    ["b.shop.svc.cluster.local. A shop"],
    ["c.shop.svc.cluster.local. shop"],
  ]);
});

test("of pods with a hostname and a subdomain", () => {
  const view = viewOfYaml(
    headlessYaml("db", "db"),
    statefulSetYaml("db", "db", "db"),
    workloadYaml("Deployment", "web", "web", "hostname: one, subdomain: db"),
    workloadYaml("Deployment", "other", "other", "subdomain: db"),
  );
  const names = [...podNames(view)];
  expect(asked(names).toSorted()).toEqual([
    "db-0.db.shop.svc.cluster.local. shop",
    "one.db.shop.svc.cluster.local. shop",
  ]);
  expect(names.map(({ object, path }) => `${object} ${path.join(".")}`).toSorted()).toEqual([
    "Deployment shop/web spec.template.spec.subdomain",
    "StatefulSet shop/db spec.serviceName",
  ]);
});

test("of texts: the whole name of a service, other hosts as they are, and the pod where its settings matter", () => {
  const text = (name: string, spec: string): string =>
    workloadYaml("StatefulSet", name, name, spec, "serviceName: x").replace(
      "image: c",
      'image: c, args: ["http://api", "api.shop.svc:80", "_http._tcp.api.shop.svc.cluster.local"]',
    );
  const view = viewOfYaml(text("a", ""), text("b", "hostNetwork: true"));
  expect(asked(hostNames(view))).toEqual([
    "api shop",
    "api.shop.svc.cluster.local. shop",
    "_http._tcp.api.shop.svc.cluster.local. SRV shop",
    "api shop/b-0",
    "api.shop.svc shop/b-0",
    "_http._tcp.api.shop.svc.cluster.local SRV shop/b-0",
  ]);
});
