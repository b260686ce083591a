// A record of each type, written by name, as Knot DNS and NSD answer it over the network and as we read it: the same
// bytes. second-opinion.test.ts holds the same types against BIND.
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { formatName } from "../../src/dns/name.ts";
import { formatType } from "../../src/dns/type-names.ts";
import { readZone } from "../../src/zonefile/check-zone.ts";
import { UdpClient } from "../support/network.ts";
import { skipAll, whyNot } from "../support/optional-programs.ts";
import { readMessage, writeQuery } from "../support/wire.ts";
import { startZonePeer } from "../support/zone-peers.ts";
import type { RunningPeer } from "../support/zone-peers.ts";
import { settingsFor } from "./zone-text.ts";

const RECORDS = String.raw`
CERT PKIX 1 13 AAEC
APL 1:192.0.2.0/24 !2:2001:db8::/32
KX 10 kx.example.net.
CSYNC 66 3 A NS AAAA
IPSECKEY 10 1 2 192.0.2.38 AQNR
IPSECKEY 10 0 2 . AQNR
IPSECKEY 10 3 2 gw.example.net. AQNR
LOC 51 30 12.748 N 0 7 39.611 W 0.00m 1.00m 10000m 10m
NAPTR 100 10 "u" "E2U+sip" "!^.*$!sip:info@example.org!" .
SMIMEA 3 0 0 AABB
OPENPGPKEY AAEC
URI 10 1 "https://example.org/"
EUI48 00-00-5e-00-53-2a
EUI64 00-00-5e-ef-10-00-00-2a
NID 10 0014:4fff:ff20:ee64
L32 10 10.1.2.0
L64 10 2001:0db8:1140:1000
LP 10 l64.example.net.
RP admin.example.net. txt.example.net.
AFSDB 1 db.example.net.
RT 10 relay.example.net.
DHCID AAIBY2/AuCccgoJbsaxcQc9TUapptP69lOjxfNuVAA2kjEA=
SSHFP 4 2 0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef
TLSA 3 1 1 0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef
CAA 0 issue "ca.example.net"
SVCB 1 svc.example.net. alpn=h2,h3 port=8443 ipv4hint=192.0.2.1
HTTPS 1 . alpn=h2 ech=AAEC
HINFO "PC" Linux
CDS 1 13 2 0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef
`
  .trim()
  .split("\n");

const lines = RECORDS.map((record, index) => `r${index} ${record}\n`);
const zoneText = `$TTL 60\n@ SOA ns admin 1 2 3 4 5\n@ NS ns\nns A 10.0.0.1\n${lines.join("")}`;

describe.each(["knotd", "nsd"] as const)("as %s answers it", (program) => {
  const missing = whyNot(program);
  skipAll(missing);
  const folder = mkdtempSync(join(tmpdir(), "zone-types-"));
  let peer: RunningPeer;
  let client: UdpClient;

  beforeAll(async () => {
    if (missing !== undefined) return;
    const path = join(folder, "example.org.zone");
    writeFileSync(path, zoneText);
    peer = await startZonePeer(program, [{ origin: "example.org", path }]);
    client = await UdpClient.open({ host: "127.0.0.1", port: peer.port });
  }, 20_000);
  afterAll(async () => {
    rmSync(folder, { recursive: true, force: true });
    if (missing !== undefined) return;
    client.close();
    await peer.stop();
  });

  test("each record has the same bytes", async () => {
    const { zone } = readZone(zoneText, settingsFor());
    const asked = zone!.records.filter(({ owner }) => formatName(owner).startsWith("r"));
    expect(asked).toHaveLength(RECORDS.length);
    for (const { owner, type, rdata } of asked) {
      const name = formatName(owner);
      const reply = await client.ask(writeQuery({ name, type: `TYPE${type}`, flags: 0, opt: { size: 1232 } }));
      expect(readMessage(reply).answer, `${name} ${formatType(type)}`).toHaveLength(1);
      expect(
        Buffer.from(reply).includes(Buffer.from(rdata)),
        `${name} ${formatType(type)} ${readMessage(reply).answer[0]?.rdata}`,
      ).toBe(true);
    }
  });
});
