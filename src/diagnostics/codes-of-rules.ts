// The codes of the rules in this folder, and of resolv.conf files and variables; codes.ts joins the tables.
// Kubernetes: "Service", "DNS for Services and Pods".
import type { CodeRow } from "./code-row.ts";
import { KUBERNETES, SERVICE, POD_DNS, STATEFUL_SET, RFC, EVERYWHERE, CHECK } from "./code-row.ts";

/** Problems between objects, found by the rules in this folder. */
export const RULES = {
  "selector-no-pods": {
    severity: "warning",
    summary: "The selector of a service matches no pod of its namespace",
    source: `${SERVICE}#defining-a-service`,
    reportedBy: CHECK,
  },
  "selector-other-namespace": {
    severity: "warning",
    summary: "The selector of a service matches only pods of other namespaces",
    source: `${SERVICE}#defining-a-service`,
    reportedBy: CHECK,
  },
  "selector-unseen-pods": {
    severity: "hint",
    summary: "A service selects pods that are not in the manifests, but may exist in a cluster",
    source: `${SERVICE}#defining-a-service`,
    reportedBy: CHECK,
  },
  "selector-idle-pods": {
    severity: "warning",
    summary: "The selector of a service matches pods that do not run: hooks, CronJobs, finished or suspended Jobs",
    source: `${SERVICE}#defining-a-service`,
    reportedBy: CHECK,
  },
  "service-no-endpoints": {
    severity: "warning",
    summary: "A headless service has no ready endpoint, so its name does not exist",
    source: `${SERVICE}#headless-services`,
    reportedBy: CHECK,
  },
  "name-not-resolved": {
    severity: "warning",
    summary: "A name of the manifests has no addresses, and no other code says why",
    source: `${POD_DNS}#services`,
    reportedBy: CHECK,
  },
  "srv-missing": {
    severity: "warning",
    summary: "A named port has no SRV records",
    source: `${POD_DNS}#srv-records`,
    reportedBy: CHECK,
  },
  "name-too-long": {
    severity: "warning",
    summary: "A name exceeds the limits of DNS, so it has no records",
    source: `${RFC}1035#section-2.3.4`,
    reportedBy: EVERYWHERE,
  },
  "operator-unknown": {
    severity: "hint",
    summary: "An operator that is not known here would make pods and services for a custom resource",
    source: `${KUBERNETES}/concepts/extend-kubernetes/operator/`,
    reportedBy: CHECK,
  },
  "reference-no-service": {
    severity: "warning",
    summary: "A field or a text refers to a service that does not exist",
    source: `${POD_DNS}#services`,
    reportedBy: CHECK,
  },
  "reference-no-port": {
    severity: "warning",
    summary: "A field or a text refers to a port that the service does not have",
    source: `${SERVICE}#defining-a-service`,
    reportedBy: CHECK,
  },
  "reference-no-pod": {
    severity: "warning",
    summary: "A text refers to a pod that a StatefulSet does not have",
    source: `${STATEFUL_SET}#stable-network-id`,
    reportedBy: CHECK,
  },
  "target-port-missing": {
    severity: "warning",
    summary: "A targetPort names a port that no container of the selected pods has",
    source: `${SERVICE}#field-spec-ports`,
    reportedBy: CHECK,
  },
  "subdomain-without-service": {
    severity: "warning",
    summary: "The subdomain of a pod is not the name of a service that selects the pod",
    source: `${POD_DNS}#pod-hostname-and-subdomain-field`,
    reportedBy: CHECK,
  },
  "hostname-without-subdomain": {
    severity: "hint",
    summary: "Pods of a headless service have a hostname but no subdomain, so they have no DNS name",
    source: `${POD_DNS}#pod-hostname-and-subdomain-field`,
    reportedBy: CHECK,
  },
  "stateful-set-service-missing": {
    severity: "warning",
    summary: "The serviceName of a StatefulSet is not a service of its namespace",
    source: `${STATEFUL_SET}#stable-network-id`,
    reportedBy: CHECK,
  },
  "stateful-set-service-not-headless": {
    severity: "warning",
    summary: "The serviceName of a StatefulSet is a service that is not headless",
    source: `${STATEFUL_SET}#limitations`,
    reportedBy: CHECK,
  },
  "stateful-set-service-other-pods": {
    severity: "warning",
    summary: "The headless service of a StatefulSet does not select its pods",
    source: `${STATEFUL_SET}#stable-network-id`,
    reportedBy: CHECK,
  },
  "external-name-loop": {
    severity: "error",
    summary: "ExternalName services form a loop, or a chain that is too long",
    source: `${SERVICE}#externalname`,
    reportedBy: CHECK,
  },
  "external-name-not-full": {
    severity: "warning",
    summary: "An externalName refers to the cluster, but is not the full name of a service",
    source: `${POD_DNS}#services`,
    reportedBy: CHECK,
  },
  "external-name-no-namespace": {
    severity: "warning",
    summary: "An externalName points into a namespace that does not exist",
    source: `${POD_DNS}#services`,
    reportedBy: CHECK,
  },
  "external-name-no-service": {
    severity: "hint",
    summary: "An externalName points to a service that is not in the manifests",
    source: `${POD_DNS}#services`,
    reportedBy: CHECK,
  },
  "endpoints-no-service": {
    severity: "warning",
    summary: "An Endpoints object or an EndpointSlice belongs to a service that does not exist",
    source: `${SERVICE}#services-without-selectors`,
    reportedBy: CHECK,
  },
  "endpoints-ignored": {
    severity: "warning",
    summary: "An Endpoints object belongs to a service with a selector, so the cluster overwrites it",
    source: `${SERVICE}#services-without-selectors`,
    reportedBy: CHECK,
  },
  "endpoints-deprecated": {
    severity: "hint",
    summary: "The Endpoints API is deprecated",
    source: `${SERVICE}#endpoints`,
    reportedBy: CHECK,
  },
  "namespace-named-svc": {
    severity: "warning",
    summary: "A namespace is named svc, like the label svc in the names of services",
    source: `${POD_DNS}#namespaces-of-services`,
    reportedBy: CHECK,
  },
  "service-named-like-namespace": {
    severity: "hint",
    summary: "A service has the name of its namespace, so short names can match its endpoints",
    source: `${POD_DNS}#namespaces-of-services`,
    reportedBy: CHECK,
  },
  "search-path-shadowed": {
    severity: "warning",
    summary: "The short name of a service resolves to an endpoint of another service",
    source: `${POD_DNS}#namespaces-of-services`,
    reportedBy: CHECK,
  },
  "other-namespace": {
    severity: "hint",
    summary: "Objects name another namespace than that of --namespace",
    source: `${KUBERNETES}/concepts/overview/working-with-objects/namespaces/`,
    reportedBy: CHECK,
  },
} as const satisfies Readonly<Record<string, CodeRow>>;

