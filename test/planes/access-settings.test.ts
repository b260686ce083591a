// What options say of the clients, as settings of an answerer.
import { expect, test } from "vitest";
import { optionsFromSettings } from "../../src/config/settings.ts";
import { formatCidr } from "../../src/net/ip.ts";
import { accessSettings } from "../../src/planes/access-settings.ts";

test("a list that includes every address is left out", () => {
  expect(accessSettings(optionsFromSettings({})).allow).toBeUndefined();
  expect(accessSettings(optionsFromSettings({ allow: ["0.0.0.0/0"] })).allow?.map(formatCidr)).toEqual(["0.0.0.0/0"]);
});

test("recursion needs an upstream", () => {
  expect(accessSettings(optionsFromSettings({})).recursion).toBe(false);
  expect(accessSettings(optionsFromSettings({ upstream: ["192.0.2.1"] })).recursion).toBe(true);
});
