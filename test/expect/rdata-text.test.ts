// One text for equal data, whatever the spelling.
import { describe, expect, test } from "vitest";
import { parseType } from "../../src/dns/type-names.ts";
import { parseRdataText } from "../../src/expect/rdata-text.ts";

const parse = (type: string, text: string): unknown => parseRdataText(parseType(type)!, text);

describe("parseRdataText", () => {
  test.each([
    ["A", "10.96.0.1", "10.96.0.1"],
    ["AAAA", "FD00:10:96:0:0:0:0:1E07", "fd00:10:96::1e07"],
    ["CNAME", "API.example.com", "api.example.com."],
    ["CNAME", "api.example.com.", "api.example.com."],
    ["PTR", ".", "."],
    ["SRV", "0  33   6379 Redis-0.redis.shop", "0 33 6379 redis-0.redis.shop."],
    ["MX", "10 mail.example.com", "10 mail.example.com."],
    ["TXT", "1.1.0", '"1.1.0"'],
    ["TXT", '"a b" c', '"a b" "c"'],
    ["CAA", '0 issue "ca.example"', '0 issue "ca.example"'],
    ["SVCB", "1 . alpn=h2", '1 . alpn="h2"'],
    ["TYPE65280", "\\# 4 0A000001", "\\# 4 0a000001"],
    ["A", "\\# 4 0a600001", "10.96.0.1"],
  ])("%s %s is %s", (type, text, canonical) => {
    expect(parse(type, text)).toBe(canonical);
  });

  test.each([
    ["A", "10.96.0.01", /^expected an IPv4 address/],
    ["A", "10.96.0.1 10.96.0.2", /^the record goes on/],
    ["SRV", "0 33 6379", /the record ends$/],
    ["A", "", /^the text is empty$/],
    ["A", "; nothing", /^the text is empty$/],
    ["TXT", '"a', /./],
    ["TXT", "a\nb", /^the text has several lines$/],
    ["TYPE65280", "10.0.0.1", /not known here$/],
  ])("%s %j is a fault", (type, text, message) => {
    expect(parse(type, text)).toMatchObject({ message: expect.stringMatching(message), advice: expect.any(String) });
  });
});
