import { describe, expect, test } from "vitest";
import type { KubeObject } from "../../src/objects/kube-object.ts";
import type { ParseResult } from "../../src/objects/parse-object.ts";
import { parseObject } from "../../src/objects/parse-object.ts";

type Json = Readonly<Record<string, unknown>>;

function parse(input: unknown): ParseResult {
  return parseObject(input, {
    namespace: "default",
    locate: (path) => ({ file: "f.yaml", line: path.length + 1, column: 1 }),
  });
}

function service(spec: Json, metadata: Json = { name: "web" }): Json {
  return { apiVersion: "v1", kind: "Service", metadata, spec };
}

function slice(fields: Json): Json {
  const metadata = { name: "web-1", labels: { "kubernetes.io/service-name": "web" } };
  return { apiVersion: "discovery.k8s.io/v1", kind: "EndpointSlice", metadata, addressType: "IPv4", ...fields };
}

function pod(spec: Json, status: Json = {}, metadata: Json = {}): Json {
  return { apiVersion: "v1", kind: "Pod", metadata: { name: "p", ...metadata }, spec, status };
}

const SPEC: Json = { containers: [{ name: "c", image: "i" }] };

function valid(input: unknown): KubeObject {
  const { object, problems } = parse(input);
  expect(problems.filter((problem) => problem.severity === "error")).toEqual([]);
  expect(object).toBeDefined();
  return object!;
}

const PORTS = [{ port: 80 }];
const BARE: Json = { ports: PORTS };

