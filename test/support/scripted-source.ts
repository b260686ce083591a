// A source that does what the test says, when it says so: the second implementation of the port beside manifests.
import type { KubeObject } from "../../src/objects/kube-object.ts";
import type { Origin } from "../../src/objects/origin.ts";
import { parseObject } from "../../src/objects/parse-object.ts";
import type { Source, SourceSink, SourceStatus } from "../../src/sources/source.ts";
import type { ZoneContents } from "../../src/zonefile/choose-zones.ts";

export interface ScriptedSettings {
  readonly precedence?: number;
  readonly feeds?: Source["feeds"];
  /** Whether controllers act on its objects; a live cluster's have been acted on. */
  readonly isControlled?: boolean;
  readonly isRemote?: boolean;
}

export class ScriptedSource implements Source {
  readonly id: string;
  readonly precedence: number;
  readonly feeds: Source["feeds"];
  readonly isRemote: boolean;
  readonly origin: Origin;
  isClosed = false;
  #status: SourceStatus = { state: "syncing" };
  #sink: SourceSink | undefined;
  readonly #started = Promise.withResolvers<void>();
  readonly #synced = Promise.withResolvers<void>();

  constructor(id: string, settings: ScriptedSettings = {}) {
    this.id = id;
    this.precedence = settings.precedence ?? 10;
    this.feeds = settings.feeds ?? { cluster: true, zoneFiles: false };
    this.isRemote = settings.isRemote ?? false;
    const isControlled = settings.isControlled ?? true;
    this.origin = { source: id, precedence: this.precedence, order: 0, name: id, isControlled };
  }

  get status(): SourceStatus {
    return this.#status;
  }

  /** Resolves when the server has started it. */
  get started(): Promise<void> {
    return this.#started.promise;
  }

  start(sink: SourceSink): Promise<void> {
    this.#sink = sink;
    this.#started.resolve();
    return this.#synced.promise;
  }

  /** Manifests, as parsed YAML: the source holds exactly these. */
  replace(...manifests: readonly unknown[]): void {
    this.#sink!.change([{ type: "replace", origin: this.origin, objects: manifests.map(parsed) }]);
  }

  /** As `replace`, at another place of this source. */
  replaceAt(name: string, ...manifests: readonly unknown[]): void {
    this.#sink!.change([{ type: "replace", origin: { ...this.origin, name }, objects: manifests.map(parsed) }]);
  }

  put(...objects: readonly KubeObject[]): void {
    this.#sink!.change(objects.map((object) => ({ type: "put", origin: this.origin, object })));
  }

  replaceZones(contents: ZoneContents): void {
    this.#sink!.replaceZones(contents);
  }

  sync(): void {
    this.setStatus({ state: "synced" });
    this.#synced.resolve();
  }

  setStatus(status: SourceStatus): void {
    this.#status = status;
    this.#sink!.setStatus(status);
  }

  /** Can't start at all. */
  fail(error: Error): void {
    this.#synced.reject(error);
  }

  withdraw(): void {
    this.#sink!.change([{ type: "withdraw", source: this.id }]);
  }

  describe(): Readonly<Record<string, unknown>> {
    return { script: this.id };
  }

  async close(): Promise<void> {
    this.isClosed = true;
    // What has not synced is not waited for.
    this.#synced.resolve();
  }
}

function parsed(manifest: unknown): KubeObject {
  const { object, problems } = parseObject(manifest, { namespace: "default", locate: () => undefined });
  if (object === undefined) throw new Error(JSON.stringify(problems));
  return object;
}
