import { createSocket } from "node:dgram";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { externalName, headless, ObjectError, pod, serve, service, SettingsError } from "../../src/main.ts";
import type { EmbeddedServer, ServeSettings } from "../../src/main.ts";
import { liveService, NAMESPACE } from "../sources/kubernetes/mirror.ts";
import { ApiServer } from "../support/api-server/api-server.ts";
import { askTcp, UdpClient } from "../support/network.ts";
import { readMessage, writeQuery } from "../support/wire.ts";
import type { Message } from "../support/wire.ts";

const WEB = "web.default.svc.cluster.local";
const web = service({ name: "web", clusterIP: "10.96.0.80" });

async function ask(dns: EmbeddedServer, name: string, type = "A"): Promise<Message> {
  const client = await UdpClient.open(dns.addresses[0]!);
  try {
    return readMessage(await client.ask(writeQuery({ name: `${name}.`, type, id: 7, opt: { size: 1232 } })));
  } finally {
    client.close();
  }
}

function listInItself(): object {
  const items: object[] = [];
  const list = { apiVersion: "v1", kind: "List", items };
  items.push(list);
  return list;
}

function deepArray(depth: number): object {
  let array: object[] = [];
  for (let i = 0; i < depth; i++) array = [array];
  return array;
}

function withGetter(field: "kind" | "spec"): object {
  return Object.defineProperty(service({ name: "b" }), field, {
    get(): never {
      throw new Error("boom");
    },
  });
}

function revokedProxy(): object {
  const { proxy, revoke } = Proxy.revocable({}, {});
  revoke();
  return proxy;
}

test("a program's objects may stand beside a cluster, also if there are none yet", async () => {
  const api = await ApiServer.start();
  const folder = mkdtempSync(join(tmpdir(), "embedded-"));
  try {
    api.put(NAMESPACE, liveService("web", "10.96.0.81"));
    writeFileSync(join(folder, "config"), api.kubeconfig());
    await using dns = await serve({ cluster: `east=kubeconfig:${join(folder, "config")},domain=east.local` });
    expect(await dns.resolver().resolve4("web.default.svc.east.local")).toEqual(["10.96.0.81"]);
    await dns.apply(web);
    expect(await dns.resolver().resolve4(WEB)).toEqual(["10.96.0.80"]);
    expect(await dns.resolver().resolve4("web.default.svc.east.local")).toEqual(["10.96.0.81"]);
  } finally {
    await api.close();
    rmSync(folder, { recursive: true });
  }
});

describe("its address", () => {
  test("is ready to hand to a resolver", async () => {
    await using dns = await serve();
    expect(dns.address).toBe("127.0.0.1");
    expect(dns.nameserver).toBe(`127.0.0.1:${dns.port}`);
    expect(dns.resolver().getServers()).toEqual([dns.nameserver]);
  });

  test("of IPv6 has brackets", async () => {
    await using dns = await serve({ listen: "[::1]:0", objects: web });
    expect(dns.nameserver).toBe(`[::1]:${dns.port}`);
    expect(await dns.resolver().resolve4(WEB)).toEqual(["10.96.0.80"]);
  });
});

