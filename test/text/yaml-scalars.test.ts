// What sigs.k8s.io/yaml 1.6.0 (the reader of kubectl) made of each scalar: as a value in JSON, and as a key.
import { expect, test } from "vitest";
import { parseDocuments } from "../../src/text/parse-documents.ts";
import { plainKey, resolvePlain } from "../../src/text/yaml-scalars.ts";

const PLAIN = String.raw`
  yes  →  true  →  true
  Yes  →  true  →  true
  YES  →  true  →  true
  yEs  →  "yEs"  →  yEs
  no  →  false  →  false
  No  →  false  →  false
  NO  →  false  →  false
  on  →  true  →  true
  On  →  true  →  true
  ON  →  true  →  true
  off  →  false  →  false
  Off  →  false  →  false
  OFF  →  false  →  false
  y  →  true  →  true
  Y  →  true  →  true
  n  →  false  →  false
  N  →  false  →  false
  true  →  true  →  true
  True  →  true  →  true
  TRUE  →  true  →  true
  tRue  →  "tRue"  →  tRue
  false  →  false  →  false
  False  →  false  →  false
  FALSE  →  false  →  false
  null  →  null  →  refused
  Null  →  null  →  refused
  NULL  →  null  →  refused
  nULL  →  "nULL"  →  nULL
  ~  →  null  →  refused
  nil  →  "nil"  →  nil
  0  →  0  →  0
  -0  →  0  →  0
  +0  →  0  →  0
  00  →  0  →  0
  0120  →  80  →  80
  -0120  →  -80  →  -80
  +0120  →  80  →  80
  09  →  9  →  9
  090  →  90  →  90
  08_0  →  80  →  80
  0x50  →  80  →  80
  0X50  →  80  →  80
  -0x50  →  -80  →  -80
  +0x50  →  80  →  80
  0xZZ  →  "0xZZ"  →  0xZZ
  0b1  →  1  →  1
  0b101  →  5  →  5
  -0b1  →  -1  →  -1
  0b2  →  "0b2"  →  0b2
  0B1  →  1  →  1
  0o17  →  15  →  15
  -0o17  →  -15  →  -15
  0O17  →  15  →  15
  0o18  →  "0o18"  →  0o18
  8_080  →  8080  →  8080
  _8  →  "_8"  →  _8
  8_  →  8  →  8
  8__0  →  80  →  80
  1_000.5  →  1000.5  →  1000.5
  0_  →  0  →  0
  0x_5  →  5  →  5
  1:30  →  "1:30"  →  1:30
  190:20:30  →  "190:20:30"  →  190:20:30
  1:30.5  →  "1:30.5"  →  1:30.5
  2001-01-01  →  "2001-01-01"  →  2001-01-01
  2001-12-14t21:59:43.10-05:00  →  "2001-12-14t21:59:43.10-05:00"  →  2001-12-14t21:59:43.10-05:00
  2001-12-15  →  "2001-12-15"  →  2001-12-15
  02:59:43.1Z  →  "02:59:43.1Z"  →  02:59:43.1Z
  1.0  →  1  →  1
  1.10  →  1.1  →  1.1
  1.  →  1  →  1
  .5  →  0.5  →  0.5
  -.5  →  -0.5  →  -0.5
  +.5  →  0.5  →  0.5
  1e3  →  1000  →  1000
  1E3  →  1000  →  1000
  1e+3  →  1000  →  1000
  1e-3  →  0.001  →  0.001
  1.5e3  →  1500  →  1500
  1e  →  "1e"  →  1e
  1e999  →  "1e999"  →  1e999
  -1e999  →  "-1e999"  →  -1e999
  .e3  →  ".e3"  →  .e3
  .  →  "."  →  .
  ..  →  ".."  →  ..
  1.2.3  →  "1.2.3"  →  1.2.3
  1,000  →  "1,000"  →  1,000
  +1  →  1  →  1
  -1  →  -1  →  -1
  +-1  →  "+-1"  →  +-1
  --1  →  "--1"  →  --1
  .inf  →  refused  →  .inf
  .Inf  →  refused  →  .inf
  .INF  →  refused  →  .inf
  +.inf  →  refused  →  .inf
  -.inf  →  refused  →  -.inf
  -.Inf  →  refused  →  -.inf
  .iNf  →  ".iNf"  →  .iNf
  .nan  →  refused  →  .nan
  .NaN  →  refused  →  .nan
  .NAN  →  refused  →  .nan
  +.nan  →  "+.nan"  →  +.nan
  -.nan  →  "-.nan"  →  -.nan
  inf  →  "inf"  →  inf
  nan  →  "nan"  →  nan
  NaN  →  "NaN"  →  NaN
  Infinity  →  "Infinity"  →  Infinity
  0x1p3  →  "0x1p3"  →  0x1p3
  0x1.8p1  →  "0x1.8p1"  →  0x1.8p1
  1e3_0  →  1e+30  →  1e+30
  _  →  "_"  →  _
  __  →  "__"  →  __
  1_e3  →  1000  →  1000
  1_.5  →  1.5  →  1.5
  ._5  →  "._5"  →  ._5
  +_1  →  1  →  1
  -_1  →  -1  →  -1
  9223372036854775807  →  9223372036854775807  →  9223372036854775807
  9223372036854775808  →  9223372036854775808  →  refused
  18446744073709551615  →  18446744073709551615  →  refused
  18446744073709551616  →  18446744073709552000  →  1.8446744e+19
  -9223372036854775808  →  -9223372036854775808  →  -9223372036854775808
  -9223372036854775809  →  -9223372036854776000  →  -9.223372e+18
  123456789012345678901234567890  →  1.2345678901234568e+29  →  1.2345679e+29
  0777777777777777777777777  →  7.777777777777778e+23  →  7.777778e+23
  0xffffffffffffffff  →  18446744073709551615  →  refused
  0xfffffffffffffffff  →  "0xfffffffffffffffff"  →  0xfffffffffffffffff
  0b11111111111111111111111111111111111111111111111111111111111111111  →  "0b11111111111111111111111111111111111111111111111111111111111111111"  →  0b11111111111111111111111111111111111111111111111111111111111111111
  =  →  "="  →  =
  abc  →  "abc"  →  abc
  1a  →  "1a"  →  1a
  0a  →  "0a"  →  0a
  12e03  →  12000  →  12000
  0.1  →  0.1  →  0.1
  0.10  →  0.1  →  0.1
  1e05  →  100000  →  100000
  -1.5  →  -1.5  →  -1.5
  +1.5  →  1.5  →  1.5
  0x  →  "0x"  →  0x
  0b  →  "0b"  →  0b
  0o  →  "0o"  →  0o
  0.  →  0  →  0
  00.5  →  0.5  →  0.5
  010.5  →  10.5  →  10.5
  0e5  →  0  →  0
  +.5e3  →  500  →  500
  10.96.0.1  →  "10.96.0.1"  →  10.96.0.1
  ::1  →  "::1"  →  ::1
  1_0:30  →  "1_0:30"  →  1_0:30
  0x1_0  →  16  →  16
  0b1_0  →  2  →  2
  0o1_7  →  15  →  15
  -0x  →  "-0x"  →  -0x
  -0b  →  "-0b"  →  -0b
  0777  →  511  →  511
  0778  →  778  →  778
  -0777  →  -511  →  -511
  0_777  →  511  →  511
  0b-1  →  -1  →  -1
  0x-1  →  "0x-1"  →  0x-1
  0b+1  →  1  →  1
  -0b-1  →  "-0b-1"  →  -0b-1
  -0b+1  →  "-0b+1"  →  -0b+1
  0o-7  →  "0o-7"  →  0o-7
  1e-7  →  1e-7  →  1e-07
  1e-6  →  0.000001  →  1e-06
  1e20  →  100000000000000000000  →  1e+20
  1e21  →  1e+21  →  1e+21
  1e22  →  1e+22  →  1e+22
  123456789.125  →  123456789.125  →  1.2345679e+08
  0.000001  →  0.000001  →  1e-06
  0.0000001  →  1e-7  →  1e-07
  100000000000000000000.5  →  100000000000000000000  →  1e+20
  TRUE.  →  "TRUE."  →  TRUE.
  true#  →  "true#"  →  true#
`;

