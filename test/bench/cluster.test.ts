import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { parseAllDocuments } from "yaml";
import { formatZone } from "../../bench/cluster-records.ts";
import { makeQuestions, makeServices, namespaceObjects, serviceObject, sliceObjects } from "../../bench/cluster.ts";
import { writeManifests } from "../../bench/manifests.ts";

describe("the measured cluster", () => {
  const services = makeServices({ services: 400, endpoints: 3 });

  test("a fourth of the services is headless, and no address comes twice", () => {
    expect(services.filter(({ clusterIp }) => clusterIp === undefined)).toHaveLength(100);
    const addresses = services.flatMap(({ clusterIp, endpoints }) => [...endpoints, ...(clusterIp ? [clusterIp] : [])]);
    expect(new Set(addresses).size).toBe(300 + 1200);
  });

  test("questions are mixed as they should be, and are the same every time", () => {
    const questions = makeQuestions(services, 10_000);
    const names = new Set(services.map(({ namespace, name }) => `${name}.${namespace}`));
    const kinds = Map.groupBy(questions, ({ name, type }): string =>
      type === "A" && !names.has(name.split(".").slice(0, 2).join(".")) ? "missing" : type,
    );
    const shares = ["A", "SRV", "AAAA", "missing"].map((kind) => Math.round((kinds.get(kind)?.length ?? 0) / 100));
    for (const [i, share] of [60, 10, 15, 15].entries()) expect(Math.abs(shares[i]! - share)).toBeLessThanOrEqual(2);
    expect(makeQuestions(services, 10_000)).toEqual(questions);
  });

  test("a service of many endpoints has slices of at most a hundred", () => {
    const [service] = makeServices({ services: 1, endpoints: 250 });
    expect(sliceObjects(service!).map((slice) => (slice["endpoints"] as readonly unknown[]).length)).toEqual([
      100, 100, 50,
    ]);
  });

  test("the zone file has one SOA, and a line for each record", () => {
    const lines = [...formatZone(services, "127.0.0.1")].join("").trimEnd().split("\n");
    expect(lines.filter((line) => line.includes(" SOA "))).toHaveLength(1);
    // By service: its own A and SRV, its port's SRV, and both of each endpoint; headless ones by endpoint.
    expect(lines).toHaveLength(5 + 300 * (3 + 3 * 2) + 100 * (3 * 3 + 3 * 2));
  });
});

describe("manifests", () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(`${tmpdir()}/bench-manifests-`);
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  test.each(["json", "yaml"] as const)("%s files hold every object", (format) => {
    const services = makeServices({ services: 120, endpoints: 2 });
    writeManifests(folder, services, format);
    const files = readdirSync(folder).toSorted();
    const objects = files.flatMap((file) => {
      const text = readFileSync(`${folder}/${file}`, "utf8");
      if (format === "json") return (JSON.parse(text) as { readonly items: readonly unknown[] }).items;
      return parseAllDocuments(text).map((document) => document.toJS() as unknown);
    });
    const made = services.flatMap((service) => [serviceObject(service), ...sliceObjects(service)]);
    expect(objects).toEqual([...namespaceObjects(services), ...made]);
  });
});
