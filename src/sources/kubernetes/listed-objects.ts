// Objects of a list or an event, as far as they are new: key and version first, the rest parsed only where that says
// that something has changed. Works in slices, so that other work of the thread gets its turn.
import { setImmediate as untilNextTurn } from "node:timers/promises";
import type { KubeObject } from "../../objects/kube-object.ts";
import { parseObject } from "../../objects/parse-object.ts";
import type { Problem } from "../../objects/problem.ts";
import type { Resource } from "./resources.ts";
import type { WatchEvent } from "./watch-lines.ts";

/** An object as the API server sends it, with what identifies it. */
export interface ListedObject {
  readonly key: string;
  readonly version: string;
  readonly item: unknown;
}

const SLICE_MS = 5;

/** Undefined: it has no name or version, so it is no object of an API server. */
export function identify(item: unknown, { kind }: Resource): ListedObject | undefined {
  const { metadata } = (item ?? {}) as { readonly metadata?: Readonly<Record<string, unknown>> | null };
  const { name, namespace = "", resourceVersion } = metadata ?? {};
  if (typeof name !== "string" || typeof namespace !== "string" || typeof resourceVersion !== "string")
    return undefined;
  return { key: `${kind} ${namespace}/${name}`, version: resourceVersion, item };
}

/** What an event tells of. Undefined: of no object of an API server. */
export function identifyEvent(event: WatchEvent, resource: Resource): ListedObject | undefined {
  if (event.of === undefined) return identify(event.object, resource);
  const { namespace, name, version } = event.of;
  return {
    key: `${resource.kind} ${namespace}/${name}`,
    version,
    get item() {
      return event.object;
    },
  };
}

/** The version of an object, a list or a bookmark. */
export function versionOf(object: unknown): string | undefined {
  const { metadata } = (object ?? {}) as { readonly metadata?: { readonly resourceVersion?: unknown } };
  const version = metadata?.resourceVersion;
  return typeof version === "string" ? version : undefined;
}

/** Parses an object that the API server has accepted; without its parts that do not matter here. */
export function parseListed(
  { item }: ListedObject,
  { apiVersion, kind }: Resource,
): { readonly object: KubeObject | undefined; readonly problems: readonly Problem[] } {
  const { object, problems } = parseObject(item, {
    namespace: "",
    locate: () => undefined,
    defaults: { apiVersion, kind },
    isLive: true,
  });
  return { object, problems: problems.filter(({ severity }) => severity === "error") };
}

/** Calls `visit` for each item, with pauses. */
export async function visitInSlices<T>(items: readonly T[], visit: (item: T) => void): Promise<void> {
  let sliceEndMs = performance.now() + SLICE_MS;
  for (const item of items) {
    visit(item);
    if (performance.now() < sliceEndMs) continue;
    await untilNextTurn();
    sliceEndMs = performance.now() + SLICE_MS;
  }
}
