import fc from "fast-check";
import { expect, test } from "vitest";
import { parseObject } from "../../src/objects/parse-object.ts";

/** The same value with maps in place of objects, as the YAML parser makes them: these take the long way. */
function withMaps(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withMaps);
  if (typeof value !== "object" || value === null) return value;
  return new Map(Object.entries(value).map(([key, each]) => [key, withMaps(each)]));
}

const odd = fc.constantFrom<unknown>(undefined, null, "", 1, true, [], {}, "web-0", "Web", "no name");
const address = fc.oneof(
  fc.ipV4(),
  fc.ipV6(),
  fc.constantFrom<unknown>("010.0.0.1", "10.0.0", "10.0.0.256", 7, null, ""),
);
const often = <T>(usual: fc.Arbitrary<T>): fc.Arbitrary<unknown> =>
  fc.oneof({ weight: 5, arbitrary: usual }, { weight: 1, arbitrary: odd });
const endpoint = fc.record(
  {
    addresses: often(
      fc.array(fc.oneof({ weight: 5, arbitrary: fc.ipV4() }, { weight: 1, arbitrary: address }), { maxLength: 3 }),
    ),
    conditions: often(fc.record({ ready: often(fc.boolean()) }, { requiredKeys: [] })),
    hostname: odd,
    targetRef: often(
      fc.record({ kind: often(fc.constant("Pod")), name: often(fc.constant("web-0")) }, { requiredKeys: [] }),
    ),
  },
  { requiredKeys: [] },
);

test("endpoints that controllers write are parsed on a short way with the result of the long one", () => {
  fc.assert(
    fc.property(
      fc.array(often(endpoint), { maxLength: 4 }),
      fc.constantFrom("IPv4", "IPv6"),
      (endpoints, addressType) => {
        const slice = {
          apiVersion: "discovery.k8s.io/v1",
          kind: "EndpointSlice",
          metadata: { name: "web-1", labels: { "kubernetes.io/service-name": "web" } },
          addressType,
          endpoints,
        };
        const context = { namespace: "shop", locate: () => undefined, isLive: true };
        expect(parseObject(slice, context)).toEqual(parseObject(withMaps(slice), context));
      },
    ),
    { numRuns: 2_000 },
  );
});
