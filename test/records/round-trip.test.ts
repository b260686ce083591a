// What a list says is what a server answers: the list of each scenario, loaded as zone files and a hosts file in place of
// the manifests, gives the same replies to all questions of the scenario and to those for every listed name. Replies that
// zone files cannot give stand in `EXCEPTIONS`.
import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { KnownClient } from "../../src/answer/client.ts";
import { Cluster } from "../../src/cluster/cluster.ts";
import { optionsFromSettings } from "../../src/config/settings.ts";
import { formatName } from "../../src/dns/name.ts";
import { formatType } from "../../src/dns/type-names.ts";
import { CompiledCluster } from "../../src/planes/compiled-cluster.ts";
import { loadCluster } from "../../src/planes/load-cluster.ts";
import { dumpedFiles } from "../../src/records/format-zone.ts";
import type { DumpedFile } from "../../src/records/format-zone.ts";
import { listRecords } from "../../src/records/list-records.ts";
import type { RecordList } from "../../src/records/listed-record.ts";
import { hostsOf, zoneOf } from "../support/core/static-zone.ts";
import { parseQuestions, readSettings, zoneSettings } from "../support/scenario.ts";
import { readMessage, writeQuery } from "../support/wire.ts";
import type { ResourceRecord } from "../support/wire.ts";

const SCENARIOS = new URL("../scenarios/", import.meta.url);
const CLIENT = new KnownClient("tcp", Uint8Array.of(127, 0, 0, 1));
/** A server of zone files alone: its own zones are none of a scenario. */
const ELSEWHERE = {
  clusterDomain: "elsewhere.example",
  serviceCidr: "198.18.0.0/24",
  podCidr: "198.18.1.0/24",
  clusterServices: false,
};

interface Question {
  readonly name: string;
  readonly type: string;
}

interface Reply {
  readonly rcode: string;
  readonly aa: boolean;
  readonly answer: readonly string[];
  readonly authority: readonly string[];
  readonly additional: readonly string[];
}

interface Difference extends Question {
  readonly wanted: Reply;
  readonly given: Reply;
  readonly list: RecordList;
}

const sameAnswer = ({ wanted, given }: Difference): boolean =>
  wanted.rcode === given.rcode && JSON.stringify(wanted.answer) === JSON.stringify(given.answer);
const lastName = ({ name, wanted }: Difference): string =>
  wanted.answer
    .findLast((line) => line.includes(" cname "))
    ?.split(" ")
    .at(-1) ?? name.toLowerCase();
const notesOf = ({ list }: Difference): readonly string[] => list.zones.flatMap(({ notes }) => notes);

const EXCEPTIONS: readonly { readonly why: string; readonly is: (difference: Difference) => boolean }[] = [
  {
    why: "a zone file has no names without records, such as an empty namespace: a comment says so",
    is: (each) =>
      each.given.rcode === "NXDOMAIN" &&
      each.wanted.rcode === "NOERROR" &&
      notesOf(each).some((note) => note.split(" ").includes(lastName(each))),
  },
  {
    why: "a rule answers every address label below it: a comment says so",
    is: (each) => notesOf(each).some((note) => isRuleOf(note, lastName(each).replace(/^[0-9a-f-]+\./, ""))),
  },
  {
    why: "names outside the listed zones have the SOA of the server's own cluster",
    is: (each) => sameAnswer(each) && each.given.authority.join().includes(" soa ns.dns.elsewhere.example. "),
  },
  {
    why: "the SOA of a special zone is that of the server's own cluster",
    is: ({ type, given }) => type === "SOA" && given.answer.join().includes(" soa ns.dns.elsewhere.example. "),
  },
  {
    why: "a reverse name outside the ranges joins the zone around it, and has its SOA",
    is: (each) => each.name.endsWith(".arpa.") && sameAnswer(each) && each.given.authority.length === 1,
  },
  {
    why: "a reverse name outside all zones becomes a zone, which needs an NS",
    is: (each) => each.type === "NS" && notesOf(each).includes("the NS record is added, since a zone needs one"),
  },
  {
    why: "hosts files come before zone files, and after the cluster",
    is: ({ name, list }) => list.hosts.length > 0 && /^80\.0\.96\.10\.|^3\.2\.0\.192\./.test(name),
  },
];

function isRuleOf(note: string, parent: string): boolean {
  return note.startsWith("each address has a name, ") && note.split(" ").includes(parent);
}

function lines(records: readonly ResourceRecord[]): readonly string[] {
  return records.map(({ owner, ttl, type, rdata }) => `${owner} ${ttl} ${type} ${rdata}`.toLowerCase()).toSorted();
}

function replyOf(cluster: CompiledCluster, { name, type }: Question): Reply {
  const asked = cluster.ask(writeQuery({ name, type, flags: 0 }), CLIENT);
  if (typeof asked === "string") throw new Error(`${name}: ${asked}`);
  const { rcode, flags, answer, authority, additional } = readMessage(Buffer.from(asked.reply));
  return {
    rcode,
    aa: flags.aa,
    answer: lines(answer),
    authority: lines(authority),
    // The addresses of name servers may lie in another zone.
    additional: type === "NS" ? [] : lines(additional),
  };
}

async function load(path: string, settings: object): Promise<CompiledCluster> {
  const options = optionsFromSettings({ ...settings });
  const { cluster, zones } = await loadCluster([path], options);
  return new CompiledCluster(cluster, zones, options);
}

/** A server of the files alone. */
function serveFiles(files: readonly DumpedFile[]): CompiledCluster {
  const options = optionsFromSettings(ELSEWHERE);
  const zones = files.filter(({ name }) => name.endsWith(".zone")).map(({ text }) => zoneOf("example", text));
  const hosts = hostsOf(...files.filter(({ name }) => name === "hosts").map(({ text }) => text));
  const copy = new CompiledCluster(new Cluster(options), { zones, hosts }, options);
  expect(copy.problems).toEqual([]);
  return copy;
}

const names = readdirSync(SCENARIOS);
const used = new Set<string>();

test.each(names)("the zones of %s give the same replies as its manifests", async (name) => {
  const folder = new URL(`${name}/`, SCENARIOS);
  const settings = readSettings(folder);
  const asked = parseQuestions(readFileSync(new URL("questions.txt", folder), "utf8"), zoneSettings(settings));
  const original = await load(fileURLToPath(folder), settings);
  const all = listRecords(original.table, 1);
  // Any server has the special zones.
  const list = { ...all, zones: all.zones.filter(({ origin, isBare }) => origin !== "special" || !isBare) };

  const copied = serveFiles(dumpedFiles(list));
  const listed = [...list.zones.flatMap(({ records }) => records), ...list.hosts].map(({ owner, type }) => {
    return { name: formatName(owner), type: formatType(type) };
  });
  const unexplained: object[] = [];
  for (const question of [...asked, ...listed]) {
    const [wanted, given] = [replyOf(original, question), replyOf(copied, question)];
    if (JSON.stringify(wanted) === JSON.stringify(given)) continue;
    const { name, type } = question;
    const exception = EXCEPTIONS.find(({ is }) => is({ name, type, wanted, given, list }));
    if (exception === undefined) unexplained.push({ name, type, wanted, given });
    else used.add(exception.why);
  }
  expect(unexplained).toEqual([]);
});

test("every exception is needed", () => {
  expect(names.length).toBeGreaterThan(60);
  expect(EXCEPTIONS.map(({ why }) => why).filter((why) => !used.has(why))).toEqual([]);
});