describe("objects", () => {
  test("are added, replaced and removed", async () => {
    await using dns = await serve({ objects: web });
    const resolver = dns.resolver();
    await dns.apply(service({ name: "api", clusterIP: "10.96.0.81" }));
    expect(await resolver.resolve4("api.default.svc.cluster.local")).toEqual(["10.96.0.81"]);
    await dns.apply(service({ name: "api", clusterIP: "10.96.0.82" }));
    expect(await resolver.resolve4("api.default.svc.cluster.local")).toEqual(["10.96.0.82"]);
    await dns.delete({ kind: "Service", apiVersion: "v1", metadata: { name: "api" } });
    expect((await ask(dns, "api.default.svc.cluster.local")).rcode).toBe("NXDOMAIN");
    expect(await resolver.resolve4(WEB)).toEqual(["10.96.0.80"]);
    await dns.set([headless({ name: "db", endpoints: ["10.244.0.7", { address: "fd00::7", hostname: "db-0" }] })]);
    expect((await ask(dns, WEB)).rcode).toBe("NXDOMAIN");
    expect(await resolver.resolve4("db.default.svc.cluster.local")).toEqual(["10.244.0.7"]);
    expect(await resolver.resolve6("db-0.db.default.svc.cluster.local")).toEqual(["fd00::7"]);
  });

  test("one that is not valid changes nothing", async () => {
    await using dns = await serve({ objects: web });
    const bad = { apiVersion: "v1", kind: "Service", metadata: { name: "api" }, spec: { ports: [{ port: 99_999 }] } };
    for (const change of [dns.apply([service({ name: "api" }), bad]), dns.set([service({ name: "api" }), bad])]) {
      await expect(change).rejects.toThrow(ObjectError);
      await expect(change).rejects.toThrow(/^Service default\/api: spec\.ports\[0\]\.port: /);
    }
    expect((await ask(dns, "api.default.svc.cluster.local")).rcode).toBe("NXDOMAIN");
    expect((await ask(dns, WEB)).rcode).toBe("NOERROR");
  });

  test("one that is not valid is an error as docs/library.md shows it", async () => {
    await using dns = await serve();
    const page = readFileSync(new URL("../../docs/library.md", import.meta.url), "utf8");
    const shown = /^```text\n(Service default\/api: .*?)\n```$/ms.exec(page)![1]!.replaceAll("\n", " ");
    const bad = { apiVersion: "v1", kind: "Service", metadata: { name: "api" }, spec: { ports: [{ port: 99_999 }] } };
    await expect(dns.apply(bad)).rejects.toThrow(new ObjectError(shown, "Service default/api"));
  });

  test.each<[what: string, makeBad: () => unknown, why: string]>([
    ["a List in itself", listInItself, "Lists nest more than 5 levels deep"],
    ["a deep array", () => deepArray(100_000), "Lists nest more than 5 levels deep"],
    [
      "a BigInt",
      () => service({ name: "b", ports: [{ port: 80n as never }] }),
      "Do not know how to serialize a BigInt",
    ],
    ["a getter that throws", () => withGetter("spec"), "boom"],
    ["a kind that throws", () => withGetter("kind"), "boom"],
    ["a proxy that throws", revokedProxy, "Cannot perform 'IsArray' on a proxy that has been revoked"],
  ])("%s can't be read", async (_, makeBad, why) => {
    await using dns = await serve({ objects: web });
    const bad = makeBad() as object;
    for (const change of [dns.apply([web, web, bad]), dns.set([web, web, bad]), dns.delete([web, web, bad])]) {
      await expect(change).rejects.toThrow(ObjectError);
      await expect(change).rejects.toThrow(`object 3 can't be read: ${why}`);
    }
    expect(await dns.resolver().resolve4(WEB)).toEqual(["10.96.0.80"]);
    await expect(serve({ objects: bad })).rejects.toThrow(ObjectError);
  });

  test("one that is not there can't be deleted", async () => {
    await using dns = await serve({ objects: web });
    const gone = dns.delete(service({ name: "wbe" }));
    await expect(gone).rejects.toThrow(
      "Service default/wbe: no such object was passed in by this program; did you mean Service default/web?",
    );
    expect((await ask(dns, WEB)).rcode).toBe("NOERROR");
  });

  test("override the manifests of `paths`", async () => {
    await using dns = await serve({ paths: ["zones"], objects: web });
    expect(await dns.resolver().resolve4(WEB)).toEqual(["10.96.0.80"]);
    await dns.delete(web);
    expect(await dns.resolver().resolve4(WEB)).toEqual(["10.96.12.80"]);
  });
});

