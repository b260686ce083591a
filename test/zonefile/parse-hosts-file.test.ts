import { describe, expect, test } from "vitest";
import { formatName } from "../../src/dns/name.ts";
import { formatIp } from "../../src/net/ip.ts";
import { hostsEntries } from "../../src/zonefile/hosts-lines.ts";
import { parseHostsFile } from "../../src/zonefile/parse-hosts-file.ts";
import { PROBLEMS_MAX } from "../../src/zonefile/zone-problems.ts";
import { showProblem } from "./zone-text.ts";

function read(text: string): { readonly entries: readonly string[]; readonly problems: readonly string[] } {
  const { entries, problems } = parseHostsFile(text, { path: "hosts" });
  return {
    entries: [...hostsEntries(entries)].map(
      ({ address, names, line }) => `${line} ${formatIp(address)} ${names.map((name) => formatName(name)).join(" ")}`,
    ),
    problems: problems.map(showProblem),
  };
}

describe("lines", () => {
  test.each<[title: string, text: string, entries: string[]]>([
    ["none", "", []],
    ["comments and blank lines", "# a\n\n  \t\r\n#10.0.0.1 a", []],
    ["an address with names", "10.0.0.1 web.example.org web", ["1 10.0.0.1 web.example.org. web."]],
    ["IPv6", "2001:DB8::1\tweb", ["1 2001:db8::1 web."]],
    ["blanks, a comment, CR LF", "\r\n  10.0.0.1 \t a  b#c\r\n::1 d\r\n", ["2 10.0.0.1 a. b.", "3 ::1 d."]],
    ["a byte order mark", "\ufeff10.0.0.1 a", ["1 10.0.0.1 a."]],
    ["letter case, underscores, a final dot", "10.0.0.1 Web my_app a.b.", ["1 10.0.0.1 web. my_app. a.b."]],
    ["one address twice", "10.0.0.1 a\n10.0.0.1 b", ["1 10.0.0.1 a.", "2 10.0.0.1 b."]],
    [
      "the longest names",
      `10.0.0.1 ${"a".repeat(63)} ${"a.".repeat(126)}a`,
      [`1 10.0.0.1 ${"a".repeat(63)}. ${"a.".repeat(127)}`],
    ],
  ])("%s", (_title, text, entries) => {
    expect(read(text)).toEqual({ entries, problems: [] });
  });
});

test.each<[text: string, problem: string, entries: string[]]>([
  ["web 10.0.0.1", "error hosts-line hosts:1:1", []],
  ["10.0.0.256 a", "error hosts-line hosts:1:1", []],
  ["10.0.0.1", "error hosts-line hosts:1:1", []],
  ["10.0.0.1 # a", "error hosts-line hosts:1:1", []],
  ["10.0.0.1 a -b c", "error hosts-line hosts:1:12", ["1 10.0.0.1 a. c."]],
  ["10.0.0.1 a..b", "error hosts-line hosts:1:10", []],
  ["10.0.0.1 a b- ", "error hosts-line hosts:1:12", ["1 10.0.0.1 a."]],
  ["10.0.0.1 a\\.b", "error hosts-line hosts:1:10", []],
  [`10.0.0.1 ${"a".repeat(64)}`, "error hosts-line hosts:1:10", []],
  [`10.0.0.1 ${"a.".repeat(127)}a`, "error hosts-line hosts:1:10", []],
  ["fe80::1%lo0 localhost", "warning hosts-line hosts:1:1", []],
  ["fe80::x%lo0 localhost", "error hosts-line hosts:1:1", []],
])("%j has a fault, and the line after it counts", (text, problem, entries) => {
  expect(read(`${text}\n10.0.0.9 z`)).toEqual({ entries: [...entries, "2 10.0.0.9 z."], problems: [problem] });
});

test("so many problems are listed", () => {
  expect(parseHostsFile("a\n".repeat(1_000), { path: "hosts" }).problems).toHaveLength(PROBLEMS_MAX + 1);
});
