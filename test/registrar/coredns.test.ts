// What CoreDNS's plugin etcd answers from the keys of a registrar: the records and response codes of `serve` on the same
// manifests, for all questions of the scenarios and for every name. What differs by the plugin's own rules stands in
// `EXCEPTIONS`; docs/skydns.md tells of them.
import { readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, test } from "vitest";
import { KnownClient } from "../../src/answer/client.ts";
import { optionsFromSettings } from "../../src/config/settings.ts";
import { TYPE } from "../../src/dns/constants.ts";
import { formatName, isAtOrBelow } from "../../src/dns/name.ts";
import { formatType } from "../../src/dns/type-names.ts";
import { CompiledCluster } from "../../src/planes/compiled-cluster.ts";
import { loadCluster } from "../../src/planes/load-cluster.ts";
import { skyDnsEntries } from "../../src/records/format-skydns.ts";
import { listRecords } from "../../src/records/list-records.ts";
import type { ListedZone } from "../../src/records/listed-record.ts";
import { Started, temporaryFolder } from "../conformance/started.ts";
import { wire } from "../support/core/table.ts";
import { UdpClient } from "../support/network.ts";
import { skipAll, whyNot } from "../support/optional-programs.ts";
import { freePort } from "../support/process.ts";
import { parseQuestions, readSettings, zoneSettings } from "../support/scenario.ts";
import { StartedEtcd } from "../support/started-etcd.ts";
import { readMessage, writeQuery } from "../support/wire.ts";
import type { Message } from "../support/wire.ts";

const COREDNS = process.env["COREDNS"] ?? "";
const missing = COREDNS === "" ? "COREDNS names no program" : whyNot("etcd");
skipAll(missing);

const SCENARIOS = new URL("../scenarios/", import.meta.url);
const CLIENT = new KnownClient("tcp", Uint8Array.of(127, 0, 0, 1));
/** Types that each server answers of its own. */
const OF_SERVER = ["NS", "SOA", "ANY"];
const PREFIX = "/skydns";

interface Question {
  readonly name: string;
  readonly type: string;
}

interface Reply {
  readonly rcode: string;
  readonly answer: readonly string[];
}

interface Difference extends Question {
  readonly wanted: Reply;
  readonly given: Reply;
  readonly notes: readonly string[];
  readonly scenario: string;
}

const lastName = ({ name, wanted }: Difference): string =>
  wanted.answer
    .findLast((line) => line.includes(" cname "))
    ?.split(" ")
    .at(-1) ?? name.toLowerCase();
const isEmpty = ({ answer }: Reply): boolean => answer.length === 0;

const EXCEPTIONS: readonly { readonly why: string; readonly is: (difference: Difference) => boolean }[] = [
  {
    why: "a rule answers every address label of pods: no key says so",
    is: (each) => each.notes.some((note) => note.split(" ").includes(lastName(each).replace(/^[0-9a-f-]+\./, ""))),
  },
  {
    why: "the target of an SRV record, or of a PTR record, is an alias for questions of other types",
    is: ({ name, type, wanted, given }) =>
      isEmpty(wanted) &&
      given.answer.some((line) => line.startsWith(`${name.toLowerCase()} `)) &&
      !["SRV", "PTR"].includes(type),
  },
  {
    why: "of the PTR records of an address, the first is answered",
    is: ({ type, wanted, given }) =>
      type === "PTR" &&
      given.answer.length === 1 &&
      wanted.answer.length > 1 &&
      wanted.answer.includes(given.answer[0]!),
  },
  {
    why: "a TTL of 0 is that of the lease",
    is: ({ wanted, given }) =>
      wanted.answer.length > 0 &&
      wanted.answer.every((line) => / 0 /.test(line)) &&
      given.answer.length === wanted.answer.length,
  },
  { why: "* and any are wildcards", is: ({ name }) => /(^|\.)(\*|any)\./.test(name) },
  {
    why: "for CNAME and PTR the name's own key alone is read",
    is: ({ type, wanted, given }) => ["CNAME", "PTR"].includes(type) && isEmpty(wanted) && given.rcode === "NXDOMAIN",
  },
  { why: "aliases that go in circles are no fault", is: ({ wanted }) => wanted.rcode === "SERVFAIL" },
  {
    why: "an alias is followed for addresses alone, within the plugin's zones, and is no answer without any at its end",
    is: ({ wanted, given }) =>
      wanted.answer.some((line) => line.includes(" cname ")) &&
      given.answer.every((line) => wanted.answer.includes(line)),
  },
  {
    why: "zone files and hosts files stay with the servers that read them",
    is: ({ scenario }) => scenario.endsWith("-files"),
  },
];

