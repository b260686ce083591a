// The image's health check, compiled as the Dockerfile does, against a server that replies as each case says: which
// address it asks, what it asks, and which replies count as healthy.
import { execFile, execFileSync } from "node:child_process";
import { createSocket } from "node:dgram";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Packet } from "dns2";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { skipAll, whyNot } from "../support/optional-programs.ts";
import { ROOT } from "../support/process.ts";

const NOERROR = 0;
const SERVFAIL = 2;
const LONGEST_LABEL = "a".repeat(63);

type Reply = (query: Buffer) => Buffer;

const withRcode =
  (rcode: number): Reply =>
  (query) => {
    query[2]! |= 0x80;
    query[3]! |= rcode;
    return query;
  };

describe("the health probe", () => {
  skipAll(whyNot("gcc"));
  const folder = mkdtempSync(join(tmpdir(), "cluster-dns-probe-"));
  const probe = join(folder, "health-probe");
  beforeAll(() => {
    if (whyNot("gcc") !== undefined) return;
    const source = `${ROOT}deploy/image/health-probe.c`;
    execFileSync("gcc", ["-Wall", "-Wextra", "-Werror", "-fsanitize=address,undefined", "-o", probe, source]);
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  /** Runs the probe beside a server at `host`; `listen` gets its port. */
  async function check(
    reply: Reply | undefined,
    { host = "127.0.0.1", listen = (port: number) => `${host}:${port}`, env = {}, args = [] as string[] } = {},
  ): Promise<{ code: number; asked: Packet | undefined }> {
    const socket = createSocket(host.includes(":") ? "udp6" : "udp4").bind(0, host.replace(/[[\]]/g, ""));
    await once(socket, "listening");
    let asked: Packet | undefined;
    socket.on("message", (query, client) => {
      asked = Packet.parse(query);
      if (reply !== undefined) socket.send(reply(query), client.port, client.address);
    });
    const child = execFile(probe, args, { env: { CLUSTER_DNS_LISTEN: listen(socket.address().port), ...env } });
    const [code] = (await once(child, "exit")) as [number];
    socket.close();
    return { code, asked };
  }

  test.each<[string, number, number, Reply | undefined]>([
    ["NOERROR", 0, 0, withRcode(NOERROR)],
    ["SERVFAIL", 1, 0, withRcode(SERVFAIL)],
    ["the query itself", 1, 1, (query) => query],
    [
      "the ID of another query",
      1,
      1,
      (query) => Buffer.concat([Buffer.of(query[0]! ^ 1), withRcode(0)(query).subarray(1)]),
    ],
    ["half a header", 1, 1, (query) => withRcode(0)(query).subarray(0, 6)],
    ["nothing", 1, 1, undefined],
  ])("%s: exit code %i, alive %i", async (_, code, codeOfAlive, reply) => {
    expect(await check(reply)).toMatchObject({ code });
    expect(await check(reply, { args: ["alive"] })).toMatchObject({ code: codeOfAlive });
  });

  test.each([[["ready"]], [["alive", "alive"]]])("asks nothing for the arguments %j", async (args) => {
    expect(await check(withRcode(NOERROR), { args })).toEqual({ code: 2, asked: undefined });
  });

  test.each([
    ["by default", {}, "dns-version.cluster.local"],
    ["of another cluster domain", { CLUSTER_DNS_CLUSTER_DOMAIN: "k8s.example.com." }, "dns-version.k8s.example.com"],
    ["of an empty variable", { CLUSTER_DNS_CLUSTER_DOMAIN: "" }, "dns-version.cluster.local"],
    ["of a long label", { CLUSTER_DNS_CLUSTER_DOMAIN: LONGEST_LABEL }, `dns-version.${LONGEST_LABEL}`],
  ])("asks for dns-version %s", async (_, env, name) => {
    const { code, asked } = await check(withRcode(NOERROR), { env });
    expect({ code, questions: asked?.questions }).toEqual({ code: 0, questions: [{ name, type: 16, class: 1 }] });
  });

  test.each([
    ["a label of 64 bytes", `${LONGEST_LABEL}a`],
    ["a name of 254 bytes", `${`${"a".repeat(59)}.`.repeat(4)}aa`],
  ])("sends nothing for %s", async (_, domain) => {
    const env = { CLUSTER_DNS_CLUSTER_DOMAIN: domain };
    expect(await check(withRcode(NOERROR), { env })).toEqual({ code: 1, asked: undefined });
  });

  test.each<[string, string, (port: number) => string]>([
    ["all addresses of IPv4", "127.0.0.1", (port) => `0.0.0.0:${port},[::]:1`],
    ["an address of IPv6", "[::1]", (port) => `[::1]:${port}`],
    ["all addresses of IPv6", "[::1]", (port) => `[::]:${port}`],
    ["the first plain address", "127.0.0.1", (port) => `tls://127.0.0.1:1, https://127.0.0.1:1, 127.0.0.1:${port}`],
  ])("asks %s", async (_, host, listen) => {
    expect(await check(withRcode(NOERROR), { host, listen })).toMatchObject({ code: 0 });
  });

  test("is not healthy without a plain address, or without a server", async () => {
    expect(await check(withRcode(NOERROR), { listen: (port) => `tls://127.0.0.1:${port}` })).toMatchObject({ code: 1 });
    expect(await check(withRcode(NOERROR), { listen: () => "127.0.0.1:1" })).toMatchObject({ code: 1 });
  });
});
