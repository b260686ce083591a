// What the name of a line of a hosts file is answered with, over the network: addresses and pointers from the file, all
// else from the zone around it or from upstreams. CoreDNS 1.13 (hosts with fallthrough) forwards what is below the name
// too, and answers other types with NODATA; dnsmasq 2.90 forwards both, and makes NODATA of a denial of the name.
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { gist, startForwarding } from "../support/forwarding.ts";
import type { Forwarding } from "../support/forwarding.ts";
import { name as wireName, soa, writeReply } from "../support/scripted-upstream.ts";

const HOSTS = `192.0.2.1 dev.domain.example alias.domain.example
2001:db8::2 six.domain.example
192.0.2.3 www.example.org
192.0.2.4 lone.example.org
192.0.2.5 printer.local
198.18.0.6 inner.dev.domain.example
192.0.2.7 host.corp.example
`;
const ZONE = `$TTL 60
@ SOA ns admin 1 2 3 4 10
@ NS ns.elsewhere.example.
www A 203.0.113.1
www AAAA 2001:db8::9
www MX 10 mail.elsewhere.example.
*.dev TXT "wild"
`;

let running: Forwarding;
let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "hosts-answers-"));
  await writeFile(join(folder, "hosts"), HOSTS);
  await writeFile(join(folder, "example.org.zone"), ZONE);
});
afterAll(() => rm(folder, { recursive: true }));

/** An upstream that has a TXT record of `corp.example` names and mail of one, and denies all else. */
async function start(settings: Parameters<typeof startForwarding>[0] = {}): Promise<void> {
  running = await startForwarding({ paths: [folder], ...settings });
  running.upstream.say("*", ({ query }) => [
    { bytes: writeReply(query, { rcode: 3, authority: [{ owner: "example.", type: "SOA", ttl: 60, rdata: soa() }] }) },
  ]);
  running.upstream.say("alias.domain.example.", ({ query }) => [
    {
      bytes: writeReply(query, {
        answer: [
          {
            owner: "alias.domain.example.",
            type: "MX",
            ttl: 60,
            rdata: Buffer.concat([Buffer.of(0, 5), wireName("m.")]),
          },
        ],
      }),
    },
  ]);
}

type Row = readonly [name: string, type: string, got: readonly string[], isForwarded?: "asks"];

function cases(rows: readonly Row[]): readonly (readonly [question: string, row: Row])[] {
  return rows.map((row) => [`${row[0]} ${row[1]}`, row]);
}

async function check([name, type, got, isForwarded]: Row): Promise<void> {
  const before = running.upstream.askedFor(name).length;
  const reply = await running.client.ask(name, type);
  expect(gist(reply)).toEqual(got);
  expect(running.upstream.askedFor(name).length - before).toBe(isForwarded === undefined ? 0 : 1);
  // From the cache it is the same.
  expect(gist(await running.client.ask(name, type))).toEqual(got);
}

describe("lines of hosts files", () => {
  beforeAll(() => start());
  afterAll(() => running.close());

  test.each(
    cases([
      ["dev.domain.example.", "A", ["NOERROR", "A 192.0.2.1"]],
      ["alias.domain.example.", "A", ["NOERROR", "A 192.0.2.1"]],
      ["1.2.0.192.in-addr.arpa.", "PTR", ["NOERROR", "PTR dev.domain.example."]],
      // The other family is not that of another host of this name.
      ["dev.domain.example.", "AAAA", ["NOERROR"]],
      ["six.domain.example.", "A", ["NOERROR"]],
      ["dev.domain.example.", "ANY", ["NOERROR", 'HINFO "RFC8482" ""']],
      // Other types are those of upstreams, and the name exists whatever these say.
      ["alias.domain.example.", "MX", ["NOERROR", "MX 5 m."], "asks"],
      ["dev.domain.example.", "MX", ["NOERROR"], "asks"],
      ["dev.domain.example.", "HTTPS", ["NOERROR"], "asks"],
      ["dev.domain.example.", "SOA", ["NOERROR"], "asks"],
      ["6.0.18.198.in-addr.arpa.", "TXT", ["NOERROR"], "asks"],
      // Names below, above and beside.
      ["x.dev.domain.example.", "A", ["NXDOMAIN"], "asks"],
      ["inner.dev.domain.example.", "A", ["NOERROR", "A 198.18.0.6"]],
      ["x.inner.dev.domain.example.", "A", ["NXDOMAIN"], "asks"],
      ["domain.example.", "A", ["NXDOMAIN"], "asks"],
      ["other.domain.example.", "A", ["NXDOMAIN"], "asks"],
      // In the zone of a file, the zone has the rest.
      ["www.example.org.", "A", ["NOERROR", "A 192.0.2.3"]],
      ["www.example.org.", "AAAA", ["NOERROR"]],
      ["www.example.org.", "MX", ["NOERROR", "MX 10 mail.elsewhere.example."]],
      ["lone.example.org.", "MX", ["NOERROR"]],
      ["x.lone.example.org.", "A", ["NXDOMAIN"]],
      // So do special names, which are not forwarded.
      ["printer.local.", "A", ["NOERROR", "A 192.0.2.5"]],
      ["printer.local.", "MX", ["NOERROR"]],
      ["x.printer.local.", "A", ["NXDOMAIN"]],
      ["1.2.0.192.in-addr.arpa.", "TXT", ["NOERROR"]],
    ]),
  )("%s", (_, row) => check(row));

  test("a name that only the file has is not denied to clients that may not use upstreams", async () => {
    const closed = await startForwarding({ paths: [folder], allowRecursion: ["192.0.2.0/24"] });
    try {
      expect(gist(await closed.client.ask("dev.domain.example.", "MX"))).toEqual(["NOERROR"]);
      expect(gist(await closed.client.ask("x.dev.domain.example.", "A"))).toEqual(["REFUSED"]);
    } finally {
      await closed.close();
    }
  });
});

describe("--hosts-authoritative", () => {
  beforeAll(() => start({ hostsAuthoritative: true }));
  afterAll(() => running.close());

  test.each(
    cases([
      ["dev.domain.example.", "A", ["NOERROR", "A 192.0.2.1"]],
      ["dev.domain.example.", "MX", ["NOERROR"]],
      ["alias.domain.example.", "MX", ["NOERROR"]],
      ["x.dev.domain.example.", "A", ["NXDOMAIN"]],
      ["www.example.org.", "MX", ["NOERROR"]],
      ["domain.example.", "A", ["NXDOMAIN"], "asks"],
    ]),
  )("%s", (_, row) => check(row));
});
