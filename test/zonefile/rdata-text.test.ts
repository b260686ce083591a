import { expect, test } from "vitest";
import { readData } from "./zone-text.ts";

test.each<[type: string, data: string, hex: string]>([
  ["SRV", "0 5 5060 sip", "0000000513c403736970076578616d706c65036f726700"],
  [
    "NAPTR",
    String.raw`100 10 "u" "E2U+sip" "!^.*$!sip:info@example.org!" .`,
    "0064000a0175074532552b7369701b215e2e2a24217369703a696e666f406578616d706c652e6f72672100",
  ],
  ["DNAME", "other.", "056f7468657200"],
  ["TLSA", "3 1 1 0123456789abcdef", "0301010123456789abcdef"],
  ["SMIMEA", "3 0 0 AABB", "030000aabb"],
  ["SPF", String.raw`"v=spf1 -all"`, "0b763d73706631202d616c6c"],
  ["A", String.raw`\# 4 0a000001`, "0a000001"],
  ["A", String.raw`\# 4 0a 00 00 01`, "0a000001"],
  ["TXT", String.raw`\# 3 026162`, "026162"],
  ["MX", String.raw`\# 5 000a 0161 00`, "000a016100"],
  ["LOC", String.raw`\# 16 001216138b0d2c8c7ff8fca500989680`, "001216138b0d2c8c7ff8fca500989680"],
  ["NSEC", String.raw`\# 5 0000020001`, "0000020001"],
  ["NSEC3PARAM", String.raw`\# 5 0100000000`, "0100000000"],
  ["HTTPS", String.raw`\# 9 000100000300020035`, "000100000300020035"],
  ["TYPE1", "10.0.0.1", "0a000001"],
  ["TYPE65280", String.raw`\# 0`, ""],
  ["TYPE65280", String.raw`\# 4 0a 000001`, "0a000001"],
])("%s %s", (type, data, hex) => {
  expect(readData(type, data)).toBe(hex);
});

test.each<[type: string, data: string, fault: string]>([
  ["A", String.raw`\# 3 0a0000`, "6: A: the bytes are no data of A"],
  ["A", String.raw`\# 5 0a00000100`, "6: A: the bytes are no data of A"],
  ["TXT", String.raw`\# 0`, "4: TXT: the bytes are no data of TXT"],
  ["TXT", String.raw`\# 2 0261`, "6: TXT: the bytes are no data of TXT"],
  ["MX", String.raw`\# 4 000a 01 61`, "14: MX: the bytes are no data of MX"],
  ["CNAME", String.raw`\# 2 c00c`, "6: CNAME: the bytes are no data of CNAME"],
  ["LOC", String.raw`\# 16 011216138b0d2c8c7ff8fca500989680`, "7: LOC: the bytes are no data of LOC"],
  ["NSEC", String.raw`\# 4 00000200`, "6: NSEC: the bytes are no data of NSEC"],
  ["HTTPS", String.raw`\# 15 000100 000300020035 000300020035`, "27: HTTPS: the bytes are no data of HTTPS"],
  ["HTTPS", String.raw`\# 8 0001000003000200`, "6: HTTPS: the bytes are no data of HTTPS"],
  ["HTTPS", String.raw`\# 4 00010000`, "6: HTTPS: the bytes are no data of HTTPS"],
  ["TYPE65280", String.raw`\# 4 0a0000`, "6: TYPE65280: expected 4 bytes, got 3"],
  ["TYPE65280", String.raw`\# 65536 00`, "4: TYPE65280: expected the number of bytes, got `65536`"],
  ["TYPE65280", "1.2.3.4", "1: TYPE65280: how TYPE65280 is written is not known here"],
  ["TYPE65280", String.raw`"\#" 1 00`, "1: TYPE65280: how TYPE65280 is written is not known here"],
  ["TYPE65280", String.raw`\#`, "3: TYPE65280: expected the number of bytes, and the record ends"],
  ["A", "1.2.3.4 5", "9: A: the record goes on after its last value"],
])("not %s %s", (type, data, fault) => {
  expect(readData(type, data)).toBe(fault);
});
