import { expect, test } from "vitest";
import { parseDnsServer, parseTimeout } from "../../src/cli/dns-client-flags.ts";

test.each([
  ["192.0.2.1", { value: { host: "192.0.2.1", port: 53 } }],
  ["[2001:db8::1]:5300", { value: { host: "2001:db8::1", port: 5300 } }],
  ["0.0.0.0:5300", { value: { host: "127.0.0.1", port: 5300 } }],
  ["[::]", { value: { host: "::1", port: 53 } }],
  ["https://192.0.2.1", { fault: "is not plain DNS: give ADDR or ADDR:PORT" }],
  ["192.0.2.1:0", { fault: "has port 0, on which no server listens" }],
  ["192.0.2.1:65536", { fault: "has a port that is not a whole number from 0 to 65535" }],
])("the server %s", (text, parsed) => {
  expect(parseDnsServer(text)).toEqual(parsed);
});

test.each([
  ["2.5", 2500],
  ["10", 10_000],
  ["10.001", undefined],
  ["0", undefined],
  ["1e1", undefined],
  ["-1", undefined],
  ["", undefined],
])("a timeout of %j seconds", (text, ms) => {
  const fault = { fault: "is not a number of seconds up to 10" };
  expect(parseTimeout(text, 10)).toEqual(ms === undefined ? fault : { value: ms });
});
