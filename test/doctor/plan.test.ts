// What is asked: each purpose once or more, the reverse names of servers, and nothing for what is unknown.
import { describe, expect, test } from "vitest";
import { planProbes } from "../../src/doctor/plan.ts";
import type { PlanInput } from "../../src/doctor/plan.ts";

const INPUT: PlanInput = {
  servers: [{ host: "10.96.0.10", port: 53 }],
  lookups: [{ steps: ["web.shop.svc.cluster.local.", "web."] }],
  searches: ["shop.svc.cluster.local", "corp..example"],
  clusterDomain: "cluster.local",
  outside: "www.example.com.",
  apiServerIp: "10.96.0.1",
  token: "doctor-0",
};

function asked(input: Partial<PlanInput> = {}): string[] {
  return planProbes({ ...INPUT, ...input }).flatMap(({ purpose, transport, questions, ednsSize }) =>
    questions.map(
      ({ name, type }) => `${purpose} ${transport}${ednsSize === undefined ? "" : "+edns"} ${name} ${type}`,
    ),
  );
}

describe("the plan", () => {
  test("has each question of a server once, and what luck decides four times", () => {
    const name = "kubernetes.default.svc.cluster.local.";
    expect([...new Set(asked())]).toEqual([
      `plain udp ${name} A`,
      `plain tcp ${name} A`,
      `edns tcp+edns ${name} A`,
      `anySource udp ${name} A`,
      `edns udp+edns ${name} A`,
      `alone udp ${name} AAAA`,
      `pair udp ${name} A`,
      `pair udp ${name} AAAA`,
      "outside udp www.example.com. A",
      "outside udp www.example.com. AAAA",
      "missing udp doctor-0.com. A",
      "large udp . DNSKEY",
      "large udp+edns . DNSKEY",
      "large tcp+edns . DNSKEY",
      `cluster udp ${name} A`,
      `cluster udp ${name} AAAA`,
      "wildcard udp doctor-0.shop.svc.cluster.local. A",
      "pointer udp 10.0.96.10.in-addr.arpa. PTR",
      "pointer udp 1.0.96.10.in-addr.arpa. PTR",
      "step udp web.shop.svc.cluster.local. A",
      "step udp web.shop.svc.cluster.local. AAAA",
      "step udp web. A",
      "step udp web. AAAA",
    ]);
    expect(asked().filter((each) => each === `pair udp ${name} AAAA`)).toHaveLength(4);
  });

  test("without a cluster domain the outside name is asked in all ways, without both a name of a lookup", () => {
    const unknown = { clusterDomain: undefined, apiServerIp: undefined };
    expect(asked(unknown)[0]).toBe("plain udp www.example.com. A");
    expect(asked({ ...unknown, outside: undefined })[0]).toBe("plain udp web.shop.svc.cluster.local. A");
    expect(asked({ ...unknown, outside: undefined, lookups: [] })[0]).toBe("plain udp . A");
  });

  test.each([
    ["127.0.0.1", []],
    ["::1", []],
    ["fe80::1%eth0", []],
    ["fd00::a", [`pointer udp a.${"0.".repeat(28)}0.d.f.ip6.arpa. PTR`]],
  ])("reverse names of %s", (host, names) => {
    const pointers = asked({ servers: [{ host, port: 53 }], apiServerIp: undefined });
    expect(pointers.filter((each) => each.startsWith("pointer"))).toEqual(names);
  });
});
