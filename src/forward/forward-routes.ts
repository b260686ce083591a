// Which upstreams a name is asked from: those of the longest domain that contains it (stub domains, conditional reverse
// zones), else the default ones. Owns the groups: closes those that are replaced once their queries are over.
import { foldedKey, keysUpward, nameKey } from "../dns/name.ts";
import { ASK_BUDGET_MS } from "./upstream-group.ts";
import type { UpstreamGroup } from "./upstream-group.ts";

/** The upstreams of a domain; they are believed for names in it alone. */
export interface ForwardRoute {
  /** In wire form, lower case; the root for the default upstreams. */
  readonly zone: Uint8Array;
  readonly group: UpstreamGroup;
}

/** A domain whose names have no upstreams although a domain above it may have some. */
export interface NoRoute {
  readonly zone: Uint8Array;
  readonly group?: undefined;
}

export class ForwardRoutes {
  #routes: ReadonlyMap<string, ForwardRoute | NoRoute>;
  /** Replaced groups whose queries may still be under way, with the timers that close them. */
  readonly #retired = new Map<UpstreamGroup, NodeJS.Timeout>();

  constructor(routes: readonly (ForwardRoute | NoRoute)[] = []) {
    this.#routes = byZone(routes);
  }

  /** Uses these routes from now on; queries under way finish with the old ones. */
  replace(routes: readonly (ForwardRoute | NoRoute)[]): void {
    const old = this.#routes;
    this.#routes = byZone(routes);
    for (const { group } of old.values()) if (group !== undefined) this.#retire(group);
  }

  /** The route of the longest domain that contains the name, in wire form; undefined: no upstream is responsible. */
  find(name: Uint8Array): ForwardRoute | undefined {
    const zone = keysUpward(foldedKey(name)).find((key) => this.#routes.has(key));
    const route = zone === undefined ? undefined : this.#routes.get(zone);
    return route?.group === undefined ? undefined : route;
  }

  /** The routes that have upstreams. */
  get all(): readonly ForwardRoute[] {
    return [...this.#routes.values()].filter((route): route is ForwardRoute => route.group !== undefined);
  }

  /** Closes all groups at once; no name has a route then. */
  close(): void {
    this.replace([]);
    for (const [group, timer] of this.#retired) {
      clearTimeout(timer);
      group.close();
    }
    this.#retired.clear();
  }

  #retire(group: UpstreamGroup): void {
    const close = (): void => {
      this.#retired.delete(group);
      group.close();
    };
    // No query takes longer.
    this.#retired.set(group, setTimeout(close, ASK_BUDGET_MS).unref());
  }
}

function byZone(routes: readonly (ForwardRoute | NoRoute)[]): ReadonlyMap<string, ForwardRoute | NoRoute> {
  return new Map(routes.map((route) => [nameKey(route.zone), route]));
}
