// Builders of the Kubernetes objects that tests need most: short to write, plain objects to read. What they make is
// checked like any other object when it is passed in. Pure.
import type { EndpointSliceObject, ObjectList, ObjectMeta, PodObject, Protocol } from "./object-types.ts";
import type { ServiceObject, ServicePort } from "./object-types.ts";
import { isMapping } from "../objects/raw-values.ts";
import { MAPPING, requireFields, SWITCH, TEXT } from "./field-forms.ts";
import type { FieldForm } from "./field-forms.ts";

/** Name, namespace, labels and annotations of an object. */
export interface NamedObject extends ObjectMeta {
  readonly name: string;
}

/** `{ http: 80 }`, or ports in full. */
export type Ports = Readonly<Record<string, number>> | readonly ServicePort[];

/** What `service` makes a Service of. */
export interface ServiceFields extends NamedObject {
  /** Default: an address of the service CIDR that follows from the name. Two for a dual-stack service. */
  readonly clusterIP?: string | readonly [string, string];
  readonly ports?: Ports;
  /** Selects the pods that are its endpoints. */
  readonly selector?: Readonly<Record<string, string>>;
}

/** An endpoint: its address, or the address and what else is known of it. */
export type EndpointFields =
  | string
  | {
      readonly address: string;
      /** The first label of its own name below the service. */
      readonly hostname?: string;
      /** Default true. */
      readonly ready?: boolean;
    };

/** What `headless` makes a Service and its EndpointSlices of. */
export interface HeadlessFields extends NamedObject {
  readonly endpoints: readonly EndpointFields[];
  readonly ports?: Ports;
}

/** What `externalName` makes a Service of. */
export interface ExternalNameFields extends NamedObject {
  /** The name that the service is an alias of. */
  readonly target: string;
}

/** What `pod` makes a Pod of. */
export interface PodFields extends NamedObject {
  /** Default: an address of the pod CIDR that follows from the name. */
  readonly ip?: string;
  /** Default true. */
  readonly ready?: boolean;
  readonly hostname?: string;
  /** The name of the headless service below which the pod has a name. */
  readonly subdomain?: string;
  /** Ports of its container. */
  readonly ports?: Readonly<Record<string, number>>;
}

type Forms<Fields> = Readonly<Record<keyof Fields, FieldForm>>;

const NAMED: Forms<NamedObject> = {
  name: { ...TEXT, isRequired: true },
  namespace: TEXT,
  labels: MAPPING,
  annotations: MAPPING,
};
const PORTS: FieldForm = {
  expected: "an object such as { http: 80 }, or an array of ports",
  holds: (value) => [value].flat().every(isMapping),
};
const SERVICE: Forms<ServiceFields> = {
  ...NAMED,
  clusterIP: {
    expected: "an address, or an array of two",
    holds: (value) => TEXT.holds(value) || (Array.isArray(value) && value.length === 2 && value.every(TEXT.holds)),
  },
  ports: PORTS,
  selector: MAPPING,
};
const HEADLESS: Forms<HeadlessFields> = {
  ...NAMED,
  endpoints: {
    expected: "an array of addresses, or of objects with an address",
    holds: (value) =>
      Array.isArray(value) &&
      value.every((each) => TEXT.holds(each) || (isMapping(each) && TEXT.holds(each["address"]))),
    isRequired: true,
  },
  ports: PORTS,
};
const EXTERNAL_NAME: Forms<ExternalNameFields> = { ...NAMED, target: { ...TEXT, isRequired: true } };
const POD: Forms<PodFields> = { ...NAMED, ip: TEXT, ready: SWITCH, hostname: TEXT, subdomain: TEXT, ports: PORTS };

/** A Service with a cluster IP. Throws a `SettingsError` on a missing or unknown field, as all builders do. */
export function service(fields: ServiceFields): ServiceObject {
  requireFields("service", fields, SERVICE);
  const { clusterIP, ports, selector } = fields;
  const clusterIPs = clusterIP === undefined ? undefined : [clusterIP].flat();
  return {
    apiVersion: "v1",
    kind: "Service",
    metadata: metadataOf(fields),
    spec: {
      ...(clusterIPs && { clusterIP: clusterIPs[0]!, clusterIPs }),
      ...(clusterIPs?.length === 2 && { ipFamilyPolicy: "RequireDualStack" as const }),
      ...(selector && { selector }),
      ports: servicePorts(ports ?? { http: 80 }),
    },
  };
}

