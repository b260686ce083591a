import { describe, expect, test } from "vitest";
import { RCODE, TYPE } from "../../src/dns/constants.ts";
import { formatName, parseName } from "../../src/dns/name.ts";
import { Autopath } from "../../src/forward/autopath.ts";
import type { CacheContent } from "../../src/cache/cache-entry.ts";
import type { CacheKey } from "../../src/cache/cache-key.ts";

const SEARCHES = ["shop.svc.z", "svc.z", "z", "corp.example"];
const POD = Uint8Array.of(10, 244, 0, 5);

/** `name type` to what it has: an address, NODATA, or a failure; all else is NXDOMAIN. */
type Names = Readonly<Record<string, "address" | "nodata" | "servfail">>;

function walk(names: Names): {
  search(text: string, type?: number, address?: Uint8Array): Promise<string>;
  asked: string[];
} {
  const asked: string[] = [];
  const resolve = ({ name, type }: CacheKey): Promise<CacheContent> => {
    const what = `${formatName(name)} ${type === TYPE.A ? "A" : "AAAA"}`;
    asked.push(what);
    const found = names[what];
    const rcode = found === undefined ? RCODE.NXDOMAIN : found === "servfail" ? RCODE.SERVFAIL : RCODE.NOERROR;
    const answer =
      found === "address" ? [{ owner: name, type, class: 1, ttl: 9, rdata: Uint8Array.of(1, 2, 3, 4) }] : [];
    return Promise.resolve({ rcode, ede: 0, authenticated: true, answer, authority: [] });
  };
  const searchesOf = (address: Uint8Array): readonly string[] | undefined =>
    Buffer.compare(address, POD) === 0 ? SEARCHES : undefined;
  const autopath = new Autopath({ searchesOf, resolve });
  return {
    asked,
    search: async (text, type = TYPE.A, address = POD) => {
      const key = { name: parseName(text)!, type, dnssecOk: false, checkingDisabled: false };
      const found = await autopath.search(key, address);
      if (found === undefined) return "left to the client";
      const [cname, ...rest] = found.answer;
      expect([cname!.type, cname!.owner, found.authenticated]).toEqual([TYPE.CNAME, key.name, false]);
      expect(cname!.ttl).toBeLessThanOrEqual(30);
      return `${formatName(cname!.rdata)} ${rest.length === 0 ? "nodata" : "address"}`;
    },
  };
}

const ASKED = "www.up.test.shop.svc.z";

describe("a search list that is walked", () => {
  test.each<[what: string, names: Names, expected: string]>([
    ["an external name", { "www.up.test. A": "address" }, "www.up.test. address"],
    ["one without this family", { "www.up.test. A": "nodata" }, "www.up.test. nodata"],
    [
      "a name in the third domain",
      { "www.up.test.z. A": "address", "www.up.test. A": "address" },
      "www.up.test.z. address",
    ],
    [
      "a name of the other family there ends the search too",
      { "www.up.test.svc.z. AAAA": "address", "www.up.test.svc.z. A": "nodata", "www.up.test. A": "address" },
      "www.up.test.svc.z. nodata",
    ],
    [
      "no address there: the search goes on",
      { "www.up.test.svc.z. A": "nodata", "www.up.test. A": "address" },
      "www.up.test. address",
    ],
    ["a domain outside the cluster", { "www.up.test.corp.example. A": "address" }, "www.up.test.corp.example. address"],
    ["nothing anywhere", {}, "left to the client"],
    ["a failure at the end is not passed on", { "www.up.test. A": "servfail" }, "left to the client"],
    [
      "a failure on the way is no end",
      { "www.up.test.corp.example. A": "servfail", "www.up.test. A": "address" },
      "www.up.test. address",
    ],
  ])("%s", async (_, names, expected) => {
    expect(await walk(names).search(ASKED)).toBe(expected);
  });

  test("A and AAAA come to the same end", async () => {
    const names: Names = {
      "www.up.test.svc.z. AAAA": "address",
      "www.up.test.svc.z. A": "nodata",
      "www.up.test. A": "address",
    };
    expect(await walk(names).search(ASKED, TYPE.AAAA)).toBe("www.up.test.svc.z. address");
    expect(await walk(names).search(ASKED, TYPE.A)).toBe("www.up.test.svc.z. nodata");
  });

  test.each([
    ["not in the first domain", "www.up.test.svc.z", POD],
    ["the first domain itself", "shop.svc.z", POD],
    ["another namespace's", "www.up.test.other.svc.z", POD],
    ["an unknown client", ASKED, Uint8Array.of(10, 244, 0, 6)],
  ])("%s: nothing is asked", async (_, name, address) => {
    const { search, asked } = walk({ "www.up.test. A": "address" });
    expect(await search(name, TYPE.A, address)).toBe("left to the client");
    expect(asked).toEqual([]);
  });

  test("names that would be too long are left out", async () => {
    const long = ["a", "b", "c"].map((letter) => letter.repeat(63)).join(".");
    const { search, asked } = walk({ [`${long}.${"d".repeat(49)}. A`]: "address" });
    expect(await search(`${long}.${"d".repeat(49)}.shop.svc.z`)).toBe(`${long}.${"d".repeat(49)}. address`);
    expect(asked.some((name) => name.includes("corp.example"))).toBe(false);
  });
});
