import { execFileSync } from "node:child_process";
import * as fs from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { signatureAtSync } from "../../../src/files/file-status.ts";
import type { ParsedZoneText } from "../../../src/sources/manifests/zone-text.ts";
import { parseZoneText, zoneTextKind } from "../../../src/sources/manifests/zone-text.ts";

const APEX = "$TTL 60\n@ SOA ns admin 1 2 3 4 5\n@ NS ns\nns A 10.0.0.1\n";
const LATER_MS = 10_000;

let root: string;
let outside: string;
beforeEach(() => {
  root = fs.realpathSync(fs.mkdtempSync(join(tmpdir(), "zones-")));
  outside = fs.realpathSync(fs.mkdtempSync(join(tmpdir(), "elsewhere-")));
});
afterEach(() => [root, outside].forEach((folder) => fs.rmSync(folder, { recursive: true })));

const at = (name: string): string => join(root, name);

function parse(text: string, name = "example.org.zone", nowMs = Date.now() + LATER_MS): ParsedZoneText {
  return parseZoneText(text, { path: at(name), roots: [root], nowMs });
}

test.each<[string, string | undefined]>([
  ["zones/example.org.zone", "zone"],
  ["zones/hosts", "hosts"],
  ["lab.hosts", "hosts"],
  ["web.yaml", undefined],
  ["zone", undefined],
  ["myhosts", undefined],
  [".example.org.zone", undefined],
  [".hosts", undefined],
  ["hosts/web.yaml", undefined],
  ["example.org.zone~", undefined],
])("%s is of kind %s", (path, kind) => {
  expect(zoneTextKind(path)).toBe(kind);
});

test("a zone and a hosts file", () => {
  const zone = parse(APEX);
  expect(zone.content?.kind === "zone" && zone.content.zone.records.length).toBe(3);
  expect(zone).toMatchObject({ problems: [], included: new Map(), isUnsettled: false });
  const hosts = parse("10.0.0.1 a\nb", "hosts");
  expect(hosts.content).toMatchObject({ kind: "hosts", entries: { numbers: Uint32Array.of(1) } });
  expect(hosts.problems.map(({ code }) => code)).toEqual(["hosts-line"]);
});

test("a broken zone holds nothing", () => {
  const { content, problems } = parse("a");
  expect(content).toBeUndefined();
  expect(problems[0]?.place).toEqual({ file: at("example.org.zone"), line: 1, column: 2 });
});

describe("included files", () => {
  test("may have so many bytes together", () => {
    fs.writeFileSync(at("a.inc"), ";".repeat(16 << 20));
    expect(parse(APEX + "$INCLUDE a.inc\n".repeat(4)).problems).toEqual([]);
    const { problems } = parse(APEX + "$INCLUDE a.inc\n".repeat(5));
    expect(problems).toMatchObject([{ code: "zone-include", place: { line: 9, column: 10 } }]);
  });

  test("are beside the file that includes them, and are told", () => {
    fs.mkdirSync(at("deep/er"), { recursive: true });
    fs.writeFileSync(at("deep/a.inc"), "a A 10.0.0.2\n$INCLUDE er/b.inc\n");
    fs.writeFileSync(at("deep/er/b.inc"), `$INCLUDE ${at("c.inc")}\n$INCLUDE ../../c.inc`);
    fs.writeFileSync(at("c.inc"), "c A 10.0.0.3\n");
    const { content, problems, included, isUnsettled } = parse(`${APEX}$INCLUDE "deep/a.inc"`);
    expect(problems).toEqual([]);
    expect(content?.kind === "zone" && content.zone.records.length).toBe(5);
    const paths = [at("deep/a.inc"), at("deep/er/b.inc"), at("c.inc")];
    expect(included).toEqual(new Map(paths.map((path) => [path, signatureAtSync(path)])));
    expect(isUnsettled).toBe(false);
  });

  test("that were written to just now are not settled", () => {
    fs.writeFileSync(at("a.inc"), "");
    const { mtimeMs } = fs.statSync(at("a.inc"));
    const settled = [-5, 5, 79, 81].map((age) => parse(`${APEX}$INCLUDE a.inc`, "x.zone", mtimeMs + age).isUnsettled);
    expect(settled).toEqual([false, true, true, false]);
  });

  test("keep their own places", () => {
    fs.writeFileSync(at("a.inc"), "\na A 10.0.0.256\n");
    const { content, problems } = parse(`${APEX}$INCLUDE a.inc`);
    expect(content).toBeUndefined();
    expect(problems.map(({ place }) => place)).toEqual([{ file: at("a.inc"), line: 2, column: 5 }]);
  });

  test.each<[title: string, code: string, make: () => string]>([
    ["are not there", "zone-include", () => "a.inc"],
    [
      "are below a file",
      "zone-include",
      () => {
        fs.writeFileSync(at("a"), "");
        return "a/b";
      },
    ],
    ["are folders", "zone-include", () => "."],
    [
      "are pipes",
      "zone-include",
      () => {
        execFileSync("mkfifo", [at("pipe")]);
        return "pipe";
      },
    ],
    [
      "are too large",
      "zone-include",
      () => {
        fs.writeFileSync(at("large"), "");
        fs.truncateSync(at("large"), 65 * 1024 * 1024);
        return "large";
      },
    ],
    [
      "are no text",
      "not-utf8",
      () => {
        fs.writeFileSync(at("bytes"), Uint8Array.of(0xff));
        return "bytes";
      },
    ],
    [
      "are elsewhere",
      "outside-folder",
      () => {
        fs.writeFileSync(join(outside, "a.inc"), "");
        return join(outside, "a.inc");
      },
    ],
    ["are above", "outside-folder", () => ".."],
    [
      "are behind a link that leads elsewhere",
      "outside-folder",
      () => {
        fs.writeFileSync(join(outside, "a.inc"), "");
        fs.symlinkSync(join(outside, "a.inc"), at("link.inc"));
        return "link.inc";
      },
    ],
  ])("that %s are a problem", (_title, code, make) => {
    const { content, problems, included } = parse(`${APEX}$INCLUDE ${make()}`);
    expect(content).toBeUndefined();
    expect(problems.map((problem) => problem.code)).toEqual([code]);
    expect(included.size).toBe(1);
  });
});
