import { createSocket } from "node:dgram";
import type { Socket } from "node:dgram";
import { once } from "node:events";
import { createServer } from "node:net";
import type { AddressInfo, Server } from "node:net";
import { readFileSync } from "node:fs";
import { networkInterfaces } from "node:os";
import { afterEach, describe, expect, test } from "vitest";
import { run } from "../../src/cli/query.ts";
import { formatReason } from "../../src/reasons/reason.ts";
import { frame } from "../support/network.ts";
import { address, name, writeReply } from "../support/scripted-upstream.ts";
import type { ScriptedReply } from "../support/scripted-upstream.ts";
import { expectMsBelow } from "../support/timing.ts";
import { parseType, readMessage, writeOption } from "../support/wire.ts";
import { memoryIo } from "./memory-io.ts";

type Transport = "udp" | "tcp";
/** Bytes to send back, `close` to hang up, undefined to stay silent. */
type Responder = (query: Buffer, transport: Transport) => Buffer | "close" | undefined;

const open: (Socket | Server)[] = [];
afterEach(async () => {
  await Promise.all(open.splice(0).map((each) => new Promise<void>((resolve) => void each.close(() => resolve()))));
});

/** A server of this test's own on one free port, UDP and TCP; resolves with `ADDR:PORT`. */
async function startServer(respond: Responder, host = "127.0.0.1"): Promise<string> {
  const tcp = createServer((socket) => {
    socket.on("error", () => {});
    socket.on("data", (data: Buffer) => {
      const reply = respond(data.subarray(2), "tcp");
      if (reply === "close") socket.destroy();
      if (Buffer.isBuffer(reply)) socket.write(frame(reply));
    });
  });
  open.push(tcp.listen(0, host));
  await once(tcp, "listening");
  const { port } = tcp.address() as AddressInfo;
  const udp = createSocket(host.includes(":") ? "udp6" : "udp4");
  udp.on("message", (data, peer) => {
    const reply = respond(data, "udp");
    if (Buffer.isBuffer(reply)) udp.send(reply, peer.port, peer.address);
  });
  open.push(udp);
  udp.bind(port, host);
  try {
    await once(udp, "listening");
  } catch (error) {
    // A port that is free over TCP may be another test's over UDP.
    if ((error as NodeJS.ErrnoException).code !== "EADDRINUSE") throw error;
    return startServer(respond, host);
  }
  return host.includes(":") ? `[${host}]:${port}` : `${host}:${port}`;
}

const [QR, AA, TC, RD, RA] = [0x8000, 0x0400, 0x0200, 0x0100, 0x0080];

/** The reply to `query` with QR, AA and RD, but for what `reply` says. */
function encode(query: Buffer, reply: ScriptedReply = {}): Buffer {
  return writeReply(query, { flags: QR | AA | RD, ...reply });
}

async function query(...args: string[]): Promise<{ code: number; out: string; err: string }> {
  const io = memoryIo();
  const code = await run(args, io);
  return { code, out: io.out(), err: io.err() };
}

const ADDRESS = { owner: "web.default.", type: "A", ttl: 30, rdata: address("10.96.0.20") };
const hasIpv6 = Object.values(networkInterfaces()).some((each) => each?.some(({ address }) => address === "::1"));

/** The name in the tests' own registry, or a number. */
function codeOf(type: string): string {
  const known = { SVCB: 64, SSHFP: 44 }[type];
  return `TYPE${known ?? parseType(type)}`;
}