describe("services", () => {
  const rows: [title: string, spec: Json, expected: Json][] = [
    [
      "defaults",
      { clusterIP: "10.96.0.9", ports: PORTS },
      {
        kind: "Service",
        namespace: "default",
        name: "web",
        type: "ClusterIP",
        headless: false,
        clusterIPs: ["10.96.0.9"],
        ipFamilies: [],
        ports: [{ name: "", protocol: "TCP", port: 80, targetPort: 80 }],
        publishNotReadyAddresses: false,
      },
    ],
    ["IPv6 in canonical form", { clusterIP: "FD00:0:0::A", ports: PORTS }, { clusterIPs: ["fd00::a"] }],
    [
      "two families",
      {
        clusterIP: "10.96.0.9",
        clusterIPs: ["10.96.0.9", "fd00::9"],
        ipFamilies: ["IPv4", "IPv6"],
        ipFamilyPolicy: "PreferDualStack",
        ports: PORTS,
      },
      { clusterIPs: ["10.96.0.9", "fd00::9"], ipFamilies: ["IPv4", "IPv6"] },
    ],
    ["headless, no ports", { clusterIP: "None" }, { headless: true, clusterIPs: [], ports: [] }],
    ["headless by both fields", { clusterIP: "None", clusterIPs: ["None"] }, { headless: true, clusterIPs: [] }],
    [
      "external name without its last dot",
      { type: "ExternalName", externalName: "www.example.com." },
      { type: "ExternalName", externalName: "www.example.com", clusterIPs: [] },
    ],
    ["selector", { clusterIP: "None", selector: { app: "x" } }, { selector: new Map([["app", "x"]]) }],
    [
      "named target port",
      { clusterIP: "None", ports: [{ name: "dns", port: 53, protocol: "UDP", targetPort: "dns-udp" }] },
      { ports: [{ name: "dns", protocol: "UDP", port: 53, targetPort: "dns-udp" }] },
    ],
    ["target port 0", { clusterIP: "None", ports: [{ port: 53, targetPort: 0 }] }, { ports: [{ targetPort: 53 }] }],
    ["a leading zero", { clusterIP: "10.96.0.010", ports: PORTS }, { clusterIPs: ["10.96.0.10"] }],
    [
      "empty texts",
      { type: "", sessionAffinity: "", ports: [{ port: 80, protocol: "" }] },
      { type: "ClusterIP", ports: [{ protocol: "TCP" }] },
    ],
    [
      "null fields",
      { clusterIP: "None", selector: null, ports: null, ipFamilies: null },
      { ports: [], ipFamilies: [] },
    ],
    [
      "same port, two protocols",
      {
        clusterIP: "None",
        ports: [
          { name: "a", port: 53 },
          { name: "b", port: 53, protocol: "UDP" },
        ],
      },
      { ports: [{ name: "a" }, { name: "b" }] },
    ],
    ["not ready ones too", { clusterIP: "None", publishNotReadyAddresses: true }, { publishNotReadyAddresses: true }],
  ];
  test.each(rows)("%s", (_title, spec, expected) => {
    expect(valid(service(spec))).toMatchObject(expected);
  });

  test("absent optional fields are omitted, and the result is frozen", () => {
    const object = valid(service({ clusterIP: "None", selector: {} }));
    expect(Object.keys(object)).not.toContain("selector");
    expect(Object.keys(object)).not.toContain("externalName");
    expect(Object.isFrozen(object)).toBe(true);
  });

  const bad: [title: string, spec: Json, message: RegExp, advice?: RegExp][] = [
    [
      "port too large",
      { clusterIP: "None", ports: [{ port: 70000 }] },
      /^spec\.ports\[0\]\.port: expected an integer from 1 to 65535, got 70000$/,
    ],
    ["port in quotes", { clusterIP: "None", ports: [{ port: "80" }] }, /got "80"/, /without quotes: 80/],
    ["port missing", { clusterIP: "None", ports: [{ name: "a" }] }, /ports\[0\]\.port: .*got nothing/],
    ["port not whole", { clusterIP: "None", ports: [{ port: 80.5 }] }, /ports\[0\]\.port/],
    ["port is no mapping", { clusterIP: "None", ports: [80] }, /ports\[0\]: expected a mapping/],
    ["ports are no list", { clusterIP: "None", ports: { port: 80 } }, /spec\.ports: expected a list, got a mapping/],
    [
      "target port in quotes",
      { clusterIP: "None", ports: [{ port: 80, targetPort: "80" }] },
      /targetPort/,
      /without quotes/,
    ],
    [
      "target port name too long",
      { clusterIP: "None", ports: [{ port: 80, targetPort: "a123456789012345" }] },
      /targetPort/,
    ],
    ["two ports, one unnamed", { clusterIP: "None", ports: [{ name: "a", port: 1 }, { port: 2 }] }, /ports\[1\]\.name/],
    [
      "port name twice",
      {
        clusterIP: "None",
        ports: [
          { name: "a", port: 1 },
          { name: "a", port: 2 },
        ],
      },
      /ports\[1\]\.name/,
    ],
    [
      "port twice",
      {
        clusterIP: "None",
        ports: [
          { name: "a", port: 1 },
          { name: "b", port: 1 },
        ],
      },
      /ports\[1\]\.port/,
    ],
    ["port name with _", { clusterIP: "None", ports: [{ name: "a_b", port: 1 }] }, /DNS label.*"a_b"/],
    ["protocol", { clusterIP: "None", ports: [{ port: 1, protocol: "tcp" }] }, /one of SCTP, TCP, UDP, got "tcp"/],
    ["cluster IP", { clusterIP: "10.0.0.999", ports: PORTS }, /spec\.clusterIP: expected an IP address/],
    [
      "two of one family",
      { clusterIP: "10.0.0.1", clusterIPs: ["10.0.0.1", "10.0.0.2"], ports: PORTS },
      /spec\.clusterIPs: expected at most one/,
    ],
    [
      "clusterIP is not the first",
      { clusterIP: "10.0.0.2", clusterIPs: ["10.0.0.1"], ports: PORTS },
      /spec\.clusterIPs: expected the value of spec.clusterIP/,
    ],
    ["family twice", { clusterIP: "None", ipFamilies: ["IPv4", "IPv4"] }, /ipFamilies\[1\]/],
    ["type", { type: "Clusterip" }, /spec\.type: expected one of ClusterIP/],
    ["external name missing", { type: "ExternalName" }, /spec\.externalName/],
    ["external name with _", { type: "ExternalName", externalName: "a_b.example" }, /a DNS name/],
    ["external name too long", { type: "ExternalName", externalName: "a.".repeat(128) }, /a DNS name/],
    ["no port", { selector: { app: "x" } }, /spec\.ports: expected at least one port/, /clusterIP: None/],
    [
      "a field in other case",
      { clusterIp: "None", ports: PORTS },
      /spec\.clusterIp: .*no such field/,
      /write clusterIP/,
    ],
    [
      "external name with cluster IP",
      { type: "ExternalName", externalName: "a.b", clusterIP: "10.0.0.1" },
      /spec\.clusterIP/,
    ],
    ["selector value", { clusterIP: "None", selector: { app: 1 } }, /spec\.selector\.app/, /"1"/],
    ["boolean word", { clusterIP: "None", publishNotReadyAddresses: "yes" }, /true or false/, /without quotes/],
  ];
  test.each(bad)("refused: %s", (_title, spec, message, advice) => {
    const { object, key, problems } = parse(service(spec));
    expect(object).toBeUndefined();
    expect(key).toBe("Service default/web");
    expect(problems[0]).toMatchObject({ severity: "error", object: "Service default/web" });
    expect(problems[0]!.message).toMatch(message);
    if (advice !== undefined) expect(problems[0]!.advice).toMatch(advice);
  });

  test("a missing cluster IP is no problem: one will be assigned", () => {
    const { object, problems } = parse(service({ ports: PORTS }));
    expect(object).toMatchObject({ headless: false, clusterIPs: [] });
    expect(problems).toEqual([]);
  });

  const annotated = (spec: Json): ParseResult =>
    parse(service(spec, { name: "web", annotations: { "cluster-dns/addresses": "192.0.2.10, FD00::A" } }));

  test.each([{ ports: PORTS }, { clusterIP: "None" }, { type: "LoadBalancer", clusterIP: "10.96.0.9", ports: PORTS }])(
    "the annotation's addresses: %j",
    (spec) => {
      const { object, problems } = annotated(spec);
      expect(object).toMatchObject({ addresses: ["192.0.2.10", "fd00::a"] });
      expect(problems).toEqual([]);
    },
  );

  test("a service of type ExternalName ignores the annotation", () => {
    const { object, problems } = annotated({ type: "ExternalName", externalName: "www.example.com" });
    expect(object).not.toHaveProperty("addresses");
    expect(problems).toMatchObject([{ code: "addresses-ignored", severity: "warning", place: { line: 3 } }]);
  });

  test.each([
    ["an address as external name", { type: "ExternalName", externalName: "10.0.0.1" }, "external-name-ip"],
    ["a label too long", { type: "ExternalName", externalName: `${"a".repeat(64)}.example` }, "name-too-long"],
    ["a leading zero", { clusterIP: "10.96.0.010", ports: PORTS }, "leading-zeros"],
  ])("kept with a warning: %s", (_title, spec, code) => {
    const { object, problems } = parse(service(spec));
    expect(object).toBeDefined();
    expect(problems).toMatchObject([{ code, severity: "warning" }]);
  });
});

