// Requests and their responses without sockets: status, headers, and the bytes of GET and POST (RFC 8484 4, 5, 6).
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { HAND_OVER, type LateAnswerer } from "../../src/answer/answerer.ts";
import { KnownClient } from "../../src/answer/client.ts";
import { type BodyFault, DohAnswerer, parseDnsParameter, TARGET_SIZE_MAX } from "../../src/server/doh-answerer.ts";
import { readMessage } from "../support/wire.ts";
import { broken, echo, echoOf, makeLateQuery, makeQuery } from "../contract/transport-clients.ts";

const client = new KnownClient("https", Uint8Array.of(127, 0, 0, 1));
const dnsType = { "content-type": "application/dns-message" };

interface Asked {
  readonly method?: string;
  readonly headers?: Record<string, string>;
  readonly body?: Uint8Array | BodyFault;
  readonly answerer?: LateAnswerer;
  readonly reserve?: (bytes: number) => boolean;
  readonly faults?: Error[];
}

async function ask(path: string, asked: Asked = {}): Promise<Response> {
  const { method = "GET", headers = {}, body = new Uint8Array(0), answerer = echo, reserve = () => true } = asked;
  const answering = new DohAnswerer(answerer, { onFault: (fault) => void asked.faults?.push(fault) });
  const contentType = headers["content-type"];
  const reply = await answering.respond({
    method,
    target: path,
    contentType,
    client,
    reserve,
    readBody: () => Promise.resolve(body),
  });
  const content = method === "HEAD" ? null : new Uint8Array(Buffer.from(reply.body as Uint8Array));
  return new Response(content, { status: reply.status, headers: reply.headers });
}

const get = (query: Uint8Array): string => `/dns-query?dns=${Buffer.from(query).toString("base64url")}`;
const post = (body: Uint8Array | BodyFault): Asked => ({ method: "POST", headers: dnsType, body });
const bytesOf = async (response: Response): Promise<Buffer> => Buffer.from(await response.arrayBuffer());

/** Answers everything with these bytes. */
const always = (message: Uint8Array): LateAnswerer => ({
  answer(_query, _start, _end, reply, replyStart) {
    reply.set(message, replyStart);
    return message.length;
  },
  answerLate: () => Promise.resolve(message),
});

describe("queries", () => {
  // RFC 8484 4.1.1: the A record of www.example.com, and of a name with a label of 62 characters.
  test.each<[dns: string, name: string]>([
    ["AAABAAABAAAAAAAAA3d3dwdleGFtcGxlA2NvbQAAAQAB", "www.example.com."],
    [
      "AAABAAABAAAAAAAAAWE-NjJjaGFyYWN0ZXJsYWJlbC1tYWtlcy1iYXNlNjR1cmwtZGlzdGluY3QtZnJv" +
        "bS1zdGFuZGFyZC1iYXNlNjQHZXhhbXBsZQNjb20AAAEAAQ",
      "a.62characterlabel-makes-base64url-distinct-from-standard-base64.example.com.",
    ],
  ])("the RFC's example of GET %s", async (dns, name) => {
    const query = parseDnsParameter(dns);
    expect(query).toBeDefined();
    const parsed = readMessage(Buffer.from(query!));
    expect(parsed).toMatchObject({ id: 0, question: { name, type: "A" }, flags: { qr: false, rd: true } });
    const response = await ask(`/dns-query?dns=${dns}`);
    expect(response.status).toBe(200);
    expect(await bytesOf(response)).toEqual(echoOf(query!));
  });

  test("any message by GET and by POST, with any id", async () => {
    const messages = fc.tuple(fc.nat({ max: 0xffff }), fc.integer({ min: 12, max: 600 }));
    await fc.assert(
      fc.asyncProperty(messages, async ([id, size]) => {
        const query = makeQuery(id, size);
        for (const response of [await ask(get(query)), await ask("/dns-query", post(query))]) {
          expect(response.status).toBe(200);
          expect(response.headers.get("content-type")).toBe("application/dns-message");
          expect(response.headers.get("content-length")).toBe(String(size));
          expect(await bytesOf(response)).toEqual(echoOf(query));
        }
      }),
      { numRuns: 100 },
    );
  });

  test("HEAD has GET's headers and no body", async () => {
    const response = await ask(get(makeQuery(0, 100)), { method: "HEAD" });
    expect(response.status).toBe(200);
    expect(response.headers.get("content-length")).toBe("100");
    expect((await bytesOf(response)).length).toBe(0);
  });

  test("the answerer gets the client's address and transport", async () => {
    let asker = "";
    const answerer: LateAnswerer = {
      answer(query, start, end, reply, replyStart, from) {
        const address = new Uint8Array(16);
        asker = `${from.transport} ${address.subarray(0, from.readAddress(address)).join(".")}`;
        return echo.answer(query, start, end, reply, replyStart, from);
      },
      answerLate: () => Promise.reject(new Error("nothing was handed over")),
    };
    expect((await ask(get(makeQuery(1)), { answerer })).status).toBe(200);
    expect(asker).toBe("https 127.0.0.1");
  });

  test.each([
    ["a late answer", echoOf(makeQuery(7, 40)), 200],
    ["no late answer", new Uint8Array(0), 400],
  ])("%s", async (_name, late, status) => {
    const answerer: LateAnswerer = { answer: () => HAND_OVER, answerLate: () => Promise.resolve(late) };
    const response = await ask("/dns-query", { ...post(makeLateQuery(7, 40)), answerer });
    expect(response.status).toBe(status);
    if (status === 200) expect(await bytesOf(response)).toEqual(Buffer.from(late));
  });
});

