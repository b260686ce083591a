import fc from "fast-check";
import { expect, test } from "vitest";
import { isSchedule, isTimeZone } from "../../../src/objects/validation/cron-schedule.ts";

test.each([
  "* * * * *",
  "*/5 * * * *",
  "0-30/5,45 0 1 1 0",
  "0 0 ? * mon-FRI",
  "59 23 31 dec sat",
  "1/2 * * * *",
  " 0 0 * * * ",
  "@daily",
  "@every 1h30m",
])("%j is a schedule", (schedule) => {
  expect(isSchedule(schedule)).toBe(true);
});

test.each([
  "",
  "* * * *",
  "* * * * * *",
  "60 * * * *",
  "* 24 * * *",
  "* * 0 * *",
  "* * * 13 *",
  "* * * * 7",
  "5-1 * * * *",
  "*/0 * * * *",
  "1-2-3 * * * *",
  "a * * * *",
  "@never",
  "@every day",
  "TZ=UTC * * * * *",
  "every day",
])("%j is no schedule", (schedule) => {
  expect(isSchedule(schedule)).toBe(false);
});

test.each<[name: string, valid: boolean]>([
  ["Europe/Berlin", true],
  ["Etc/UTC", true],
  ["UTC", true],
  ["Local", false],
  ["Europe/Nowhere", false],
  ["+01:00", false],
  ["../etc", false],
  ["", false],
])("the time zone %j: %j", (name, valid) => {
  expect(isTimeZone(name)).toBe(valid);
});

test("any text has an answer", () => {
  fc.assert(
    fc.property(fc.string(), (text) => {
      expect([isSchedule(text), isTimeZone(text)].every((answer) => typeof answer === "boolean")).toBe(true);
    }),
  );
});