describe("names and places", () => {
  const rows: [title: string, input: unknown, message: RegExp, advice: RegExp][] = [
    ["a number as name", service(BARE, { name: 123 }), /metadata\.name.* got 123$/, /^correct the field/],
    ["upper case", service(BARE, { name: "Web" }), /metadata\.name: expected a DNS label/, /./],
    ["underscore", service(BARE, { name: "a_b" }), /metadata\.name/, /./],
    ["a dot in a service", service(BARE, { name: "a.b" }), /metadata\.name/, /./],
    ["64 characters", service(BARE, { name: "a".repeat(64) }), /metadata\.name/, /./],
    ["generateName", service(BARE, { generateName: "web-" }), /metadata\.name/, /generateName/],
    ["no metadata", { apiVersion: "v1", kind: "Service", spec: BARE }, /metadata\.name/, /./],
    ["metadata is text", { apiVersion: "v1", kind: "Service", metadata: "x" }, /metadata: expected a mapping/, /./],
    ["namespace", service(BARE, { name: "a", namespace: "A.b" }), /metadata\.namespace/, /./],
    ["kind is a number", { apiVersion: "v1", kind: 1 }, /^kind/, /./],
    ["kind is missing", { apiVersion: "v1" }, /^kind/, /./],
    ["text", "x", /expected a mapping, got "x"/, /./],
    ["null", null, /expected a Kubernetes object/, /./],
  ];
  test.each(rows)("invalid, without a key: %s", (_title, input, message, advice) => {
    const { object, key, problems } = parse(input);
    expect([object, key]).toEqual([undefined, undefined]);
    expect(problems).toHaveLength(1);
    expect(problems[0]!.message).toMatch(message);
    expect(problems[0]!.advice).toMatch(advice);
  });

  test("the advice for a missing apiVersion has the current one", () => {
    const { object, key, problems } = parse({ kind: "Namespace", metadata: { name: "a" } });
    expect([object, key]).toEqual([undefined, "Namespace /a"]);
    expect(problems[0]).toMatchObject({
      message: "apiVersion: expected v1, got nothing",
      advice: "add `apiVersion: v1`",
    });
  });

  test("a problem has the place of its field", () => {
    const { problems } = parse(service({ clusterIP: "None", ports: [{ port: 0 }] }));
    expect(problems[0]!.place).toEqual({ file: "f.yaml", line: 5, column: 1 });
  });

  const others: [title: string, input: Json, expected: Json | undefined][] = [
    [
      "namespaced",
      { apiVersion: "v1", kind: "ConfigMap", metadata: { name: "a" } },
      { otherKind: "ConfigMap", namespace: "default" },
    ],
    [
      "cluster-scoped",
      { apiVersion: "v1", kind: "PersistentVolume", metadata: { name: "a", namespace: "x" } },
      { otherKind: "PersistentVolume", namespace: "" },
    ],
    [
      "another group's Service",
      { apiVersion: "serving.knative.dev/v1", kind: "Service", metadata: { name: "a" } },
      { kind: "Other" },
    ],
    ["without a name", { apiVersion: "kustomize.config.k8s.io/v1beta1", kind: "Kustomization" }, undefined],
    [
      "a name of its own grammar",
      { apiVersion: "rbac.authorization.k8s.io/v1", kind: "Role", metadata: { name: "system:x" } },
      { name: "system:x" },
    ],
  ];
  test.each(others)("another kind: %s", (_title, input, expected) => {
    const { object, problems } = parse(input);
    expect(problems).toEqual([]);
    if (expected === undefined) expect(object).toBeUndefined();
    else expect(object).toMatchObject(expected);
  });

  test("keys such as __proto__ are data", () => {
    const input = JSON.parse(
      '{"apiVersion":"v1","kind":"Pod","metadata":{"name":"p","labels":{"__proto__":"x","constructor":"y"},"uid":"1"},"spec":{"__proto__":{"hostNetwork":true}}}',
    ) as unknown;
    expect(valid(input)).toMatchObject({
      hostNetwork: false,
      labels: new Map([
        ["__proto__", "x"],
        ["constructor", "y"],
      ]),
    });
    expect(({} as Json)["hostNetwork"]).toBeUndefined();
    expect(parse({ ["__proto__"]: { kind: "Service" } }).object).toBeUndefined();
  });

  test("mappings may be Maps", () => {
    const metadata = new Map([["name", "x"]]);
    expect(
      valid(
        new Map<string, unknown>([
          ["apiVersion", "v1"],
          ["kind", "Namespace"],
          ["metadata", metadata],
        ]),
      ),
    ).toEqual({
      kind: "Namespace",
      namespace: "",
      name: "x",
      place: { file: "f.yaml", line: 1, column: 1 },
    });
  });
});

