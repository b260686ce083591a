// A sink that holds what a source passes on, and complains about time that goes backwards: for tests of the source that
// follows an API server.
import { writeFileSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "vitest";
import type { SourceChange } from "../../../src/cluster/change.ts";
import type { KubeObject } from "../../../src/objects/kube-object.ts";
import { objectKey } from "../../../src/objects/kube-object.ts";
import type { Problem } from "../../../src/objects/problem.ts";
import type { ApiTimes } from "../../../src/sources/kubernetes/api-connection.ts";
import { accessOfKubeconfig } from "../../../src/sources/kubernetes/kubeconfig.ts";
import { KubernetesSource } from "../../../src/sources/kubernetes/kubernetes-source.ts";
import type { KubernetesSettings } from "../../../src/sources/kubernetes/kubernetes-source.ts";
import type { SourceSink, SourceStatus } from "../../../src/sources/source.ts";
import type { ApiServer } from "../../support/api-server/api-server.ts";
import type { KubeconfigOptions } from "../../support/api-server/kubeconfig.ts";
import type { KubernetesObject } from "../../support/api-server/resources.ts";

/** Short enough for a test that waits for a server that is gone. */
export const SHORT: Partial<ApiTimes> = {
  pingMs: 150,
  replyMs: 300,
  watchSeconds: { h2: [1, 1], h1: [1, 1] },
  lateMs: 200,
  staleMs: 300,
};

export class Mirror implements SourceSink {
  readonly objects = new Map<string, KubeObject>();
  readonly statuses: SourceStatus[] = [];
  readonly problems = new Map<string, readonly Problem[]>();
  /** How often problems were told, by their place. */
  readonly told = new Map<string, number>();

  /** Looks at each object that is put. */
  onPut: (object: KubeObject) => void = () => undefined;

  change(changes: readonly SourceChange[]): void {
    for (const change of changes) {
      if (change.type === "put") {
        this.onPut(change.object);
        this.objects.set(objectKey(change.object), change.object);
      } else if (change.type === "remove") this.objects.delete(change.key);
      else expect.fail(`a change of type ${change.type}`);
    }
  }

  replaceZones(): void {
    expect.fail("an API server has no zones");
  }

  setProblems(place: string, problems: readonly Problem[]): void {
    this.problems.set(place, problems);
    if (problems.length > 0) this.told.set(place, (this.told.get(place) ?? 0) + 1);
  }

  setStatus(status: SourceStatus): void {
    this.statuses.push(status);
  }

  /** Names of services, with their cluster IPs. */
  get services(): Readonly<Record<string, string>> {
    const services = [...this.objects.values()].filter((object) => object.kind === "Service");
    return Object.fromEntries(
      services.map(({ namespace, name, clusterIPs }) => [`${namespace}/${name}`, clusterIPs.join()]),
    );
  }

  get codes(): readonly string[] {
    return [...this.problems.values()].flat().map(({ code }) => code);
  }
}

/** A source that follows `api`, and its mirror. */
export interface Following {
  readonly source: KubernetesSource;
  readonly mirror: Mirror;
  readonly started: Promise<void>;
  /** Waits until the mirror has exactly these services. */
  readonly until: (services: Readonly<Record<string, string>>) => Promise<void>;
}

/** Starts a source; `onEnd` gets what ends it. */
export function follow(
  api: ApiServer,
  onEnd: (end: () => Promise<void>) => void,
  settings: Partial<KubernetesSettings> = {},
  kubeconfig: KubeconfigOptions = {},
): Following {
  const folder = mkdtempSync(join(tmpdir(), "kubeconfig-"));
  const path = join(folder, "config");
  writeFileSync(path, api.kubeconfig(kubeconfig));
  const source = new KubernetesSource({
    openAccess: () => accessOfKubeconfig(path, undefined),
    namespaces: [],
    namespaceSelector: undefined,
    serviceSelector: undefined,
    hasPods: false,
    snapshotFile: undefined,
    startupTimeoutMs: 60_000,
    ...settings,
  });
  const mirror = new Mirror();
  const started = source.start(mirror);
  onEnd(async () => {
    await source.close();
    rmSync(folder, { recursive: true });
  });
  const until = async (services: Readonly<Record<string, string>>): Promise<void> => {
    await expect.poll(() => mirror.services, { timeout: 20_000, interval: 5 }).toEqual(services);
  };
  return { source, mirror, started, until };
}

export const NAMESPACE: KubernetesObject = { apiVersion: "v1", kind: "Namespace", metadata: { name: "default" } };

/** A service as an API server has it. */
export function liveService(name: string, clusterIP: string, metadata: object = {}): KubernetesObject {
  return {
    apiVersion: "v1",
    kind: "Service",
    metadata: { name, namespace: "default", ...metadata },
    spec: {
      type: "ClusterIP",
      clusterIP,
      clusterIPs: [clusterIP],
      ports: [{ name: "http", protocol: "TCP", port: 80, targetPort: 80 }],
    },
  };
}
