import { describe, expect, test } from "vitest";
import { errorReply, failureOf, toldErrors, upstreamFailure } from "../../src/forward/failure.ts";
import { parseUpstream } from "../../src/config/upstream-value.ts";
import type { FailureCause } from "../../src/forward/failure-cause.ts";
import type { Upstream } from "../../src/net/upstream.ts";
import { writeHeader, writeOpt, writeOption, writeQuestion } from "../support/wire.ts";

function upstream(text: string): Upstream {
  const parsed = parseUpstream(text);
  if ("fault" in parsed) throw new Error(parsed.fault);
  return parsed.value;
}

/** A reply with that extended error, or without any. */
function reply(rcode: number, code?: number, text = ""): Uint8Array {
  const data = Buffer.concat([Buffer.from([(code ?? 0) >> 8, code ?? 0]), Buffer.from(text)]);
  const options = code === undefined ? Buffer.alloc(0) : writeOption(15, data);
  return Buffer.concat([
    writeHeader(1, 0x8180 | rcode, 1, 0, 0, 1),
    writeQuestion("a.example."),
    writeOpt({ size: 1232, options }),
  ]);
}

describe("what a client gets to know of an upstream's failure", () => {
  test.each<[upstream: string, fault: FailureCause, ede: number, text: string]>([
    ["10.0.0.2", "timeout", 22, "upstream 10.0.0.2 timed out"],
    ["10.0.0.2:53", "timeout", 22, "upstream 10.0.0.2 timed out"],
    ["10.0.0.2:5353", "unreachable", 22, "upstream 10.0.0.2:5353 can't be reached: no route leads there"],
    ["tcp://10.0.0.2", "refused", 23, "upstream tcp://10.0.0.2 refuses connections: nothing listens there"],
    ["tls://10.0.0.2#dns.example", "tls", 23, "upstream tls://10.0.0.2#dns.example fails in the TLS handshake"],
    [
      "https://10.0.0.2/dns-query#dns.example",
      "http-status",
      23,
      "upstream https://10.0.0.2/dns-query#dns.example answers with an HTTP status that is an error",
    ],
  ])("%s %s", (text, fault, ede, expected) => {
    expect(upstreamFailure(upstream(text), fault)).toEqual({ failed: true, rcode: 2, ede, text: expected });
  });

  test("that none is up", () => {
    expect(upstreamFailure(undefined, "unreachable")).toMatchObject({ ede: 22, text: "no upstream is up" });
    const down = [
      { upstream: upstream("10.0.0.2"), cause: "timeout" },
      { upstream: upstream("tcp://10.0.0.3"), cause: "refused" },
    ] as const;
    const text =
      "no upstream is up: upstream 10.0.0.2 timed out, upstream tcp://10.0.0.3 refuses connections: nothing listens there";
    expect(upstreamFailure(undefined, "unreachable", down)).toMatchObject({ ede: 22, text });
  });

  test.each([
    ["SERVFAIL", reply(2), 2, 0, "upstream 10.0.0.2 answers SERVFAIL"],
    ["REFUSED", reply(5), 5, 0, "upstream 10.0.0.2 answers REFUSED"],
    ["NOTIMP", reply(4), 2, 0, "upstream 10.0.0.2 answers NOTIMP"],
  ])("%s", (_, message, rcode, ede, text) => {
    expect(errorReply(upstream("10.0.0.2"), message)).toEqual({ failed: true, rcode, ede, text });
  });

  test.each<[what: string, message: Uint8Array, ede: number, text: string | undefined]>([
    ["its own text", reply(2, 9, "no DNSKEY"), 9, "no DNSKEY"],
    ["a code without text", reply(2, 9), 9, undefined],
    ["a code that means another server here", reply(5, 20, "not here"), 20, "not here"],
    ["text that controls a terminal", reply(2, 0, "\u001b[2J"), 0, "\\u{1b}[2J"],
    ["text that is too long", reply(2, 9, "é".repeat(128)), 9, "é".repeat(127)],
  ])("%s, and then which upstream it is", (_, message, ede, text) => {
    const failure = errorReply(upstream("10.0.0.2"), message);
    expect([failure.ede, failure.text]).toEqual([ede, text]);
    expect(Buffer.from(failure.furtherErrors ?? []).toString("latin1")).toContain("\0\0upstream 10.0.0.2 answers ");
  });

  test("a sentence about a long name is cut", () => {
    const name = "\\001".repeat(250);
    expect(failureOf({ code: "cname-loop", name }).text).toHaveLength(255);
  });
});

test("a denial without an extended error says nothing", () => {
  expect(toldErrors(reply(3))).toBeUndefined();
  expect(toldErrors(reply(3, 15, "blocked"))).toEqual({ ede: 15, text: "blocked" });
});
