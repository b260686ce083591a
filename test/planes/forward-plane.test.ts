// The upstreams by options, a followed resolv.conf and the server's own addresses; real sockets and files.
import { once } from "node:events";
import { mkdtempSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { connect, createServer } from "node:net";
import type { AddressInfo, Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { KnownClient } from "../../src/answer/client.ts";
import { Clock } from "../../src/std/clock.ts";
import { QueryAnswerer } from "../../src/answer/query-answerer.ts";
import { optionsFromSettings } from "../../src/config/settings.ts";
import { ForwardPlane } from "../../src/planes/forward-plane.ts";
import type { Logger } from "../../src/observe/log.ts";
import { SourceError } from "../../src/files/source-error.ts";
import { newTable } from "../support/core/table.ts";
import { gist, startForwarding } from "../support/forwarding.ts";
import { makeCertificate } from "../support/certificates.ts";
import { ScriptedUpstream, address, name, rightAnswer, writeReply } from "../support/scripted-upstream.ts";
import type { Script, ScriptedRecord } from "../support/scripted-upstream.ts";
import { readMessage, writeQuery } from "../support/wire.ts";

const cleanUp: (() => Promise<void> | void)[] = [];
let folder: string;
let file: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "forward-plane-"));
  file = join(folder, "resolv.conf");
  cleanUp.push(() => rmSync(folder, { recursive: true }));
});
afterEach(async () => {
  for (const step of cleanUp.splice(0).reverse()) await step();
});

/** An upstream that answers every A question with its own address. */
async function upstreamOf(text: string, ttl = 0): Promise<ScriptedUpstream> {
  const upstream = await ScriptedUpstream.open(({ query }) => {
    const owner = readMessage(Buffer.from(query)).question?.name ?? ".";
    return [{ bytes: writeReply(query, { answer: [{ owner, type: "A", ttl, rdata: address(text) }] }) }];
  });
  cleanUp.push(() => upstream.close());
  return upstream;
}

const addressOf = ({ port }: { port: number }): string => `127.0.0.1:${port}`;

function planeOf(settings: object) {
  const options = optionsFromSettings({ cacheSize: 1, ...settings });
  const logged: string[] = [];
  const faults: string[][] = [];
  const advice: (string | undefined)[] = [];
  const warn = (about: { faults?: string[]; advice?: string }, text: string): void => {
    logged.push(text);
    advice.push(about.advice);
    if (about.faults !== undefined) faults.push(about.faults);
  };
  const log = { info: () => undefined, warn } as unknown as Logger;
  const clock = new Clock();
  const plane = new ForwardPlane(options, clock, log);
  cleanUp.push(() => plane.close());
  const { reader, writer } = newTable();
  writer.setZonesKnown(true);
  const recursion = { ednsSize: 1232, recursion: true, cache: plane.cache, clock: clock.memory };
  const answerer = plane.forwardingAnswerer(new QueryAnswerer(reader, recursion, 1));
  /** The address in the answer, or its rcode. */
  const ask = async (name: string): Promise<string> => {
    const query = writeQuery({ name, type: "A" });
    const { rcode, answer } = readMessage(Buffer.from(await answerer.answerLate(query, new KnownClient("udp"))));
    return answer[0]?.rdata ?? rcode;
  };
  return { plane, ask, logged, faults, advice };
}

/** Puts another file in place, as an atomic save does. */
function replaceFile(text: string): void {
  writeFileSync(`${file}.new`, text);
  renameSync(`${file}.new`, file);
}

describe("isWanted", () => {
  test.each([
    [{ upstream: "none" }, false],
    [{}, false],
    [{ upstream: "127.0.0.1:5300" }, true],
    [{ upstream: "/etc/resolv.conf" }, true],
    [{ upstream: "none", stubDomain: "consul.local=127.0.0.1:8600" }, true],
  ])("%o: %s", (settings, wanted) => {
    expect(ForwardPlane.isWanted(optionsFromSettings(settings))).toBe(wanted);
  });
});

