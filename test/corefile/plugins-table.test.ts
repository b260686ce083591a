// The table of docs/coredns.md is the one that the import uses, and it has each plugin of CoreDNS 1.13.
import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { PLUGIN_TABLE } from "../../src/corefile/plugin-table.ts";
import { formatPluginsTable } from "../../src/corefile/plugins-table.ts";
import { ROOT } from "../support/process.ts";

/** Of `coredns -plugins` 1.13.1. */
const BUILT_IN =
  "acl any auto autopath azure bind bufsize cache cancel chaos clouddns debug dns64 dnssec dnstap erratic errors etcd " +
  "file forward geoip grpc header health hosts k8s_external kubernetes loadbalance local log loop metadata minimal " +
  "multisocket nomad nsid on pprof prometheus quic ready reload rewrite root route53 secondary sign template timeouts " +
  "tls trace transfer tsig view whoami";

test("all plugins of CoreDNS are known, and no others", () => {
  expect([...PLUGIN_TABLE.keys()].toSorted()).toEqual(BUILT_IN.split(" "));
  for (const row of PLUGIN_TABLE.values()) expect(row.text).toMatch(/^[^.].*[^.]$/);
});

test("docs/coredns.md shows the table", () => {
  const page = readFileSync(`${ROOT}docs/coredns.md`, "utf8");
  const shown = /<!-- plugin table -->\n\n(.*?)\n\n<!-- end of plugin table -->/s.exec(page)?.[1];
  expect(shown).toBe(formatPluginsTable());
});
