// Any changes and any faults of an API server, in any order: in the end the source holds what the server has, and never
// went back to an older version of an object on the way.
import { setTimeout as delay } from "node:timers/promises";
import fc from "fast-check";
import { afterEach, expect, test } from "vitest";
import type { KubeObject, Service } from "../../../src/objects/kube-object.ts";
import { expired, serverError, tooManyRequests } from "../../support/api-server/api-failure.ts";
import { ApiServer } from "../../support/api-server/api-server.ts";
import { follow, liveService, NAMESPACE, SHORT } from "./mirror.ts";

const ends: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).toReversed()) await end();
});

/** Steps of a run; `n` chooses among objects, watches and versions. */
const STEPS = {
  put: (api, n, version) => api.put(versioned(n, version)),
  replace: (api, n, version) => api.replaceAll([NAMESPACE, versioned(n, version), versioned(n + 1, version)]),
  remove: (api, n) => api.remove(versioned(n, 0)),
  endWatch: (api, n) => watchOf(api, n)?.end(),
  closeWatch: (api, n) => watchOf(api, n)?.close(),
  resetWatch: (api, n) => watchOf(api, n)?.reset(),
  silenceWatch: (api, n) => watchOf(api, n)?.halfOpen(),
  failWatch: (api, n) => watchOf(api, n)?.fail(n % 2 === 0 ? expired() : serverError()),
  garbage: (api, n) => watchOf(api, n)?.send(n % 2 === 0 ? "{" : '{"type":"ODD","object":{}}'),
  refuse: (api, n) => api.script.next({}, { refuse: n % 2 === 0 ? "reset" : "close" }),
  failNext: (api, n) => api.script.next({}, { failure: [serverError(), expired(), tooManyRequests(0)][n % 3]! }),
  cutNext: (api, n) => api.script.next({}, { cut: { afterBytes: n * 97, by: n % 2 === 0 ? "end" : "close" } }),
  compact: (api) => api.compact(),
  bookmark: (api) => api.sendBookmarks(),
  shuffle: (api, n, version) =>
    api.rewrite(
      () => {
        api.put(versioned(n, version), versioned(n + 1, version));
        api.remove(versioned(n + 1, 0));
      },
      (events) => [...events, ...events.toReversed()],
    ),
} as const satisfies Readonly<Record<string, (api: ApiServer, n: number, version: number) => unknown>>;

/** A service whose address says which version it is. */
function versioned(n: number, version: number): ReturnType<typeof liveService> {
  return liveService(`s${n % 8}`, `10.96.${version >> 8}.${version & 0xff}`);
}

function watchOf(api: ApiServer, n: number): ApiServer["watches"][number] | undefined {
  return api.watches[n % Math.max(api.watches.length, 1)];
}

const run = fc.array(
  fc.record({ step: fc.constantFrom(...(Object.keys(STEPS) as (keyof typeof STEPS)[])), n: fc.nat(15) }),
  { minLength: 10, maxLength: 60 },
);

test.each(["served", "refused"] as const)(
  "ends with what the server has (streamed lists: %s)",
  async (watchList) => {
    // All at a time: most of a run is waiting.
    const runs = fc.sample(run, { numRuns: 25 });
    await Promise.all(
      runs.map(async (steps) => {
        const api = await ApiServer.start({ watchList, pageSizeMax: 3 });
        ends.push(() => api.close());
        api.put(NAMESPACE);
        const { mirror } = follow(api, (end) => ends.push(end), { times: SHORT });
        const latest = new Map<string, number>();
        const backwards: string[] = [];
        mirror.onPut = (object) => {
          if (!goesForward(latest, object)) backwards.push(object.name);
        };
        for (const [index, { step, n }] of steps.entries()) {
          STEPS[step](api, n, index + 1);
          // Most steps find the source at rest, some amid its work.
          await delay(n % 3 === 0 ? 0 : n);
        }
        api.script.clear();
        const wanted = (): readonly string[] =>
          api.objects
            .filter(({ kind }) => kind === "Service")
            .map(({ metadata, spec }) => {
              return `${metadata.name} ${(spec as { readonly clusterIP: string }).clusterIP}`;
            });
        const held = (): readonly string[] =>
          Object.entries(mirror.services).map(([name, ip]) => `${name.split("/")[1]} ${ip}`);
        await expect
          .poll(() => held().toSorted(), { timeout: 30_000, message: JSON.stringify(steps) })
          .toEqual(wanted().toSorted());
        expect(backwards, JSON.stringify(steps)).toEqual([]);
      }),
    );
  },
  60_000,
);

function goesForward(latest: Map<string, number>, object: KubeObject): boolean {
  if (object.kind !== "Service") return true;
  const [version, before] = [versionIn(object), latest.get(object.name) ?? 0];
  latest.set(object.name, version);
  return version >= before;
}

function versionIn({ clusterIPs }: Service): number {
  const [, , high, low] = clusterIPs[0]!.split(".").map(Number);
  return high! * 256 + low!;
}