describe("questions", () => {
  test.each<NonNullable<ServeSettings["udpTransport"]>>(["dgram", "batch"])(
    "are kept with their answers (%s)",
    async (udpTransport) => {
      await using dns = await serve({ objects: web, udpTransport, questions: 3 });
      const resolver = dns.resolver();
      await resolver.resolve4("Web.Default.svc.cluster.local");
      await resolver.resolveSrv(`_http._tcp.${WEB}`);
      await resolver.resolve6("none.default.svc.cluster.local").catch(() => undefined);
      await askTcp(dns.addresses[0]!, writeQuery({ name: `${WEB}.`, type: "A" }));
      expect(dns.questions).toMatchObject([
        { name: `_http._tcp.${WEB}`, type: "SRV", rcode: "NOERROR", answers: [{ data: `0 100 80 ${WEB}.` }] },
        { name: "none.default.svc.cluster.local", type: "AAAA", rcode: "NXDOMAIN", answers: [] },
        {
          name: WEB,
          type: "A",
          transport: "tcp",
          client: "127.0.0.1",
          answers: [{ name: WEB, type: "A", ttl: 30, data: "10.96.0.80" }],
        },
      ]);
      await dns.reset();
      expect(dns.questions).toEqual([]);
    },
  );

  test("of forwarded names are kept too", async () => {
    await using upstream = await serve({ clusterDomain: "example.com", objects: web });
    await using dns = await serve({ upstream: upstream.nameserver });
    expect(await dns.resolver().resolve4("web.default.svc.example.com")).toEqual(["10.96.0.80"]);
    expect(dns.questions).toMatchObject([{ name: "web.default.svc.example.com", answers: [{ data: "10.96.0.80" }] }]);
    expect(await upstream.asked("web.default")).toMatchObject({ transport: "udp", rcode: "NOERROR" });
  });

  test("can be waited for, before and after they come", async () => {
    await using dns = await serve({ objects: web });
    const first = dns.asked("web.default", { type: "aaaa" });
    await dns.resolver().resolve4(WEB);
    expect(await dns.asked(`${WEB}.`)).toMatchObject({ type: "A" });
    expect(await dns.asked("web.default.svc")).toMatchObject({ type: "A" });
    await dns
      .resolver()
      .resolve6(WEB)
      .catch(() => undefined);
    expect(await first).toMatchObject({ name: WEB, type: "AAAA", rcode: "NOERROR", answers: [] });
  });

  test("that do not come say what came instead", async () => {
    await using dns = await serve({ objects: web });
    await expect(dns.asked("example.com", { timeoutMs: 1 })).rejects.toThrow(
      "nobody asked for example.com within 1 ms; there was no question",
    );
    await dns.resolver().resolve4(WEB);
    await expect(dns.asked("web.default", { type: "SRV", timeoutMs: 1 })).rejects.toThrow(
      `nobody asked for ${WEB} SRV within 1 ms; asked: ${WEB} A`,
    );
    await expect(dns.asked("a..b")).rejects.toThrow('name: "a..b" is no DNS name');
  });

  test.each<[options: unknown, message: string]>([
    [null, "asked: expected an object with type, timeoutMs, got null"],
    [{ typ: "A" }, 'asked: unknown field "typ"; did you mean type?'],
    [{ type: "ZZ" }, "asked: type: expected a record type, such as AAAA"],
    [{ timeoutMs: "x" }, "asked: timeoutMs: expected milliseconds from 0 to 2147483647, got a string"],
    [{ timeoutMs: -1 }, "asked: timeoutMs: expected milliseconds"],
    [{ timeoutMs: Infinity }, "asked: timeoutMs: expected milliseconds"],
    [{ timeoutMs: NaN }, "asked: timeoutMs: expected milliseconds"],
  ])("are not waited for by %j", async (options, message) => {
    await using dns = await serve({ objects: web });
    await dns.resolver().resolve4(WEB);
    const asked = dns.asked("web.default", options as object);
    await expect(asked).rejects.toThrow(SettingsError);
    await expect(asked).rejects.toThrow(message);
  });

  test("none are kept where none are wanted", async () => {
    await using dns = await serve({ objects: web, udpTransport: "batch" });
    await dns.resolver().resolve4(WEB);
    expect(dns.questions).toEqual([]);
    await expect(dns.asked("web.default")).rejects.toThrow(SettingsError);
    expect(() => dns.override("web.default", { drop: true })).toThrow(/^questions: 0/);
  });
});

