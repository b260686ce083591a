// Rewrite rules in a whole server: every transport, names of the cluster and forwarded ones, what programs see.
import { afterEach, describe, expect, test } from "vitest";
import { pod, serve, service } from "../../src/main.ts";
import { NamedUpstream, startForwarding } from "../support/forwarding.ts";
import type { Forwarding } from "../support/forwarding.ts";
import { askTcp } from "../support/network.ts";
import { address, writeReply } from "../support/scripted-upstream.ts";
import { readMessage, writeQuery } from "../support/wire.ts";
import type { Message } from "../support/wire.ts";

const opened: Forwarding[] = [];
afterEach(async () => {
  for (const each of opened.splice(0)) await each.close();
});

const answers = ({ rcode, answer }: Message): string[] => [
  rcode,
  ...answer.map(({ owner, type, rdata }) => `${owner} ${type} ${rdata}`),
];

describe.each(["dgram", "batch"] as const)("over %s", (udpTransport) => {
  test.skipIf(udpTransport === "batch" && process.platform !== "linux")("names are rewritten", async () => {
    const rewrite = [
      "name suffix .corp.example .up.test answer auto",
      "name old.default.svc.cluster.local kubernetes.default.svc.cluster.local",
    ];
    const forwarding = await startForwarding({ udpTransport, rewrite });
    opened.push(forwarding);
    const { client, upstream, endpoint } = forwarding;
    upstream.say("www.up.test.", ({ query }) => {
      const answer = [{ owner: "www.up.test.", type: "A", ttl: 60, rdata: address("192.0.2.7") }];
      return [{ bytes: writeReply(query, { answer }) }];
    });
    const found = ["NOERROR", "WWW.corp.example. A 192.0.2.7"];
    // From the upstream, then from the cache.
    expect(answers(await client.ask("WWW.corp.example."))).toEqual(found);
    expect(answers(await client.ask("WWW.corp.example."))).toEqual(found);
    expect(answers(readMessage(await askTcp(endpoint, writeQuery({ name: "WWW.corp.example.", type: "A" }))))).toEqual(
      found,
    );
    expect(upstream.askedFor("www.up.test.").length).toBe(1);
    expect(upstream.askedFor("www.corp.example.")).toEqual([]);
    const local = "old.default.svc.cluster.local.";
    expect(answers(await client.ask(local))).toEqual(["NOERROR", `${local} A 10.96.0.1`]);
    expect(answers(await client.ask("kubernetes.default.svc.cluster.local."))[0]).toBe("NOERROR");
  });
});

test("a program sees and overrides the names that clients ask for", async () => {
  const web = service({ name: "web", clusterIP: "10.96.0.80" });
  const rewrite = ["name suffix .shop.example .default.svc.cluster.local answer auto"];
  await using dns = await serve({ objects: web, rewrite });
  expect(await dns.resolver().resolve4("web.shop.example")).toEqual(["10.96.0.80"]);
  expect(dns.questions.map(({ name }) => name.replace(/\.$/, ""))).toEqual(["web.shop.example"]);
});

test("a search list is walked for the rewritten name", async () => {
  const upstream = await NamedUpstream.open();
  try {
    const rewrite = ["name suffix .old.example .default.svc.cluster.local answer auto"];
    const objects = pod({ name: "client", ip: "127.0.0.1" });
    await using dns = await serve({ objects, rewrite, autopath: true, upstream: upstream.address });
    // The pod's first search domain is that of its namespace; its search ends at the name itself.
    expect(await dns.resolver().resolve4("www.up.test.old.example")).toHaveLength(1);
    expect(upstream.askedFor("www.up.test.").length).toBeGreaterThan(0);
  } finally {
    await upstream.close();
  }
});
