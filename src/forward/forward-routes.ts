// Which upstreams a name is asked from: those of the longest domain that it lies in (stub domains, conditional reverse
// zones), else those for everything. Pure but for the groups it holds.
import { foldedKey, keysUpward, nameKey } from "../dns/name.ts";
import type { UpstreamGroup } from "./upstream-group.ts";

/** The upstreams of a domain, which may speak of names in it alone. */
export interface ForwardRoute {
  /** In wire form, lower case; the root for everything. */
  readonly zone: Uint8Array;
  readonly group: UpstreamGroup;
}

export class ForwardRoutes {
  #routes: ReadonlyMap<string, ForwardRoute> = new Map();

  constructor(routes: readonly ForwardRoute[]) {
    this.replace(routes);
  }

  /** Takes other routes from now on; what is under way ends by the old ones. */
  replace(routes: readonly ForwardRoute[]): void {
    this.#routes = new Map(routes.map((route) => [nameKey(route.zone), route]));
  }

  get all(): readonly ForwardRoute[] {
    return [...this.#routes.values()];
  }

  /** The route of the longest domain that the name, in wire form, lies in; undefined: there is nobody to ask. */
  find(name: Uint8Array): ForwardRoute | undefined {
    const zone = keysUpward(foldedKey(name)).find((key) => this.#routes.has(key));
    return zone === undefined ? undefined : this.#routes.get(zone);
  }
}