/** Problems of resolv.conf files and environment variables. */
export const POD_FILES = {
  "resolv-conf-limit": {
    severity: "warning",
    summary: "The resolv.conf of a pod exceeds the limits of Kubernetes and is cut",
    source: `${POD_DNS}#dns-search-domain-list-limits`,
    reportedBy: ["check", "resolv-conf"],
  },
  "resolv-conf-no-nameserver": {
    severity: "warning",
    summary: "A resolv.conf has no nameserver",
    source: `${POD_DNS}#pod-s-dns-policy`,
    reportedBy: ["resolv-conf"],
  },
  "resolv-conf-syntax": {
    severity: "warning",
    summary: "A line of the node's resolv.conf has no value",
    source: "https://man7.org/linux/man-pages/man5/resolv.conf.5.html",
    reportedBy: ["resolv-conf"],
  },
  "resolv-conf-port": {
    severity: "warning",
    summary: "The server listens on a port that resolv.conf can't express",
    source: "https://man7.org/linux/man-pages/man5/resolv.conf.5.html",
    reportedBy: ["resolv-conf"],
  },
  "resolv-conf-wildcard": {
    severity: "warning",
    summary: "The server listens on all addresses, so the address for pods is not known",
    reportedBy: ["resolv-conf"],
  },
  "node-resolv-conf": {
    severity: "warning",
    summary: "The node's resolv.conf can't be read; an empty one is used",
    reportedBy: ["resolv-conf"],
  },
  "unknown-namespace": {
    severity: "warning",
    summary: "The manifests have no object in the pod's namespace",
    reportedBy: ["resolv-conf", "env"],
  },
  "corefile-syntax": {
    severity: "error",
    summary: "A Corefile can't be parsed",
    reportedBy: ["import-corefile"],
  },
  "corefile-file": {
    severity: "error",
    summary: "A Corefile, or a file that it imports, can't be read",
    reportedBy: ["import-corefile"],
  },
  "corefile-lost": {
    severity: "warning",
    summary: "A part of a Corefile has no counterpart",
    reportedBy: ["import-corefile"],
  },
  "corefile-note": {
    severity: "hint",
    summary: "An import matches no file, or a file must be renamed",
    reportedBy: ["import-corefile"],
  },
  "ambiguous-variable": {
    severity: "warning",
    summary: "Two services set the same environment variable",
    source: `${SERVICE}#environment-variables`,
    reportedBy: ["env"],
  },
} as const satisfies Readonly<Record<string, CodeRow>>;
