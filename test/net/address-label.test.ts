import { expect, test } from "vitest";
import { addressLabel } from "../../src/net/address-label.ts";

test.each([
  ["10.244.1.5", "10-244-1-5"],
  ["fd00::5", "fd00--5"],
  ["::1", "0--1"],
  ["fd00::", "fd00--0"],
])("the label of %s is %s", (address, label) => {
  expect(addressLabel(address)).toBe(label);
});
