import { execFileSync } from "node:child_process";
import { createSocket } from "node:dgram";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PassThrough } from "node:stream";
import { startEngine } from "../support/engine.ts";
import { SettingsError } from "../../src/config/settings.ts";
import { startServer } from "../../src/planes/server.ts";
import type { Server } from "../support/engine.ts";
import { afterEach, describe, expect, test, vi } from "vitest";
import { optionsFromSettings } from "../../src/config/settings.ts";
import { parseOptions } from "../../src/config/parse-options.ts";
import { createLog } from "../../src/observe/log.ts";
import { readState, writeState } from "../../src/state/state-file.ts";
import { service } from "../support/cluster.ts";
import { keptLog } from "../support/kept-log.ts";
import { UdpClient } from "../support/network.ts";
import { ROOT } from "../support/process.ts";
import { ScriptedSource } from "../support/scripted-source.ts";
import { readMessage, writeQuery } from "../support/wire.ts";
import type { Message } from "../support/wire.ts";

const servers: Server[] = [];
afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => server.close()));
});

function keep(server: Server): Server {
  servers.push(server);
  return server;
}

async function ask(server: Server, name: string): Promise<Message> {
  const client = await UdpClient.open(server.addresses[0]!);
  try {
    return readMessage(await client.ask(writeQuery({ name, type: "A", id: 7, opt: { size: 1232 } })));
  } finally {
    client.close();
  }
}

/** A port without a reply for so long is closed, milliseconds. */
const SILENCE_MS = 500;
const WEB = "web.default.svc.cluster.local.";