describe("an upstream by TLS", () => {
  test("is trusted by the file of --upstream-ca; a file without a certificate ends the start", async () => {
    const identity = makeCertificate();
    const script: Script = ({ query }) => [{ bytes: rightAnswer(query) }];
    const upstream = await ScriptedUpstream.open(script, { serve: "tls", identity });
    cleanUp.push(() => upstream.close());
    const upstreamCa = join(folder, "site.pem");
    writeFileSync(upstreamCa, identity.cert);
    const settings = { upstream: `tls://${addressOf(upstream)}` };
    const trusting = planeOf({ ...settings, upstreamCa });
    await trusting.plane.open();
    expect(await trusting.ask("www.up.test.")).toBe("192.0.2.1");
    const strange = planeOf(settings);
    await strange.plane.open();
    expect(await strange.ask("www.up.test.")).toBe("SERVFAIL");
    writeFileSync(upstreamCa, "nothing");
    await expect(planeOf({ ...settings, upstreamCa }).plane.open()).rejects.toThrow(SourceError);
  });
});

describe("upstreams", () => {
  test("of the options, by the longest domain; a domain may have more than one", async () => {
    const [all, consul, deep, reverse] = await Promise.all(
      ["192.0.2.1", "192.0.2.2", "192.0.2.3", "192.0.2.4"].map((text) => upstreamOf(text)),
    );
    const { plane, ask } = planeOf({
      upstream: addressOf(all!),
      stubDomain: [
        `consul.local=${addressOf(consul!)}`,
        `DC1.consul.local.=${addressOf(deep!)}`,
        `168.192.in-addr.arpa=${addressOf(reverse!)}`,
        `consul.local=${addressOf(consul!)}`,
      ],
    });
    await plane.open();
    expect(await ask("www.up.test.")).toBe("192.0.2.1");
    expect(await ask("redis.service.Consul.local.")).toBe("192.0.2.2");
    expect(await ask("redis.dc1.consul.local.")).toBe("192.0.2.3");
    expect(await ask("9.1.168.192.in-addr.arpa.")).toBe("192.0.2.4");
    expect(await ask("8.8.8.8.in-addr.arpa.")).toBe("192.0.2.1");
  });

  test("of stub domains alone: all else is refused", async () => {
    const consul = await upstreamOf("192.0.2.2");
    const { plane, ask } = planeOf({ stubDomain: `consul.local=${addressOf(consul)}` });
    await plane.open();
    expect(await ask("a.consul.local.")).toBe("192.0.2.2");
    expect(await ask("www.up.test.")).toBe("REFUSED");
    expect(consul.taken).toHaveLength(1);
  });

  test("of a domain with none: it is refused, a domain in it may be forwarded", async () => {
    const [all, deep] = await Promise.all(["192.0.2.1", "192.0.2.2"].map((text) => upstreamOf(text)));
    const { plane, ask } = planeOf({
      upstream: addressOf(all!),
      stubDomain: ["corp.test=none", `dc1.corp.test=${addressOf(deep!)}`],
    });
    await plane.open();
    expect(await ask("www.up.test.")).toBe("192.0.2.1");
    expect(await ask("www.corp.test.")).toBe("REFUSED");
    expect(await ask("www.dc1.corp.test.")).toBe("192.0.2.2");
    expect(all!.taken).toHaveLength(1);
  });

  test("F26 X25 that are this server itself are not asked, neither for all nor for a domain", async () => {
    const ourselves = await upstreamOf("192.0.2.66");
    const other = await upstreamOf("192.0.2.1");
    const { plane, ask, logged, advice } = planeOf({
      upstream: [addressOf(ourselves), addressOf(other)],
      stubDomain: [`loop.local=${addressOf(ourselves)}`],
    });
    await plane.open();
    plane.setOwnAddresses([{ host: "0.0.0.0", port: ourselves.port }]);
    expect(await ask("www.up.test.")).toBe("192.0.2.1");
    expect(await ask("a.loop.local.")).toBe("SERVFAIL");
    expect(ourselves.taken).toHaveLength(0);
    expect(logged).toEqual(["upstreams that are this server itself are ignored"]);
    expect(advice).toEqual([undefined]);
  });

  test("F26 a server on all addresses is behind any loopback address, such as that of systemd-resolved", async () => {
    const { plane, ask, logged, advice } = planeOf({ upstream: "127.0.0.53:5300" });
    await plane.open();
    plane.setOwnAddresses([{ host: "0.0.0.0", port: 5300 }]);
    expect(await ask("www.up.test.")).toBe("REFUSED");
    expect(logged).toEqual(["upstreams that are this server itself are ignored"]);
    expect(advice).toEqual([expect.stringContaining("--upstream /run/systemd/resolve/resolv.conf")]);
  });

  test("F26 a resolv.conf that lists only this server: what to give instead", async () => {
    writeFileSync(file, "nameserver 127.0.0.1:5301\n");
    const { plane, logged, advice } = planeOf({ upstream: file });
    plane.setOwnAddresses([{ host: "127.0.0.1", port: 5301 }]);
    await plane.open();
    expect(logged).toEqual(["lists no nameserver but this server itself"]);
    expect(advice).toEqual([expect.stringContaining("--upstream ADDRESS")]);
  });

  test("F26 no upstream but this server itself: refused at once", async () => {
    const ourselves = await upstreamOf("192.0.2.66");
    const { plane, ask, logged } = planeOf({ upstream: addressOf(ourselves) });
    await plane.open();
    plane.setOwnAddresses([{ host: "127.0.0.1", port: ourselves.port }]);
    expect(await ask("www.up.test.")).toBe("REFUSED");
    expect([ourselves.taken.length, logged.length]).toEqual([0, 1]);
  });
});

