import { expect, test } from "vitest";
import { readData } from "./zone-text.ts";

test.each<[type: string, data: string, hex: string]>([
  ["LOC", "51 30 12.748 N 0 7 39.611 W 0m", "001216138b0d2c8c7ff8fca500989680"],
  ["LOC", "42 21 54 N 71 06 18 W -24m 30m", "0033161389172dd070be15f000988d20"],
  ["LOC", "42 21 43.952 N 71 5 6.344 W -24m 1m 200m 12.5m", "001224138917069070bf2dd800988d20"],
  ["LOC", "90 S 180 E 42849672.95m 90000000m 0.01m 0", "009910006cb02700a69fb200ffffffff"],
  ["LOC", "1 n 1 e -100000.00", "001216138036ee808036ee8000000000"],
])("%s %s", (type, data, hex) => {
  expect(readData(type, data)).toBe(hex);
});

test.each<[type: string, data: string, fault: string]>([
  ["LOC", "1 N 1 E -100000.01m", "9: LOC: expected metres, got `-100000.01m`"],
  ["LOC", "90 0 1 S 180 E 0", "8: LOC: the angle is too large"],
  ["LOC", "91 N 1 E 0", "1: LOC: expected degrees, got `91`"],
  ["LOC", "1 60 N 1 E 0", "3: LOC: expected minutes, got `60`"],
  ["LOC", "1 1 60 N 1 E 0", "5: LOC: expected seconds, got `60`"],
  ["LOC", "1 1 1.0001 N 1 E 0", "5: LOC: expected seconds, got `1.0001`"],
  ["LOC", "1 E 1 E 0", "3: LOC: expected N or S, got `E`"],
  ["LOC", "1 N 1 E 0.001m", "9: LOC: expected metres, got `0.001m`"],
  ["LOC", "1 N 1 E 0m 90000000.01m", "12: LOC: expected metres, got `90000000.01m`"],
  ["LOC", "1 N 1 E", "8: LOC: expected metres, and the record ends"],
  ["LOC", "1 N 1 E 0 1 1 1 1", "17: LOC: the record goes on after its last value"],
])("not %s %s", (type, data, fault) => {
  expect(readData(type, data)).toBe(fault);
});