describe("endpoints", () => {
  test("a slice", () => {
    const endpoints = [
      { addresses: ["10.0.0.1"], conditions: { ready: true }, hostname: "a", targetRef: { kind: "Pod", name: "p-0" } },
      { addresses: ["10.0.0.2"], conditions: { ready: false }, targetRef: { kind: "Node", name: "n" } },
      { addresses: ["10.0.0.3"], conditions: { ready: null } },
      { addresses: ["10.0.0.4"] },
    ];
    const ports = [{ name: "http", port: 8080 }, { name: null, protocol: "UDP", port: 53 }, { name: "all" }];
    expect(valid(slice({ endpoints, ports }))).toMatchObject({
      serviceName: "web",
      addressType: "IPv4",
      endpoints: [
        { addresses: ["10.0.0.1"], ready: true, hostname: "a", podName: "p-0" },
        { addresses: ["10.0.0.2"], ready: false },
        { addresses: ["10.0.0.3"], ready: true },
        { addresses: ["10.0.0.4"], ready: true },
      ],
      ports: [
        { name: "http", protocol: "TCP", port: 8080 },
        { name: "", protocol: "UDP", port: 53 },
      ],
    });
  });

  const bad: [title: string, fields: Json, message: RegExp][] = [
    ["no addressType", { addressType: undefined }, /^addressType/],
    [
      "other family",
      { endpoints: [{ addresses: ["fd00::1"] }] },
      /endpoints\[0\]\.addresses\[0\]: expected an address of the slice's addressType/,
    ],
    ["no address", { endpoints: [{ addresses: [] }] }, /at least one address/],
    ["hostname with dot", { endpoints: [{ addresses: ["10.0.0.1"], hostname: "a.b" }] }, /hostname/],
    ["hostname in upper case", { endpoints: [{ addresses: ["10.0.0.1"], hostname: "A" }] }, /hostname/],
    ["port name", { ports: [{ name: "A", port: 1 }] }, /ports\[0\]\.name/],
    [
      "ready is a word",
      { endpoints: [{ addresses: ["10.0.0.1"], conditions: { ready: "true" } }] },
      /conditions\.ready/,
    ],
  ];
  test.each(bad)("refused: %s", (_title, fields, message) => {
    const { object, key, problems } = parse(slice(fields));
    expect([object, key]).toEqual([undefined, "EndpointSlice default/web-1"]);
    expect(problems.map((problem) => problem.message).join("\n")).toMatch(message);
  });

  test("a slice of addressType FQDN is dropped with a warning; one without a service name is kept with a warning", () => {
    const fqdn = parse(slice({ addressType: "FQDN", endpoints: [{ addresses: ["a.example"] }] }));
    expect(fqdn.object).toBeUndefined();
    expect(fqdn.problems).toMatchObject([{ code: "fqdn-slice", severity: "warning" }]);
    const orphan = parse(slice({ metadata: { name: "x" } }));
    expect(orphan.object).toMatchObject({ serviceName: "" });
    expect(orphan.problems).toMatchObject([{ code: "no-service-name", severity: "warning" }]);
  });

  test("Endpoints", () => {
    const subsets = [
      {
        addresses: [{ ip: "10.0.0.1", hostname: "a" }, { ip: "FD00::1" }],
        notReadyAddresses: [{ ip: "10.0.0.2" }],
        ports: [{ port: 80 }],
      },
      { addresses: [{ ip: "10.0.0.3" }] },
    ];
    expect(valid({ apiVersion: "v1", kind: "Endpoints", metadata: { name: "web" }, subsets })).toMatchObject({
      subsets: [
        {
          endpoints: [
            { addresses: ["10.0.0.1"], ready: true, hostname: "a" },
            { addresses: ["fd00::1"], ready: true },
            { addresses: ["10.0.0.2"], ready: false },
          ],
          ports: [{ name: "", protocol: "TCP", port: 80 }],
        },
        { endpoints: [{ addresses: ["10.0.0.3"] }], ports: [] },
      ],
    });
    const { object, problems } = parse({
      apiVersion: "v1",
      kind: "Endpoints",
      metadata: { name: "web" },
      subsets: [{ addresses: [{}] }],
    });
    expect(object).toBeUndefined();
    expect(problems[0]!.message).toBe("subsets[0].addresses[0].ip: expected a value, got nothing");
  });
});