describe("options of a resolv.conf", () => {
  const nameservers = (some: readonly ScriptedUpstream[]): string =>
    some.map((each) => `nameserver ${addressOf(each)}\n`).join("");

  test.each([
    ["", ["192.0.2.1"]],
    ["options ndots:2 rotate timeout:1\n", ["192.0.2.1", "192.0.2.2"]],
  ])("%o: %o", async (options, expected) => {
    const upstreams = [await upstreamOf("192.0.2.1"), await upstreamOf("192.0.2.2")];
    writeFileSync(file, options + nameservers(upstreams));
    const { plane, ask } = planeOf({ upstream: file });
    await plane.open();
    const answers = new Set<string>();
    for (let i = 0; i < 4; i++) answers.add(await ask(`n${i}.up.test.`));
    expect([...answers].toSorted()).toEqual(expected);
  });

  test("use-vc: over TCP, from the change on", async () => {
    const upstream = await upstreamOf("192.0.2.1");
    writeFileSync(file, nameservers([upstream]));
    const { plane, ask } = planeOf({ upstream: file });
    await plane.open();
    expect(await ask("a.up.test.")).toBe("192.0.2.1");
    replaceFile(`options use-vc\n${nameservers([upstream])}`);
    const transports = (): readonly string[] => [...new Set(upstream.taken.map(({ transport }) => transport))];
    await vi.waitFor(async () => {
      await ask("b.up.test.");
      expect(transports()).toEqual(["udp", "tcp"]);
    }, 15_000);
    expect(plane.upstreams().map(({ upstream: text }) => text)).toEqual([`tcp://${addressOf(upstream)}`]);
  });
});

