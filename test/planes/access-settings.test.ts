// What options say of the clients, as settings of an answerer.
import { expect, test } from "vitest";
import { optionsFromSettings } from "../../src/config/settings.ts";
import { formatCidr } from "../../src/net/ip.ts";
import { accessSettings, udpReplySizeMax } from "../../src/planes/access-settings.ts";

test("a list that includes every address is left out", () => {
  expect(accessSettings(optionsFromSettings({})).allow).toBeUndefined();
  expect(accessSettings(optionsFromSettings({ allow: ["0.0.0.0/0"] })).allow?.map(formatCidr)).toEqual(["0.0.0.0/0"]);
});

test("recursion needs an upstream", () => {
  expect(accessSettings(optionsFromSettings({})).recursion).toBe(false);
  expect(accessSettings(optionsFromSettings({ upstream: ["192.0.2.1"] })).recursion).toBe(true);
});

test("pods and this machine may get larger answers over UDP, if that is wanted", () => {
  expect(accessSettings(optionsFromSettings({})).near).toBeUndefined();
  expect(accessSettings(optionsFromSettings({ ednsSize: 512 })).near).toBeUndefined();
  expect(accessSettings(optionsFromSettings({ ednsSize: 4096, ednsSizeLocal: 1400 })).near).toBeUndefined();
  const options = optionsFromSettings({ ednsSizeLocal: 1400, podCidr: ["10.9.0.0/16"] });
  const { near } = accessSettings(options);
  expect(near?.ednsSize).toBe(1400);
  expect(near?.clients.map(formatCidr)).toEqual(["127.0.0.0/8", "::1/128", "10.9.0.0/16"]);
  expect(udpReplySizeMax(options)).toBe(1400);
});
