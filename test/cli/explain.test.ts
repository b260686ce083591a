import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { run } from "../../src/cli/explain.ts";
import { ScriptedStatus } from "../status-page/scripted-status.ts";
import { serveStatus } from "../status-page/serve-status.ts";
import type { ServedStatus } from "../status-page/serve-status.ts";
import { capture } from "./captured-io.ts";
import type { Outcome } from "./captured-io.ts";

const MANIFESTS = `apiVersion: v1
kind: Service
metadata: { name: web, namespace: shop }
spec: { clusterIP: 10.96.0.80, ports: [{ name: http, port: 80 }] }
`;

const explain = (args: readonly string[], stdin = MANIFESTS): Promise<Outcome> =>
  capture((io) => run(args, io), { stdin, env: {} });
const firstLine = ({ stdout }: Outcome): string => stdout.split("\n")[0]!;

describe("over manifests", () => {
  it("a name that resolves", async () => {
    const outcome = await explain(["web.shop", "-"]);
    expect(firstLine(outcome)).toBe("web.shop resolves to 10.96.0.80: service web in namespace shop (-:1).");
    expect(outcome).toMatchObject({ exitCode: 0, stderr: "" });
  });

  it("a name that does not", async () => {
    const outcome = await explain(["wbe.shop", "-", "--upstream", "none"]);
    expect(firstLine(outcome)).toBe("wbe.shop does not resolve: no service wbe in namespace shop; nearest: web.");
    expect(outcome).toMatchObject({ exitCode: 1, stderr: "" });
  });

  it("with a type, for who is said", async () => {
    const outcome = await explain(["_http._tcp.web", "SRV", "-", "--from", "shop"]);
    expect(firstLine(outcome)).toMatch(
      /^_http\._tcp\.web resolves to 0 100 80 web\.shop\.svc\.cluster\.local\.: port /,
    );
  });

  it("in a namespace that is said", async () => {
    expect(firstLine(await explain(["web", "-", "--namespace", "shop"]))).toMatch(/^web resolves to 10\.96\.0\.80: /);
  });

  it("as JSON", async () => {
    const { stdout } = await explain(["web.shop", "A", "-", "--format", "json"]);
    expect(JSON.parse(stdout)).toMatchObject({ isResolved: true, question: { name: "web.shop", types: ["A"] } });
  });

  it("with access rules, stub domains and rewrite rules", async () => {
    const args = ["web.shop", "-", "--from", "192.0.2.1", "--allow", "10.0.0.0/8"];
    expect(firstLine(await explain(args))).toBe("web.shop does not resolve: this client may not ask (--allow).");
    const stub = await explain(["db.corp.example.", "-", "--stub-domain", "corp.example=192.0.2.53"]);
    expect(stub.stdout).toContain("decided by the stub domain corp.example: 192.0.2.53");
    expect(stub.exitCode).toBe(1);
    const rule = "name exact web.example web.shop.svc.cluster.local";
    const rewritten = await explain(["web.example.", "A", "-", "--rewrite", rule]);
    expect(rewritten.stdout).toContain("rewritten to web.shop.svc.cluster.local.");
    expect(rewritten.exitCode).toBe(0);
  });
});

describe("over a server", () => {
  let served: ServedStatus;
  beforeAll(async () => {
    served = await serveStatus(new ScriptedStatus());
  });
  afterAll(() => served.close());

  it("asks its admin server", async () => {
    const outcome = await explain(["web", "--from", "prod", "--server", String(served.port)]);
    expect(firstLine(outcome)).toBe("web resolves to 10.96.0.20: service web in namespace prod (source test).");
    expect(outcome.exitCode).toBe(0);
  });

  it("tells its faults", async () => {
    const { exitCode, stderr } = await explain(["web", "--from", "prod/nobody", "--server", String(served.port)]);
    expect(exitCode).toBe(1);
    expect(stderr).toContain("there is no pod prod/nobody");
  });
});

describe("faults", () => {
  it.each<[args: readonly string[], exitCode: number, fault: string]>([
    [[], 2, "no name given; e.g. cluster-dns explain web.shop manifests"],
    [["a..b", "-"], 2, '"a..b" is not a DNS name'],
    [["web", "-", "--format", "xml"], 2, '--format: "xml"'],
    [["web", "-", "--server", "9153"], 2, "give a PATH, or --server, not both"],
    [["web", "-", "--from", "a/b/c"], 2, '"a/b/c" is not a NAMESPACE, a pod as NAMESPACE/NAME, or an IP address'],
    [["web", "-", "--from", "shop/web-0"], 1, "there is no pod shop/web-0"],
    [["web", "/nowhere/at/all"], 1, "/nowhere/at/all"],
    [["web", "--server", "1"], 1, "no answer from the admin server at 127.0.0.1:1"],
  ])("%j", async (args, exitCode, fault) => {
    const outcome = await explain(args);
    expect(outcome.exitCode).toBe(exitCode);
    expect(outcome.stdout).toBe("");
    expect(outcome.stderr).toContain(fault);
  });
});
