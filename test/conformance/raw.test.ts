// Checks that need packets which no socket sends, or a machine's every address: each server runs in a network namespace
// of its own, that nothing else is in. RFC 1122 4.1.3.5, RFC 2181 4.
import { execFile, spawnSync } from "node:child_process";
import { mkdirSync, rmSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, test, type TestContext } from "vitest";
import { whyNot } from "../support/optional-programs.ts";
import { LAUNCHER } from "../support/process.ts";
import { testName } from "./catalog.ts";
import { writeManifests } from "./fixture.ts";
import { notApplicable } from "./suite.ts";
import { temporaryFolder } from "./started.ts";
import { IS_OURS, serveArguments } from "./target.ts";

/** What raw-datagrams.py tells: packets that the server sent, and addresses in answers. */
interface Seen {
  readonly portZero: number;
  readonly broadcast: number;
  readonly multicast: number;
  readonly itself: number;
  /** To show that what is counted would be seen. */
  readonly control: number;
  readonly udp: Readonly<Record<string, string | null>>;
  readonly tcp: Readonly<Record<string, string | null>>;
  readonly isRunning: boolean;
}

const SCRIPT = fileURLToPath(new URL("raw-datagrams.py", import.meta.url));
const PORT = 5300;
const NAMESPACE = ["-r", "-n"];
const TIMEOUT_MS = 110_000;

function reasonAgainst(): string | undefined {
  const missing = whyNot("unshare", "ip", "python3");
  if (missing !== undefined) return missing;
  return spawnSync("unshare", [...NAMESPACE, "true"]).status === 0 ? undefined : "no network namespaces here";
}

const WHY_NOT = reasonAgainst();

async function runIn(kind: string): Promise<Seen> {
  const folder = temporaryFolder();
  mkdirSync(`${folder}/manifests`);
  writeManifests(`${folder}/manifests`, "small");
  const listen = ["--listen", `0.0.0.0:${PORT}`, "--listen", `[::]:${PORT}`, "--udp-transport", kind];
  const server = [LAUNCHER, ...serveArguments(`${folder}/manifests`), ...listen];
  try {
    const args = [...NAMESPACE, "python3", SCRIPT, String(PORT), ...server];
    const { stdout } = await promisify(execFile)("unshare", args, { timeout: TIMEOUT_MS });
    return JSON.parse(stdout) as Seen;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

describe.each(["batch", "dgram"])("%s on every address", (kind) => {
  let running: Promise<Seen> | undefined;
  beforeAll(() => {
    if (!IS_OURS || WHY_NOT !== undefined) return;
    running = runIn(kind);
    // Each test tells of it by itself.
    running.catch(() => {});
  });
  afterAll(() => running?.catch(() => {}), TIMEOUT_MS);

  const seenBy = async (context: TestContext): Promise<Seen> => {
    if (!IS_OURS) return notApplicable(context, "the server is started in a namespace, as ours is");
    if (running === undefined) return context.skip(WHY_NOT);
    return await running;
  };

  test(
    testName("B36"),
    async (context) => {
      const { portZero, control, isRunning } = await seenBy(context);
      expect({ portZero, control, isRunning }).toEqual({ portZero: 0, control: 1, isRunning: true });
    },
    TIMEOUT_MS,
  );

  test(
    testName("B37"),
    async (context) => {
      const { broadcast, multicast, itself, isRunning } = await seenBy(context);
      expect({ broadcast, multicast, isRunning }).toEqual({ broadcast: 0, multicast: 0, isRunning: true });
      expect(itself).toBeLessThanOrEqual(1);
    },
    TIMEOUT_MS,
  );

  test(
    testName("D20"),
    async (context) => {
      const { udp, tcp } = await seenBy(context);
      // node:dgram can only bind to the addresses that interfaces have: 127.0.1.5 reaches this machine, but is none.
      const addresses = Object.keys(udp).filter((address) => kind === "batch" || address !== "127.0.1.5");
      const good = Object.fromEntries(addresses.map((address) => [address, "10.96.0.1"]));
      expect(addresses.length).toBeGreaterThanOrEqual(4);
      expect({ udp, tcp }).toMatchObject({ udp: good, tcp: good });
    },
    TIMEOUT_MS,
  );
});
