// The cluster that the fault list serves, as manifests of its own writing, and the right answer to each question about it.
// Right answers follow from the model alone, never from a server. Names below `fwd.example.` are the upstream's.
import { mkdirSync, renameSync, writeFileSync } from "node:fs";
import { makeServices, PORT_NAME, SERVICE_PORT, serviceName, TARGET_PORT } from "../../bench/cluster.ts";
import type { ModelService } from "../../bench/cluster.ts";
import type { ProbeQuestion } from "./prober.ts";

/** What the scripted upstream says about any name. */
const UPSTREAM_ANSWER = "NOERROR A 192.0.2.1";
export const NXDOMAIN = "NXDOMAIN";
/** Of ten questions five are known names, one is forwarded, and the others are missing names. */
const CYCLE = 10;
const MISSING_NAMES = 200;
const OWN_FILE_MAX = 100;
const SERVICES_A_FILE = 100;

/** Services, one in each file, and the questions about them. */
export class FaultCluster {
  readonly services: readonly ModelService[];
  readonly known: readonly ProbeQuestion[];
  readonly missing: readonly ProbeQuestion[];
  readonly #byName: ReadonlyMap<string, ProbeQuestion>;

  constructor(count: number) {
    this.services = makeServices({ services: count, endpoints: 2 });
    this.known = this.services.map((service) => ({
      name: serviceName(service),
      type: "A",
      kind: "known",
      right: [rightOf(service)],
    }));
    this.missing = Array.from({ length: MISSING_NAMES }, (_, i) => ({
      name: `gone-${i}.${this.services[i % count]!.namespace}.svc.cluster.local.`,
      type: "A",
      kind: "missing",
      right: [NXDOMAIN],
    }));
    this.#byName = new Map(this.known.map((question) => [question.name, question]));
  }

  /** The question of number `n`: each forwarded name is asked for once, so that no cache knows it. */
  readonly next = (n: number): ProbeQuestion => {
    const place = n % CYCLE;
    if (place === CYCLE - 1) return forwardedQuestion(`p${n}-${process.pid}`);
    const turn = Math.floor(n / 2);
    return place % 2 === 0 ? this.known[turn % this.known.length]! : this.missing[turn % MISSING_NAMES]!;
  };

  /** The question for a service's address. */
  questionOf(service: ModelService): ProbeQuestion {
    return this.#byName.get(serviceName(service))!;
  }

  /** Writes each service into a file of its own in a new folder; of a large cluster, a hundred into one. */
  write(folder: string): void {
    mkdirSync(folder, { recursive: true });
    const step = this.services.length > OWN_FILE_MAX ? SERVICES_A_FILE : 1;
    for (let at = 0; at < this.services.length; at += step) {
      const services = this.services.slice(at, at + step);
      writeFileSync(`${folder}/${fileOf(services[0]!)}`, services.map(formatService).join("---\n"));
    }
  }
}

/** A question for a name of the upstream's, by its first label. */
export function forwardedQuestion(label: string): ProbeQuestion {
  return { name: `${label}.fwd.example.`, type: "A", kind: "forwarded", right: [UPSTREAM_ANSWER] };
}

/** What a question for a service's address gets. */
export function rightOf({ clusterIp, endpoints }: ModelService): string {
  const addresses = clusterIp === undefined ? endpoints : [clusterIp];
  return ["NOERROR", ...addresses.map((address) => `A ${address}`).toSorted()].join(" ");
}

/** The name of a service's file. */
export function fileOf({ name }: ModelService): string {
  return `${name}.yaml`;
}

/** A service with a cluster IP, in the namespace `extra`, beside those of the model. */
export function extraService(name: string, clusterIp: string): ModelService {
  return { namespace: "extra", name, clusterIp, endpoints: [] };
}

/** The service's address as its name in the cluster. */
export function extraQuestion(service: ModelService): ProbeQuestion {
  return { name: serviceName(service), type: "A", kind: "known", right: [rightOf(service)] };
}

/** A service and its endpoints as people write them; a part of the text from its beginning may be valid YAML, too. */
export function formatService({ namespace, name, clusterIp, endpoints }: ModelService): string {
  const service = `apiVersion: v1
kind: Service
metadata:
  name: ${name}
  namespace: ${namespace}
spec:
  ports:
  - name: ${PORT_NAME}
    port: ${SERVICE_PORT}
    targetPort: ${TARGET_PORT}
  clusterIP: ${clusterIp ?? "None"}
`;
  if (endpoints.length === 0) return service;
  return `${service}---
apiVersion: discovery.k8s.io/v1
kind: EndpointSlice
metadata:
  name: ${name}-0
  namespace: ${namespace}
  labels: { kubernetes.io/service-name: ${name} }
addressType: IPv4
ports:
- name: ${PORT_NAME}
  port: ${TARGET_PORT}
endpoints:
${endpoints.map((address) => `- addresses: [${address}]\n`).join("")}`;
}

/** Writes a file beside and moves it into its place, as careful programs do. */
export function replaceFile(path: string, text: string): void {
  const beside = path.replace(/[^/]*$/, ".new-$&");
  writeFileSync(beside, text);
  renameSync(beside, path);
}
