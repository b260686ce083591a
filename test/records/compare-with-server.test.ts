import { expect, test } from "vitest";
import { formatName } from "../../src/dns/name.ts";
import { formatType } from "../../src/dns/type-names.ts";
import { compareRecords } from "../../src/records/compare-records.ts";
import type { RecordSide } from "../../src/records/compare-records.ts";
import { comparableSide, questionsFor, serverSide } from "../../src/records/compare-with-server.ts";
import { formatChangesText } from "../../src/records/format-changes.ts";
import { zoneOf } from "../support/core/static-zone.ts";

const recordsOf = (lines: readonly string[]): RecordSide["records"] =>
  zoneOf(".", `$TTL 30\n. SOA . . 1 2 3 4 5\n. NS ns.\n${lines.join("\n")}\n`).records;

const OWN = comparableSide({
  records: recordsOf([
    "web.z. A 10.96.0.1",
    "_http._tcp.web.z. SRV 0 100 80 web.z.",
    "db.z. A 10.244.0.1",
    "db.z. SRV 0 100 5432 10-244-0-1.db.z.",
    "10-244-0-1.db.z. A 10.244.0.1",
    "1.0.244.10.in-addr.arpa. PTR 10-244-0-1.db.z.",
    "fixed.z. A 192.0.2.1",
    "alias.z. CNAME fixed.z.",
  ]),
  assigned: new Map([
    ["10.96.0.1", "service z/web"],
    ["10.244.0.1", "pod z/db-0"],
  ]),
});
const differences = (...answers: readonly string[]): readonly string[] =>
  formatChangesText(
    compareRecords({ records: OWN.records, assigned: new Map() }, serverSide(OWN, recordsOf(answers).slice(2))),
  )
    .trimEnd()
    .split("\n");

const SERVER = [
  "web.z. 5 A 172.20.7.7",
  "_http._tcp.web.z. 5 SRV 0 100 80 web.z.",
  "db.z. 5 A 172.20.0.1",
  "db.z. 5 A 172.20.0.2",
  "db.z. 5 SRV 0 50 5432 172-20-0-1.db.z.",
  "db.z. 5 SRV 0 50 5432 172-20-0-2.db.z.",
  "fixed.z. 5 A 192.0.2.1",
  "alias.z. 5 CNAME fixed.z.",
];

test("names that stand for assigned addresses are not asked for, nor what is the server's own", () => {
  expect(questionsFor(OWN).map(({ name, type }) => `${formatName(name)} ${formatType(type)}`)).toEqual([
    "web.z. A",
    "web.z. AAAA",
    "_http._tcp.web.z. SRV",
    "db.z. A",
    "db.z. SRV",
    "db.z. AAAA",
    "fixed.z. A",
    "fixed.z. AAAA",
    "alias.z. CNAME",
    "alias.z. A",
    "alias.z. AAAA",
  ]);
});

test("TTLs and assigned addresses may be others", () => {
  expect(differences(...SERVER)).toEqual(["no differences"]);
});

test.each<[what: string, replaced: string, by: string, lines: readonly string[]]>([
  ["a name that is missing", "web.z. 5 A 172.20.7.7", "", ["- web.z A 10.96.0.1"]],
  ["another address", "192.0.2.1", "192.0.2.9", ["- fixed.z A 192.0.2.1", "+ fixed.z A 192.0.2.9"]],
  [
    "another port",
    "SRV 0 100 80 ",
    "SRV 0 100 81 ",
    ["- _http._tcp.web.z SRV 0 100 80 web.z", "+ _http._tcp.web.z SRV 0 100 81 web.z"],
  ],
  [
    "another type",
    "alias.z. 5 CNAME fixed.z.",
    "alias.z. 5 A 192.0.2.1",
    ["- alias.z CNAME fixed.z", "+ alias.z A 192.0.2.1"],
  ],
  [
    "another port of pods",
    "SRV 0 50 5432 ",
    "SRV 0 50 5433 ",
    [
      "- db.z SRV 0 100 5432 10-244-0-1.db.z",
      "+ db.z SRV 0 50 5433 172-20-0-1.db.z",
      "+ db.z SRV 0 50 5433 172-20-0-2.db.z",
    ],
  ],
])("%s is a difference", (_, replaced, by, lines) => {
  const answers = SERVER.map((line) => line.replace(replaced, by)).filter((line) => line !== "");
  expect(differences(...answers).slice(2)).toEqual(lines);
});