const TAGGED = String.raw`
  !!str yes  →  "yes"
  !!str 8  →  "8"
  !!str "8"  →  "8"
  !!str 'yes'  →  "yes"
  !!str 0120  →  "0120"
  !!str "1.5"  →  "1.5"
  !!str 1.5  →  "1.5"
  !!str ~  →  "~"
  !!str null  →  "null"
  !!str aGVsbG8=  →  "aGVsbG8="
  !!str abc  →  "abc"
  !!str 2001-01-01  →  "2001-01-01"
  !!str "2001-01-01"  →  "2001-01-01"
  !!str 1e3  →  "1e3"
  !!int yes  →  refused
  !!int 8  →  8
  !!int "8"  →  8
  !!int 'yes'  →  refused
  !!int 0120  →  80
  !!int "1.5"  →  refused
  !!int 1.5  →  refused
  !!int ~  →  refused
  !!int null  →  refused
  !!int aGVsbG8=  →  refused
  !!int abc  →  refused
  !!int 2001-01-01  →  refused
  !!int "2001-01-01"  →  refused
  !!int 1e3  →  refused
  !!float yes  →  refused
  !!float 8  →  8
  !!float "8"  →  8
  !!float 'yes'  →  refused
  !!float 0120  →  80
  !!float "1.5"  →  1.5
  !!float 1.5  →  1.5
  !!float ~  →  refused
  !!float null  →  refused
  !!float aGVsbG8=  →  refused
  !!float abc  →  refused
  !!float 2001-01-01  →  refused
  !!float "2001-01-01"  →  refused
  !!float 1e3  →  1000
  !!bool yes  →  true
  !!bool 8  →  refused
  !!bool "8"  →  refused
  !!bool 'yes'  →  true
  !!bool 0120  →  refused
  !!bool "1.5"  →  refused
  !!bool 1.5  →  refused
  !!bool ~  →  refused
  !!bool null  →  refused
  !!bool aGVsbG8=  →  refused
  !!bool abc  →  refused
  !!bool 2001-01-01  →  refused
  !!bool "2001-01-01"  →  refused
  !!bool 1e3  →  refused
  !!null yes  →  refused
  !!null 8  →  refused
  !!null "8"  →  refused
  !!null 'yes'  →  refused
  !!null 0120  →  refused
  !!null "1.5"  →  refused
  !!null 1.5  →  refused
  !!null ~  →  null
  !!null null  →  null
  !!null aGVsbG8=  →  refused
  !!null abc  →  refused
  !!null 2001-01-01  →  refused
  !!null "2001-01-01"  →  refused
  !!null 1e3  →  refused
  !!binary yes  →  refused
  !!binary 8  →  refused
  !!binary "8"  →  refused
  !!binary 'yes'  →  refused
  !!binary 0120  →  "\ufffd]\ufffd"
  !!binary "1.5"  →  refused
  !!binary 1.5  →  refused
  !!binary ~  →  refused
  !!binary null  →  "\ufffd\ufffde"
  !!binary aGVsbG8=  →  "hello"
  !!binary abc  →  refused
  !!binary 2001-01-01  →  refused
  !!binary "2001-01-01"  →  refused
  !!binary 1e3  →  refused
  !!timestamp yes  →  refused
  !!timestamp 8  →  refused
  !!timestamp "8"  →  refused
  !!timestamp 'yes'  →  refused
  !!timestamp 0120  →  refused
  !!timestamp "1.5"  →  refused
  !!timestamp 1.5  →  refused
  !!timestamp ~  →  refused
  !!timestamp null  →  refused
  !!timestamp aGVsbG8=  →  refused
  !!timestamp abc  →  refused
  !!timestamp 2001-01-01  →  "2001-01-01"
  !!timestamp "2001-01-01"  →  "2001-01-01"
  !!timestamp 1e3  →  refused
  !foo yes  →  "yes"
  !foo 8  →  "8"
  !foo "8"  →  "8"
  !foo 'yes'  →  "yes"
  !foo 0120  →  "0120"
  !foo "1.5"  →  "1.5"
  !foo 1.5  →  "1.5"
  !foo ~  →  "~"
  !foo null  →  "null"
  !foo aGVsbG8=  →  "aGVsbG8="
  !foo abc  →  "abc"
  !foo 2001-01-01  →  "2001-01-01"
  !foo "2001-01-01"  →  "2001-01-01"
  !foo 1e3  →  "1e3"
  ! yes  →  "yes"
  ! 8  →  "8"
  ! "8"  →  "8"
  ! 'yes'  →  "yes"
  ! 0120  →  "0120"
  ! "1.5"  →  "1.5"
  ! 1.5  →  "1.5"
  ! ~  →  "~"
  ! null  →  "null"
  ! aGVsbG8=  →  "aGVsbG8="
  ! abc  →  "abc"
  ! 2001-01-01  →  "2001-01-01"
  ! "2001-01-01"  →  "2001-01-01"
  ! 1e3  →  "1e3"
`;

