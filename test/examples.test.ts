// The shop of examples/shop/: manifests as teams write them, without an address in them. Each service is answered as its
// kind is, each address that a container is told leads somewhere, and `check` has nothing to say.
import { readdirSync, readFileSync } from "node:fs";
import { Resolver } from "node:dns/promises";
import type { Server } from "./support/engine.ts";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { parseAllDocuments } from "yaml";
import { run as runCheck } from "../src/cli/check.ts";
import { capture } from "./cli/captured-io.ts";
import { startServer } from "./support/cluster.ts";
import { ROOT } from "./support/process.ts";

const SHOP = `${ROOT}examples/shop`;
const ZONE = "cluster.local";

interface Manifest {
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly namespace: string };
  readonly spec: {
    readonly type?: string;
    readonly clusterIP?: string;
    readonly externalName?: string;
    readonly selector?: Readonly<Record<string, unknown>>;
    readonly ports?: readonly { readonly name: string; readonly port: number }[];
    readonly replicas?: number;
    readonly template?: {
      readonly spec: {
        readonly containers: readonly { readonly env?: readonly { readonly name: string; readonly value: string }[] }[];
      };
    };
  };
}

const manifests = readdirSync(SHOP)
  .toSorted()
  .flatMap((file) => parseAllDocuments(readFileSync(`${SHOP}/${file}`, "utf8")))
  .map((document) => document.toJS() as Manifest);
const services = manifests
  .filter(({ kind }) => kind === "Service")
  .map(({ metadata: { name, namespace }, spec }) => ({
    name,
    namespace,
    spec,
    fqdn: `${name}.${namespace}.svc.${ZONE}`,
  }));
const kindsOf = {
  external: services.filter(({ spec }) => spec.type === "ExternalName"),
  headless: services.filter(({ spec }) => spec.clusterIP === "None"),
  clusterIp: services.filter(({ spec }) => spec.type !== "ExternalName" && spec.clusterIP === undefined),
};
/** What containers are told in variables: `HOST:PORT` by pods of a namespace. */
const told = manifests.flatMap(({ metadata, spec }) =>
  (spec?.template?.spec.containers ?? [])
    .flatMap(({ env }) => env ?? [])
    .filter(({ value }) => /^[a-z0-9.-]+:\d+$/.test(value))
    .map(({ value }) => ({ by: metadata.name, namespace: metadata.namespace, value })),
);

/** Pods of the workload that a headless service of the shop stands before: it has the service's name. */
function replicasOf(name: string): number {
  const workload = manifests.find(
    ({ kind, metadata }) => /^(Deployment|StatefulSet)$/.test(kind) && metadata.name === name,
  );
  return workload?.spec.replicas ?? 1;
}

let server: Server;
const resolver = new Resolver({ timeout: 2_000, tries: 1 });

beforeAll(async () => {
  const running = await startServer({ paths: [SHOP] });
  server = running.server;
  resolver.setServers([`${running.endpoint.host}:${running.endpoint.port}`]);
});
afterAll(() => server.close());

describe("the shop", () => {
  test("is whole: its services, and no address that somebody wrote", () => {
    expect(services.map(({ name }) => name)).toEqual(
      expect.arrayContaining(
        "ad cart catalog checkout currency email frontend payment payment-provider recommendation redis shipping".split(
          " ",
        ),
      ),
    );
    expect(services.filter(({ spec }) => spec.clusterIP !== undefined && spec.clusterIP !== "None")).toEqual([]);
    expect(kindsOf.external.length * kindsOf.headless.length * kindsOf.clusterIp.length).toBeGreaterThan(0);
    expect(manifests.filter(({ kind }) => kind === "Pod")).toEqual([]);
  });

  test("has nothing wrong, for the server and for check", async () => {
    expect(server.problems).toEqual([]);
    const { exitCode, stdout, stderr } = await capture((io) => runCheck([SHOP, "--strict"], io));
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: "" });
    expect(stdout).toMatch(/^simulated 18 pods: Deployment shop\/ad 1, /);
    expect(stdout).toMatch(/: 0 errors, 0 warnings, 0 hints\n$/);
  });
});

