import { expect, test } from "vitest";
import { flagName, keyName, OPTION_NAMES, variableName } from "../../src/config/option-names.ts";

test.each([
  ["endpointPodNames", "endpoint-pod-names", "--endpoint-pod-names", "CLUSTER_DNS_ENDPOINT_POD_NAMES"],
  ["ttl", "ttl", "--ttl", "CLUSTER_DNS_TTL"],
])("%s in its other spellings", (name, key, flag, variable) => {
  expect([keyName(name), flagName(name), variableName(name)]).toEqual([key, flag, variable]);
});

test("no two options share a spelling", () => {
  expect(new Set(OPTION_NAMES.map(variableName)).size).toBe(OPTION_NAMES.length);
});
