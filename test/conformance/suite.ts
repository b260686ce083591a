// The frame of the suite's test files: every check runs once for each way to ask (server, transport, address family).
// A check is one test, named by its id; what a server does not offer is skipped with the reason "n/a: …".
import { describe, test, type TestContext } from "vitest";
import type { Endpoint } from "../support/network.ts";
import { testName, type CheckId } from "./catalog.ts";
import type { FixtureSize } from "./fixture.ts";
import { linkTo, type Link } from "./links.ts";
import type { Target } from "./started.ts";
import { FAMILIES, IS_OURS, SERVER_KINDS, useServers, type ServerKind } from "./target.ts";

/** One way to ask a server. */
export interface Way {
  readonly name: string;
  readonly kind: ServerKind;
  readonly transport: "udp" | "tcp";
  readonly family: 4 | 6;
}

/** A way whose server runs. */
export interface AskedWay extends Link {
  readonly way: Way;
  readonly target: Target;
}

const UDP_WAYS: readonly Way[] = SERVER_KINDS.flatMap((kind) =>
  FAMILIES.map((family): Way => ({ name: `${kind} udp${family}`, kind, transport: "udp", family })),
);
// Streams do not depend on how datagrams are taken.
const TCP_WAYS: readonly Way[] = FAMILIES.map((family) => {
  const kind = SERVER_KINDS[0]!;
  return { name: `${kind} tcp${family}`, kind, transport: "tcp", family };
});

/** Which ways a group of checks runs over: all, those over UDP or over TCP, or one for each server or transport. */
export type Reach = "all" | "udp" | "tcp" | "each server" | "each transport";

function waysOf(reach: Reach): readonly Way[] {
  switch (reach) {
    case "all":
      return [...UDP_WAYS, ...TCP_WAYS];
    case "udp":
      return UDP_WAYS;
    case "tcp":
      return TCP_WAYS;
    case "each server":
      return UDP_WAYS.filter(({ family }) => family === FAMILIES[0]);
    case "each transport":
      return [...UDP_WAYS, ...TCP_WAYS].filter(({ family }) => family === FAMILIES[0]);
  }
}

/** A check's body. */
export type Check = (link: AskedWay, context: TestContext) => Promise<void>;

export interface Suite {
  /** Runs a check over each way of its reach. */
  readonly check: (id: CheckId, run: Check, timeoutMs?: number) => void;
}

function endpointOf(target: Target, family: 4 | 6): Endpoint {
  const endpoint = family === 4 ? target.v4 : target.v6;
  if (endpoint === undefined) throw new Error(`the server has no IPv${family} address`);
  return endpoint;
}

/** Starts the servers for a file, ours with as much data as it needs; `over` groups checks by the ways they run over. */
export function conformanceSuite(size: FixtureSize = "small"): {
  readonly over: (reach: Reach, define: (suite: Suite) => void) => void;
} {
  const targetOf = useServers(size);
  const over = (reach: Reach, define: (suite: Suite) => void): void => {
    for (const way of waysOf(reach)) {
      describe(way.name, () => {
        define({
          check: (id, run, timeoutMs) =>
            test(
              testName(id),
              async (context) => {
                const target = targetOf(way.kind);
                const link = linkTo(way.transport, endpointOf(target, way.family));
                await run({ ...link, way, target }, context);
              },
              timeoutMs,
            ),
        });
      });
    }
  };
  return { over };
}

/** Ends a check that asks for something which the server does not offer. */
export function notApplicable(context: TestContext, reason: string): never {
  Object.assign(context.task.meta, { notApplicable: reason });
  context.skip(`n/a: ${reason}`);
}

/** A check that asks servers of its own, or for what only ours has. */
export function checkOurs(id: CheckId, run: (context: TestContext) => Promise<void>, timeoutMs?: number): void {
  test(
    testName(id),
    async (context) => {
      if (!IS_OURS) notApplicable(context, "asks for what is ours alone");
      await run(context);
    },
    timeoutMs,
  );
}
