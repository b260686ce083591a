// Which upstreams a name is asked from: those of the longest domain that contains it (stub domains, conditional reverse
// zones), else the default ones. Owns the groups: closes those that are replaced once their queries are over.
import { lowerName } from "../dns/name.ts";
import { ASK_BUDGET_MS } from "./upstream-group.ts";
import type { UpstreamGroup } from "./upstream-group.ts";

/** The upstreams of a domain; they are believed for names in it alone. */
export interface ForwardRoute {
  /** In wire form, lower case; the root for the default upstreams. */
  readonly zone: Uint8Array;
  readonly group: UpstreamGroup;
}

export class ForwardRoutes {
  #routes: ReadonlyMap<string, ForwardRoute>;
  /** Replaced groups whose queries may still be under way, with the timers that close them. */
  readonly #retired = new Map<UpstreamGroup, NodeJS.Timeout>();

  constructor(routes: readonly ForwardRoute[] = []) {
    this.#routes = byZone(routes);
  }

  /** Uses these routes from now on; queries under way finish with the old ones. */
  replace(routes: readonly ForwardRoute[]): void {
    const old = this.#routes;
    this.#routes = byZone(routes);
    for (const { group } of old.values()) this.#retire(group);
  }

  /** The route of the longest domain that contains the name, in wire form; undefined: no upstream is responsible. */
  find(name: Uint8Array): ForwardRoute | undefined {
    const lower = lowerName(name);
    for (let at = 0; ; at += 1 + lower[at]!) {
      const route = this.#routes.get(textOf(lower.subarray(at)));
      if (route !== undefined || lower[at] === 0) return route;
    }
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

function byZone(routes: readonly ForwardRoute[]): ReadonlyMap<string, ForwardRoute> {
  return new Map(routes.map((route) => [textOf(route.zone), route]));
}

function textOf(name: Uint8Array): string {
  return Buffer.from(name).toString("latin1");
}
