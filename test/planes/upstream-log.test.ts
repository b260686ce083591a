// What the log says of upstreams that go, come back, and fail.
import { describe, expect, test, vi } from "vitest";
import type { Logger } from "../../src/observe/log.ts";
import type { UpstreamEvent } from "../../src/forward/upstream-event.ts";
import { upstreamLog } from "../../src/planes/upstream-log.ts";
import { makeCertificate } from "../support/certificates.ts";
import { NamedUpstream, startForwarding } from "../support/forwarding.ts";
import { keptLog } from "../support/kept-log.ts";
import { freePort } from "../support/process.ts";
import { rightAnswer, writeReply } from "../support/scripted-upstream.ts";
import { writeOpt, writeQuery } from "../support/wire.ts";

const UPSTREAM = { text: "10.0.0.53", protocol: "udp", host: "10.0.0.53", port: 53 } as const;
const WITHIN = { timeout: 15_000 };

/** SERVFAIL with an extended error. */
function servfail(query: Uint8Array, code: number, text: string): Buffer {
  const reply = writeReply(query, { rcode: 2, edns: false });
  reply.writeUInt16BE(1, 10);
  const option = Buffer.concat([Buffer.from([0, 15, 0, 2 + text.length, 0, code]), Buffer.from(text)]);
  return Buffer.concat([reply, writeOpt({ size: 1232, options: option })]);
}

describe("a server's log", () => {
  test("names an upstream that is down, with the cause, and tells when it is back", async () => {
    const port = await freePort();
    const upstream = `127.0.0.1:${port}`;
    const log = keptLog();
    const { client, close } = await startForwarding({ output: log.output, logLevel: "info", upstream });
    const told = (): unknown[] => log.entries().filter((entry) => "upstream" in entry);
    const down = {
      upstream,
      cause: "refused",
      detail: "ECONNREFUSED",
      msg: "upstream is down: it refuses connections: nothing listens there",
    };
    for (const name of ["a.up.test.", "b.up.test.", "c.up.test."]) await client.ask(name);
    await vi.waitFor(() => expect(told()).toEqual([down]));
    const back = await NamedUpstream.open({ port });
    const up = { upstream, downMs: expect.any(Number), msg: "upstream is up again" };
    await vi.waitFor(() => expect(told()).toEqual([down, up]), WITHIN);
    await close();
    await back.close();
  });

  test("names an upstream that rejects EDNS", async () => {
    const log = keptLog();
    const { client, upstream, close } = await startForwarding({ output: log.output, logLevel: "info" });
    upstream.say("*", ({ query }) => [
      { bytes: query[11] === 0 ? rightAnswer(query) : writeReply(query, { rcode: 1 }) },
    ]);
    for (const name of ["a.up.test.", "b.up.test."]) await client.ask(name);
    const told = log.entries().filter((entry) => "upstream" in entry);
    expect(told).toEqual([
      {
        upstream: upstream.address,
        msg: expect.stringMatching(/^upstream is asked without EDNS.*\?edns=off/) as string,
      },
    ]);
    await close();
  });

  test("names a certificate that is not trusted", async () => {
    const [log, identity] = [keptLog(), makeCertificate()];
    const scripted = await NamedUpstream.open({ serve: "tls", identity });
    const upstream = `tls://${scripted.address}`;
    const { client, close } = await startForwarding({ output: log.output, logLevel: "info", upstream });
    for (const name of ["a.up.test.", "b.up.test."]) await client.ask(name);
    await vi.waitFor(() =>
      expect(log.entries()).toContainEqual({
        upstream,
        cause: "certificate-untrusted",
        detail: "DEPTH_ZERO_SELF_SIGNED_CERT",
        msg: "upstream is down: it has a certificate that no trusted authority signed",
      }),
    );
    await close();
    await scripted.close();
  });

  test("has what an upstream says of its own error, once", async () => {
    const log = keptLog();
    const { client, upstream, close } = await startForwarding({ output: log.output, logLevel: "info" });
    upstream.say("*", ({ query }) => [{ bytes: servfail(query, 6, "signature\u001b expired") }]);
    for (const name of ["a.bogus.test.", "b.bogus.test."]) await client.ask(name);
    await close();
    expect(log.entries().filter(({ msg }) => msg === "upstream answers with an error")).toEqual([
      {
        upstream: upstream.address,
        rcode: "SERVFAIL",
        name: "a.bogus.test.",
        ede: 6,
        edeText: "signature\\u{1b} expired",
        count: 1,
        msg: "upstream answers with an error",
      },
    ]);
  });
});

describe("lines", () => {
  const told = (events: readonly (readonly [UpstreamEvent, atMs: number])[]): unknown[] => {
    const lines: unknown[] = [];
    let now = 0;
    const write = (fields: object, msg: string): void => void lines.push({ ...fields, msg });
    const onEvent = upstreamLog({ info: write, warn: write } as unknown as Logger, () => now);
    for (const [event, atMs] of events) {
      now = atMs;
      onEvent(event);
    }
    return lines;
  };
  const failure = (detail: string): UpstreamEvent => ({
    upstream: UPSTREAM,
    kind: "failure",
    cause: "http-status",
    detail,
  });

  test("of one kind come once a minute, with how often it was", () => {
    const events = Array.from({ length: 200 }, (_, i) => [failure(`HTTP status ${i}`), i * 1_000] as const);
    const text = "upstream fails: it answers with an HTTP status that is an error";
    const about = { upstream: "10.0.0.53", cause: "http-status", msg: text };
    expect(told(events)).toEqual([
      { ...about, detail: "HTTP status 0", count: 1 },
      { ...about, detail: "HTTP status 60", count: 60 },
      { ...about, detail: "HTTP status 120", count: 60 },
      { ...about, detail: "HTTP status 180", count: 60 },
    ]);
  });

  test("of errors name the question where the reply has one", () => {
    const query = writeQuery({ name: "a.z.", type: "A" });
    const error = (reply: Uint8Array): UpstreamEvent => ({ upstream: UPSTREAM, kind: "error", reply });
    const events = [
      [error(writeReply(query, { rcode: 5 })), 0],
      [error(writeReply(query, { rcode: 4, headerOnly: true })), 0],
    ] as const;
    const about = { upstream: "10.0.0.53", count: 1, msg: "upstream answers with an error" };
    expect(told(events)).toEqual([
      { ...about, rcode: "REFUSED", name: "a.z." },
      { ...about, rcode: "NOTIMP" },
    ]);
  });
});
