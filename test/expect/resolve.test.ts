// The walk along the search list: which name's outcome counts, and when a reason is looked for.
import { describe, expect, test } from "vitest";
import type { Expectation, Outcome } from "../../src/expect/expectation.ts";
import { examine } from "../../src/expect/resolve.ts";
import type { NameService } from "../../src/expect/resolve.ts";
import { expectation, outcome } from "./outcomes.ts";

const FROM = "shop";

/** Answers by name; all others are unasked. */
class Names implements NameService {
  readonly asked: string[] = [];
  readonly explained: string[] = [];
  readonly #statuses: Readonly<Record<string, string>>;

  constructor(statuses: Readonly<Record<string, string>>) {
    this.#statuses = statuses;
  }

  candidatesOf({ name, from }: Expectation): readonly string[] | string {
    if (from === undefined) return [`${name}.`];
    return from === "shop" ? [`${name}.shop.svc.`, `${name}.svc.`, `${name}.`] : `nobody is ${from}`;
  }

  ask(name: string): Outcome {
    this.asked.push(name);
    const status = this.#statuses[name];
    if (status === undefined) return outcome("unasked", [], { name, fault: "outside" });
    return outcome(status, status === "NOERROR" ? ["10.0.0.1"] : [], { name });
  }

  explain(_: Expectation, { name }: Outcome) {
    this.explained.push(name);
    return { code: "no-service", text: `no ${name}`, details: [] };
  }
}

describe("the search list", () => {
  test.each<[statuses: Record<string, string>, status: string, name: string]>([
    [{ "web.shop.svc.": "NOERROR", "web.svc.": "NOERROR" }, "NOERROR", "web.shop.svc."],
    [{ "web.shop.svc.": "NXDOMAIN", "web.svc.": "NOERROR" }, "NOERROR", "web.svc."],
    [{ "web.shop.svc.": "NODATA", "web.svc.": "NOERROR" }, "NOERROR", "web.svc."],
    [{ "web.shop.svc.": "NXDOMAIN", "web.svc.": "NXDOMAIN" }, "NXDOMAIN", "web.shop.svc."],
    [{ "web.shop.svc.": "NXDOMAIN", "web.svc.": "NODATA", "web.": "NXDOMAIN" }, "NODATA", "web.svc."],
    [{ "web.shop.svc.": "NXDOMAIN", "web.svc.": "SERVFAIL", "web.": "NXDOMAIN" }, "SERVFAIL", "web.svc."],
    [{ "web.shop.svc.": "SERVFAIL", "web.svc.": "NODATA" }, "NODATA", "web.svc."],
    [{ "web.shop.svc.": "NXDOMAIN", "web.svc.": "NXDOMAIN", "web.": "REFUSED" }, "NXDOMAIN", "web.shop.svc."],
    [{ "web.shop.svc.": "REFUSED" }, "REFUSED", "web.shop.svc."],
    [{}, "unasked", "web.shop.svc."],
  ])("%j: %s of %s", async (statuses, status, name) => {
    expect((await examine(expectation({ from: FROM }), new Names(statuses))).outcome).toMatchObject({ status, name });
  });

  test("nothing after the first name that resolves", async () => {
    const names = new Names({ "web.shop.svc.": "NOERROR" });
    await examine(expectation({ from: FROM }), names);
    expect(names.asked).toEqual(["web.shop.svc."]);
  });

  test("without from, the name as it is", async () => {
    const names = new Names({ "web.": "NXDOMAIN" });
    await examine(expectation(), names);
    expect(names.asked).toEqual(["web."]);
  });

  test("after an error other than SERVFAIL, the name as it is", async () => {
    const names = new Names({ "web.shop.svc.": "NOTIMP", "web.": "NXDOMAIN" });
    expect((await examine(expectation({ from: FROM }), names)).outcome).toMatchObject({ status: "NOTIMP" });
    expect(names.asked).toEqual(["web.shop.svc.", "web."]);
  });

  test("nobody asks", async () => {
    const verdict = await examine(expectation({ from: "10.0.0.9", answer: [] }), new Names({}));
    expect(verdict.outcome).toMatchObject({ status: "unasked", fault: "nobody is 10.0.0.9" });
    expect(verdict.mismatches).toHaveLength(1);
  });
});

describe("the reason", () => {
  test("of what fails, once", async () => {
    const names = new Names({ "web.": "NXDOMAIN" });
    const { why } = await examine(expectation({ rcode: "NODATA", reason: "other" }), names);
    expect(why?.text).toBe("no web.");
    expect(names.explained).toEqual(["web."]);
  });

  test("not of what holds, unless it is expected", async () => {
    const names = new Names({ "web.": "NXDOMAIN" });
    expect((await examine(expectation({ rcode: "NXDOMAIN" }), names)).why).toBeUndefined();
    expect(names.explained).toEqual([]);
    expect((await examine(expectation({ reason: "no-service" }), names)).mismatches).toEqual([]);
    expect(names.explained).toEqual(["web."]);
  });

  test("of records, if they are not those expected", async () => {
    const names = new Names({ "web.": "NOERROR" });
    expect((await examine(expectation({ answer: [] }), names)).why?.text).toBe("no web.");
    expect((await examine(expectation({ reason: "no web" }), names)).mismatches).toHaveLength(1);
  });
});
