// The Kubernetes objects that a program passes in, as types. They help to write objects; what an object must have is
// checked when it is passed in, as an API server would. Types only. Source: the API reference of Kubernetes.

/** `metadata` of an object. */
export interface ObjectMeta {
  readonly name?: string;
  /** Default: the setting `namespace`, which is `default` unless given. */
  readonly namespace?: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
}

/** Any object: of a class of a client library, parsed from YAML or JSON, or made by a builder. */
export interface KubernetesObject {
  readonly apiVersion?: string;
  readonly kind?: string;
  readonly metadata?: ObjectMeta;
}

/** A literal of any kind, or a `List` of objects, such as `kubectl get -o json` prints. */
export type ObjectInput = KubernetesObject | (KubernetesObject & { readonly [field: string]: unknown });

export type Protocol = "TCP" | "UDP" | "SCTP";

/** Service (core/v1). */
export interface ServiceObject extends KubernetesObject {
  readonly apiVersion: "v1";
  readonly kind: "Service";
  readonly metadata: ObjectMeta & { readonly name: string };
  readonly spec: {
    readonly type?: "ClusterIP" | "NodePort" | "LoadBalancer" | "ExternalName";
    /** `None` for a headless service. */
    readonly clusterIP?: string;
    readonly clusterIPs?: readonly string[];
    readonly ipFamilyPolicy?: "SingleStack" | "PreferDualStack" | "RequireDualStack";
    readonly externalName?: string;
    readonly selector?: Readonly<Record<string, string>>;
    readonly publishNotReadyAddresses?: boolean;
    readonly ports?: readonly ServicePort[];
  };
}

/** A port of a Service. */
export interface ServicePort {
  readonly name?: string;
  readonly protocol?: Protocol;
  readonly port: number;
  readonly targetPort?: number | string;
}

/** EndpointSlice (discovery.k8s.io/v1). */
export interface EndpointSliceObject extends KubernetesObject {
  readonly apiVersion: "discovery.k8s.io/v1";
  readonly kind: "EndpointSlice";
  readonly metadata: ObjectMeta & { readonly name: string };
  readonly addressType: "IPv4" | "IPv6";
  readonly endpoints: readonly {
    readonly addresses: readonly string[];
    readonly hostname?: string;
    readonly conditions?: { readonly ready?: boolean };
  }[];
  readonly ports?: readonly { readonly name?: string; readonly protocol?: Protocol; readonly port: number }[];
}

/** Pod (core/v1). */
export interface PodObject extends KubernetesObject {
  readonly apiVersion: "v1";
  readonly kind: "Pod";
  readonly metadata: ObjectMeta & { readonly name: string };
  readonly spec: {
    readonly hostname?: string;
    readonly subdomain?: string;
    readonly containers: readonly {
      readonly name: string;
      readonly image: string;
      readonly ports?: readonly {
        readonly name?: string;
        readonly protocol?: Protocol;
        readonly containerPort: number;
      }[];
    }[];
  };
  readonly status?: {
    readonly phase: string;
    readonly podIP: string;
    readonly podIPs: readonly { readonly ip: string }[];
    readonly conditions: readonly { readonly type: string; readonly status: string }[];
  };
}

/** A list of objects (core/v1 List). */
export interface ObjectList<Item = KubernetesObject> extends KubernetesObject {
  readonly apiVersion: "v1";
  readonly kind: "List";
  readonly items: readonly Item[];
}