function lines({ answer }: Message): readonly string[] {
  return answer
    .map(({ owner, ttl, type, rdata }) => {
      const data = type === "SRV" ? rdata.replace(/^\d+ \d+/, "PRIORITY WEIGHT") : rdata;
      return `${owner} ${ttl} ${type} ${data}`.toLowerCase();
    })
    .toSorted();
}

const names = readdirSync(SCENARIOS);
const used = new Set<string>();
let etcd: StartedEtcd;
let coreDns: Started;
let client: UdpClient;
const folder = temporaryFolder();

beforeAll(async () => {
  if (missing !== undefined) return;
  etcd = await StartedEtcd.start();
  const port = await freePort();
  const domains = names.map((name) => readSettings(new URL(`${name}/`, SCENARIOS)).clusterDomain ?? "cluster.local");
  const zones = [...new Set(domains), "in-addr.arpa", "ip6.arpa"].join(" ");
  const block = `etcd ${zones} {\n path ${PREFIX}\n endpoint ${etcd.endpoint}\n }`;
  writeFileSync(`${folder}/Corefile`, `.:${port} {\n bind 127.0.0.1\n ${block}\n}\n`);
  coreDns = new Started(COREDNS, ["-conf", `${folder}/Corefile`]);
  await coreDns.until(() => (/CoreDNS-/.test(coreDns.output) ? true : undefined));
  client = await UdpClient.open({ host: "127.0.0.1", port });
});
afterAll(async () => {
  client?.close();
  await coreDns?.end();
  await etcd?.stop();
  rmSync(folder, { recursive: true });
});

test.each(names)("the keys of %s", async (name) => {
  const path = new URL(`${name}/`, SCENARIOS);
  const settings = readSettings(path);
  const options = optionsFromSettings({ ...settings });
  const { cluster, zones: chosen } = await loadCluster([fileURLToPath(path)], options);
  const compiled = new CompiledCluster(cluster, chosen, { ...options, listen: [] });
  const list = listRecords(compiled.table, 1);
  const { values, leftOut } = skyDnsEntries(list, PREFIX);
  expect(leftOut).toEqual([]);
  await etcd.replace(`${PREFIX}/`, values);

  const own = list.zones.filter(
    ({ origin, ofCluster }) => origin !== "file" && ofCluster.some(({ type }) => type !== TYPE.NS),
  );
  const asked = parseQuestions(readFileSync(new URL("questions.txt", path), "utf8"), zoneSettings(settings));
  const questions = [...asked, ...own.flatMap(questionsOf)].filter(({ name, type }) => {
    return !OF_SERVER.includes(type) && own.some(({ apex }) => isAtOrBelow(wire(name), apex));
  });
  expect(questions.length).toBeGreaterThan(0);
  const unexplained: object[] = [];
  for (const question of questions) {
    const query = writeQuery({ ...question, flags: 0, opt: { size: 4096 } });
    const reply = compiled.ask(query, CLIENT);
    if (typeof reply === "string") continue;
    const [ours, theirs] = [readMessage(Buffer.from(reply.reply)), readMessage(await client.ask(query))];
    const [wanted, given] = [ours, theirs].map((message) => ({ rcode: message.rcode, answer: lines(message) })) as [
      Reply,
      Reply,
    ];
    if (JSON.stringify(wanted) === JSON.stringify(given)) continue;
    const difference = { name: question.name, type: question.type, wanted, given };
    const notes = own.flatMap((zone) => zone.notes);
    const exception = EXCEPTIONS.find(({ is }) => is({ ...difference, notes, scenario: name }));
    if (exception === undefined) unexplained.push(difference);
    else used.add(exception.why);
  }
  expect(unexplained).toEqual([]);
});

/** The types of each name, and an address of each name without records. */
function questionsOf({ ofCluster: records, empty }: ListedZone): readonly Question[] {
  return [
    ...records.map(({ owner, type }) => ({ name: formatName(owner), type: formatType(type) })),
    ...empty.map((name) => ({ name: formatName(name), type: "A" })),
  ];
}

test("every exception is needed", () => {
  expect(names.length).toBeGreaterThan(60);
  expect(EXCEPTIONS.map(({ why }) => why).filter((why) => !used.has(why))).toEqual([]);
});
