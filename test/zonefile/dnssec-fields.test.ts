import { expect, test } from "vitest";
import { readData } from "./zone-text.ts";

test.each<[type: string, data: string, hex: string]>([
  ["DS", "12345 13 2 0123456789abcdef 0123456789abcdef", "30390d020123456789abcdef0123456789abcdef"],
  ["DS", "12345 ecdsap256sha256 2 00", "30390d0200"],
  [
    "RRSIG",
    "A 13 3 3600 20300101000000 20260101000000 12345 @ AAECAwQ=",
    "00010d0300000e1070dbd8806955b9003039076578616d706c65036f7267000001020304",
  ],
  [
    "RRSIG",
    "TYPE65280 13 3 1h 4102444800 1767225600 12345 @ AAEC AwQ=",
    "ff000d0300000e10f48657006955b9003039076578616d706c65036f7267000001020304",
  ],
  [
    "RRSIG",
    "A 13 3 3600 21070101000000 20260101000000 12345 @ AAEC",
    "00010d0300000e1001b011006955b9003039076578616d706c65036f726700000102",
  ],
  ["NSEC", "next TYPE65280 NSEC RRSIG A A", "046e657874076578616d706c65036f7267000006400000000003ff0180"],
  ["DNSKEY", "257 3 13 AAEC AwQ=", "0101030d0001020304"],
  [
    "NSEC3",
    "1 0 10 aabb 2t7b4g4vsa5smi47k61mv5bv1a22bojr A RRSIG",
    "0100000a02aabb14174eb2409fe28bcb4887a1836f957f0a8425e27b0006400000000002",
  ],
  ["NSEC3", "1 1 0 - 2T7B4G4VSA5SMI47K61MV5BV1A22BOJR", "010100000014174eb2409fe28bcb4887a1836f957f0a8425e27b"],
  ["NSEC3PARAM", "1 0 0 -", "0100000000"],
  ["NSEC3PARAM", "1 0 10 aabbccdd", "0100000a04aabbccdd"],
  ["CDS", "0 0 0 00", "0000000000"],
  ["CDNSKEY", "0 3 0 AA==", "0000030000"],
])("%s %s", (type, data, hex) => {
  expect(readData(type, data)).toBe(hex);
});

test.each<[type: string, data: string, fault: string]>([
  ["DS", "12345 NONE 2 00", "7: DS: expected an algorithm, got `NONE`"],
  ["DS", "12345 256 2 00", "7: DS: expected an algorithm, got `256`"],
  [
    "RRSIG",
    "A 13 3 3600 20301301000000 20260101000000 12345 @ AAEC",
    "13: RRSIG: expected a time, got `20301301000000`",
  ],
  [
    "RRSIG",
    "A 13 3 3600 20300230000000 20260101000000 12345 @ AAEC",
    "13: RRSIG: expected a time, got `20300230000000`",
  ],
  ["RRSIG", "A 13 3 3600 4294967296 20260101000000 12345 @ AAEC", "13: RRSIG: expected a time, got `4294967296`"],
  ["RRSIG", "FOO 13 3 3600 20300101000000 20260101000000 12345 @ AAEC", "1: RRSIG: expected a record type, got `FOO`"],
  ["NSEC", "next A FOO", "8: NSEC: expected a record type, got `FOO`"],
  ["DNSKEY", "257 3 13", "9: DNSKEY: expected base64, and the record ends"],
  ["NSEC3", "1 1 0 - 2t7w", "9: NSEC3: expected a hash in base32, got `2t7w`"],
  ["NSEC3", "1 1 0 - 1", "9: NSEC3: expected a hash in base32, got `1`"],
  ["NSEC3", "1 1 0 - 01", "9: NSEC3: expected a hash in base32, got `01`"],
  ["NSEC3PARAM", "1 0 10 abc", "8: NSEC3PARAM: expected hexadecimal digits, got `abc`"],
])("not %s %s", (type, data, fault) => {
  expect(readData(type, data)).toBe(fault);
});
