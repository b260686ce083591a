import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { ClusterNames } from "../../src/compile/cluster-names.ts";
import { compilePointer } from "../../src/compile/compile-pointer.ts";
import { planEndpoints, readService } from "../../src/compile/compile-service.ts";
import { writeRecords } from "../../src/compile/encode-entry.ts";
import { isPlain, writeEndpoint, writePointer } from "../../src/compile/write-endpoint.ts";
import { EntryBuffer } from "../../src/table/entry-buffer.ts";
import { endpointPort, service, slice } from "../support/core/objects.ts";
import { wire } from "../support/core/table.ts";

const SETTINGS = { names: new ClusterNames("z"), ttlSeconds: 30, endpointPodNames: false };
const PLACE = { apexSize: 3, zone: 5, kind: 1 };

const addresses = fc.oneof(fc.ipV4(), fc.ipV6());
const ports = fc.array(
  fc.record({ name: fc.constantFrom("", "http", "dns"), number: fc.oneof(fc.nat(65_535), fc.constantFrom(80, 443)) }),
  { maxLength: 20 },
);

/** The words of the entry, for comparison. */
const wordsOf = (entry: EntryBuffer): Int32Array => entry.words.slice(0, entry.size);

describe("what is written straight", () => {
  test("of endpoints is word for word what is encoded from their RRsets", () => {
    let plain = 0;
    fc.assert(
      fc.property(addresses, fc.constantFrom("Web-0", undefined), ports, (address, hostname, given) => {
        const endpoints = [{ addresses: [address], ready: true, ...(hostname !== undefined && { hostname }) }];
        const numbers = given.map(({ name, number }) => endpointPort(name, number));
        const slices = [slice("a/s", { serviceName: "web", endpoints, ports: numbers })];
        const state = readService(service("a/web", { headless: true }), slices, SETTINGS);
        const [plan] = planEndpoints(state, SETTINGS);
        const [straight, encoded] = [new EntryBuffer(), new EntryBuffer()];
        const endpoint = state.endpoints[0]!;
        if (isPlain(endpoint)) {
          plain++;
          writeEndpoint(straight, endpoint, SETTINGS.ttlSeconds, PLACE);
          writeRecords(encoded, { name: plan!.name(), sets: plan!.sets() }, PLACE);
          expect(wordsOf(straight)).toEqual(wordsOf(encoded));
        } else expect(new Set(given.map(({ number }) => number)).size < given.length || given.length > 16).toBe(true);
        const name = wire("1.0.0.10.in-addr.arpa.");
        writePointer(straight, name, endpoint, SETTINGS.ttlSeconds, PLACE);
        writeRecords(encoded, { name, sets: [compilePointer([], [endpoint], SETTINGS)!] }, PLACE);
        expect(wordsOf(straight)).toEqual(wordsOf(encoded));
      }),
      { numRuns: 300 },
    );
    expect(plain).toBeGreaterThan(100);
  });
});
