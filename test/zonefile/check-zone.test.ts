import { describe, expect, test } from "vitest";
import { readZone } from "../../src/zonefile/check-zone.ts";
import { settingsFor, showProblem, showRecord } from "./zone-text.ts";

const APEX = "$TTL 60\n@ SOA ns admin 1 2 3 4 5\n@ NS ns\nns A 10.0.0.1\n";

test("a zone in order", () => {
  const text = `${APEX}www CNAME ns\n*.w TXT a\nsub NS ns.sub\nns.sub AAAA ::1\nmoved DNAME other.\nmoved TXT b`;
  const { zone, problems } = readZone(text, settingsFor());
  expect(problems).toEqual([]);
  expect(zone?.records.map(showRecord)).toHaveLength(9);
});

test("sets have one TTL, the smallest, and equal records are gone", () => {
  const text = `${APEX}a 50 A 10.0.0.1\nA 40 A 10.0.0.2\na 30 A 10.0.0.1\na 70 TXT b`;
  const { zone, problems } = readZone(text, settingsFor());
  expect(zone?.records.slice(3).map(showRecord)).toEqual([
    "a.example.org. 40 A 0a000001",
    "A.example.org. 40 A 0a000002",
    "a.example.org. 70 TXT 0162",
  ]);
  expect(problems.map(showProblem)).toEqual(["warning zone-ttl-differs example.org.zone:6:1"]);
  expect(problems[0]!.message).toBe("the A records of a.example.org. differ in TTL, and 40 counts");
});

test("signatures of several sets keep their TTLs", () => {
  const data = "13 3 60 20300101000000 20260101000000 1 @ AAEC";
  const { zone, problems } = readZone(`${APEX}@ 50 RRSIG NS ${data}\n@ 60 RRSIG SOA ${data}`, settingsFor());
  expect(problems).toEqual([]);
  expect(zone?.records.filter(({ type }) => type === 46).map(({ ttl }) => ttl)).toEqual([50, 60]);
});

test.each(["www.example.com.", "org.", "www.example.com"])("a record of %s is left out, with a warning", (owner) => {
  const { zone, problems } = readZone(`${APEX}$ORIGIN .\n${owner} A 10.0.0.1`, settingsFor());
  expect(zone?.records.map(({ type }) => type)).toEqual([6, 2, 1]);
  expect(problems.map(showProblem)).toEqual(["warning zone-outside example.org.zone:6:1"]);
});

describe("what makes no zone", () => {
  test.each<[title: string, text: string, problems: string[]]>([
    ["an empty file", "", ["zone-soa 1:1"]],
    ["no SOA", "$TTL 60\n@ NS ns.x.", ["zone-soa 1:1"]],
    ["the SOA of another name", "$TTL 60\nwww SOA . . 1 2 3 4 5\na.b. NS ns.x.", ["zone-soa 2:1"]],
    ["two SOAs", `${APEX}@ SOA ns admin 2 2 3 4 5`, ["zone-soa 5:1"]],
    ["an SOA further down", `${APEX}www SOA . . 1 2 3 4 5`, ["zone-soa 5:1"]],
    ["no name server", "@ SOA . . 1 2 3 4 5", ["zone-ns 1:1"]],
    ["a CNAME beside others", `${APEX}www A 10.0.0.1\nWWW CNAME ns`, ["zone-cname 5:1"]],
    ["a CNAME at the apex", `${APEX}@ CNAME ns.x.`, ["zone-cname 2:1"]],
    ["two CNAMEs", `${APEX}www CNAME ns\nwww CNAME a`, ["zone-cname 6:1"]],
    ["two DNAMEs", `${APEX}www DNAME a.\nwww DNAME b.`, ["zone-dname 6:1"]],
    ["a record below a DNAME", `${APEX}a.www A 10.0.0.1\nwww DNAME a.`, ["zone-dname 5:1"]],
    ["all of it below a DNAME", `${APEX}@ DNAME a.`, ["zone-dname 4:1"]],
    ["a delegation of a wildcard", `${APEX}* NS ns`, ["zone-wildcard 5:1"]],
    ["a DNAME of a wildcard", `${APEX}*.a DNAME b.`, ["zone-wildcard 5:1"]],
    ["several", `${APEX}* NS ns\na. A 10.0.0.1`, ["zone-wildcard 5:1"]],
    ["a line that does not parse", `${APEX}a A 1\nb. A 10.0.0.1`, ["zone-record 5:5"]],
  ])("%s", (_title, text, expected) => {
    const { zone, problems } = readZone(text, settingsFor());
    expect(zone).toBeUndefined();
    const errors = problems.filter(({ severity }) => severity === "error");
    expect(errors.map(({ code, place }) => `${code} ${place?.line}:${place?.column}`)).toEqual(expected);
  });

  test("a file of another name is told once, with the name that it should have", () => {
    const { problems } = readZone("$TTL 60\nwww SOA . . 1 2 3 4 5\na.b. NS ns.x.\n", settingsFor());
    expect(problems).toHaveLength(1);
    expect(problems[0]).toMatchObject({
      message: "the SOA is that of www.example.org., and the file is the zone example.org.",
      advice: "name the file www.example.org.zone, or begin it with `$ORIGIN www.example.org.`",
    });
  });

  test("the records that are proposed make a zone", () => {
    let text = "";
    for (const line of [1, 2]) {
      const { problems } = readZone(text, settingsFor());
      expect(problems, `${line}`).toHaveLength(1);
      text += `${/`(.*?)`/.exec(problems[0]!.advice)![1]!}\n`;
    }
    expect(readZone(`${text}ns 60 A 10.0.0.1`, settingsFor()).problems).toEqual([]);
  });
});

test("a signature and a denial may stand beside a CNAME", () => {
  const signature = "a RRSIG CNAME 13 3 60 20300101000000 20260101000000 1 @ AAEC";
  expect(readZone(`${APEX}a CNAME ns\n${signature}\na NSEC ns CNAME RRSIG NSEC`, settingsFor()).problems).toEqual([]);
});
