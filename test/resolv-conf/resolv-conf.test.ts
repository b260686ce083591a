import { describe, expect, it } from "vitest";
import type { ResolvConf } from "../../src/resolv-conf/resolv-conf.ts";
import { formatResolvConf, mergeOptions, parseResolvConf } from "../../src/resolv-conf/resolv-conf.ts";

const empty: ResolvConf = { nameservers: [], searches: [], options: [] };

describe("parseResolvConf", () => {
  const cases: readonly (readonly [string, string, Partial<ResolvConf>])[] = [
    ["an empty file", "", {}],
    ["nameservers add up", "nameserver 192.0.2.1\nnameserver fd00::1\n", { nameservers: ["192.0.2.1", "fd00::1"] }],
    ["only the first address of a line is used", "nameserver 192.0.2.1 192.0.2.2", { nameservers: ["192.0.2.1"] }],
    ["the last search list wins", "search a.test b.test\nsearch c.test", { searches: ["c.test"] }],
    ["an empty search line clears the list", "search a.test\nsearch", { searches: [] }],
    ["trailing dots and the root are removed", "search a.test. . b.test", { searches: ["a.test", "b.test"] }],
    ["options add up", "options ndots:2 rotate\noptions timeout:1", { options: ["ndots:2", "rotate", "timeout:1"] }],
    ["the last value of an option wins", "options ndots:2 rotate\noptions ndots:3", { options: ["ndots:3", "rotate"] }],
    ["comments", "# nameserver 192.0.2.1\n; search a.test\n;options rotate\n#search b.test", {}],
    [
      "blanks and CRLF",
      "  nameserver\t192.0.2.1\r\n\r\n search  a.test\r\n",
      { nameservers: ["192.0.2.1"], searches: ["a.test"] },
    ],
    [
      "other keywords stay on the node",
      "domain a.test\nsortlist 192.0.2.0\nNameserver 192.0.2.1\nlookup file bind",
      {},
    ],
    ["no newline at the end", "options rotate", { options: ["rotate"] }],
  ];
  it.each(cases)("%s", (_name, text, expected) => {
    expect(parseResolvConf(text, "node.conf")).toEqual({ conf: { ...empty, ...expected }, problems: [] });
  });

  it("reports the place of a nameserver line without an address, and keeps the rest", () => {
    const { conf, problems } = parseResolvConf("nameserver 192.0.2.1\n  nameserver\nsearch a.test\n", "node.conf");
    expect(conf).toEqual({ nameservers: ["192.0.2.1"], searches: ["a.test"], options: [] });
    expect(problems).toMatchObject([
      { code: "resolv-conf-syntax", severity: "warning", place: { file: "node.conf", line: 2, column: 3 } },
    ]);
  });
});

describe("mergeOptions", () => {
  it.each([
    [["ndots:5"], ["ndots:2"], ["ndots:2"]],
    [
      ["ndots:5", "rotate"],
      ["edns0", "ndots:1"],
      ["ndots:1", "rotate", "edns0"],
    ],
    [["ndots:5"], ["ndots"], ["ndots"]],
    [[], ["timeout:1", "timeout:2"], ["timeout:2"]],
  ])("%j with %j is %j", (options, overriding, expected) => {
    expect(mergeOptions(options, overriding)).toEqual(expected);
  });
});

describe("formatResolvConf", () => {
  const cases: readonly (readonly [Partial<ResolvConf>, string])[] = [
    [{}, ""],
    [{ nameservers: ["10.96.0.10"] }, "nameserver 10.96.0.10\n"],
    [{ searches: ["a.test"], options: ["ndots:5", "rotate"] }, "search a.test\noptions ndots:5 rotate\n"],
    [
      { nameservers: ["10.96.0.10", "fd00::a"], searches: ["a.test", "b.test"], options: ["ndots:5"] },
      "nameserver 10.96.0.10\nnameserver fd00::a\nsearch a.test b.test\noptions ndots:5\n",
    ],
  ];
  it.each(cases)("%j", (conf, text) => {
    expect(formatResolvConf({ ...empty, ...conf })).toBe(text);
    expect(parseResolvConf(text, "x").conf).toEqual({ ...empty, ...conf });
  });
});