describe("after its end", () => {
  test("whoever waits for a question hears of it", async () => {
    const dns = await serve();
    const asked = dns.asked("web.default", { timeoutMs: 3_600_000 });
    const [ended] = await Promise.allSettled([asked, dns.close()]);
    expect(ended).toMatchObject({ reason: new Error("the server is closed") });
  });

  test.each<[method: string, call: (dns: EmbeddedServer) => unknown]>([
    ["apply", (dns) => dns.apply(web)],
    ["set", (dns) => dns.set(web)],
    ["delete", (dns) => dns.delete(web)],
    ["reset", (dns) => dns.reset()],
    ["asked", (dns) => dns.asked("web.default", { timeoutMs: 1 })],
    ["override", (dns) => dns.override("web.default", { drop: true })],
    ["explain", (dns) => dns.explain("web.default")],
  ])("%s fails", async (_, call) => {
    const dns = await serve({ objects: web });
    await dns.close();
    await expect((async () => call(dns))()).rejects.toThrow(/^the server is closed$/);
    await dns.close();
  });
});

describe.each<NonNullable<ServeSettings["udpTransport"]>>(["dgram", "batch"])("an override (%s)", (udpTransport) => {
  const start = (): Promise<EmbeddedServer> => serve({ objects: web, udpTransport, questions: 100 });

  test("of records replaces the answer, until reset", async () => {
    await using dns = await start();
    dns.override("web.default", { records: ["10.0.0.1", "60 A 10.0.0.2", "fd00::1"] });
    const message = await ask(dns, WEB);
    expect(message.answer.map(({ rdata, ttl }) => [rdata, ttl])).toEqual([
      ["10.0.0.1", 0],
      ["10.0.0.2", 60],
    ]);
    expect(message.opt).toBeDefined();
    expect((await ask(dns, WEB, "AAAA")).answer).toMatchObject([{ rdata: "fd00::1" }]);
    expect(await ask(dns, WEB, "TXT")).toMatchObject({ rcode: "NOERROR", answer: [] });
    expect(dns.questions.at(-1)).toMatchObject({ name: WEB, type: "TXT", rcode: "NOERROR" });
    await dns.reset();
    expect((await ask(dns, WEB)).answer).toMatchObject([{ rdata: "10.96.0.80" }]);
  });

  test("is explained, and the explanation asks no question that is seen", async () => {
    await using dns = await start();
    dns.override("web.default", { rcode: "NXDOMAIN" });
    expect((await dns.explain(`${WEB}.`, { type: "A" })).sentence).toBe(
      `${WEB}. does not resolve: the program overrides the answer for ${WEB}.`,
    );
    expect((await dns.explain(`kubernetes.default`)).isResolved).toBe(true);
    expect(dns.questions).toEqual([]);
    await expect(dns.explain("web", { from: "a/b/c" })).rejects.toThrow(SettingsError);
  });

  test("of an alias is followed", async () => {
    await using dns = await start();
    dns.override("api.example.com", { records: `CNAME ${WEB}.` });
    expect(await dns.resolver().resolve4("api.example.com")).toEqual(["10.96.0.80"]);
    expect(await dns.resolver().resolveCname("api.example.com")).toEqual([WEB]);
  });

  test("of an rcode, for one type, so many times", async () => {
    await using dns = await start();
    dns.override("web.default", { rcode: "SERVFAIL", type: "A", times: 2 });
    expect((await ask(dns, WEB, "AAAA")).rcode).toBe("NOERROR");
    for (const rcode of ["SERVFAIL", "SERVFAIL", "NOERROR"]) expect((await ask(dns, WEB)).rcode).toBe(rcode);
  });

  test("of nothing drops the question", async () => {
    await using dns = await start();
    dns.override("web.default", { drop: true, times: 1 });
    const resolver = dns.resolver({ timeout: 50, tries: 1 });
    await expect(resolver.resolve4(WEB)).rejects.toMatchObject({ code: "ETIMEOUT" });
    expect(await dns.asked("web.default")).toMatchObject({ rcode: undefined, answers: [] });
    expect(await dns.resolver().resolve4(WEB)).toEqual(["10.96.0.80"]);
  });

  test("of a delay lets others pass, and does not hold up the end", async () => {
    const dns = await start();
    dns.override("web.default", { delayMs: 3_600_000, times: 1 });
    const late = dns.resolver({ timeout: 50, tries: 1 }).resolve4(WEB);
    await expect(late).rejects.toMatchObject({ code: "ETIMEOUT" });
    expect(await dns.resolver().resolve4(WEB)).toEqual(["10.96.0.80"]);
    dns.override("web.default", { delayMs: 1 });
    expect(await dns.resolver().resolve4(WEB)).toEqual(["10.96.0.80"]);
    await dns.close();
  });

  test("too large for a datagram has TC, and comes whole over TCP", async () => {
    await using dns = await start();
    const records = Array.from({ length: 200 }, (_, i) => `10.0.0.${i}`);
    dns.override("web.default", { records });
    expect(await ask(dns, WEB)).toMatchObject({ flags: { tc: true }, answer: [] });
    expect((await dns.resolver().resolve4(WEB)).length).toBe(200);
  });
});

