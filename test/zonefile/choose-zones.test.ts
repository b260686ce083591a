import { describe, expect, test } from "vitest";
import { formatName, parseName } from "../../src/dns/name.ts";
import type { ZoneContents, ZoneContent } from "../../src/zonefile/choose-zones.ts";
import { chooseZones } from "../../src/zonefile/choose-zones.ts";
import { hostsEntries, NO_LINES } from "../../src/zonefile/hosts-lines.ts";
import { parseHostsFile } from "../../src/zonefile/parse-hosts-file.ts";
import { originNamed } from "../support/core/origins.ts";
import { showProblem } from "./zone-text.ts";

function zone(origin: string): ZoneContent {
  return { kind: "zone", zone: { origin: parseName(origin)!, records: [] } };
}

function hosts(text: string): ZoneContent {
  return { kind: "hosts", entries: parseHostsFile(text, { path: "hosts" }).entries };
}

/** Files with their contents, the order of each before its path. */
function held(files: Readonly<Record<string, ZoneContent>>): ZoneContents {
  return new Map(
    Object.entries(files).map(([name, content]) => {
      const [order, path] = name.split(":") as [string, string];
      return [path, { origin: originNamed(path, { order: Number(order) }), content }];
    }),
  );
}

test("nothing gives nothing", () => {
  expect(chooseZones(new Map())).toEqual({ zones: [], hosts: NO_LINES, problems: [] });
});

describe("zones", () => {
  test("with origins of their own serve, in the order of the files, one within another too", () => {
    const { zones, problems } = chooseZones(
      held({ "2:b": zone("a.org"), "1:a": zone("b.org"), "3:c": zone("sub.a.org") }),
    );
    expect(zones.map(({ origin }) => formatName(origin))).toEqual(["b.org.", "a.org.", "sub.a.org."]);
    expect(problems).toEqual([]);
  });

  test("with one origin: the file that comes first serves, in whatever order they became known", () => {
    const contents = {
      "3:c.zone": zone("example.org"),
      "1:z.zone": zone("Example.ORG"),
      "2:b.zone": zone("example.org"),
    };
    const { zones, problems } = chooseZones(held(contents));
    expect(zones.map(({ origin }) => formatName(origin))).toEqual(["Example.ORG."]);
    expect(problems.map(showProblem)).toEqual(["error duplicate-zone b.zone:1:1", "error duplicate-zone c.zone:1:1"]);
    expect(problems[0]!.message).toBe("the zone example.org. is already in z.zone, which is served");
  });
});

test("hosts files add up, in the order of the files", () => {
  const { hosts: entries } = chooseZones(
    held({ "2:b.hosts": hosts("10.0.0.3 web"), "1:hosts": hosts("10.0.0.1 web\n10.0.0.2 db") }),
  );
  expect(
    [...hostsEntries(entries)].map(
      ({ address, names }) => `${address.join(".")} ${names.map((name) => formatName(name)).join(" ")}`,
    ),
  ).toEqual(["10.0.0.1 web.", "10.0.0.2 db.", "10.0.0.3 web."]);
});