describe("services with a cluster IP", () => {
  test.each(kindsOf.clusterIp)("$fqdn", async ({ fqdn, spec }) => {
    const [address, ...others] = await resolver.resolve4(fqdn);
    expect(others).toEqual([]);
    expect(address).toMatch(/^10\.(9[6-9]|10\d|11[01])\./);
    expect(await resolver.reverse(address!)).toEqual([fqdn]);
    for (const { name, port } of spec.ports ?? []) {
      expect(await resolver.resolveSrv(`_${name}._tcp.${fqdn}`)).toMatchObject([{ name: fqdn, port }]);
    }
  });

  test("have an address each", async () => {
    const addresses = await Promise.all(kindsOf.clusterIp.map(({ fqdn }) => resolver.resolve4(fqdn)));
    expect(new Set(addresses.flat()).size).toBe(kindsOf.clusterIp.length);
  });
});

describe("headless services", () => {
  test.each(kindsOf.headless)("$fqdn: an address a pod, each with a name", async ({ name, fqdn, spec }) => {
    const addresses = await resolver.resolve4(fqdn);
    expect(new Set(addresses).size).toBe(replicasOf(name));
    for (const address of addresses) expect(address).toMatch(/^10\.244\./);
    const [port] = spec.ports ?? [];
    const targets = await resolver.resolveSrv(`_${port!.name}._tcp.${fqdn}`);
    const found = await Promise.all(targets.map((target) => resolver.resolve4(target.name)));
    expect(found.flat().toSorted()).toEqual(addresses.toSorted());
    for (const address of addresses)
      expect(targets.map((target) => target.name)).toContain((await resolver.reverse(address))[0]);
  });

  test("pods of the StatefulSet have their own names", async () => {
    const { fqdn } = services.find(({ name }) => name === "redis")!;
    const each = await Promise.all([0, 1, 2].map((i) => resolver.resolve4(`redis-${i}.${fqdn}`)));
    expect(each.flat().toSorted()).toEqual((await resolver.resolve4(fqdn)).toSorted());
    await expect(resolver.resolve4(`redis-3.${fqdn}`)).rejects.toMatchObject({ code: "ENOTFOUND" });
  });
});

describe("the rest", () => {
  test.each(kindsOf.external)("$fqdn is an alias", async ({ fqdn, spec }) => {
    expect(await resolver.resolveCname(fqdn)).toEqual([spec.externalName]);
  });

  test("the database outside the cluster is behind its service", async () => {
    const fqdn = `orders-db.shop-data.svc.${ZONE}`;
    expect(await resolver.resolve4(`192-0-2-31.${fqdn}`)).toEqual(["192.0.2.31"]);
    await expect(resolver.resolve4(`192-0-2-32.${fqdn}`)).rejects.toMatchObject({ code: "ENOTFOUND" });
  });

  test.each(told)("$by is told $value", async ({ namespace, value }) => {
    const [host = "", port] = value.split(":");
    const search = [`${namespace}.svc.${ZONE}`, `svc.${ZONE}`, ZONE].map((suffix) => `${host}.${suffix}`);
    const exists = (name: string): Promise<boolean> =>
      resolver.resolve(name, "ANY").then(
        () => true,
        () => false,
      );
    const found: string[] = [];
    for (const name of search) if (await exists(name)) found.push(name);
    expect(found).toHaveLength(1);
    const service = services.find(({ fqdn }) => found[0] === fqdn || found[0]!.endsWith(`.${fqdn}`))!;
    if (service.spec.type !== "ExternalName")
      expect(service.spec.ports!.map((each) => String(each.port))).toContain(port);
  });
});
