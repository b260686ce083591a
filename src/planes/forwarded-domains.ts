// The domains that have upstreams of their own: local zones end where they begin.
// From options to names in wire form.
import type { Options } from "../config/options.ts";
import { parseName } from "../dns/name.ts";

export function forwardedDomains({ stubDomains }: Options): readonly Uint8Array[] {
  return stubDomains.flatMap(({ domain }) => parseName(domain) ?? []);
}