describe("a reply", () => {
  test("is printed as zone-file lines, code 0 on NOERROR", async () => {
    const server = await startServer((asked) => encode(asked, { answer: [ADDRESS] }));
    expect(await query("web.default", "--server", server)).toEqual({
      code: 0,
      out: [
        `; NOERROR, flags: qr aa rd; from ${server} over UDP`,
        "; question: web.default. IN A",
        "; answers",
        "web.default.\t30\tIN\tA\t10.96.0.20",
        "",
      ].join("\n"),
      err: "",
    });
  });

  test("comes from the listen address of the variables without --server", async () => {
    const server = await startServer((asked) => encode(asked, { answer: [ADDRESS] }));
    const io = memoryIo({ CLUSTER_DNS_LISTEN: `tls://0.0.0.0,${server.replace("127.0.0.1", "0.0.0.0")},[::]:1` });
    expect([await run(["web.default"], io), io.err()]).toEqual([0, ""]);
    expect(io.out()).toContain(`from ${server} over UDP`);
  });

  test("with another rcode is code 1", async () => {
    const numbers = Buffer.from([7, 1, 2, 3, 4].flatMap((value) => [0, 0, 0, value]));
    const rdata = Buffer.concat([name("ns.dns.z."), name("hostmaster.z."), numbers]);
    const authority = [{ owner: "z.", type: "SOA", ttl: 30, rdata }];
    const server = await startServer((asked) => encode(asked, { rcode: 3, authority }));
    const { code, out, err } = await query("nope.z", "srv", "--server", server);
    expect({ code, err }).toEqual({ code: 1, err: "" });
    expect(out).toContain("; NXDOMAIN, flags: qr aa rd; from");
    expect(out).toContain("; question: nope.z. IN SRV\n");
    expect(out).toContain("; authorities\nz.\t30\tIN\tSOA\tns.dns.z. hostmaster.z. 7 1 2 3 4\n");
  });

  test.each(["A", "AAAA", "SRV", "CNAME", "PTR", "NS", "SOA", "TXT", "ANY"])(
    "to a question of type %s",
    async (type) => {
      const seen: (string | undefined)[] = [];
      const server = await startServer((asked) => {
        seen.push(readMessage(asked).question?.type);
        return encode(asked);
      });
      expect((await query("a.b", type.toLowerCase(), "--server", server)).code).toBe(0);
      expect(seen).toEqual([type]);
    },
  );

  test.each<[type: string, rdata: string, text: string]>([
    ["MX", "000a 046d61696c0a636c7573746572646e73047465737400", "10 mail.clusterdns.test."],
    ["CAA", "00 05 6973737565 6361302e6578616d706c65", '0 issue "ca0.example"'],
    ["HTTPS", "0001 00 0001 0006 02 6833 02 6832", '1 . alpn="h3,h2"'],
    ["SVCB", "0002 046e616d6500", "2 name."],
    ["NAPTR", "0001 0002 01 55 00 00 00", '1 2 "U" "" "" .'],
    ["TLSA", "03 01 01 abcd", "3 1 1 ABCD"],
    ["DS", "0001 08 02 abcd", "1 8 2 ABCD"],
    ["SSHFP", "04 02 abcd", "4 2 ABCD"],
    ["TYPE65280", "01 02", "\\# 2 0102"],
  ])("of type %s is printed as zones have it", async (type, hex, text) => {
    const rdata = Buffer.from(hex.replaceAll(" ", ""), "hex");
    const seen: (string | undefined)[] = [];
    const server = await startServer((asked) => {
      seen.push(readMessage(asked).question?.type);
      return encode(asked, { answer: [ADDRESS, { owner: "web.default.", type: codeOf(type), ttl: 5, rdata }] });
    });
    const { out, code } = await query("web.default", type.toLowerCase(), "--server", server);
    expect(out.toLowerCase()).toContain(`web.default.\t5\tin\t${type}\t${text}\n`.toLowerCase());
    expect([code, seen.map((each) => codeOf(each!))]).toEqual([0, [codeOf(type)]]);
  });

  test("TYPE65 is HTTPS", async () => {
    const server = await startServer((asked) => encode(asked));
    expect((await query("a.b", "TYPE65", "--server", server)).out).toContain("; question: a.b. IN HTTPS\n");
  });

  test("has the server's name and all extended errors", async () => {
    const server = await startServer((asked) => {
      expect(readMessage(asked).opt?.options.map(({ code }) => code)).toEqual([3]);
      const errors = [
        [9, "no DNSKEY"],
        [0, "upstream 10.0.0.53 answers SERVFAIL"],
      ] as const;
      return encode(asked, { rcode: 2, errors, options: writeOption(3, Buffer.from("\u001bdns-2")) });
    });
    const { out, err } = await query("a.b", "--server", server);
    expect(err).toBe("");
    expect(out.split("\n").slice(2, -1)).toEqual([
      "; NSID: 1b646e732d32 (\\u{1b}dns-2)",
      "; EDE: 9 (DNSKEY Missing): no DNSKEY",
      "; EDE: 0 (Other Error): upstream 10.0.0.53 answers SERVFAIL",
    ]);
  });

  test("is printed as docs/query.md shows it", async () => {
    const page = readFileSync(new URL("../../docs/query.md", import.meta.url), "utf8");
    const [, shown = ""] = /--server 10\.0\.0\.10\n(.*?)```/s.exec(page) ?? [];
    const rdata = Buffer.concat([Buffer.from([0, 10]), name("mail.example.com.")]);
    const server = await startServer((asked) =>
      encode(asked, {
        flags: QR | RD | RA,
        answer: [{ owner: "example.com.", type: "MX", ttl: 30, rdata }],
        options: writeOption(3, Buffer.from("dns-1")),
        errors: [[3, formatReason({ code: "stale" })]],
      }),
    );
    const { out } = await query("example.com", "MX", "--server", server);
    expect(out.replace(server, "10.0.0.10:53")).toBe(shown);
  });

  test("has an rcode of 12 bits", async () => {
    const server = await startServer((asked) => encode(asked, { rcode: 16 }));
    expect(await query("a.b", "--server", server)).toMatchObject({
      code: 1,
      out: expect.stringMatching(/^; BADVERS,/),
    });
  });

  test("truncated over UDP is requested again over TCP", async () => {
    const seen: Transport[] = [];
    const server = await startServer((asked, transport) => {
      seen.push(transport);
      return transport === "udp"
        ? encode(asked, { flags: QR | AA | TC | RD })
        : encode(asked, { answer: Array<typeof ADDRESS>(100).fill(ADDRESS) });
    });
    const { code, out } = await query("web.default", "--server", server);
    expect(seen).toEqual(["udp", "tcp"]);
    expect(code).toBe(0);
    expect(out).toContain("over TCP\n");
    expect(out.match(/10\.96\.0\.20/g)).toHaveLength(100);
  });

  test("--tcp uses TCP at once, with a new message ID each time", async () => {
    const seen: [Transport, number][] = [];
    const server = await startServer((asked, transport) => {
      seen.push([transport, asked.readUInt16BE()]);
      return encode(asked, { answer: [ADDRESS] });
    });
    for (let i = 0; i < 3; i++) expect((await query("web.default", "--tcp", "--server", server)).code).toBe(0);
    expect(seen.map(([transport]) => transport)).toEqual(["tcp", "tcp", "tcp"]);
    expect(new Set(seen.map(([, id]) => id)).size).toBeGreaterThan(1);
  });

  test.skipIf(!hasIpv6)("comes from an IPv6 server as well, over UDP and TCP", async () => {
    const server = await startServer((asked) => encode(asked, { answer: [ADDRESS] }), "::1");
    expect((await query("web.default", "--server", server)).out).toContain(`from ${server} over UDP`);
    expect((await query("web.default", "--tcp", "--server", server)).out).toContain(`from ${server} over TCP`);
  });
});

describe("no usable reply is code 2, in time", () => {
  test.each<[string, string[], Responder, string]>([
    ["silence over UDP", [], () => undefined, "timed out"],
    ["silence over TCP", ["--tcp"], () => undefined, "timed out"],
    ["another ID over UDP", [], (q) => encode(q, { id: q.readUInt16BE() ^ 1 }), "timed out"],
    ["another ID over TCP", ["--tcp"], (q) => encode(q, { id: q.readUInt16BE() ^ 1 }), "another message ID"],
    ["garbage over UDP", [], () => Buffer.from("what?"), "timed out"],
    ["garbage over TCP", ["--tcp"], () => Buffer.from("what?"), ""],
    ["nothing over TCP", ["--tcp"], () => Buffer.alloc(0), ""],
    ["a closed connection", ["--tcp"], () => "close", ""],
    ["a query", [], (q) => encode(q, { flags: AA | RD }), "the message received is a query"],
    ["records cut off", [], (q) => encode(q, { answer: [ADDRESS, ADDRESS] }).subarray(0, -3), "malformed"],
    [
      "TC and then silence",
      [],
      (q, t) => (t === "udp" ? encode(q, { flags: QR | AA | TC | RD }) : undefined),
      "timed out",
    ],
  ])("%s", async (_, args, respond, reason) => {
    const server = await startServer(respond);
    const start = performance.now();
    const { code, out, err } = await query("web.default", "--server", server, "--timeout", "0.3", ...args);
    expect({ code, out }).toEqual({ code: 2, out: "" });
    expect(err).toMatch(/^cluster-dns query: no reply from .*\n$/);
    expect(err).toContain(`no reply from ${server}: `);
    expect(err).toContain(reason);
    expectMsBelow(performance.now() - start, 2_000);
  });

  test.each([[["--tcp"]], [[]]])("no listener: connection refused %j", async (args) => {
    const server = await startServer(() => undefined);
    await Promise.all(open.splice(0).map((each) => new Promise<void>((resolve) => void each.close(() => resolve()))));
    const { code, err } = await query("a.b", "--server", server, ...args);
    expect(code).toBe(2);
    expect(err).toContain(`no reply from ${server}: connection refused: nothing listens there (`);
    expect(err).toContain("ECONNREFUSED");
  });
});

describe("bad usage is code 2", () => {
  test.each([
    [[], "no name given"],
    [["a", "A", "b"], 'unexpected argument "b": give one name and one type'],
    [["a", "AAA"], 'unknown type "AAA"'],
    [["a", "SVR"], "did you mean SRV?"],
    [["a", "OPT"], 'unknown type "OPT"'],
    [["a", "TYPE65536"], 'unknown type "TYPE65536"'],
    [["a..b"], '"a..b" is not a domain name'],
    [["ä.example"], '"ä.example" is not a domain name'],
    [[`${"a".repeat(64)}.b`], "is not a domain name"],
    [["a", "--sever", "x"], "unknown flag --sever; did you mean --server?"],
    [["a", "--server", "localhost"], "host names are not accepted"],
    [["a", "--server", "127.0.0.1:0"], '--server: "127.0.0.1:0" has port 0, on which no server listens'],
    [["a", "--server", "tls://127.0.0.1"], '--server: "tls://127.0.0.1" is not plain DNS: give ADDR or ADDR:PORT'],
    [["a", "--tcp=maybe"], '--tcp: "maybe" is not true or false'],
    [["a", "--timeout", "0"], '--timeout: "0" is not a number of seconds up to 60'],
    [["a", "--timeout", "61"], '--timeout: "61" is not a number of seconds up to 60'],
  ])("%j: %s", async (args, message) => {
    const { code, out, err } = await query(...args);
    expect({ code, out }).toEqual({ code: 2, out: "" });
    expect(err).toContain(message);
    expect(err).toContain("Run cluster-dns query --help for the flags.");
  });
});
