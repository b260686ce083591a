import { expect, test } from "vitest";
import { formatRdata } from "../../src/zonefile/rdata-text.ts";
import { RECORD_TYPES } from "../../src/dns/record-types.ts";
import { readData } from "./zone-text.ts";

type Mnemonic = keyof typeof RECORD_TYPES;

test.each<[type: Mnemonic, data: string, hex: string, printed?: string]>([
  ["IPSECKEY", "10 1 2 192.0.2.38 AQNR", "0a0102c0000226010351"],
  ["IPSECKEY", "10 0 2 . AQNR", "0a0002010351"],
  ["IPSECKEY", "10 2 0 2001:db8::1", "0a020020010db8000000000000000000000001", "10 2 0 2001:db8::1 -"],
  ["IPSECKEY", "10 3 2 gw.example. AQNR", "0a0302026777076578616d706c6500010351"],
  ["AMTRELAY", "10 1 3 relay.example.", "0a830572656c6179076578616d706c6500"],
  ["AMTRELAY", "0 0 0 .", "0000"],
  ["HIP", "2 200100 AwEA rvs.example. b.", "030200032001000301000372767307" + "6578616d706c6500016200"],
  ["APL", "1:192.0.2.0/24 !2:2001:db8::/32", "00011803c0000200022084" + "20010db8"],
  ["APL", "", ""],
  ["NID", "10 14:4fff:ff20:ee64", "000a00144fffff20ee64", "10 0014:4fff:ff20:ee64"],
  ["NSAP", "0x47.0005", "470005", "0x470005"],
  ["CERT", "PKIX 1 13 AAEC", "000100010d000102", "1 1 13 AAEC"],
])("%s %s", (type, data, hex, printed = data) => {
  expect(readData(type, data)).toBe(hex);
  expect(formatRdata(RECORD_TYPES[type].code, Buffer.from(hex, "hex"))).toBe(printed);
});

test.each<[type: Mnemonic, data: string, fault: string]>([
  ["IPSECKEY", "10 4 2 . AQNR", "4: IPSECKEY: expected the gateway's type, got `4`"],
  ["IPSECKEY", "10 0 2 a. AQNR", "8: IPSECKEY: type 0 has no gateway"],
  ["AMTRELAY", "10 2 0 .", "4: AMTRELAY: expected 0 or 1 for optional discovery, got `2`"],
  ["HIP", "2 2001 -", "8: HIP: expected base64, got `-`"],
  ["APL", "1:192.0.2.0/33", "1: APL: expected a prefix, got `1:192.0.2.0/33`"],
  ["APL", "3:192.0.2.0/3", "1: APL: expected a prefix, got `3:192.0.2.0/3`"],
  ["L64", "10 1:2:3", "4: L64: expected 64 bits, got `1:2:3`"],
  ["NSAP", "47", "1: NSAP: expected an NSAP address, got `47`"],
  ["CERT", "X509 1 13 AAEC", "1: CERT: expected a certificate type, got `X509`"],
])("not %s %s", (type, data, fault) => {
  expect(readData(type, data)).toBe(fault);
});
