// The keys of server blocks: protocol, zones and port. A prefix stands for its reverse zones, several where it does not
// end at a label. Pure.
import { zonesOfCidr } from "../compile/reverse-zones.ts";
import { parseCidr } from "../net/ip.ts";

/** A key such as `tls://example.org:853`. Zones are lower case without a trailing dot; the root is `.`. */
export interface ServerKey {
  readonly protocol: string;
  readonly zones: readonly string[];
  readonly port: number;
}

const DEFAULT_PORTS: Readonly<Record<string, number>> = {
  dns: 53,
  tls: 853,
  quic: 853,
  https: 443,
  https3: 443,
  grpc: 443,
};
const ZONE = /^(?=.{1,253}$)[^\s.]{1,63}(?:\.[^\s.]{1,63})*$/;

/** Parses a key, or says what is wrong with it. */
export function parseServerKey(text: string): ServerKey | { readonly fault: string } {
  const [, protocol = "dns", rest = ""] = /^(?:([a-z0-9]+):\/\/)?(.*)$/is.exec(text) ?? [];
  const defaultPort = DEFAULT_PORTS[protocol.toLowerCase()];
  if (defaultPort === undefined) return { fault: `${protocol}:// is not a protocol of CoreDNS` };
  const [, name = "", port] = /^(.*?)(?::(\d+))?$/s.exec(rest) ?? [];
  const number = Number(port ?? defaultPort);
  if (number > 65_535) return { fault: `${port} is not a port` };
  const zones = zonesOf(name);
  if (zones === undefined) return { fault: `${JSON.stringify(text)} is not a zone` };
  return { protocol: protocol.toLowerCase(), zones, port: number };
}

/** The zones that a name or prefix stands for; undefined: it is neither. */
export function zonesOf(name: string): readonly string[] | undefined {
  if (name === "" || name === ".") return ["."];
  if (name.includes("/")) {
    const prefix = parseCidr(name);
    return prefix && zonesOfCidr(prefix);
  }
  const zone = name.toLowerCase().replace(/\.$/, "");
  return ZONE.test(zone) && !zone.includes(":") ? [zone] : undefined;
}

/** The zones of plugins: those that they name, else those of their block. */
export function zonesOrBlock(names: readonly string[], block: readonly string[]): readonly string[] {
  return names.length === 0 ? block : names.flatMap((name) => zonesOf(name) ?? []);
}

/** Whether `name` is `zone` or below it. */
export function isWithin(name: string, zone: string): boolean {
  return zone === "." || name === zone || name.endsWith(`.${zone}`);
}

/** Whether queries for `name` go to a block with `zones`: the block of the longest zone gets them. */
export function isOfBlock(name: string, zones: readonly string[], allZones: readonly string[]): boolean {
  const holding = allZones.filter((zone) => isWithin(name, zone));
  const longest = holding.toSorted((a, b) => lengthOf(b) - lengthOf(a))[0];
  return longest !== undefined && zones.includes(longest);
}

function lengthOf(zone: string): number {
  return zone === "." ? 0 : zone.length;
}
