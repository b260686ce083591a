// Estimates the memory that objects and names take once they are served; the problem of those that do not fit.
// The figures are rounded up from measurements of whole servers: docs/performance.md. Pure.
import type { KubeObject } from "../objects/kube-object.ts";
import type { Problem } from "../objects/problem.ts";
import { countNames } from "../zonefile/hosts-lines.ts";
import type { ZoneContent } from "../zonefile/choose-zones.ts";

const KB = 1024;
const MB = 1024 * KB;
/** The file itself: its path, its status, its watch. */
const FILE_BYTES = 3 * KB;
/** A file that is not read yet: what it needs with an object or two. */
export const UNREAD_FILE_BYTES = 12 * KB;
const OBJECT_BYTES = 1 * KB;
const SERVICE_BYTES = 4 * KB;
const PORT_BYTES = 512;
const ENDPOINT_BYTES = 3 * KB;
/** With its endpoint. */
const POD_BYTES = 4.5 * KB;
/** No workload has more pods than that. */
const PODS_MAX = 10_000;
const RECORD_BYTES = 4 * KB;
const HOSTS_LINE_BYTES = 300;
const HOSTS_NAME_BYTES = 250;

/** What a file holds, as far as it takes memory. */
export interface Content {
  readonly objects: Iterable<KubeObject>;
  readonly zone?: ZoneContent | undefined;
}

/** The bytes that the content of one file takes. */
export function costOfContent({ objects, zone }: Content): number {
  let bytes = FILE_BYTES + costOfObjects(objects);
  if (zone?.kind === "zone") bytes += zone.zone.records.length * RECORD_BYTES;
  else if (zone !== undefined) {
    const { entries } = zone;
    bytes += entries.numbers.length * HOSTS_LINE_BYTES + countNames(entries) * HOSTS_NAME_BYTES + entries.bytes.length;
  }
  return bytes;
}

/** The bytes that objects take. */
export function costOfObjects(objects: Iterable<KubeObject>): number {
  let bytes = 0;
  for (const object of objects) bytes += costOfObject(object);
  return bytes;
}

/** The bytes that an object takes. */
export function costOfObject(object: KubeObject): number {
  switch (object.kind) {
    case "Service":
      return SERVICE_BYTES + object.ports.length * PORT_BYTES + (object.addresses?.length ?? 0) * ENDPOINT_BYTES;
    case "EndpointSlice":
      return OBJECT_BYTES + object.endpoints.length * ENDPOINT_BYTES;
    case "Endpoints":
      return OBJECT_BYTES + object.subsets.reduce((sum, { endpoints }) => sum + endpoints.length, 0) * ENDPOINT_BYTES;
    case "Workload":
      return OBJECT_BYTES + Math.min(object.replicas, PODS_MAX) * POD_BYTES;
    case "Pod":
      return POD_BYTES;
    case "Other":
      return OBJECT_BYTES + (object.makes ?? []).reduce((sum, made) => sum + costOfObject(made), 0);
    default:
      return OBJECT_BYTES;
  }
}

/** The problem of content that takes `neededBytes` where `freeBytes` are free. */
export function noMemory(neededBytes: number, freeBytes: number): Problem {
  return {
    code: "no-memory",
    severity: "error",
    message:
      `needs about ${formatMegabytes(neededBytes)} of memory, and ${formatMegabytes(freeBytes)} are free; its ` +
      "previous contents stay in effect",
    advice: "raise the memory limit of the container or --memory, or split or remove files",
  };
}

function formatMegabytes(bytes: number): string {
  return `${Math.ceil((bytes / MB) * 10) / 10} MB`;
}