test.each<[answer: unknown, message: string]>([
  [undefined, "expected an object with records, rcode, delayMs, drop, type, times"],
  [{}, "expected records, rcode, delayMs or drop"],
  [{ rcod: "SERVFAIL" }, 'unknown field "rcod"; did you mean rcode?'],
  [{ rcode: "SERVFALI" }, 'rcode "SERVFALI" is not known; did you mean SERVFAIL?'],
  [{ delayMs: -1 }, "delayMs: expected milliseconds"],
  [{ drop: true, times: 0 }, "times: expected a whole number from 1"],
  [{ drop: true, type: "AAAAA" }, "type: expected a record type, such as AAAA"],
  [{ drop: "yes" }, "drop: expected true or false, got a string"],
  [{ drop: true, records: "10.0.0.1" }, "drop: expected no records, rcode or delayMs with it"],
  [{ drop: true, rcode: "SERVFAIL" }, "drop: expected no records, rcode or delayMs with it"],
  [{ drop: true, delayMs: 1 }, "drop: expected no records, rcode or delayMs with it"],
  [{ rcode: "BADVERS" }, 'rcode "BADVERS" is not known'],
  [{ rcode: "constructor" }, 'rcode "constructor" is not known'],
  [{ records: [5] }, "records: expected a string or an array of strings"],
  [{ records: "A 10.0.0" }, "records: A: expected an IPv4 address, got `10.0.0`; write one as 192.0.2.1"],
])("an override by %j is refused", async (answer, message) => {
  await using dns = await serve();
  const override = (): void => dns.override("web.default", answer as object);
  expect(override).toThrow(SettingsError);
  expect(override).toThrow(`override of web.default.svc.cluster.local.: ${message}`);
});

test("an override of a wildcard is refused", async () => {
  await using dns = await serve();
  const override = (): void => dns.override("*.default", { drop: true });
  expect(override).toThrow(SettingsError);
  expect(override).toThrow('name: "*.default" is a wildcard; override each name by itself');
});

test("a hundred servers at a time, none of which is left behind", async () => {
  const servers = await Promise.all(
    Array.from({ length: 100 }, (_, i) => serve({ objects: service({ name: `s${i}` }) })),
  );
  expect(new Set(servers.map(({ port }) => port)).size).toBe(100);
  const name = (i: number): string => `s${i}.default.svc.cluster.local`;
  await Promise.all(servers.map((dns, i) => dns.resolver().resolve4(name(i))));
  await expect(servers[0]!.resolver().resolve4(name(1))).rejects.toMatchObject({ code: "ENOTFOUND" });
  const ports = servers.map(({ port }) => port);
  await Promise.all(servers.map((dns) => dns.close()));
  // Each port can be bound again.
  for (const port of ports) {
    const socket = createSocket("udp4");
    const bound = Promise.withResolvers<void>();
    socket.on("error", bound.reject).bind(port, "127.0.0.1", bound.resolve);
    await bound.promise;
    socket.close();
  }
});

test("pods and aliases of builders have names", async () => {
  await using dns = await serve({
    objects: [
      headless({ name: "db", endpoints: [], ports: { postgres: 5432 } }),
      pod({ name: "db-0", ip: "10.244.0.9", hostname: "db-0", subdomain: "db" }),
      externalName({ name: "mail", target: "web.default.svc.cluster.local" }),
      web,
    ],
  });
  expect(await dns.resolver().resolve4("mail.default.svc.cluster.local")).toEqual(["10.96.0.80"]);
  expect(await dns.resolver().resolve4("10-244-0-9.default.pod.cluster.local")).toEqual(["10.244.0.9"]);
});
