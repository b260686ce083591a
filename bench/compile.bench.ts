// What compiling costs: a whole cluster, and one service after one of its endpoints changed. Run by micro.ts.
import type { EndpointSlice, KubeObject } from "../src/objects/kube-object.ts";
import { makeServices } from "./cluster.ts";
import { ORIGIN, parseServices, prepareZone } from "./compiled-zone.ts";
import type { CompiledZone } from "./compiled-zone.ts";
import { measureLong, measureMicro } from "./micro-measure.ts";
import type { MicroRow } from "./micro-measure.ts";

const ENDPOINTS = 10;

/** Rows for the whole of each size. */
export function benchWholeCompile(sizes: readonly number[]): readonly MicroRow[] {
  return sizes.map((count) => {
    const objects = parseServices(makeServices({ services: count, endpoints: ENDPOINTS }));
    return measureLong(
      `whole zone, ${count.toLocaleString("en-US")} services of ${ENDPOINTS} endpoints`,
      () => prepareZone(objects),
      ({ compiler, all }) => compiler.update(all, 1),
    );
  });
}

/** A row for one changed endpoint in a compiled zone: registry, records, table. */
export function benchChange(zone: CompiledZone, objects: readonly KubeObject[]): MicroRow {
  const slices = objects.filter((object) => object.kind === "EndpointSlice");
  const changed = slices.map((slice): EndpointSlice => {
    const [first, ...others] = slice.endpoints;
    return { ...slice, endpoints: [{ ...first!, ready: false }, ...others] };
  });
  const change = (i: number): number => {
    const turn = Math.floor(i / slices.length) % 2 === 0 ? changed : slices;
    const object = turn[i % slices.length]!;
    const differences = zone.registry.apply([{ type: "put", origin: ORIGIN, object }]);
    zone.compiler.update(differences, i);
    return differences.length;
  };
  return measureMicro("one endpoint of ten gets ready or unready", change, 100);
}