describe("X25 a resolv.conf", () => {
  test("is followed when another one takes its place; one without use changes nothing", async () => {
    const [first, second, ourselves] = await Promise.all(
      ["192.0.2.1", "192.0.2.2", "192.0.2.66"].map((text) => upstreamOf(text)),
    );
    writeFileSync(file, `search x\nnameserver ${addressOf(first!)}\n`);
    const { plane, ask, logged } = planeOf({ upstream: file });
    await plane.open();
    plane.setOwnAddresses([{ host: "127.0.0.1", port: ourselves!.port }]);
    expect(await ask("a.up.test.")).toBe("192.0.2.1");

    replaceFile(`nameserver ${addressOf(second!)}\n`);
    await vi.waitFor(async () => expect(await ask("b.up.test.")).toBe("192.0.2.2"), 15_000);

    const none = "lists no usable nameserver; the previous ones stay in use";
    const faulty = "lists nameservers that can't be used";
    const own = "lists no nameserver but this server itself; the previous ones stay in use";
    for (const [text, warnings] of [
      ["", [none]],
      ["search only.example\n", [none]],
      ["nameserver\nnameserver rubbish\n", [faulty, none]],
      [`nameserver ${addressOf(ourselves!)}\n`, [own]],
    ] as const) {
      const before = logged.length;
      replaceFile(text);
      await vi.waitFor(() => expect(logged.slice(before)).toEqual(warnings), 15_000);
      expect(await ask("c.up.test.")).toBe("192.0.2.2");
    }

    replaceFile(`nameserver ${addressOf(ourselves!)}\nnameserver ${addressOf(first!)}\n`);
    await vi.waitFor(async () => expect(await ask("d.up.test.")).toBe("192.0.2.1"), 15_000);
    expect(ourselves!.taken).toHaveLength(0);
  });

  test("each nameserver that can't be used is reported once, and the others are asked", async () => {
    const upstream = await upstreamOf("192.0.2.1");
    const bad = ["fe80::1%eth0", "dns.example", "127.0.0.1:0", "::"];
    writeFileSync(file, ["", ...bad, addressOf(upstream)].map((each) => `nameserver ${each}\n`).join(""));
    const { plane, ask, logged, faults } = planeOf({ upstream: file });
    await plane.open();
    plane.setOwnAddresses([{ host: "127.0.0.1", port: 9 }]);
    expect(await ask("a.up.test.")).toBe("192.0.2.1");
    expect(logged).toEqual(["lists nameservers that can't be used"]);
    expect(faults).toEqual([
      [
        "nameserver without an address",
        expect.stringMatching(/^fe80::1%eth0 is not an upstream/),
        expect.stringMatching(/^dns\.example is not .*host names are not accepted/),
      ],
    ]);
  });

  test("without a nameserver at the start is reported", async () => {
    writeFileSync(file, "search only.example\n");
    const { plane, ask, logged } = planeOf({ upstream: file });
    await plane.open();
    expect(await ask("a.up.test.")).toBe("REFUSED");
    expect(logged).toEqual(["lists no usable nameserver"]);
  });

  test("that is not there is the operator's fault", async () => {
    const { plane } = planeOf({ upstream: join(folder, "missing") });
    await expect(plane.open()).rejects.toThrow(SourceError);
  });

  test("beside upstreams of the options: these come first", async () => {
    const [named, listed] = await Promise.all(["192.0.2.1", "192.0.2.2"].map((text) => upstreamOf(text)));
    writeFileSync(file, `nameserver ${addressOf(listed!)}\n`);
    const { plane, ask } = planeOf({ upstream: [addressOf(named!), file] });
    await plane.open();
    expect(await ask("a.up.test.")).toBe("192.0.2.1");
    await named!.close();
    expect(await ask("b.up.test.")).toBe("192.0.2.2");
  });
});

test(
  "a cached chain into a zone that is added later is dropped; the zone file answers from then on",
  { timeout: 60_000 },
  async () => {
    const zone = join(folder, "corp.example.zone");
    const zoneOf = (host: string): string =>
      `$ORIGIN corp.example.\n$TTL 60\n@ SOA ns admin 1 3600 600 86400 60\n@ NS ns\nns A 192.0.2.53\nhost A ${host}\n`;
    const running = await startForwarding({ paths: [folder] });
    cleanUp.push(() => running.close());
    const target = "host.corp.example.";
    const chain: ScriptedRecord[] = [
      { owner: "www.up.example.", type: "CNAME", ttl: 3_600, rdata: name(target) },
      { owner: target, type: "A", ttl: 3_600, rdata: address("192.0.2.66") },
    ];
    running.upstream.say("www.up.example.", ({ query }) => [{ bytes: writeReply(query, { answer: chain }) }]);
    const ask = async (): Promise<readonly string[]> => gist(await running.client.ask("www.up.example."));
    for (let i = 0; i < 2; i++) expect(await ask()).toEqual(["NOERROR", `CNAME ${target}`, "A 192.0.2.66"]);
    expect(running.upstream.askedFor("www.up.example.")).toHaveLength(1);
    for (const host of ["192.0.2.1", "192.0.2.2"]) {
      writeFileSync(zone, zoneOf(host));
      await vi.waitFor(async () => expect(await ask()).toEqual(["NOERROR", `CNAME ${target}`, `A ${host}`]), 15_000);
    }
    rmSync(zone);
    await vi.waitFor(async () => expect((await ask()).at(-1)).toBe("A 192.0.2.66"), 15_000);
  },
);

