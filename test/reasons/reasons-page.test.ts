// docs/reasons.md has every sentence of the catalogue, with the code of its extended error; dig and kdig show them.
import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { extendedErrorOf, formatReason } from "../../src/reasons/reason.ts";
import type { Reason, ReasonCode } from "../../src/reasons/reason.ts";
import { REASONS_FOLDER } from "../support/core/reason-rows.ts";
import { startServer } from "../support/cluster.ts";
import { whyNot } from "../support/optional-programs.ts";

const page = readFileSync(new URL("../../docs/reasons.md", import.meta.url), "utf8");
const web = { service: "web", namespace: "prod" } as const;
const name = "web.prod.svc.cluster.local";

const EXAMPLES: { readonly [Code in ReasonCode]: Omit<Extract<Reason, { code: Code }>, "code"> } = {
  "no-service": { service: "nope", namespace: "prod" },
  "no-namespace": { namespace: "nope" },
  "no-ready-endpoint": { ...web, notReady: 2 },
  "no-endpoint-name": { ...web, label: "web-9" },
  "endpoint-not-ready": { ...web, label: "web-1" },
  "port-not-named": { ...web, port: "https", protocol: "TCP", ports: [{ name: "http", protocol: "TCP" }] },
  "no-endpoint-port": { ...web, port: "http", protocol: "TCP" },
  "no-pod-address": { label: "10-244-1-5", namespace: "prod" },
  "not-an-address": { label: "web", namespace: "prod" },
  "pod-names-off": {},
  "no-external-name": { ...web, target: "192.0.2.1" },
  "no-cluster-name": { name: "web.prod.cluster.local", domain: "cluster.local" },
  "no-pointer": { address: "10.96.0.9" },
  "no-cluster-ip": web,
  "no-address-of-family": { ...web, family: 6 },
  "no-records-of-type": { name, type: "MX", types: ["A", "SRV"] },
  "no-records": { name: "prod.svc.cluster.local" },
  "not-in-zone": { name: "x.shop.example", zone: "shop.example" },
  delegated: { name: "www.eu.shop.example", zone: "shop.example" },
  "special-not-forwarded": { domain: "local" },
  "cname-loop": { name },
  "not-loaded": { zone: "cluster.local" },
  "client-not-allowed": {},
  "recursion-not-allowed": {},
  "not-served": { name: "www.example.com" },
  "other-domain": { domain: "cluster.locl", nearest: name },
  "rewritten-to-no-name": { name: "www.example.com" },
  "not-supported": { type: "AXFR" },
  overridden: { name },
  "recursion-not-desired": { name: "www.example.com" },
  "upstream-failed": { upstream: "10.0.0.2", cause: "timed out" },
  "upstream-denied": { name: "gone.example.com" },
  "no-upstream": {},
  "no-time-left": {},
  overloaded: {},
  stale: {},
};

test("the table of sentences is the catalogue", () => {
  const rows = Object.entries(EXAMPLES).map(([code, more]) => {
    const reason = { code, ...more } as Reason;
    return `| ${extendedErrorOf(reason.code)} | ${formatReason(reason)} |`;
  });
  const table = page.split("\n").filter((line) => /^\| \d+ \|/.test(line));
  expect(table).toEqual(rows);
});

describe("clients show the sentence", () => {
  let running: Awaited<ReturnType<typeof startServer>>;
  beforeAll(async () => void (running = await startServer({ paths: [REASONS_FOLDER] })));
  afterAll(() => running.server.close());

  test.for(["dig", "kdig"] as const)("%s", async (program, { skip }) => {
    const missing = whyNot(program);
    if (missing !== undefined) return skip(missing);
    const { host, port } = running.endpoint;
    const args = [
      `@${host}`,
      "-p",
      String(port),
      "nope.prod.svc.cluster.local",
      ...(program === "kdig" ? ["+edns"] : []),
    ];
    const { stdout } = await promisify(execFile)(program, args, { timeout: 20_000 });
    expect(stdout).toContain("no service nope in namespace prod");
  });
});
