import fc from "fast-check";
import { expect, test } from "vitest";
import { HandOverPack, unpackHandedOver } from "../../src/server/handed-over.ts";

const bytes = (maxLength: number): fc.Arbitrary<Uint8Array> => fc.uint8Array({ maxLength });

test("what is packed comes out as it was, in its order, batch after batch", () => {
  const one = fc.record({ query: bytes(5000), address: bytes(28), packetInfo: bytes(40) });
  const pack = new HandOverPack();
  fc.assert(
    fc.property(fc.array(one, { maxLength: 64 }), (handed) => {
      expect(pack.isEmpty).toBe(true);
      for (const each of handed) pack.add(each);
      const empty = handed.length === 0;
      expect(pack.isEmpty).toBe(empty);
      expect([...unpackHandedOver(pack.take())]).toEqual(handed);
    }),
    { numRuns: 50 },
  );
});

test("what was taken stays as it is when more is added", () => {
  const pack = new HandOverPack();
  const handed = (fill: number) => ({
    query: new Uint8Array(9).fill(fill),
    address: new Uint8Array(0),
    packetInfo: new Uint8Array(3),
  });
  pack.add(handed(1));
  const taken = pack.take();
  pack.add(handed(2));
  expect([...unpackHandedOver(taken)]).toEqual([handed(1)]);
});