describe("options that change", () => {
  test("limits of the cache hold for what is cached from then on", async () => {
    const upstream = await upstreamOf("192.0.2.1", 60);
    const settings = { upstream: addressOf(upstream) };
    const { plane, ask } = planeOf(settings);
    await plane.open();
    const askTwice = async (name: string): Promise<number> => {
      const before = upstream.taken.length;
      for (let i = 0; i < 2; i++) await ask(name);
      return upstream.taken.length - before;
    };
    expect(await askTwice("a.up.test.")).toBe(1);
    plane.changeOptions(optionsFromSettings({ ...settings, cacheTtl: 0 }));
    expect(await askTwice("b.up.test.")).toBe(2);
    expect(await askTwice("a.up.test.")).toBe(0);
  });

  test("upstreams are asked by another policy", async () => {
    const [first, second] = await Promise.all(["192.0.2.1", "192.0.2.2"].map((text) => upstreamOf(text)));
    const settings = { upstream: [addressOf(first!), addressOf(second!)] };
    const { plane, ask } = planeOf(settings);
    await plane.open();
    const askAll = async (): Promise<string[]> => Promise.all(["a", "b", "c", "d"].map((each) => ask(`${each}.test.`)));
    expect(new Set(await askAll())).toEqual(new Set(["192.0.2.1"]));
    plane.changeOptions(optionsFromSettings({ ...settings, upstreamPolicy: "round-robin" }));
    expect(new Set(await askAll())).toEqual(new Set(["192.0.2.1", "192.0.2.2"]));
  });
});

test("close ends everything: no socket is left, and no upstream is asked any more", async () => {
  const upstream = await upstreamOf("192.0.2.1");
  const { plane, ask } = planeOf({ upstream: addressOf(upstream) });
  await plane.open();
  expect(await ask("a.up.test.")).toBe("192.0.2.1");
  await plane.close();
  expect(await ask("b.up.test.")).toBe("REFUSED");
  expect(upstream.taken).toHaveLength(1);
});

test("close ends the connections to upstreams that were replaced a moment ago, too", async () => {
  const [first, second] = await Promise.all(["192.0.2.1", "192.0.2.2"].map((text) => upstreamOf(text)));
  const connections = new Set<Socket>();
  const between = createServer((socket) => {
    connections.add(socket);
    socket.on("close", () => connections.delete(socket)).on("error", () => undefined);
    socket
      .pipe(connect(first!.port, "127.0.0.1"))
      .on("error", () => undefined)
      .pipe(socket);
  }).listen(0, "127.0.0.1");
  await once(between, "listening");
  cleanUp.push(() => {
    for (const socket of connections) socket.destroy();
    between.close();
  });
  writeFileSync(file, `nameserver tcp://127.0.0.1:${(between.address() as AddressInfo).port}\n`);
  const { plane, ask } = planeOf({ upstream: file });
  await plane.open();
  expect(await ask("a.up.test.")).toBe("192.0.2.1");
  replaceFile(`nameserver ${addressOf(second!)}\n`);
  await vi.waitFor(async () => expect(await ask("b.up.test.")).toBe("192.0.2.2"), 15_000);
  expect(connections.size).toBe(1);
  await plane.close();
  // Without it they end after 3.8 seconds.
  await vi.waitFor(() => expect(connections.size).toBe(0), 10_000);
});
