import { expect, test } from "vitest";
import { isDnsMessage } from "../../src/dns/media-type.ts";

test.each([
  ["application/dns-message", true],
  ["Application/DNS-Message", true],
  ["application/dns-message; charset=utf-8", true],
  [" application/dns-message ;x", true],
  ["application/dns-messages", false],
  ["text/plain; application/dns-message", false],
  ["", false],
  [undefined, false],
])("%o: %s", (type, is) => {
  expect(isDnsMessage(type)).toBe(is);
});