/** A headless Service and the EndpointSlices of its endpoints, as a `List`. */
export function headless(fields: HeadlessFields): ObjectList<ServiceObject | EndpointSliceObject> {
  requireFields("headless", fields, HEADLESS);
  const { endpoints, ports } = fields;
  const metadata = metadataOf(fields);
  const portList = servicePorts(ports ?? {});
  const slices = (["IPv4", "IPv6"] as const).flatMap((addressType): EndpointSliceObject[] => {
    const own = endpoints.map(inFull).filter(({ address }) => address.includes(":") === (addressType === "IPv6"));
    if (own.length === 0) return [];
    return [
      {
        apiVersion: "discovery.k8s.io/v1",
        kind: "EndpointSlice",
        metadata: {
          ...metadata,
          name: `${metadata.name}-${addressType.toLowerCase()}`,
          labels: { ...metadata.labels, "kubernetes.io/service-name": metadata.name },
        },
        addressType,
        endpoints: own.map(({ address, hostname, ready = true }) => ({
          addresses: [address],
          ...(hostname !== undefined && { hostname }),
          conditions: { ready },
        })),
        ports: portList.map(({ name, protocol = "TCP", port }) => ({
          ...(name !== undefined && { name }),
          protocol,
          port,
        })),
      },
    ];
  });
  const spec = { clusterIP: "None", ports: portList };
  return { apiVersion: "v1", kind: "List", items: [{ apiVersion: "v1", kind: "Service", metadata, spec }, ...slices] };
}

/** A Service of type ExternalName: an alias of another name. */
export function externalName(fields: ExternalNameFields): ServiceObject {
  requireFields("externalName", fields, EXTERNAL_NAME);
  return {
    apiVersion: "v1",
    kind: "Service",
    metadata: metadataOf(fields),
    spec: { type: "ExternalName", externalName: fields.target },
  };
}

/** A Pod that runs. */
export function pod(fields: PodFields): PodObject {
  requireFields("pod", fields, POD);
  const { ip, ready = true, hostname, subdomain, ports = {} } = fields;
  const metadata = metadataOf(fields);
  const containerPorts = servicePorts(ports).map(({ port, ...named }) => ({ ...named, containerPort: port }));
  return {
    apiVersion: "v1",
    kind: "Pod",
    metadata: ready || ip !== undefined ? metadata : { ...metadata, annotations: notReady(metadata) },
    spec: {
      ...(hostname !== undefined && { hostname }),
      ...(subdomain !== undefined && { subdomain }),
      containers: [{ name: "main", image: "none", ports: containerPorts }],
    },
    ...(ip !== undefined && {
      status: {
        phase: "Running",
        podIP: ip,
        podIPs: [{ ip }],
        conditions: [{ type: "Ready", status: ready ? "True" : "False" }],
      },
    }),
  };
}

/** A pod without a status is simulated, and this says how. */
function notReady({ annotations }: ObjectMeta): Readonly<Record<string, string>> {
  return { ...annotations, "cluster-dns/ready": "false" };
}

function metadataOf({ name, namespace, labels, annotations }: NamedObject): ObjectMeta & { readonly name: string } {
  return {
    name,
    ...(namespace !== undefined && { namespace }),
    ...(labels && { labels }),
    ...(annotations && { annotations }),
  };
}

function servicePorts(ports: Ports): readonly (ServicePort & { readonly protocol?: Protocol })[] {
  return Array.isArray(ports)
    ? (ports as readonly ServicePort[])
    : Object.entries(ports as Readonly<Record<string, number>>).map(([name, port]) => ({ name, port }));
}

function inFull(endpoint: EndpointFields): Exclude<EndpointFields, string> {
  return typeof endpoint === "string" ? { address: endpoint } : endpoint;
}
