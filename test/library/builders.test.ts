import { describe, expect, test } from "vitest";
import { externalName, headless, pod, service } from "../../src/library/builders.ts";
import { SettingsError } from "../../src/config/settings.ts";
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

describe("a builder refuses", () => {
  test.each<[build: (fields: never) => unknown, fields: unknown, message: string]>([
    [service, undefined, "service: expected an object with name, namespace, labels, annotations, clusterIP, "],
    [service, [], "service: expected an object with name"],
    [service, {}, "service: name: expected a string, got undefined"],
    [service, { name: "web", clusterIp: "10.96.0.1" }, 'service: unknown field "clusterIp"; did you mean clusterIP?'],
    [service, { name: "web", clusterIP: [] }, "service: clusterIP: expected an address, or an array of two"],
    [service, { name: "web", ports: 80 }, "service: ports: expected an object such as { http: 80 }"],
    [service, { name: "web", labels: "app" }, "service: labels: expected an object, got a string"],
    [headless, { name: "db" }, "headless: endpoints: expected an array of addresses"],
    [headless, { name: "db", endpoints: [null] }, "headless: endpoints: expected an array of addresses"],
    [headless, { name: "db", endpoints: [{ ip: "10.0.0.1" }] }, "headless: endpoints: expected an array of addresses"],
    [headless, { name: "db", endpoints: [], ports: [null] }, "headless: ports: expected an object such as"],
    [externalName, { name: "mail" }, "externalName: target: expected a string, got undefined"],
    [pod, {}, "pod: name: expected a string, got undefined"],
    [pod, { name: "web-1", ready: "yes" }, "pod: ready: expected true or false, got a string"],
  ])("%o with %j", (build, fields, message) => {
    expect(() => build(fields as never)).toThrow(SettingsError);
    expect(() => build(fields as never)).toThrow(message);
  });
});
