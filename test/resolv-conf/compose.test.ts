// Checks examples/compose/compose.yaml without a container engine: its keys against the Compose Specification, and its
// commands by running them on local folders.
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { Resolver } from "node:dns/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { parse } from "yaml";
import { run } from "../../src/cli/resolv-conf.ts";
import { parseResolvConf } from "../../src/resolv-conf/resolv-conf.ts";
import { capture } from "../cli/captured-io.ts";
import { startServer, type RunningServer } from "../support/cluster.ts";
import { ROOT } from "../support/process.ts";

const FILE = `${ROOT}examples/compose/compose.yaml`;

interface Service {
  readonly build?: string;
  readonly image?: string;
  readonly command?: readonly string[];
  readonly volumes: readonly string[];
  readonly networks?: readonly string[] | { readonly cluster: { readonly ipv4_address: string } };
  readonly network_mode?: string;
  readonly depends_on?: Readonly<Record<string, { readonly condition: string }>>;
  readonly healthcheck?: { readonly test: readonly string[] };
}

const compose = parse(readFileSync(FILE, "utf8")) as {
  services: { dns: Service; resolv: Service; app: Service };
  networks: { cluster: { ipam: { config: { subnet: string }[] } } };
  volumes: { resolv: { driver_opts: Record<string, string> } };
};
const { dns, resolv, app } = compose.services;

/** Keys as the Compose Specification documents them, by the path of what holds them; `*` is a name of one's own. */
const KEYS: Readonly<Record<string, readonly string[]>> = {
  "": ["services", "networks", "volumes"],
  "services.*": [
    ..."build image command volumes networks network_mode read_only cap_add cap_drop depends_on healthcheck".split(" "),
  ],
  "services.*.networks.*": ["ipv4_address"],
  "services.*.depends_on.*": ["condition"],
  "services.*.healthcheck": ["test", "interval", "retries"],
  "networks.*": ["ipam"],
  "networks.*.ipam": ["config"],
  "networks.*.ipam.config[]": ["subnet"],
  "volumes.*": ["driver", "driver_opts"],
  "volumes.*.driver_opts": ["type", "device", "o"],
};
const NAMED_BY_USERS = ["services", "networks", "volumes", "services.*.networks", "services.*.depends_on"];

function unknownKeys(value: unknown, path = ""): string[] {
  if (Array.isArray(value)) return value.flatMap((item) => unknownKeys(item, `${path}[]`));
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]) => {
    const isFree = NAMED_BY_USERS.includes(path);
    const below = [...(path === "" ? [] : [path]), isFree ? "*" : key].join(".");
    const own = isFree || KEYS[path]?.includes(key) === true ? [] : [`${path}: ${key}`];
    return [...own, ...unknownKeys(inner, below)];
  });
}

function mountOf(service: Service, target: string): string {
  const volume = service.volumes.map((text) => text.split(":")).find((parts) => parts[1] === target);
  if (volume === undefined) throw new Error(`nothing is mounted at ${target}`);
  return volume[0]!;
}

describe("examples/compose", () => {
  const out = mkdtempSync(join(tmpdir(), "cluster-dns-compose-"));
  const shop = join(dirname(FILE), mountOf(dns, "/manifests"));
  const address = dns.networks !== undefined && "cluster" in dns.networks ? dns.networks.cluster.ipv4_address : "";
  let running: RunningServer;
  beforeAll(async () => {
    running = await startServer({ paths: [shop] });
  });
  afterAll(async () => {
    rmSync(out, { recursive: true });
    await running.server.close();
  });

  test("has only keys of the specification", () => {
    expect(unknownKeys(compose)).toEqual([]);
    expect(unknownKeys({ services: { a: { imag: "x" } }, network: {} })).toEqual(["services.*: imag", ": network"]);
  });

  test("refers to files, volumes and addresses that exist", () => {
    for (const { build } of [dns, resolv]) expect(existsSync(join(dirname(FILE), build!, "Dockerfile"))).toBe(true);
    expect(existsSync(shop)).toBe(true);
    expect(mountOf(resolv, "/manifests")).toBe(mountOf(dns, "/manifests"));
    expect(mountOf(resolv, "/resolv")).toBe("resolv");
    expect(mountOf(app, "/run/resolv")).toBe("resolv");
    expect(address.startsWith(compose.networks.cluster.ipam.config[0]!.subnet.replace(/\d+\/24$/, ""))).toBe(true);
    const user = /^USER (\d+):(\d+)$/m.exec(readFileSync(`${ROOT}Dockerfile`, "utf8"))!;
    expect(compose.volumes.resolv.driver_opts["o"]).toContain(`uid=${user[1]},gid=${user[2]},`);
    expect(Object.keys(app.depends_on ?? {})).toEqual(["dns", "resolv"]);
  });

  test("writes the file that the application copies, with the address of the server", async () => {
    const [command, ...args] = resolv.command!;
    expect(command).toBe("resolv-conf");
    const mapped = args.map((arg) => (arg === "/manifests" ? shop : arg === "/resolv" ? out : arg));
    expect(mapped).toEqual(expect.arrayContaining([shop, out]));
    expect(await capture((io) => run([...mapped, "--once"], io))).toMatchObject({ exitCode: 0, stderr: "" });

    const [, , script = ""] = app.command!;
    const taken = /^cat \/run\/resolv\/(\S+) > \/etc\/resolv\.conf && exec getent hosts (.*)$/.exec(script);
    const file = taken?.[1] ?? "";
    expect(resolv.healthcheck?.test).toEqual(["CMD-SHELL", `test -f /resolv/${file}`]);
    const { conf } = parseResolvConf(readFileSync(join(out, file), "utf8"), file);
    expect(conf.nameservers).toEqual([address]);

    const resolver = new Resolver({ timeout: 2_000, tries: 1 });
    resolver.setServers([`${running.endpoint.host}:${running.endpoint.port}`]);
    const find = async (name: string): Promise<number> => {
      const asked = conf.searches.map((search) => resolver.resolve4(`${name}.${search}`).catch(() => []));
      return (await Promise.all(asked)).flat().length;
    };
    for (const name of taken?.[2]?.split(" ") ?? []) expect([name, await find(name)]).not.toEqual([name, 0]);
    expect(await find("nobody")).toBe(0);
  });
});
