import { expect, test } from "vitest";
import { readData } from "./zone-text.ts";

test.each<[type: string, data: string, hex: string]>([
  ["A", "10.0.0.1", "0a000001"],
  ["AAAA", "2001:db8::1", "20010db8000000000000000000000001"],
  ["AAAA", "::ffff:1.2.3.4", "00000000000000000000ffff01020304"],
  ["CNAME", "x.y.", "0178017900"],
  ["PTR", "@", "076578616d706c65036f726700"],
  ["MX", "10 mail", "000a046d61696c076578616d706c65036f726700"],
  ["HINFO", String.raw`"PC" Linux`, "025043054c696e7578"],
  ["TXT", String.raw`a "b c" ""`, "01610362206300"],
  ["TXT", String.raw`"\000\255\"\\" \;x`, "0400ff225c023b78"],
  ["TXT", String.raw`a="b c"`, "02613d03622063"],
  ["TXT", `"${"x".repeat(300)}"`, `ff${"78".repeat(255)}2d${"78".repeat(45)}`],
  ["TXT", `${"x".repeat(255)} y`, `ff${"78".repeat(255)}0179`],
  ["SPF", "x".repeat(510), `ff${"78".repeat(255)}`.repeat(2)],
  ["RP", "admin txt", "0561646d696e076578616d706c65036f72670003747874076578616d706c65036f726700"],
  ["AFSDB", "1 db", "0001026462076578616d706c65036f726700"],
  [
    "SOA",
    "ns admin 1 1h 2h 3h 4h",
    "026e73076578616d706c65036f7267000561646d696e076578616d706c65036f7267000000000100000e1000001c2000002a3000003840",
  ],
  ["SSHFP", "4 2 0123 4567", "040201234567"],
  ["OPENPGPKEY", "AAEC AwQ=", "0001020304"],
  ["EUI48", "00-00-5e-00-53-2a", "00005e00532a"],
  ["EUI64", "00-00-5E-EF-10-00-00-2a", "00005eef1000002a"],
  ["URI", String.raw`10 1 "https://example.org/a?b"`, "000a000168747470733a2f2f6578616d706c652e6f72672f613f62"],
  ["URI", String.raw`10 1 ""`, "000a0001"],
  ["CAA", String.raw`0 issue "ca.example.net; a=b"`, "0005697373756563612e6578616d706c652e6e65743b20613d62"],
  ["CAA", "128 tbs Unknown", "8003746273556e6b6e6f776e"],
])("%s %s", (type, data, hex) => {
  expect(readData(type, data)).toBe(hex);
});

test.each<[type: string, data: string, fault: string]>([
  ["A", "010.0.0.1", "1: A: expected an IPv4 address, got `010.0.0.1`"],
  ["A", String.raw`"1.2.3.4"`, "1: A: expected an IPv4 address, got a text in quotes"],
  ["AAAA", "1.2.3.4", "1: AAAA: expected an IPv6 address, got `1.2.3.4`"],
  ["CNAME", "a..b", "1: CNAME: expected a name, got `a..b`"],
  ["MX", "65536 mail", "1: MX: expected a number, got `65536`"],
  ["HINFO", `${"x".repeat(256)} PC`, "1: HINFO: expected at most 255 bytes, got 256"],
  ["HINFO", "PC", "3: HINFO: expected a text, and the record ends"],
  ["TXT", "", "1: TXT: expected a text, and the record ends"],
  ["SOA", "ns admin 4294967296 2 3 4 5", "10: SOA: expected a number, got `4294967296`"],
  ["SSHFP", "4 2 012", "5: SSHFP: expected hexadecimal digits, got `012`"],
  ["SSHFP", "256 2 01", "1: SSHFP: expected a number, got `256`"],
  ["OPENPGPKEY", "AAE", "1: OPENPGPKEY: expected base64, got `AAE`"],
  ["OPENPGPKEY", "A=AE", "1: OPENPGPKEY: expected base64, got `A=AE`"],
  ["EUI48", "00-00-5e-00-53", "1: EUI48: expected a hardware address, got `00-00-5e-00-53`"],
  ["CAA", String.raw`0 iss-ue "x"`, "3: CAA: expected a tag, got `iss-ue`"],
])("not %s %s", (type, data, fault) => {
  expect(readData(type, data)).toBe(fault);
});
