// The measured cluster as the product compiles it, inside this process: for the benches that need no server.
import { NODE_LEVELS } from "../src/compile/node-kind.ts";
import { ZoneCompiler } from "../src/compile/zone-compiler.ts";
import { optionsFromSettings } from "../src/config/settings.ts";
import type { Origin } from "../src/objects/origin.ts";
import type { KubeObject } from "../src/objects/kube-object.ts";
import { parseObject } from "../src/objects/parse-object.ts";
import { Registry } from "../src/cluster/registry.ts";
import type { Difference } from "../src/cluster/registry.ts";
import { TableReader } from "../src/table/reader.ts";
import { TableWriter } from "../src/table/writer.ts";
import { namespaceObjects, POD_CIDR, serviceObject, sliceObjects } from "./cluster.ts";
import type { ModelService } from "./cluster.ts";

/** A compiled zone with what it is made by. */
export interface CompiledZone {
  readonly registry: Registry;
  readonly writer: TableWriter;
  readonly reader: TableReader;
  readonly compiler: ZoneCompiler;
}

/** Where the benches' objects come from, as the registry is told. */
export const ORIGIN: Origin = { source: "bench", precedence: 0, order: 0, name: "", isControlled: true };

/** The objects of the services, parsed; throws when one is faulty. */
export function parseServices(services: readonly ModelService[]): readonly KubeObject[] {
  const raw = [...namespaceObjects(services), ...services.map(serviceObject), ...services.flatMap(sliceObjects)];
  return raw.map((value) => {
    const { object } = parseObject(value, { namespace: "default", locate: () => undefined });
    if (object === undefined) throw new Error(`a faulty object: ${JSON.stringify(value).slice(0, 200)}`);
    return object;
  });
}

/** A zone without services, and the differences that make them: what a full compilation takes. */
export function prepareZone(objects: readonly KubeObject[]): CompiledZone & { readonly all: readonly Difference[] } {
  const registry = new Registry();
  let reader: TableReader | undefined;
  const writer = new TableWriter([1, 2], (buffer) => reader?.attach(buffer), NODE_LEVELS);
  reader = new TableReader(writer.buffer);
  const compiler = new ZoneCompiler(registry, writer, optionsFromSettings({ podCidr: POD_CIDR }));
  const all = registry.apply([{ type: "replace", origin: ORIGIN, objects }]);
  return { registry, writer, reader, compiler, all };
}

/** A zone with all services in it, ready to be asked. */
export function compileZone(services: readonly ModelService[]): CompiledZone {
  const zone = prepareZone(parseServices(services));
  zone.compiler.update(zone.all, 1);
  zone.compiler.setReady({ areZonesKnown: true, isClusterReady: true });
  return zone;
}
