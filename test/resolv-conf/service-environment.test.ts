import { describe, expect, it } from "vitest";
import type { Service, ServicePort } from "../../src/objects/kube-object.ts";
import { formatEnvironment, serviceEnvironment } from "../../src/resolv-conf/service-environment.ts";

function service(
  namespace: string,
  name: string,
  clusterIPs: readonly string[],
  ports: readonly ServicePort[],
): Service {
  return {
    kind: "Service",
    type: "ClusterIP",
    namespace,
    name,
    headless: false,
    clusterIPs,
    ipFamilies: [],
    ports,
    publishNotReadyAddresses: false,
  };
}

function port(number: number, name = "", protocol: ServicePort["protocol"] = "TCP"): ServicePort {
  return { name, protocol, port: number, targetPort: number };
}

function environment(services: readonly Service[], namespace = "shop", enableServiceLinks = true): string {
  const { variables, warnings } = serviceEnvironment(services, { namespace, enableServiceLinks });
  expect(warnings).toEqual([]);
  return formatEnvironment(variables);
}

const kubernetes = service("default", "kubernetes", ["10.96.0.1"], [port(443, "https")]);
const kubernetesText = `KUBERNETES_SERVICE_HOST=10.96.0.1
KUBERNETES_SERVICE_PORT=443
KUBERNETES_SERVICE_PORT_HTTPS=443
KUBERNETES_PORT=tcp://10.96.0.1:443
KUBERNETES_PORT_443_TCP=tcp://10.96.0.1:443
KUBERNETES_PORT_443_TCP_PROTO=tcp
KUBERNETES_PORT_443_TCP_PORT=443
KUBERNETES_PORT_443_TCP_ADDR=10.96.0.1
`;

describe("serviceEnvironment", () => {
  it("has the variables of one unnamed port", () => {
    expect(environment([service("shop", "web", ["10.96.1.1"], [port(8080)])])).toBe(`WEB_SERVICE_HOST=10.96.1.1
WEB_SERVICE_PORT=8080
WEB_PORT=tcp://10.96.1.1:8080
WEB_PORT_8080_TCP=tcp://10.96.1.1:8080
WEB_PORT_8080_TCP_PROTO=tcp
WEB_PORT_8080_TCP_PORT=8080
WEB_PORT_8080_TCP_ADDR=10.96.1.1
`);
  });

  it("has the variables of several ports and protocols; the first port is that of the service", () => {
    const ports = [port(53, "dns-udp", "UDP"), port(53, "dns-tcp"), port(9, "s", "SCTP")];
    expect(environment([service("shop", "my-dns-2", ["10.96.1.2"], ports)])).toBe(`MY_DNS_2_SERVICE_HOST=10.96.1.2
MY_DNS_2_SERVICE_PORT=53
MY_DNS_2_SERVICE_PORT_DNS_UDP=53
MY_DNS_2_SERVICE_PORT_DNS_TCP=53
MY_DNS_2_SERVICE_PORT_S=9
MY_DNS_2_PORT=udp://10.96.1.2:53
MY_DNS_2_PORT_53_UDP=udp://10.96.1.2:53
MY_DNS_2_PORT_53_UDP_PROTO=udp
MY_DNS_2_PORT_53_UDP_PORT=53
MY_DNS_2_PORT_53_UDP_ADDR=10.96.1.2
MY_DNS_2_PORT_53_TCP=tcp://10.96.1.2:53
MY_DNS_2_PORT_53_TCP_PROTO=tcp
MY_DNS_2_PORT_53_TCP_PORT=53
MY_DNS_2_PORT_53_TCP_ADDR=10.96.1.2
MY_DNS_2_PORT_9_SCTP=sctp://10.96.1.2:9
MY_DNS_2_PORT_9_SCTP_PROTO=sctp
MY_DNS_2_PORT_9_SCTP_PORT=9
MY_DNS_2_PORT_9_SCTP_ADDR=10.96.1.2
`);
  });

  it("writes IPv6 addresses in brackets in URLs only, and uses the first of two addresses", () => {
    expect(environment([service("shop", "six", ["fd00::10", "10.96.1.3"], [port(80)])])).toBe(`SIX_SERVICE_HOST=fd00::10
SIX_SERVICE_PORT=80
SIX_PORT=tcp://[fd00::10]:80
SIX_PORT_80_TCP=tcp://[fd00::10]:80
SIX_PORT_80_TCP_PROTO=tcp
SIX_PORT_80_TCP_PORT=80
SIX_PORT_80_TCP_ADDR=fd00::10
`);
  });

  it("has no variables for services without a cluster IP", () => {
    const headless: Service = { ...service("shop", "db", [], [port(5432)]), headless: true };
    const external: Service = {
      ...service("shop", "mail", [], []),
      type: "ExternalName",
      externalName: "mail.example.com",
    };
    const pending = service("shop", "new", [], [port(80)]);
    expect(environment([headless, external, pending])).toBe("");
  });

  const web = service("shop", "web", ["10.96.1.1"], [port(80)]);
  const other = service("office", "web", ["10.96.2.1"], [port(80)]);
  const inDefault = service("default", "web", ["10.96.3.1"], [port(80)]);
  it.each([
    ["those of the namespace and default/kubernetes", "shop", true, ["10.96.0.1", "10.96.1.1"]],
    ["only default/kubernetes without service links", "shop", false, ["10.96.0.1"]],
    ["default/kubernetes once in default", "default", true, ["10.96.0.1", "10.96.3.1"]],
    ["default/kubernetes in default without service links", "default", false, ["10.96.0.1"]],
    ["default/kubernetes in a namespace that has none", "nowhere", true, ["10.96.0.1"]],
  ])("shows %s", (_name, namespace, links, hosts) => {
    const text = environment([other, web, kubernetes, inDefault], namespace, links);
    expect([...text.matchAll(/_SERVICE_HOST=(.*)/g)].map((match) => match[1])).toEqual(hosts);
    expect(text.startsWith(kubernetesText)).toBe(true);
  });

  const own = service("shop", "kubernetes", ["10.96.9.9"], [port(443)]);
  it.each([
    ["before", [own, kubernetes]],
    ["after", [kubernetes, own]],
  ])("prefers the namespace's own service called kubernetes, read %s the API server's", (_name, services) => {
    expect(environment(services)).toContain("KUBERNETES_SERVICE_HOST=10.96.9.9\n");
    expect(environment(services, "shop", false)).toBe(kubernetesText);
  });

  it("sorts by service name", () => {
    const services = [service("shop", "b", ["10.96.1.2"], [port(80)]), service("shop", "a", ["10.96.1.1"], [port(80)])];
    expect(environment(services)).toBe(environment(services.toReversed()));
    expect(environment(services).startsWith("A_SERVICE_HOST")).toBe(true);
  });

  it("warns of a variable that two services set, and has it once", () => {
    const place = { file: "b.yaml", line: 3, column: 1 };
    const second: Service = { ...service("shop", "web-service", ["10.96.1.5"], [port(81)]), place };
    const { variables, warnings } = serviceEnvironment([second, web], { namespace: "shop", enableServiceLinks: true });
    expect(variables.get("WEB_SERVICE_PORT")).toBe("tcp://10.96.1.5:81");
    expect(warnings).toMatchObject([
      {
        code: "ambiguous-variable",
        severity: "warning",
        message: "Service shop/web also sets WEB_SERVICE_PORT, to another value",
        object: "Service shop/web-service",
        place,
      },
    ]);
  });
});
