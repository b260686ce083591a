// Makes the fixture's files: the hand-written objects and records, and the large services that answers of an exact size
// need. `node test/conformance/fixture.ts FOLDER` writes both forms below a folder, to serve them by hand.
// EndpointSlices as a cluster's own controller cuts them: at most 1,000 endpoints each.
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { parseAllDocuments } from "yaml";

/** A Kubernetes object as a manifest has it. */
export interface ManifestObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly namespace?: string };
  readonly [field: string]: unknown;
}

/** A headless service of `count` endpoints, for its answer's size. */
interface LargeService {
  readonly name: string;
  readonly count: number;
  /** Its endpoints are `block`.1.0 and following, in 10.244.0.0/16. */
  readonly block: number;
}

const HERE = new URL("fixture/", import.meta.url);
const SLICE_SIZE = 1_000;
/** Header, question's type and class, and in each record a pointer, type, class, TTL, length and address. */
const FIXED_BYTES = 12 + 4;
const A_BYTES = 16;
const OPT_BYTES = 11;
const SUFFIX = "default.svc.cluster.local.";

/** The size of the answer with all addresses of a large service. */
export function answerBytes({ name, count }: LargeService, withOpt: boolean): number {
  const nameBytes = name.length + 1 + SUFFIX.length + 1;
  return FIXED_BYTES + nameBytes + count * A_BYTES + (withOpt ? OPT_BYTES : 0);
}

/** A service whose A answer has exactly `bytes` bytes: the count of its endpoints, and the length of its name. */
function sized(prefix: string, bytes: number, withOpt: boolean): LargeService {
  const shortest = prefix.length;
  for (let length = shortest; length < shortest + A_BYTES; length++) {
    const name = prefix.padEnd(length, "x");
    const count = (bytes - answerBytes({ name, count: 0, block: 0 }, withOpt)) / A_BYTES;
    if (Number.isInteger(count)) return { name, count, block: 8 };
  }
  throw new Error(`no answer has ${bytes} bytes`);
}

/** RFC 8467: the size of an answer with EDNS on TLS, and what it is padded to. */
export const PADDED_SIZES = [
  [463, 468],
  [464, 468],
  [465, 936],
  [468, 468],
  [469, 936],
  [931, 936],
  [933, 1404],
  [936, 936],
  [937, 1404],
] as const;

export const LARGE = {
  big: { name: "big", count: 200, block: 16 },
  huge: { name: "huge", count: 5_000, block: 32 },
  plain512: sized("a", 512, false),
  plain513: sized("b", 513, false),
  edns1232: sized("c", 1232, true),
  edns1233: sized("d", 1233, true),
} as const satisfies Record<string, LargeService>;

/** The service whose A answer, with an OPT without options, has that many bytes. */
export function paddingService(bytes: number): LargeService {
  return sized(`p${bytes}`, bytes, true);
}

/** The name of a large service. */
export function largeName({ name }: LargeService): string {
  return `${name}.${SUFFIX}`;
}

/** The addresses of a large service's endpoints. */
export function largeAddresses({ count, block }: LargeService): readonly string[] {
  return Array.from({ length: count }, (_, n) => `10.244.${block + 1 + Math.floor(n / 250)}.${1 + (n % 250)}`);
}

function allLarge(): readonly LargeService[] {
  return [...Object.values(LARGE), ...PADDED_SIZES.map(([bytes]) => paddingService(bytes))];
}

function largeObjects(large: LargeService): readonly ManifestObject[] {
  const { name } = large;
  const ports = [{ name: "http", port: 80, protocol: "TCP" }];
  const addresses = largeAddresses(large);
  const slices = Array.from({ length: Math.ceil(addresses.length / SLICE_SIZE) }, (_, n) => ({
    apiVersion: "discovery.k8s.io/v1",
    kind: "EndpointSlice",
    metadata: { name: `${name}-${n}`, namespace: "default", labels: { "kubernetes.io/service-name": name } },
    addressType: "IPv4",
    ports,
    endpoints: addresses.slice(n * SLICE_SIZE, (n + 1) * SLICE_SIZE).map((address) => ({
      addresses: [address],
      conditions: { ready: true },
    })),
  }));
  const metadata = { name, namespace: "default" };
  const spec = { clusterIP: "None", clusterIPs: ["None"], ports };
  return [{ apiVersion: "v1", kind: "Service", metadata, spec }, ...slices];
}

function readObjects(file: string): readonly ManifestObject[] {
  return parseAllDocuments(readFileSync(new URL(file, HERE), "utf8")).map(
    (document) => document.toJS() as ManifestObject,
  );
}

/** All objects, with those that a cluster's controllers would have added. */
export function clusterObjects(): readonly ManifestObject[] {
  return [...readObjects("objects.yaml"), ...readObjects("controllers.yaml"), ...allLarge().flatMap(largeObjects)];
}

/** How much of the fixture a server of ours has: without its large services it starts sooner. */
export type FixtureSize = "small" | "whole";

/** Writes the manifests that cluster-dns serves into a folder that is there. */
export function writeManifests(folder: string, size: FixtureSize = "whole"): void {
  writeFileSync(`${folder}/objects.yaml`, readFileSync(new URL("objects.yaml", HERE)));
  if (size === "small") return;
  const items = allLarge().flatMap(largeObjects);
  writeFileSync(`${folder}/large.json`, JSON.stringify({ apiVersion: "v1", kind: "List", items }));
}

/** The zones of the fixture. */
export const ZONES = [
  "cluster.local.",
  "96.10.in-addr.arpa.",
  "244.10.in-addr.arpa.",
  `${"0.".repeat(16)}6.9.0.0.0.1.0.0.0.0.d.f.ip6.arpa.`,
] as const;

const REVERSE_RECORDS = {
  [ZONES[1]]: ["1.0 PTR kubernetes.default.svc", "10.0 PTR kube-dns.kube-system.svc", "20.0 PTR dual.default.svc"],
  [ZONES[2]]: ["5.1 PTR h-0.headless.default.svc", "6.1 PTR h-1.headless.default.svc"],
  [ZONES[3]]: ["0.2.0.0 PTR dual.default.svc"],
} as const;

/** Writes a zone file for each of `ZONES`, named after it without the last dot. */
export function writeZones(folder: string): void {
  const large = allLarge().flatMap((each) =>
    largeAddresses(each).map((address) => `${each.name}.default.svc A ${address}`),
  );
  const cluster = readFileSync(new URL("cluster.local.zone", HERE), "utf8");
  writeFileSync(`${folder}/cluster.local`, `${cluster}${large.join("\n")}\n`);
  for (const [zone, records] of Object.entries(REVERSE_RECORDS)) {
    const soa = `${zone} 30 SOA ns.dns.cluster.local. hostmaster.cluster.local. 1 7200 1800 86400 30`;
    const lines = records.map((record) => `${record}.cluster.local.`);
    const text = [`$ORIGIN ${zone}`, "$TTL 30", soa, `${zone} NS ns.dns.cluster.local.`, ...lines, ""].join("\n");
    writeFileSync(`${folder}/${zone.slice(0, -1)}`, text);
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const folder = process.argv[2] ?? "conformance-fixture";
  for (const part of ["manifests", "zones"]) mkdirSync(`${folder}/${part}`, { recursive: true });
  writeManifests(`${folder}/manifests`);
  writeZones(`${folder}/zones`);
}
