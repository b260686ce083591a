// Random Kubernetes objects from a small universe, so that they collide: few names, labels and addresses, three namespaces
// and three origins. Some addresses lie in the ranges below, some at the apex of a reverse zone, some in no zone, and one
// has bytes that are letters.
import fc from "fast-check";
import { EndpointController } from "../../../src/cluster/controllers/endpoint-controller.ts";
import { SharedZones } from "../../../src/compile/shared-zones.ts";
import { ZoneCompiler } from "../../../src/compile/zone-compiler.ts";
import type { ZoneSettings } from "../../../src/compile/zone-compiler.ts";
import { objectKey } from "../../../src/objects/kube-object.ts";
import type { Endpoint, IpFamily, KubeObject } from "../../../src/objects/kube-object.ts";
import type { Change } from "../../../src/cluster/change.ts";
import { Registry } from "../../../src/cluster/registry.ts";
import { runAtOnce } from "../../../src/std/sliced.ts";
import { originNamed, put, remove, replace } from "./origins.ts";
import { parseCidr } from "../../../src/net/ip.ts";
import { TableReader } from "../../../src/table/reader.ts";
import { TableWriter } from "../../../src/table/writer.ts";
import { endpointPort, endpoints, namespace, other, pod, port, service, slice, workload } from "./objects.ts";

const SETTINGS: ZoneSettings = {
  clusterDomain: "cluster.local",
  ttlSeconds: 30,
  negativeTtlSeconds: 5,
  pods: "insecure",
  endpointPodNames: false,
  serviceCidrs: ["10.96.0.0/16", "fd00:10::/108"].map((text) => parseCidr(text)!),
  podCidrs: ["10.244.0.0/16", "10.9.9.8/31"].map((text) => parseCidr(text)!),
};
export const FAMILIES: readonly IpFamily[] = ["IPv4", "IPv6"];
const ORIGINS = ["1", "2", "3"] as const;

const V4 = [
  "10.96.0.1",
  "10.96.0.10",
  "10.244.0.1",
  "10.244.0.2",
  "10.9.9.8",
  "172.16.0.1",
  "198.18.0.1",
  "255.255.255.255",
  "65.66.67.68",
];
const V6 = ["fd00:10::1", "fd00:10::2", "2001:db8::1", "2600::1", "::1", "4142:4344::"];

// Most are the same, so that they meet.
const namespaces = fc.constantFrom("a", "a", "a", "b", "kube-system");
const serviceNames = fc.constantFrom("web", "web", "web", "db", "kube-dns");
const v4 = fc.constantFrom(...V4);
const v6 = fc.constantFrom(...V6);
const hostnames = fc.constantFrom(undefined, undefined, "h0", "h1", "10-244-0-1");
const labelSets = fc
  .constantFrom({ app: "1" }, { app: "1", tier: "2" }, { app: "2" }, { tier: "2" })
  .map((pairs) => new Map(Object.entries(pairs)));
const phases = fc.constantFrom("Running", "Running", "Running", "Pending", "Succeeded", "Failed", "");

function given<T extends object>(fields: T): { [K in keyof T]: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as never;
}

const servicePorts = fc.subarray([
  port("http", 80, 8080),
  port("web", 81, "web"),
  port("dns", 53, "dns", "UDP"),
  port("dns-tcp", 53),
  port("", 9000),
  port("p".repeat(63), 9001),
]);

const services = fc
  .record({
    path: fc.tuple(namespaces, serviceNames).map((names) => names.join("/")),
    form: fc.constantFrom("ClusterIP", "ClusterIP", "headless", "headless", "ExternalName"),
    clusterIPs: fc.tuple(fc.option(v4), fc.option(v6)).map((ips) => ips.filter((ip) => ip !== null)),
    target: fc.constantFrom("web.a.svc.cluster.local", "www.example.com", "10.0.0.1", "Db.B.svc.cluster.local"),
    ipFamilies: fc.constantFrom<readonly IpFamily[]>([], [], ["IPv4"], ["IPv6"], ["IPv6", "IPv4"]),
    ipFamilyPolicy: fc.constantFrom(
      undefined,
      "SingleStack" as const,
      "PreferDualStack" as const,
      "RequireDualStack" as const,
    ),
    ports: servicePorts,
    selector: fc.option(labelSets, { nil: undefined }),
    publishNotReadyAddresses: fc.boolean(),
  })
  .map(({ path, form, clusterIPs, target, selector, ipFamilyPolicy, ...rest }) =>
    service(path, {
      ...rest,
      type: form === "ExternalName" ? "ExternalName" : "ClusterIP",
      headless: form === "headless",
      clusterIPs: form === "ClusterIP" ? clusterIPs : [],
      ...given({ selector, ipFamilyPolicy, externalName: form === "ExternalName" ? target : undefined }),
    }),
  );

