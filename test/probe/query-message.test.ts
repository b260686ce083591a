// Queries as the tests' own reader sees them, and replies that its writer wrote.
import { describe, expect, test } from "vitest";
import type { Probe } from "../../src/doctor/observation.ts";
import { readReply, writeProbe } from "../../src/probe/query-message.ts";
import { address, name, writeReply } from "../support/scripted-upstream.ts";
import { canonicalIpv6, readMessage, writeHeader, writeOption, writeQuestion, writeRecord } from "../support/wire.ts";
import { writeQuery as writeTestQuery } from "../support/wire.ts";

const PROBE: Probe = {
  purpose: "plain",
  server: { host: "127.0.0.1", port: 53 },
  transport: "udp",
  questions: [],
};

function read(message: Uint8Array, type: "A" | "AAAA" | "PTR" | "DNSKEY" = "A") {
  const { kind: _, ms: __, ...rest } = readReply(message, type, 1);
  return rest;
}

const QUERY = writeTestQuery({ name: "web.example.", type: "A", opt: { size: 1232 } });
const BARE_QUERY = writeTestQuery({ name: "web.example.", type: "A" });

describe("a query", () => {
  test("asks for recursion, without EDNS", () => {
    const message = readMessage(Buffer.from(writeProbe({ name: "web.example.", type: "AAAA" }, 0x1234, PROBE)));
    expect(message).toMatchObject({ id: 0x1234, opcode: 0, flags: { qr: false, rd: true }, opt: undefined });
    expect(message.question).toEqual({ name: "web.example.", type: "AAAA", class: 1 });
  });

  test("has an OPT record with EDNS", () => {
    const probe = { ...PROBE, ednsSize: 1232, dnssecOk: true };
    const { opt } = readMessage(Buffer.from(writeProbe({ name: ".", type: "DNSKEY" }, 1, probe)));
    expect(opt).toEqual({ size: 1232, extendedRcode: 0, version: 0, flags: 0x8000, options: [] });
  });
});

describe("a reply", () => {
  test("has the records of the type, behind a CNAME too", () => {
    const answer = [
      { owner: "web.example.", type: "CNAME", rdata: name("x.example.") },
      { owner: "x.example.", type: "A", rdata: address("192.0.2.1") },
    ];
    const message = writeReply(QUERY, { answer });
    expect(read(message)).toEqual({
      rcode: "NOERROR",
      isTruncated: false,
      hasEdns: true,
      size: message.length,
      answers: ["192.0.2.1"],
      extendedErrors: [],
    });
  });

  test.each([
    ["AAAA", Buffer.from("fd000000000000000000000000000001", "hex"), canonicalIpv6("fd00::1")],
    ["PTR", name("kube-dns.kube-system.svc.cluster.local."), "kube-dns.kube-system.svc.cluster.local."],
    ["PTR", name("a\\027b."), "a\\027b."],
    ["DNSKEY", Buffer.from("010103080102", "hex"), ""],
  ] as const)("shows %s", (type, rdata, text) => {
    const query = writeTestQuery({ name: "web.example.", type });
    expect(read(writeReply(query, { answer: [{ owner: "web.example.", type, rdata }] }), type).answers).toEqual([text]);
  });

  test.each([
    [{ rcode: 3, edns: false }, "NXDOMAIN", false],
    [{ rcode: 16 }, "BADVERS", true],
    [{ rcode: 11, edns: false }, "RCODE11", false],
    [{ rcode: 1, headerOnly: true }, "FORMERR", false],
  ])("has a response code: %j", (scripted, rcode, hasEdns) => {
    expect(read(writeReply(QUERY, scripted))).toMatchObject({ rcode, hasEdns, answers: [] });
  });

  test("is truncated, in the middle of a record too", () => {
    const answer = [{ owner: "web.example.", type: "A", rdata: address("192.0.2.1") }];
    const message = writeReply(BARE_QUERY, { flags: 0x8380, answer });
    expect(read(message)).toMatchObject({ isTruncated: true, answers: ["192.0.2.1"] });
    expect(read(message.subarray(0, -2))).toMatchObject({ isTruncated: true, answers: [] });
  });

  test("has extended errors, with any text", () => {
    const data = (code: number, text: string): Buffer => Buffer.concat([Buffer.from([0, code]), Buffer.from(text)]);
    const options = Buffer.concat([
      writeOption(10, "00 11 22 33 44 55 66 77"),
      writeOption(15, data(22, "no upstream\u001b[31m\0")),
      writeOption(15, "00"),
      writeOption(15, data(14, "")),
      writeOption(15, data(0, "x".repeat(300))),
      writeOption(15, data(1, "one too many")),
    ]);
    const opt = writeRecord({ type: "OPT", class: 1232, rdata: options });
    const message = Buffer.concat([writeHeader(1, 0x8182, 1, 0, 0, 1), writeQuestion("web.example."), opt]);
    expect(read(message).extendedErrors).toEqual([
      { code: 22, text: "no upstream\u001b[31m" },
      { code: 14, text: "" },
      { code: 0, text: "x".repeat(255) },
    ]);
  });
});
