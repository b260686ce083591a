// Logs which services, endpoints and zone files have changed, as far as clients notice: addresses, ports, and which
// endpoints are ready. At most ten lines a second; what is beyond is counted.
import type { EndpointSlice, KubeObject, Service } from "../objects/kube-object.ts";
import { objectKey } from "../objects/kube-object.ts";
import type { Logger } from "./log.ts";

const LINES_MAX = 10;
const INTERVAL_MS = 1_000;
/** Addresses or ports in a line. */
const ADDRESSES_MAX = 5;

/** An object that was added (no `before`), removed (no `after`) or replaced. */
interface Difference {
  readonly before?: KubeObject;
  readonly after?: KubeObject;
}

/** A zone file or hosts file that is served. */
export interface ServedFile {
  readonly kind: "zone" | "hosts";
  /** The zone of a zone file. */
  readonly zone?: string;
  /** Records, or lines of a hosts file. */
  readonly records: number;
  /** The same object as long as the file does not change. */
  readonly content: object;
}

/** What has happened to a service. */
interface ServiceChange {
  before?: Service;
  after?: Service;
  readonly slices: { before?: EndpointSlice; after?: EndpointSlice }[];
}

export class ChangeLog {
  readonly #log: Logger;
  #lines = 0;
  #moreServices = 0;
  #moreFiles = 0;
  #timer: NodeJS.Timeout | undefined;

  constructor(log: Logger) {
    this.#log = log;
  }

  /** Reports the differences of one publication, in their order; `cluster`: its name, if there are several. */
  report(differences: readonly Difference[], cluster?: string): void {
    if (differences.length === 0 || !this.#log.isLevelEnabled("info")) return;
    for (const [service, change] of byService(differences)) {
      if (this.#lines >= LINES_MAX) {
        this.#moreServices++;
        continue;
      }
      const line = describe(change);
      if (line !== undefined)
        this.#write({ ...(cluster !== undefined && { cluster }), service, ...line.fields }, line.text);
    }
  }

  /** Reports what differs between the files that were served and those that are, by their paths. */
  reportFiles(before: ReadonlyMap<string, ServedFile>, after: ReadonlyMap<string, ServedFile>): void {
    if (!this.#log.isLevelEnabled("info")) return;
    for (const file of new Set([...before.keys(), ...after.keys()])) {
      const [old, current] = [before.get(file), after.get(file)];
      const { kind, zone } = (current ?? old)!;
      if (old?.content === current?.content) continue;
      const what = old === undefined ? "added" : current === undefined ? "removed" : "has changed";
      const about = { file, ...(zone !== undefined && { zone }), ...(current && { records: current.records }) };
      if (this.#lines >= LINES_MAX) this.#moreFiles++;
      else this.#write(about, `${kind} file ${what}`);
    }
  }

  #write(fields: object, text: string): void {
    this.#lines++;
    this.#log.info(fields, text);
    this.#timer ??= setTimeout(() => this.#endInterval(), INTERVAL_MS).unref();
  }

  close(): void {
    clearTimeout(this.#timer);
    this.#endInterval();
  }

  #endInterval(): void {
    if (this.#moreServices > 0) this.#log.info({ services: this.#moreServices }, "more services have changed");
    if (this.#moreFiles > 0) this.#log.info({ files: this.#moreFiles }, "more files have changed");
    this.#timer = undefined;
    this.#lines = this.#moreServices = this.#moreFiles = 0;
  }
}

/** The changes by service, `NAMESPACE/NAME`. Of several changes of an object in a row only the ends count. */
function byService(differences: readonly Difference[]): ReadonlyMap<string, ServiceChange> {
  const changes = new Map<string, ServiceChange>();
  const slices = new Map<string, ServiceChange["slices"][number]>();
  const changeOf = (service: string): ServiceChange => {
    const change = changes.get(service) ?? { slices: [] };
    changes.set(service, change);
    return change;
  };
  const seen = new Set<string>();
  for (const { before, after } of differences) {
    const object = after ?? before;
    if (object?.kind === "Service") {
      const service = `${object.namespace}/${object.name}`;
      const change = changeOf(service);
      if (!seen.has(service) && before !== undefined) change.before = before as Service;
      seen.add(service);
      if (after === undefined) delete change.after;
      else change.after = after as Service;
    } else if (object?.kind === "EndpointSlice") {
      const key = objectKey(object);
      const known = slices.get(key);
      const slice = known ?? { ...(before !== undefined && { before: before as EndpointSlice }) };
      if (known === undefined) changeOf(`${object.namespace}/${object.serviceName}`).slices.push(slice);
      slices.set(key, slice);
      if (after === undefined) delete slice.after;
      else slice.after = after as EndpointSlice;
    }
  }
  return changes;
}

function describe(change: ServiceChange): { readonly fields: object; readonly text: string } | undefined {
  const { before, after } = change;
  const isOfService = before !== undefined || after !== undefined;
  if (isOfService && before === undefined)
    return { fields: { addresses: shown(addressesOf(after!)) }, text: "service added" };
  if (isOfService && after === undefined) return { fields: {}, text: "service removed" };
  const [old, current] = [before, after].map((service) => (service === undefined ? [] : addressesOf(service)));
  if (old!.join() !== current!.join())
    return { fields: { before: shown(old!), after: shown(current!) }, text: "addresses of a service have changed" };
  const [oldPorts, ports] = [before, after].map((service) => (service === undefined ? [] : portsOf(service)));
  if (oldPorts!.join() !== ports!.join())
    return { fields: { before: shown(oldPorts!), after: shown(ports!) }, text: "ports of a service have changed" };
  const [were, are] = [readyIn(change, "before"), readyIn(change, "after")];
  const added = [...are].filter((address) => !were.has(address));
  const removed = [...were].filter((address) => !are.has(address));
  if (added.length === 0 && removed.length === 0) return undefined;
  const fields = {
    ...(added.length > 0 && { ready: shown(added) }),
    ...(removed.length > 0 && { gone: shown(removed) }),
  };
  return { fields, text: "endpoints of a service have changed" };
}

function addressesOf({ headless, clusterIPs, externalName }: Service): readonly string[] {
  if (externalName !== undefined) return [externalName];
  return headless ? ["None"] : clusterIPs;
}

/** The ports as SRV records have them: `http:80/TCP`. */
function portsOf({ ports }: Service): readonly string[] {
  return ports.map(({ name, port, protocol }) => `${name === "" ? "" : `${name}:`}${port}/${protocol}`);
}

/** The addresses of ready endpoints in the changed slices. */
function readyIn({ slices }: ServiceChange, side: "before" | "after"): ReadonlySet<string> {
  const endpoints = slices.flatMap((slice) => slice[side]?.endpoints ?? []);
  return new Set(endpoints.filter(({ ready }) => ready).flatMap(({ addresses }) => addresses));
}

function shown(addresses: readonly string[]): readonly string[] {
  const rest = addresses.length - ADDRESSES_MAX;
  return rest <= 0 ? addresses : [...addresses.slice(0, ADDRESSES_MAX), `and ${rest} more`];
}