function rowsOf(table: string): [string, string, string][] {
  return table
    .trim()
    .split("\n")
    .map((row) => row.trim().split("  →  ") as [string, string, string]);
}

/** The value of the only key of a document as JSON, or `refused`. */
function valueOf(text: string): string {
  const [document] = parseDocuments(text);
  if (document === undefined || "fault" in document) return "refused";
  return JSON.stringify(Object.values(document.value as object)[0]);
}

test.each(rowsOf(PLAIN))("%s is the value %s and the key %s", (text, value, key) => {
  const found = resolvePlain(text);
  // Numbers above 2^53 lose digits here.
  if (value === "refused") expect(found).not.toSatisfy(Number.isFinite);
  else expect(found).toBe(JSON.parse(value));
  expect(valueOf(`a: ${text}`)).toBe(value === "refused" ? value : JSON.stringify(JSON.parse(value)));
  expect(plainKey(text) ?? "refused").toBe(key);
});

test.each(rowsOf(TAGGED))("%s is the value %s", (text, value) => {
  expect(valueOf(`a: ${text}`)).toBe(value === "refused" ? value : JSON.stringify(JSON.parse(value)));
});

test.each([
  ['"yes"', '"yes"'],
  ["'0120'", '"0120"'],
  ["|\n  yes\n", '"yes\\n"'],
  [">-\n  8\n", '"8"'],
])("%j is text: it has quotes or is a block", (text, value) => {
  expect(valueOf(`a: ${text}`)).toBe(value);
});

test.each([
  ["1234567.0", "1.234567e+06"],
  ["100000.0", "100000"],
  ["0.0001", "0.0001"],
  ["0.00001", "1e-05"],
])("the key %s is %s: numbers of 32 bits, as kubectl writes them", (text, key) => {
  expect(plainKey(text)).toBe(key);
});