const pods = fc
  .record({
    path: fc.tuple(namespaces, fc.constantFrom("p0", "p1", "p2", "p.3")).map((names) => names.join("/")),
    labels: labelSets,
    ips: fc.uniqueArray(fc.oneof(v4, v6), { maxLength: 3 }),
    phase: phases,
    simulated: fc.constantFrom(undefined, undefined, "template" as const),
    transient: fc.constantFrom(undefined, true as const),
    ready: fc.boolean(),
    hostname: hostnames,
    subdomain: fc.option(serviceNames, { nil: undefined }),
    namedPorts: fc.subarray([endpointPort("web", 3000), endpointPort("dns", 5353, "UDP"), endpointPort("dns", 5354)]),
  })
  .map(({ path, hostname, subdomain, simulated, transient, ...rest }) =>
    pod(path, { ...rest, ...given({ hostname, subdomain, simulated, transient }) }),
  );

const workloads = fc
  .record({
    path: fc.tuple(namespaces, fc.constantFrom("w0", "w1")).map((names) => names.join("/")),
    workloadKind: fc.constantFrom("Deployment" as const, "Job" as const),
    selector: labelSets,
    inactive: fc.constantFrom(undefined, "hook" as const),
  })
  .map(({ path, inactive, ...rest }) => workload(path, { ...rest, ...given({ inactive }) }));

function endpointsOf(address: fc.Arbitrary<string>, addressMax: number): fc.Arbitrary<readonly Endpoint[]> {
  const one = fc
    .record({
      addresses: fc.uniqueArray(address, { minLength: 1, maxLength: addressMax }),
      ready: fc.boolean(),
      hostname: hostnames,
      podName: fc.constantFrom(undefined, "p0", "p.3"),
    })
    .map(({ hostname, podName, ...rest }) => ({ ...rest, ...given({ hostname, podName }) }));
  return fc.array(one, { maxLength: 3 });
}

const endpointPorts = fc.subarray([
  endpointPort("http", 8080),
  endpointPort("http", 8081),
  endpointPort("dns", 53, "UDP"),
  endpointPort("", 9000),
]);

/** Most are written by hand. */
const observed = fc.constantFrom(undefined, undefined, undefined, true as const);

const slices = fc
  .record({
    path: fc.tuple(namespaces, fc.constantFrom("s0", "s1", "s2")).map((names) => names.join("/")),
    // A label that people wrote is any text.
    serviceName: fc.oneof({ weight: 6, arbitrary: serviceNames }, fc.constantFrom("", "web/x")),
    families: fc.constantFrom(["IPv4", v4] as const, ["IPv6", v6] as const),
    observed,
  })
  .chain(({ path, serviceName, families: [addressType, address], observed: ofCluster }) =>
    fc
      .record({ endpoints: endpointsOf(address, 2), ports: endpointPorts })
      .map((rest) => slice(path, { serviceName, addressType, ...rest, ...given({ observed: ofCluster }) })),
  );

const endpointObjects = fc
  .tuple(
    namespaces,
    serviceNames,
    fc.array(fc.record({ endpoints: endpointsOf(fc.oneof(v4, v6), 1), ports: endpointPorts }), { maxLength: 2 }),
    observed,
    fc.constantFrom(undefined, true as const),
  )
  .map(([ns, name, subsets, ofCluster, skipsMirroring]) => ({
    ...endpoints(`${ns}/${name}`, subsets),
    ...given({ observed: ofCluster, skipsMirroring }),
  }));

