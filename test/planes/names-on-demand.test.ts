// Names that are compiled when they are asked for have the answers of names that were all compiled before.
import { describe, expect, test } from "vitest";
import { KnownClient } from "../../src/answer/client.ts";
import { optionsFromSettings } from "../../src/config/settings.ts";
import { parseName } from "../../src/dns/name.ts";
import { externalName, headless, pod, service } from "../../src/library/builders.ts";
import { parseObjects } from "../../src/library/parse-objects.ts";
import { CompiledCluster } from "../../src/planes/compiled-cluster.ts";
import { loadObjects } from "../support/loaded-cluster.ts";
import { readMessage, writeQuery } from "../support/wire.ts";

const DOMAIN = "cluster.local.";
const OBJECTS = parseObjects(
  [
    service({ name: "web", namespace: "shop", clusterIP: "10.96.0.20", ports: { http: 80 } }),
    headless({
      name: "db",
      namespace: "shop",
      endpoints: [{ address: "10.244.0.5", hostname: "one" }],
      ports: { pg: 5432 },
    }),
    // Aliases of aliases, across namespaces.
    externalName({ name: "a", namespace: "first", target: `b.second.svc.${DOMAIN}` }),
    externalName({ name: "b", namespace: "second", target: `c.third.svc.${DOMAIN}` }),
    externalName({ name: "c", namespace: "third", target: `web.shop.svc.${DOMAIN}` }),
    externalName({ name: "outside", namespace: "shop", target: "www.example.com" }),
    pod({ name: "p", namespace: "pods", ip: "10.244.0.9" }),
  ],
  "default",
);
const NAMES = [
  `web.shop.svc.${DOMAIN}`,
  `WEB.Shop.svc.${DOMAIN}`,
  `_http._tcp.web.shop.svc.${DOMAIN}`,
  `nope.shop.svc.${DOMAIN}`,
  `shop.svc.${DOMAIN}`,
  `pods.svc.${DOMAIN}`,
  `nope.svc.${DOMAIN}`,
  `db.shop.svc.${DOMAIN}`,
  `one.db.shop.svc.${DOMAIN}`,
  `a.first.svc.${DOMAIN}`,
  `outside.shop.svc.${DOMAIN}`,
  `10-244-0-9.pods.pod.${DOMAIN}`,
  "5.0.244.10.in-addr.arpa.",
  DOMAIN,
  "www.example.com.",
];
const CLIENT = new KnownClient("udp", new Uint8Array([10, 0, 0, 9]), 4000);

async function compiled(
  isOnDemand: boolean,
  settings: Readonly<Record<string, unknown>> = {},
): Promise<CompiledCluster> {
  const options = optionsFromSettings(settings);
  const { cluster, zones } = await loadObjects(OBJECTS)([], options);
  return new CompiledCluster(cluster, zones, options, { isOnDemand });
}

function ask(from: CompiledCluster, name: string, type: string): unknown {
  const asked = from.ask(writeQuery({ id: 7, flags: 0x0100, name, type }), CLIENT);
  return typeof asked === "string" ? asked : readMessage(Buffer.from(asked.reply));
}

describe.each([{}, { pods: "verified" }, { rewrite: ["name exact x.example web.shop.svc.cluster.local"] }])(
  "with %o",
  (settings) => {
    test.each(NAMES)("%s", async (name) => {
      const all = await compiled(false, settings);
      for (const type of ["A", "SRV", "PTR", "ANY"])
        // A new one each: nothing is there from the name before.
        expect(ask(await compiled(true, settings), name, type)).toEqual(ask(all, name, type));
    });
  },
);

test("what is not asked for is not compiled", async () => {
  const onDemand = await compiled(true);
  const has = (text: string): boolean => {
    const name = parseName(text)!;
    return onDemand.table.find(name, 0, name.length) !== 0;
  };
  ask(onDemand, `web.shop.svc.${DOMAIN}`, "A");
  expect([`web.shop.svc.${DOMAIN}`, `db.shop.svc.${DOMAIN}`].map(has)).toEqual([true, false]);
});
