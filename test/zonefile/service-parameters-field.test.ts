import { expect, test } from "vitest";
import { readData } from "./zone-text.ts";

test.each<[type: string, data: string, hex: string]>([
  ["HTTPS", "0 foo.example.com.", "000003666f6f076578616d706c6503636f6d00"],
  ["SVCB", "1 .", "000100"],
  ["SVCB", "16 foo.example.com. port=53", "001003666f6f076578616d706c6503636f6d00000300020035"],
  ["SVCB", "1 foo.example.com. key667=hello", "000103666f6f076578616d706c6503636f6d00029b000568656c6c6f"],
  [
    "SVCB",
    String.raw`1 foo.example.com. key667="hello\210qoo"`,
    "000103666f6f076578616d706c6503636f6d00029b000968656c6c6fd2716f6f",
  ],
  [
    "SVCB",
    String.raw`1 foo.example.com. ipv6hint="2001:db8::1,2001:db8::53:1"`,
    "000103666f6f076578616d706c6503636f6d000006002020010db800000000000000000000000120010db8000000000000000000530001",
  ],
  [
    "SVCB",
    String.raw`1 example.com. ipv6hint="2001:db8:122:344::192.0.2.33"`,
    "0001076578616d706c6503636f6d000006001020010db80122034400000000c0000221",
  ],
  [
    "SVCB",
    "16 foo.example.org. alpn=h2,h3-19 mandatory=ipv4hint,alpn ipv4hint=192.0.2.1",
    "001003666f6f076578616d706c65036f7267000000000400010004000100090268320568332d313900040004c0000201",
  ],
  [
    "SVCB",
    String.raw`16 foo.example.org. alpn="f\\\\oo\\,bar,h2"`,
    "001003666f6f076578616d706c65036f7267000001000c08665c6f6f2c626172026832",
  ],
  [
    "SVCB",
    String.raw`16 foo.example.org. alpn=f\\\092oo\092,bar,h2`,
    "001003666f6f076578616d706c65036f7267000001000c08665c6f6f2c626172026832",
  ],
  [
    "SVCB",
    String.raw`1 . alpn=h2 no-default-alpn="" port="8053" ech=AAEC dohpath=/dns-query{?dns}`,
    "0001000001000302683200020000000300021f7500050003000102000700102f646e732d71756572797b3f646e737d",
  ],
  ["SVCB", String.raw`1 . key4="\192\000\002\001"`, "00010000040004c0000201"],
])("%s %s", (type, data, hex) => {
  expect(readData(type, data)).toBe(hex);
});

test.each<[type: string, data: string, fault: string]>([
  ["SVCB", String.raw`1 . alpn="h2" "h3"`, "15: SVCB: expected a parameter, got a text in quotes"],
  ["SVCB", String.raw`1 . alpn= "h2"`, "5: SVCB: the list has an empty item"],
  ["SVCB", String.raw`1 . "alpn=h2"`, "5: SVCB: expected a parameter, got a text in quotes"],
  ["SVCB", "1 . key123=abc key123=def", "16: SVCB: the parameter key123 is given twice"],
  ["SVCB", "1 . port=1 key3=1", "12: SVCB: the parameter key3 is given twice"],
  ["SVCB", "1 . mandatory", "5: SVCB: the list has an empty item"],
  ["SVCB", "1 . alpn", "5: SVCB: the list has an empty item"],
  ["SVCB", "1 . port", "5: SVCB: expected a port, got ``"],
  ["SVCB", "1 . ipv4hint", "5: SVCB: the list has an empty item"],
  ["SVCB", "1 . ipv4hint=1.2.3", "5: SVCB: expected an address, got `1.2.3`"],
  ["SVCB", "1 . no-default-alpn=abc", "5: SVCB: the parameter no-default-alpn has no value"],
  ["SVCB", "1 . mandatory=key123", "5: SVCB: key123 is mandatory, and is missing"],
  ["SVCB", "1 . mandatory=mandatory", "5: SVCB: a mandatory key is given twice, or is mandatory itself"],
  ["SVCB", "1 . mandatory=foo", "5: SVCB: `foo` is no parameter"],
  ["SVCB", "1 . mandatory=key123,key123 key123=abc", "5: SVCB: a mandatory key is given twice, or is mandatory itself"],
  ["SVCB", "1 . no-default-alpn", "5: SVCB: no-default-alpn needs alpn"],
  ["SVCB", "1 . port=65536", "5: SVCB: expected a port, got `65536`"],
  ["SVCB", "1 . foo=1", "5: SVCB: `foo` is no parameter"],
  ["SVCB", "1 . ALPN=h2", "5: SVCB: `ALPN` is no parameter"],
  ["SVCB", "1 . alpn=a,,b", "5: SVCB: the list has an empty item"],
  ["SVCB", String.raw`1 . alpn=a\\`, "5: SVCB: the list ends in a backslash"],
  ["SVCB", "1 . key65535=a", "5: SVCB: `key65535` is no parameter"],
  ["SVCB", "1 . key0123=a", "5: SVCB: `key0123` is no parameter"],
  ["SVCB", String.raw`1 . key1=\999`, "5: SVCB: a backslash is followed by no character and no number up to 255"],
  ["SVCB", "65536 .", "1: SVCB: expected a number, got `65536`"],
])("not %s %s", (type, data, fault) => {
  expect(readData(type, data)).toBe(fault);
});
