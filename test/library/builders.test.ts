import { describe, expect, test } from "vitest";
import { externalName, headless, pod, service } from "../../src/library/builders.ts";
import { parseObjects } from "../../src/library/parse-objects.ts";

const parsed = (object: unknown): unknown => parseObjects(object, "default");

describe("a builder makes an object that an API server would take", () => {
  test.each<[built: unknown, expected: readonly object[]]>([
    [service({ name: "web" }), [{ kind: "Service", namespace: "default", clusterIPs: [], ports: [{ name: "http" }] }]],
    [
      service({ name: "web", namespace: "shop", clusterIP: ["10.96.0.9", "fd00::9"], ports: { http: 80, dns: 53 } }),
      [{ namespace: "shop", clusterIPs: ["10.96.0.9", "fd00::9"], ports: [{ port: 80 }, { name: "dns", port: 53 }] }],
    ],
    [
      service({ name: "dns", ports: [{ name: "dns", port: 53, protocol: "UDP", targetPort: 5353 }] }),
      [{ ports: [{ protocol: "UDP", targetPort: 5353 }] }],
    ],
    [service({ name: "web", selector: { app: "web" } }), [{ selector: new Map([["app", "web"]]) }]],
    [
      externalName({ name: "mail", target: "smtp.example.com" }),
      [{ type: "ExternalName", externalName: "smtp.example.com" }],
    ],
    [headless({ name: "db", endpoints: [] }), [{ headless: true }]],
    [
      headless({
        name: "db",
        endpoints: ["10.0.0.1", { address: "fd00::1", hostname: "db-1" }, { address: "10.0.0.2", ready: false }],
        ports: { postgres: 5432 },
      }),
      [
        { kind: "Service", headless: true },
        {
          kind: "EndpointSlice",
          serviceName: "db",
          addressType: "IPv4",
          endpoints: [
            { addresses: ["10.0.0.1"], ready: true },
            { addresses: ["10.0.0.2"], ready: false },
          ],
          ports: [{ name: "postgres", port: 5432, protocol: "TCP" }],
        },
        { addressType: "IPv6", endpoints: [{ addresses: ["fd00::1"], hostname: "db-1" }] },
      ],
    ],
    [
      pod({ name: "web-1", ip: "10.244.0.1", labels: { app: "web" }, ports: { http: 8080 } }),
      [{ kind: "Pod", ips: ["10.244.0.1"], phase: "Running", ready: true, namedPorts: [{ name: "http", port: 8080 }] }],
    ],
    [pod({ name: "web-1", ip: "10.244.0.1", ready: false }), [{ phase: "Running", ready: false }]],
    [pod({ name: "web-1", ready: false }), [{ ips: [], phase: "", ready: false }]],
  ])("%j", (built, expected) => {
    expect(parsed(built)).toMatchObject(expected);
  });
});