describe("statuses", () => {
  const query = makeQuery(0, 40);
  const path = get(query);
  const longest = `/dns-query?x=12&dns=${"A".repeat(TARGET_SIZE_MAX - "/dns-query?x=12&dns=".length)}`;

  test.each<[string, string, Asked, number]>([
    ["another path", "/", {}, 404],
    ["another path, POST", "/dns", post(query), 404],
    ["a slash behind", `/dns-query/${path.slice(10)}`, {}, 404],
    ["no dns=", "/dns-query", {}, 400],
    ["an empty dns=", "/dns-query?dns=", {}, 400],
    ["dns= with padding", `${get(makeQuery(0, 13))}==`, {}, 400],
    ["dns= in base64's other alphabet", "/dns-query?dns=AAAB%2FAAB", {}, 400],
    ["dns= one character too long", "/dns-query?dns=AAABA", {}, 400],
    ["dns= of 5 bytes: no DNS message", "/dns-query?dns=AAABAAA", {}, 400],
    ["a reply", get(echoOf(query)), {}, 400],
    ["the longest URL", longest, { answerer: always(echoOf(query)) }, 200],
    ["a URL one longer", `${longest}A`, { answerer: always(echoOf(query)) }, 414],
    ["PUT", path, { ...post(query), method: "PUT" }, 405],
    ["DELETE", path, { method: "DELETE" }, 405],
    ["OPTIONS", path, { method: "OPTIONS" }, 405],
    ["POST without a type", "/dns-query", { ...post(query), headers: {} }, 415],
    ["POST of JSON", "/dns-query", { ...post(query), headers: { "content-type": "application/dns-json" } }, 415],
    [
      "a type in capitals, with a parameter",
      "/dns-query",
      {
        ...post(query),
        headers: { "content-type": "Application/DNS-Message; charset=utf-8" },
      },
      200,
    ],
    ["POST of nothing", "/dns-query", post(new Uint8Array(0)), 400],
    ["a body too large", "/dns-query", post("too large"), 413],
    ["a body cut off", "/dns-query", post("cut"), 400],
    ["a body beyond the limit of buffered bytes", "/dns-query", post("over limit"), 503],
    ["a URL beyond that limit", path, { reserve: () => false }, 503],
    ["a reply beyond that limit", path, { reserve: (bytes) => bytes !== 40 }, 503],
    ["other extra parameters", `${path}&x=1`, {}, 200],
    [
      "an Accept that leaves DNS out is answered with DNS all the same",
      path,
      { headers: { accept: "text/html" } },
      200,
    ],
  ])("%s", async (_name, asked, how, status) => {
    const response = await ask(asked, how);
    expect(response.status).toBe(status);
    const type = response.headers.get("content-type");
    if (status === 200) expect(type).toBe("application/dns-message");
    else {
      expect(type).toMatch(/^text\/plain/);
      expect(await response.text()).toMatch(/^.{10,}\n$/);
    }
    if (status === 405) expect(response.headers.get("allow")).toBe("GET, HEAD, POST");
  });

  test("a fault of the answerer: status 500, and it is reported", async () => {
    const bad = makeQuery(1);
    bad[3] = 0xff;
    const faults: Error[] = [];
    const response = await ask(get(bad), { answerer: broken, faults });
    expect(response.status).toBe(500);
    expect(await response.text()).not.toContain("bug");
    expect(faults).toEqual([new Error("a bug")]);
  });
});

describe("cache-control", () => {
  const header = (rcode: number, answers: number): number[] => [0, 0, 0x84, rcode, 0, 0, 0, answers, 0, 0, 0, 0];
  const record = [0, 0, 1, 0, 1, 0, 0, 1, 44, 0, 4, 10, 0, 0, 1];

  test.each<[string, number[], string]>([
    ["an answer of 300 s", [...header(0, 1), ...record], "max-age=300"],
    ["SERVFAIL", header(2, 0), "no-store"],
    ["FORMERR", header(1, 0), "no-store"],
    ["an answer without records", header(0, 0), "no-store"],
  ])("%s", async (_name, reply, expected) => {
    const response = await ask(get(makeQuery(0)), { answerer: always(Uint8Array.from(reply)) });
    expect(response.status).toBe(200);
    expect(response.headers.get("cache-control")).toBe(expected);
  });
});

test("parseDnsParameter takes what base64url without padding gives, and nothing else of its letters", () => {
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 1, maxLength: 100 }), (bytes) => {
      const text = Buffer.from(bytes).toString("base64url");
      expect(parseDnsParameter(text)).toEqual(bytes);
      expect(parseDnsParameter(`${text}=`)).toBeUndefined();
      expect(parseDnsParameter(` ${text}`)).toBeUndefined();
    }),
  );
});
