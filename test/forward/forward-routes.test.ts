// Which upstreams a name goes to: the longest domain wins, whatever the letter case; labels are compared, not text.
import { describe, expect, test, vi } from "vitest";
import { ForwardRoutes } from "../../src/forward/forward-routes.ts";
import type { ForwardRoute } from "../../src/forward/forward-routes.ts";
import { ASK_BUDGET_MS, UpstreamGroup } from "../../src/forward/upstream-group.ts";
import { wire } from "../support/core/table.ts";

const routeOf = (domain: string): ForwardRoute => ({
  zone: wire(domain),
  group: new UpstreamGroup([], "sequential", {
    now: () => 0,
    open: () => {
      throw new Error("no upstream is asked here");
    },
  }),
});
const textOf = (route: ForwardRoute | undefined): string | undefined => route && Buffer.from(route.zone).toString();
const found = (routes: ForwardRoutes, name: string): string | undefined => textOf(routes.find(wire(name)));
const zone = (domain: string): string => Buffer.from(wire(domain)).toString();

describe("ForwardRoutes", () => {
  const routes = new ForwardRoutes(["consul.local.", "dc1.consul.local.", "168.192.in-addr.arpa.", "."].map(routeOf));

  test.each([
    ["www.example.com.", "."],
    [".", "."],
    ["consul.local.", "consul.local."],
    ["redis.service.consul.local.", "consul.local."],
    ["Redis.DC1.Consul.LOCAL.", "dc1.consul.local."],
    ["dc1.consul.local.", "dc1.consul.local."],
    ["xdc1.consul.local.", "consul.local."],
    ["notconsul.local.", "."],
    ["local.", "."],
    ["consul.local.example.", "."],
    ["9.1.168.192.in-addr.arpa.", "168.192.in-addr.arpa."],
    ["1.10.in-addr.arpa.", "."],
    // One label whose bytes look like two.
    ["x\\006consul\\005local.", "."],
  ])("%s is asked at %s", (name, domain) => {
    expect(found(routes, name)).toBe(zone(domain));
  });

  test("without default upstreams a name may have no route", () => {
    const stubs = new ForwardRoutes([routeOf("consul.local.")]);
    expect(stubs.find(wire("www.example.com."))).toBeUndefined();
    expect(stubs.find(wire("."))).toBeUndefined();
    expect(found(stubs, "a.consul.local.")).toBe(zone("consul.local."));
  });

  test("a domain may have no route although the one above it has one", () => {
    const some = new ForwardRoutes([routeOf("."), routeOf("a.corp."), { zone: wire("corp.") }]);
    expect(some.find(wire("corp."))).toBeUndefined();
    expect(some.find(wire("www.corp."))).toBeUndefined();
    expect(found(some, "www.a.corp.")).toBe(zone("a.corp."));
    expect(found(some, "xcorp.")).toBe(zone("."));
    some.close();
  });

  test("replaced routes are used no more at once; their groups are closed when no query can be under way", () => {
    vi.useFakeTimers();
    try {
      const closed: string[] = [];
      const closing = (domain: string): ForwardRoute => {
        const route = routeOf(domain);
        vi.spyOn(route.group, "close").mockImplementation(() => void closed.push(domain));
        return route;
      };
      const changing = new ForwardRoutes([closing("a.")]);
      changing.replace([closing("b."), closing("c.")]);
      expect(["x.a.", "x.b.", "x.c."].map((each) => found(changing, each))).toEqual([
        undefined,
        zone("b."),
        zone("c."),
      ]);
      vi.advanceTimersByTime(ASK_BUDGET_MS - 1);
      expect(closed).toEqual([]);
      vi.advanceTimersByTime(1);
      expect(closed).toEqual(["a."]);
      changing.replace([closing("d.")]);
      changing.close();
      expect([closed, found(changing, "x.d.")]).toEqual([["a.", "b.", "c.", "d."], undefined]);
      expect(vi.getTimerCount()).toBe(0);
    } finally {
      vi.useRealTimers();
    }
  });
});
