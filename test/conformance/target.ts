// The server under test: this project's with both UDP transports, a peer with the same data, or one that runs already.
// CONFORMANCE_SERVER=HOST:PORT names a running one, CONFORMANCE_PEER=knot|nsd|unbound|coredns starts a peer.
// Everything started here is ended here, by its process id.
import { mkdirSync, rmSync } from "node:fs";
import { afterAll, beforeAll } from "vitest";
import type { Endpoint } from "../support/network.ts";
import { LAUNCHER } from "../support/process.ts";
import { writeManifests, type FixtureSize } from "./fixture.ts";
import { isPeerName, startPeer } from "./peers.ts";
import { Started, temporaryFolder, writeCredentials, type Target } from "./started.ts";

/** Which of the servers: ours with datagrams taken in batches or by node:dgram, or another. */
export type ServerKind = "batch" | "dgram" | "other";

const SERVICE_CIDRS = "10.96.0.0/12,fd00:10:96::/112";

const GIVEN = process.env["CONFORMANCE_SERVER"] ?? "";
const PEER = process.env["CONFORMANCE_PEER"] ?? "";
export const IS_OURS = GIVEN === "" && PEER === "";
/** Of which things are told that differ between servers on purpose. */
export const SERVER_NAME = PEER === "" ? (GIVEN === "" ? "ours" : "given") : PEER;
export const SERVER_KINDS: readonly ServerKind[] = IS_OURS ? ["batch", "dgram"] : ["other"];

/** Whether the servers of this run listen on IPv4, IPv6 or both. */
export const FAMILIES: readonly (4 | 6)[] = GIVEN === "" ? [4, 6] : [GIVEN.startsWith("[") ? 6 : 4];

function parseEndpoint(text: string): Endpoint {
  const match = /^\[?(.*?)\]?:(\d+)$/.exec(text.replace(/^\w+:\/\//, "").replace(/\/$/, ""));
  if (match === null) throw new Error(`not HOST:PORT: ${text}`);
  return { host: match[1]!, port: Number(match[2]) };
}

/** The arguments of `serve` for the fixture in `manifests`, without addresses to listen on. */
export function serveArguments(manifests: string): readonly string[] {
  const ranges = ["--service-cidr", SERVICE_CIDRS, "--pod-cidr", "10.244.0.0/16"];
  return ["serve", manifests, ...ranges, "--upstream", "none", "--udp-workers", "1"];
}

/** Starts this project's server on the fixture; `flags` follow the usual ones and may name more addresses. */
export async function startOurs(flags: readonly string[], size: FixtureSize = "small"): Promise<Target> {
  const folder = temporaryFolder();
  const manifests = `${folder}/manifests`;
  mkdirSync(manifests);
  writeManifests(manifests, size);
  const listen = ["--listen", "127.0.0.1:0", "--listen", "[::1]:0"];
  const started = new Started(LAUNCHER, [...serveArguments(manifests), ...listen, ...flags]);
  const stop = async (): Promise<void> => {
    await started.end();
    rmSync(folder, { recursive: true, force: true });
  };
  try {
    const addresses = await started.until(() => {
      const line = started.output.split("\n").find((text) => text.includes('"msg":"serving"'));
      return line === undefined ? undefined : (JSON.parse(line) as { addresses: string[] }).addresses;
    });
    const find = (prefix: string): Endpoint | undefined => {
      const address = addresses.find((text) => text.startsWith(prefix));
      return address === undefined ? undefined : parseEndpoint(address);
    };
    const plain = { v4: find("127.0.0.1:"), v6: find("[::1]:") };
    return { ...plain, tls: find("tls://"), https: find("https://"), pid: started.child.pid, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

async function startKind(kind: ServerKind, size: FixtureSize): Promise<Target> {
  if (kind !== "other") return await startOurs(["--udp-transport", kind], size);
  if (PEER === "") {
    const endpoint = parseEndpoint(GIVEN);
    const isV6 = endpoint.host.includes(":");
    const plain = { v4: isV6 ? undefined : endpoint, v6: isV6 ? endpoint : undefined };
    return { ...plain, pid: undefined, stop: async () => {} };
  }
  if (!isPeerName(PEER)) throw new Error(`CONFORMANCE_PEER=${PEER} is none of knot, nsd, unbound, coredns`);
  return await startPeer(PEER);
}

/** Starts the server of a test file that also answers over TLS and HTTPS, where it can. */
export function useSecureServer(): () => Target {
  let target: Target | undefined;
  let folder = "";
  beforeAll(async () => {
    if (!IS_OURS) {
      target = await startKind("other", "whole");
      return;
    }
    folder = temporaryFolder();
    const { cert, key } = writeCredentials(folder);
    const listen = ["--listen", "tls://127.0.0.1:0", "--listen", "https://127.0.0.1:0"];
    target = await startOurs([...listen, "--tls-cert", cert, "--tls-key", key], "whole");
  });
  afterAll(async () => {
    await target?.stop();
    if (folder !== "") rmSync(folder, { recursive: true, force: true });
  });
  return () => {
    if (target === undefined) throw new Error("no server was started");
    return target;
  };
}

/** Starts the servers of a test file before its tests and ends them after; gives a started one by its kind. */
export function useServers(
  size: FixtureSize,
  kinds: readonly ServerKind[] = SERVER_KINDS,
): (kind: ServerKind) => Target {
  const targets = new Map<ServerKind, Target>();
  beforeAll(async () => {
    await Promise.all(kinds.map(async (kind) => targets.set(kind, await startKind(kind, size))));
  });
  afterAll(async () => {
    await Promise.all([...targets.values()].map((target) => target.stop()));
  });
  return (kind) => {
    const target = targets.get(kind);
    if (target === undefined) throw new Error(`no server ${kind} was started`);
    return target;
  };
}