/** Any object of the universe. */
const objects: fc.Arbitrary<KubeObject> = fc.oneof(
  { weight: 1, arbitrary: namespaces.map(namespace) },
  { weight: 1, arbitrary: namespaces.map((name) => other(`${name}/x`, "Deployment")) },
  { weight: 4, arbitrary: services },
  { weight: 4, arbitrary: pods },
  { weight: 4, arbitrary: slices },
  { weight: 2, arbitrary: endpointObjects },
  { weight: 1, arbitrary: workloads },
);

const origins = fc.constantFrom(...ORIGINS);
const change: fc.Arbitrary<Change> = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.tuple(origins, objects).map(([origin, object]) => put(object, originNamed(origin))),
  },
  {
    weight: 2,
    arbitrary: fc.tuple(origins, objects).map(([origin, object]) => remove(objectKey(object), originNamed(origin))),
  },
  {
    weight: 1,
    arbitrary: fc
      .tuple(origins, fc.uniqueArray(objects, { selector: objectKey, maxLength: 8 }))
      .map(([origin, all]) => replace(all, originNamed(origin))),
  },
);

/** Changes in the batches in which they are published. */
export const batches: fc.Arbitrary<readonly (readonly Change[])[]> = fc.array(
  fc.array(change, { minLength: 1, maxLength: 5 }),
  {
    maxLength: 12,
  },
);

/** What each origin holds after all changes, as one change for each, the last object first: order is not to show. */
export function finalChanges(all: readonly Change[]): readonly Change[] {
  const held = new Map<string, Map<string, KubeObject>>(ORIGINS.map((origin) => [origin, new Map()]));
  for (const each of all) {
    if (each.type === "put") held.get(each.origin.name)!.set(objectKey(each.object), each.object);
    if (each.type === "remove") held.get(each.origin.name)!.delete(each.key);
    if (each.type === "replace")
      held.set(each.origin.name, new Map(each.objects.map((object) => [objectKey(object), object])));
  }
  return [...held].map(([origin, map]) => replace([...map.values()].toReversed(), originNamed(origin)));
}

interface Among {
  readonly writer: TableWriter;
  readonly shared: SharedZones;
  readonly rank: number;
}

/** The control plane in one piece, joined as the server joins it. */
export class Cluster {
  readonly registry = new Registry();
  readonly writer: TableWriter;
  readonly reader: TableReader;
  readonly compiler: ZoneCompiler;
  readonly #controller: EndpointController;

  /** `among`: one of several clusters in one table. */
  constructor(settings: Partial<ZoneSettings> = {}, families: readonly IpFamily[] = FAMILIES, among?: Among) {
    let reader: TableReader | undefined;
    this.writer = among?.writer ?? new TableWriter([3, 4], (buffer) => reader?.attach(buffer));
    this.reader = reader = new TableReader(this.writer.buffer);
    this.#controller = new EndpointController(this.registry, families);
    const all = { ...SETTINGS, ...settings };
    this.compiler = new ZoneCompiler(this.registry, this.writer, all, among?.shared, among?.rank);
    this.compiler.setServerAddresses(["127.0.0.1"]);
  }

  /** Clusters with these settings in one table. */
  static together(all: readonly Partial<ZoneSettings>[]): readonly Cluster[] {
    const writer = new TableWriter([3, 4], () => undefined);
    const shared = new SharedZones(
      writer,
      all.map((settings) => ({ ...SETTINGS, ...settings })),
    );
    return all.map((settings, rank) => new Cluster(settings, FAMILIES, { writer, shared, rank }));
  }

  /** Applies and compiles; the serial stays 1 when none is given. */
  publish(changes: readonly Change[], serial = 1): void {
    const changed = this.registry.apply(changes);
    const derived = this.registry.apply(runAtOnce(this.#controller.reconcile(changed)));
    this.compiler.update([...changed, ...derived], serial);
    this.writer.publish();
  }

  /** Puts objects of one origin. */
  put(...all: readonly KubeObject[]): void {
    this.publish(all.map((object) => put(object)));
  }

  /** Removes objects of that origin. */
  remove(...all: readonly KubeObject[]): void {
    this.publish(all.map((object) => remove(objectKey(object))));
  }
}