describe("a server", () => {
  test("answers the objects that it is given, at the address that it names", async () => {
    const server = keep(startEngine({ objects: [service("web", "10.96.0.80")] }));
    expect(await server.ready).toEqual(server.addresses);
    expect(server.addresses[0]!.port).toBeGreaterThan(0);
    expect((await ask(server, WEB)).answer).toMatchObject([{ rdata: "10.96.0.80" }]);
    expect(server.problems).toEqual([]);
  });

  test("setObjects puts others in their place", async () => {
    const server = keep(startEngine({ objects: [service("web", "10.96.0.80")] }));
    await server.ready;
    await server.setObjects([service("api", "10.96.0.81")]);
    expect((await ask(server, WEB)).rcode).toBe("NXDOMAIN");
    expect((await ask(server, "api.default.svc.cluster.local.")).rcode).toBe("NOERROR");
  });

  test.each(["auto", "dgram"] as const)(
    "answers follow the table to a larger buffer (udpTransport %s)",
    async (udpTransport) => {
      const server = keep(startEngine({ udpTransport, objects: [service("web", "10.96.0.80")] }));
      await server.ready;
      await server.setObjects(Array.from({ length: 3_000 }, (_, i) => service(`s${i}`, `10.97.${i >> 8}.${i & 0xff}`)));
      expect((await ask(server, "s2999.default.svc.cluster.local.")).answer).toMatchObject([{ rdata: "10.97.11.183" }]);
      expect((await ask(server, WEB)).rcode).toBe("NXDOMAIN");
    },
  );

  test("a bad object is a problem, and the good one beside it is served", async () => {
    const server = keep(startEngine({ objects: [service("web", "10.96.0.80"), service("bad", "10.0.0.999")] }));
    await server.ready;
    expect(server.problems).toHaveLength(1);
    expect(server.problems[0]!.object).toBe("Service default/bad");
    expect((await ask(server, WEB)).rcode).toBe("NOERROR");
  });

  test("bad settings throw a SettingsError, at once", () => {
    expect(() => startEngine({ ttl: -1 })).toThrow(SettingsError);
    expect(() => startEngine({ clusterDoman: "x" } as object)).toThrow(/clusterDomain/);
  });

  test("a taken port rejects `ready`, and closing is still fine", async () => {
    const first = keep(startEngine({}));
    const [address] = await first.ready;
    const second = keep(startEngine({ listen: `127.0.0.1:${address!.port}` }));
    await expect(second.ready).rejects.toThrow(/the port is in use/);
    await second.close();
    expect((await ask(first, WEB)).rcode).toBe("NXDOMAIN");
  });

  test("closing before it is ready rejects `ready`", async () => {
    const server = startEngine({});
    const rejected = expect(server.ready).rejects.toThrow("closed before it was ready");
    await server.close();
    await rejected;
  });

  test("closing at once leaves nothing that keeps the process alive", async () => {
    const program = `
      import { startEngine } from "./test/support/engine.ts";
      const server = startEngine({ paths: ["zones"] });
      await server.close();
      process.stdout.write("closed");`;
    const args = ["--input-type=module", "-e", program];
    expect(execFileSync(process.execPath, args, { cwd: ROOT, encoding: "utf8", timeout: 40_000 })).toBe("closed");
  });

  test("a start that fails leaves nothing that keeps the process alive", async () => {
    const [taken] = await keep(startEngine({})).ready;
    const folder = mkdtempSync(join(tmpdir(), "resolv-conf-"));
    const upstream = join(folder, "resolv.conf");
    writeFileSync(upstream, "nameserver 127.0.0.1\n");
    const startIn = (settings: object): string => {
      const program = `
        import { startEngine } from "./test/support/engine.ts";
        await startEngine(${JSON.stringify(settings)}).ready.catch(({ name }) => process.stdout.write(name));`;
      const args = ["--input-type=module", "-e", program];
      return execFileSync(process.execPath, args, { cwd: ROOT, encoding: "utf8", timeout: 40_000 });
    };
    try {
      expect(startIn({ listen: `127.0.0.1:${taken!.port}`, upstream })).toBe("ListenError");
      expect(startIn({ paths: ["zones", join(folder, "missing")], upstream })).toBe("SourceError");
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  test("an object that moves from one origin to another is no conflict; one that stays in both is", async () => {
    const source = new ScriptedSource("scripted");
    const server = keep(
      startServer(optionsFromSettings({}), { paths: [], log: createLog("silent"), sources: [source] }),
    );
    await source.started;
    source.sync();
    await server.ready;
    const web = service("web", "10.96.0.80");
    const api = service("api", "10.96.0.81");
    source.replaceAt("a", web);
    source.replaceAt("b", web, api);
    source.replaceAt("a", service("api", "10.96.0.82"));
    await expect.poll(() => server.problems.map(({ object: of }) => of)).toEqual(["Service default/api"]);
  });

  test("a hundred servers one after the other leave nothing behind that answers", async () => {
    // A port that was freed may be another test's by now: only these servers have that name.
    const objects = [service("left-behind", "10.96.77.1")];
    const ports: number[] = [];
    const first = startEngine({ objects });
    ports.push((await first.ready)[0]!.port);
    expect(await knowsName(ports[0]!)).toBe(true);
    await first.close();
    for (let i = 1; i < 100; i++) {
      const server = startEngine({ objects });
      ports.push((await server.ready)[0]!.port);
      await server.close();
    }
    expect((await Promise.all(ports.map(knowsName))).filter(Boolean)).toEqual([]);
  });
});

describe("addresses of services", () => {
  const anonymous = (name: string): object => ({
    apiVersion: "v1",
    kind: "Service",
    metadata: { name },
    spec: { ports: [{ port: 80 }] },
  });

  test("come from the name alone, whatever else there is and in whatever order it comes", async () => {
    const one = keep(startEngine({ objects: [anonymous("web")] }));
    const two = keep(startEngine({ objects: [anonymous("api"), anonymous("web")] }));
    await Promise.all([one.ready, two.ready]);
    const [first, second] = [await ask(one, WEB), await ask(two, WEB)];
    expect(first.answer).toHaveLength(1);
    expect(second.answer).toEqual(first.answer);
  });

  test("stay in a state file, and so does the serial, also when the clock is set back", async () => {
    const folder = mkdtempSync(join(tmpdir(), "state-"));
    const state = join(folder, "state.json");
    try {
      const kept = { clusterIps: { "default/web": ["10.111.1.1"] }, podIps: {}, serial: 4_000_000_000 };
      await writeState(state, {
        clusterIps: new Map(Object.entries(kept.clusterIps)),
        podIps: new Map(),
        serial: kept.serial,
      });
      const server = keep(startEngine({ objects: [anonymous("web")], state }));
      await server.ready;
      expect((await ask(server, WEB)).answer).toMatchObject([{ rdata: "10.111.1.1" }]);
      await server.close();
      const { state: left } = await readState(state);
      expect(left?.clusterIps.get("default/web")).toEqual(["10.111.1.1"]);
      // RFC 1982: greater is at most half of all numbers ahead.
      expect((left!.serial! - kept.serial) >>> 0).toBeLessThan(0x8000_0000);
      expect(left!.serial).not.toBe(kept.serial);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  test("a damaged state file is told, and served all the same", async () => {
    const folder = mkdtempSync(join(tmpdir(), "state-"));
    try {
      writeFileSync(join(folder, "state.json"), "{");
      const server = keep(startEngine({ objects: [anonymous("web")], state: join(folder, "state.json") }));
      await server.ready;
      expect((await ask(server, WEB)).answer).toHaveLength(1);
      await server.close();
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});

describe("before the first full load", () => {
  test("all names are SERVFAIL with EDE 14, without AA and SOA; then they are answered", async () => {
    const parsed = parseOptions(["--listen", "127.0.0.1:0", "--udp-transport", "dgram", "--upstream", "none"], {});
    if ("errors" in parsed) throw new Error(parsed.errors.join());
    const stdin = new PassThrough();
    const server = keep(startServer(parsed.options, { paths: ["-"], stdin, log: createLog("silent") }));
    await expect.poll(() => server.addresses.length).toBe(1);
    // example.com. may yet be the zone of a file.
    for (const name of [WEB, "1.0.96.10.in-addr.arpa.", "cluster.local.", "example.com."]) {
      const message = await ask(server, name);
      expect([name, message.rcode, message.flags.aa, message.authority]).toEqual([name, "SERVFAIL", false, []]);
      expect(message.opt?.options.map(({ code, data }) => [code, data.readUInt16BE()])).toEqual([[15, 14]]);
    }
    stdin.end(JSON.stringify(service("web", "10.96.0.80")));
    await server.ready;
    expect((await ask(server, "example.com.")).rcode).toBe("REFUSED");
    expect((await ask(server, WEB)).rcode).toBe("NOERROR");
  });
});

/** Whether a server on that port of 127.0.0.1 has an address for the name `left-behind`. */
async function knowsName(port: number): Promise<boolean> {
  const socket = createSocket("udp4");
  const { promise, resolve } = Promise.withResolvers<boolean>();
  socket.on("error", () => resolve(false));
  socket.on("message", (reply) => resolve(readMessage(reply).answer.length > 0));
  socket.connect(port, "127.0.0.1", () => {
    socket.send(writeQuery({ name: "left-behind.default.svc.cluster.local.", type: "A" }));
  });
  const timer = setTimeout(() => resolve(false), SILENCE_MS);
  return promise.finally(() => {
    clearTimeout(timer);
    socket.close();
  });
}

test("the log tells when a file is repaired", async () => {
  const folder = mkdtempSync(join(tmpdir(), "cluster-dns-"));
  const file = join(folder, "web.yaml");
  const log = keptLog();
  try {
    writeFileSync(file, "kind: [");
    const server = keep(startEngine({ paths: [folder], output: log.output, logLevel: "info" }));
    await server.ready;
    const about = (): unknown[] => log.entries().flatMap(({ file: at, msg }) => (at === file ? [msg] : []));
    await vi.waitFor(() => expect(about()).toHaveLength(1));
    writeFileSync(file, JSON.stringify(service("web", "10.96.0.80")));
    await vi.waitFor(() => expect(about()[1]).toMatch(/^solved: .*web\.yaml:1:\d+: /), { timeout: 10_000 });
    await vi.waitFor(() =>
      expect(log.entries()).toContainEqual({ service: "default/web", addresses: ["10.96.0.80"], msg: "service added" }),
    );
  } finally {
    rmSync(folder, { recursive: true });
  }
});
