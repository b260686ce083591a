// The examples of RFC 9018 appendix A, and what makes a cookie count.
import { describe, expect, test } from "vitest";
import { KnownClient } from "../../src/answer/client.ts";
import { Clock } from "../../src/std/clock.ts";
import { Cookies, newCookieMemory, setCookieSecrets } from "../../src/answer/cookies.ts";
import { parseIp } from "../../src/net/ip.ts";

const SECRET = "e5e973e5a6b2a43f48e7dc849e37bfcf";
const FIRST = "2464c4abcf10c957010000005cf79f111f8130c3eee29480";

function answerAt(
  time: string,
  address: string,
  cookie: string,
  secrets = [SECRET],
): { reply: string; valid: boolean } {
  const memory = newCookieMemory();
  setCookieSecrets(
    memory,
    secrets.map((secret) => Buffer.from(secret, "hex")),
  );
  const clock = new Clock();
  clock.update(Date.parse(time), 0);
  const out = Buffer.alloc(24);
  const bytes = Buffer.from(`ffff${cookie}`, "hex");
  const client = new KnownClient("udp", parseIp(address)!);
  const valid = new Cookies(memory, clock).answer(bytes, 2, bytes.length - 2, client, out);
  return { reply: out.toString("hex"), valid };
}

describe("the examples of RFC 9018", () => {
  test("A.1 a new cookie", () => {
    const { reply, valid } = answerAt("2019-06-05T10:53:05Z", "198.51.100.100", "2464c4abcf10c957");
    expect([reply, valid]).toEqual([FIRST, false]);
  });

  test("A.2 a cookie that is to be renewed", () => {
    const { reply, valid } = answerAt("2019-06-05T11:33:05Z", "198.51.100.100", FIRST);
    expect([reply, valid]).toEqual(["2464c4abcf10c957010000005cf7a871d4a564a1442aca77", true]);
  });

  test("A.3 a cookie with reserved bits, from another maker's server", () => {
    const sent = "fc93fc62807ddb8601abcdef5cf78f71a314227b6679ebf5";
    const { reply } = answerAt("2019-06-05T11:38:20Z", "203.0.113.203", sent);
    expect(reply).toBe("fc93fc62807ddb86010000005cf7a9acf73a7810aca2381e");
    // Valid as long as it was young.
    expect(answerAt("2019-06-05T09:50:00Z", "203.0.113.203", sent)).toEqual({ reply: sent, valid: true });
  });

  test("A.4 IPv6, and a secret that has been replaced", () => {
    const address = "2001:db8:220:1:59de:d0f4:8769:82b8";
    const [old, next] = ["dd3bdf9344b678b185a6f5cb60fca715", "445536bcd2513298075a5d379663c962"];
    const sent = "22681ab97d52c298010000005cf7c57926556bd0934c72f8";
    const first = answerAt("2019-06-05T13:36:57Z", address, sent.slice(0, 16), [old]);
    expect(first.reply).toBe(sent);
    const { reply, valid } = answerAt("2019-06-05T13:39:21Z", address, sent, [next, old]);
    expect([reply, valid]).toEqual(["22681ab97d52c298010000005cf7c609a6bb79d16625507a", true]);
  });
});

describe("what counts", () => {
  test.each([
    ["at once", "2019-06-05T10:53:05Z", "198.51.100.100", FIRST, true],
    ["almost an hour old", "2019-06-05T11:53:05Z", "198.51.100.100", FIRST, true],
    ["over an hour old", "2019-06-05T11:53:06Z", "198.51.100.100", FIRST, false],
    ["five minutes ahead of us", "2019-06-05T10:48:05Z", "198.51.100.100", FIRST, true],
    ["more than that", "2019-06-05T10:48:04Z", "198.51.100.100", FIRST, false],
    ["from another address", "2019-06-05T10:53:05Z", "198.51.100.101", FIRST, false],
    ["a byte of the hash", "2019-06-05T10:53:05Z", "198.51.100.100", FIRST.replace(/80$/, "81"), false],
    ["a byte of the client's half", "2019-06-05T10:53:05Z", "198.51.100.100", FIRST.replace(/^24/, "25"), false],
    ["another version", "2019-06-05T10:53:05Z", "198.51.100.100", FIRST.replace("5701", "5702"), false],
    ["cut", "2019-06-05T10:53:05Z", "198.51.100.100", FIRST.slice(0, -2), false],
    ["longer", "2019-06-05T10:53:05Z", "198.51.100.100", `${FIRST}00`, false],
  ])("%s", (_, time, address, cookie, valid) => {
    const answered = answerAt(time, address, cookie);
    expect(answered.valid).toBe(valid);
    expect(answered.reply.slice(0, 18)).toBe(`${cookie.slice(0, 16)}01`);
    if (!valid) expect(answered.reply.slice(24, 32)).toBe((Date.parse(time) / 1000).toString(16));
  });

  test("a second secret is accepted and makes none; without it the cookie is a stranger's", () => {
    const other = "00112233445566778899aabbccddeeff";
    const at = ["2019-06-05T10:53:05Z", "198.51.100.100"] as const;
    const renewed = answerAt(...at, FIRST.slice(0, 16), [other]).reply;
    expect(answerAt(...at, FIRST, [other, SECRET])).toEqual({ reply: renewed, valid: true });
    expect(answerAt(...at, FIRST.slice(0, 16), [other, SECRET])).toEqual(answerAt(...at, FIRST.slice(0, 16), [other]));
    expect(answerAt(...at, FIRST, [other]).valid).toBe(false);
  });
});
