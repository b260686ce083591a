import { expect, test } from "vitest";
import { isOptionName, OPTION_NAMES, OPTION_TABLE, settingName, variableName } from "../../src/config/option-table.ts";
import type { OptionRow } from "../../src/config/option-table.ts";

test.each(OPTION_NAMES)("%s: default and example are values that it takes", (name) => {
  const row: OptionRow<unknown> = OPTION_TABLE[name];
  const texts = [row.initial, row.example].filter((text) => text !== undefined);
  for (const text of texts.flatMap((each) => (row.form === "list" ? each.split(",") : [each]))) {
    expect(row.parse(text), text).toHaveProperty("value");
  }
  expect(row.help).not.toMatch(/\.$/);
  expect(row.placeholder === "", "switches, and only they, have no placeholder").toBe(row.form === "switch");
});

test("names in the spellings of flags, variables and settings", () => {
  expect(variableName("endpoint-pod-names")).toBe("CLUSTER_DNS_ENDPOINT_POD_NAMES");
  expect(settingName("endpoint-pod-names")).toBe("endpointPodNames");
  expect(settingName("ttl")).toBe("ttl");
  expect(isOptionName("edns-size")).toBe(true);
  expect(isOptionName("ednsSize")).toBe(false);
  expect(isOptionName("toString")).toBe(false);
});