describe("pods", () => {
  test("all fields", () => {
    const container = { name: "c", image: "i", ports: [{ name: "http", containerPort: 8080 }, { containerPort: 9 }] };
    const sidecar = {
      name: "s",
      image: "i",
      restartPolicy: "Always",
      ports: [{ name: "admin", containerPort: 15000, protocol: "UDP" }],
    };
    const init = { name: "j", image: "i", ports: [{ name: "never", containerPort: 1 }] };
    const dnsConfig = {
      nameservers: ["1.1.1.1"],
      searches: ["a.example"],
      options: [{ name: "ndots", value: "2" }, { name: "edns0" }],
    };
    const spec = {
      hostname: "h",
      subdomain: "s",
      containers: [container],
      initContainers: [sidecar, init],
      hostNetwork: true,
      dnsPolicy: "None",
      dnsConfig,
      enableServiceLinks: false,
    };
    const status = {
      phase: "Running",
      podIP: "10.0.0.1",
      podIPs: [{ ip: "10.0.0.1" }, { ip: "fd00:0::1" }],
      conditions: [
        { type: "Initialized", status: "True" },
        { type: "Ready", status: "True" },
      ],
    };
    expect(valid(pod(spec, status, { labels: { app: "x" } }))).toMatchObject({
      labels: new Map([["app", "x"]]),
      ips: ["10.0.0.1", "fd00::1"],
      phase: "Running",
      ready: true,
      hostname: "h",
      subdomain: "s",
      namedPorts: [
        { name: "http", protocol: "TCP", port: 8080 },
        { name: "admin", protocol: "UDP", port: 15000 },
      ],
      hostNetwork: true,
      dnsPolicy: "None",
      dnsConfig,
      enableServiceLinks: false,
    });
  });

  test("defaults", () => {
    expect(valid(pod(SPEC))).toEqual({
      kind: "Pod",
      namespace: "default",
      name: "p",
      place: { file: "f.yaml", line: 1, column: 1 },
      labels: new Map(),
      ips: [],
      phase: "",
      ready: true,
      namedPorts: [],
      hostNetwork: false,
      dnsPolicy: "ClusterFirst",
      enableServiceLinks: true,
    });
    expect(valid(pod({}, { podIP: "10.0.0.7" }))).toMatchObject({ ips: ["10.0.0.7"] });
    const status = { conditions: [{ type: "Ready", status: "True" }] };
    expect(valid(pod(SPEC, status, { deletionTimestamp: "2024-01-01T00:00:00Z" }))).toMatchObject({ ready: false });
    expect(valid(pod(SPEC, { phase: "Running" }))).toMatchObject({ ready: false });
    expect(valid(pod({ ...SPEC, restartPolicy: "OnFailure" }))).toMatchObject({ transient: true });
    expect(valid(pod({ ...SPEC, restartPolicy: "Always" }))).not.toHaveProperty("transient");
  });

  test.each([
    [{ uid: "1" }, true],
    [{ resourceVersion: "1" }, true],
    [{ uid: null, generation: 1 }, undefined],
  ])("a cluster holds one of metadata %o: %o", (metadata, observed) => {
    expect(valid(pod(SPEC, {}, metadata))).toMatchObject({ ready: observed === undefined });
    expect((valid(pod(SPEC, {}, metadata)) as { observed?: true }).observed).toBe(observed);
  });

  test.each<[annotations: Json, status: Json, inactive: string | undefined]>([
    [{ "helm.sh/hook": "test" }, {}, "hook"],
    [{ "helm.sh/hook": "pre-install, post-upgrade" }, {}, "hook"],
    [{ "helm.sh/hook": "crd-install" }, {}, "hook"],
    [{ "helm.sh/hook": "never" }, {}, undefined],
    [{ "helm.sh/hook-weight": "1" }, {}, undefined],
    [{ "argocd.argoproj.io/hook": "PreSync" }, {}, "hook"],
    [{ "helm.sh/hook": "test" }, { phase: "Running" }, undefined],
  ])("annotations %o, status %o: %s", (annotations, status, inactive) => {
    expect((valid(pod(SPEC, status, { annotations })) as { inactive?: string }).inactive).toBe(inactive);
  });

  test.each<[string, Json, Json, RegExp]>([
    ["IP", SPEC, { podIPs: [{ ip: "x" }] }, /status\.podIPs\[0\]\.ip/],
    ["hostname", { ...SPEC, hostname: "a.b" }, {}, /spec\.hostname/],
    ["subdomain", { ...SPEC, subdomain: "A" }, {}, /spec\.subdomain/],
    [
      "port name",
      { containers: [{ name: "c", image: "i", ports: [{ name: "a--b", containerPort: 1 }] }] },
      {},
      /containers\[0\]\.ports\[0\]\.name/,
    ],
    ["policy", { ...SPEC, dnsPolicy: "First" }, {}, /spec\.dnsPolicy/],
    ["policy None without servers", { ...SPEC, dnsPolicy: "None" }, {}, /spec\.dnsConfig/],
    ["ndots as number", { dnsConfig: { options: [{ name: "ndots", value: 2 }] } }, {}, /options\[0\]\.value/],
    ["boolean status", SPEC, { conditions: [{ type: "Ready", status: true }] }, /conditions\[0\]\.status/],
  ])("refused: %s", (_title, spec, status, message) => {
    const { object, key, problems } = parse(pod(spec, status));
    expect([object, key]).toEqual([undefined, "Pod default/p"]);
    expect(problems[0]!.message).toMatch(message);
  });
});
