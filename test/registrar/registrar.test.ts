// Registrars with a real etcd: what they write, what they leave alone, and how several of them agree. Each test has a
// prefix of its own; requests beside the registrar's are made by hand.
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from "vitest";
import { EtcdClient } from "../../src/etcd/etcd-client.ts";
import type { EtcdAccess } from "../../src/etcd/http-json.ts";
import { createLog } from "../../src/observe/log.ts";
import { Registrar } from "../../src/registrar/registrar.ts";
import { skipAll, whyNot } from "../support/optional-programs.ts";
import { StartedEtcd } from "../support/started-etcd.ts";

const missing = whyNot("etcd");
skipAll(missing);

const DEADLINE = { timeout: 30_000, interval: 20 };
/** Not what is tested: no lease of a test ends by itself. */
const LEASE_SECONDS = 600;

let etcd: StartedEtcd;
const running: Registrar[] = [];
let number = 0;
let prefix = "";

beforeAll(async () => {
  if (missing === undefined) etcd = await StartedEtcd.start();
});
afterAll(() => etcd?.stop());
afterEach(async () => {
  await Promise.all(running.splice(0).map((registrar) => registrar.close()));
  prefix = "";
});

class CountedClient extends EtcdClient {
  renewals = 0;
  transactions = 0;

  override async transact(...request: Parameters<EtcdClient["transact"]>): ReturnType<EtcdClient["transact"]> {
    const done = await super.transact(...request);
    this.transactions++;
    return done;
  }

  override keepAlive(lease: string): ReturnType<EtcdClient["keepAlive"]> {
    this.renewals++;
    return super.keepAlive(lease);
  }
}

const access = (): EtcdAccess => ({ endpoints: [new URL(etcd.endpoint)] });

/** A registrar below the prefix of the test. */
function startRegistrar(name: string, leaseSeconds = LEASE_SECONDS, client = new EtcdClient(access())): Registrar {
  if (prefix === "") prefix = `/test${++number}`;
  const registrar = new Registrar({
    etcd: client,
    prefix: `${prefix}/keys`,
    place: `${prefix}/place`,
    name,
    leaseSeconds,
    directoryOf: (key) => key,
    log: createLog("silent"),
  });
  running.push(registrar);
  return registrar;
}

const wanted = (...pairs: readonly (readonly [name: string, value: string])[]): ReadonlyMap<string, string> =>
  new Map(pairs.map(([name, value]) => [`${prefix}/keys/${name}`, value]));
const lastWanted = new WeakMap<Registrar, ReadonlyMap<string, string>>();
/** Has the registrar keep exactly these keys; tells it what is new, as the names of a cluster do. */
function want(registrar: Registrar, all: ReadonlyMap<string, string>): void {
  const before = lastWanted.get(registrar) ?? new Map<string, string>();
  lastWanted.set(registrar, all);
  const changed = [...all].filter(([key, value]) => before.get(key) !== value);
  const gone = [...before.keys()].filter((key) => !all.has(key));
  registrar.change([...changed, ...gone.map((key) => [key, undefined] as const)]);
}
const numbered = (count: number, value: string): ReadonlyMap<string, string> =>
  wanted(...Array.from({ length: count }, (_, i) => [`${i}`.padStart(4, "0"), value] as const));
const stored = async (): Promise<readonly string[]> =>
  (await etcd.keys(`${prefix}/keys/`)).map(({ key, value }) => `${key.slice(prefix.length + 6)}=${value}`);
const leader = async (): Promise<string | undefined> => (await etcd.keys(`${prefix}/place/leader`))[0]?.value;
const until = (condition: () => Promise<void>): Promise<void> => vi.waitFor(condition, DEADLINE);
const untilStored = (...pairs: readonly string[]): Promise<void> =>
  until(async () => expect(await stored()).toEqual(pairs));

describe("keys", () => {
  test("are added, changed and removed", async () => {
    const registrar = startRegistrar("a");
    want(registrar, wanted(["x", "1"], ["y", "1"]));
    await untilStored("x=1", "y=1");
    want(registrar, wanted(["y", "2"], ["z", "1"]));
    await untilStored("y=2", "z=1");
    want(registrar, new Map());
    await untilStored();
  });

  test("are under one lease, which a key beside them names", async () => {
    want(startRegistrar("a"), wanted(["x", "1"], ["y", "1"]));
    await untilStored("x=1", "y=1");
    const [named] = await etcd.keys(`${prefix}/place/lease`);
    const keys = await etcd.keys(`${prefix}/keys/`);
    expect(new Set([...keys, named!].map(({ lease }) => lease))).toEqual(new Set([named!.value]));
  });

  test("of others are left alone, before and after", async () => {
    const registrar = startRegistrar("a");
    await etcd.put(`${prefix}/keys/foreign`, "theirs");
    await etcd.put(`${prefix}/keys/x`, "theirs");
    want(registrar, wanted(["x", "1"], ["y", "1"]));
    await untilStored("foreign=theirs", "x=theirs", "y=1");
    want(registrar, wanted(["z", "1"]));
    await untilStored("foreign=theirs", "x=theirs", "z=1");
  });

  test("that somebody else has overwritten are theirs; those that were deleted come again", async () => {
    const registrar = startRegistrar("a");
    want(registrar, wanted(["x", "1"], ["y", "1"], ["z", "1"]));
    await untilStored("x=1", "y=1", "z=1");
    await etcd.put(`${prefix}/keys/x`, "theirs");
    await etcd.delete(`${prefix}/keys/y`);
    // A change of the two finds that they are not what they were, and all is compared.
    want(registrar, wanted(["x", "2"], ["y", "2"], ["z", "1"]));
    await untilStored("x=theirs", "y=2", "z=1");
  });

  test("may be very many, and change together", async () => {
    const registrar = startRegistrar("a");
    want(registrar, numbered(1_050, "1"));
    await until(async () => expect(await stored()).toHaveLength(1_050));
    want(registrar, numbered(950, "2"));
    await until(async () => {
      const now = await stored();
      expect([now.length, now.filter((pair) => pair.endsWith("=2")).length]).toEqual([950, 950]);
    });
  });

  test("that are the same are not written again", async () => {
    const registrar = startRegistrar("a");
    want(registrar, wanted(["x", "1"]));
    await untilStored("x=1");
    const [before] = await etcd.keys(`${prefix}/keys/`);
    want(registrar, wanted(["x", "1"], ["y", "1"]));
    await untilStored("x=1", "y=1");
    expect((await etcd.keys(`${prefix}/keys/`))[0]).toEqual(before);
  });
});

describe("the lease", () => {
  test("outlives the registrar, and removes the keys at its end", async () => {
    const registrar = startRegistrar("a", 2);
    want(registrar, wanted(["x", "1"]));
    await untilStored("x=1");
    await registrar.close();
    expect(await stored()).toEqual(["x=1"]);
    await untilStored();
  });

  test("is renewed as it lasts, although another registrar wants one that lasts longer", async () => {
    const first = startRegistrar("a", 2);
    want(first, wanted(["x", "1"]));
    await untilStored("x=1");
    await first.close();
    const client = new CountedClient(access());
    want(startRegistrar("b", 600, client), wanted(["x", "1"]));
    await until(async () => expect(client.renewals).toBeGreaterThanOrEqual(5));
    expect(await stored()).toEqual(["x=1"]);
  });

  test("that has ended by force is replaced, and all keys come again", async () => {
    want(startRegistrar("a", 3), wanted(["x", "1"]));
    await untilStored("x=1");
    const ID = (await etcd.keys(`${prefix}/place/lease`))[0]!.value;
    await etcd.post("lease/revoke", { ID });
    await untilStored("x=1");
    expect((await etcd.keys(`${prefix}/place/lease`))[0]!.value).not.toBe(ID);
  });
});

describe("several registrars", () => {
  test("one of them writes, and the next goes on with its keys at once", async () => {
    const [a, b] = [startRegistrar("a"), startRegistrar("b")];
    want(a, wanted(["x", "1"], ["y", "a"]));
    await untilStored("x=1", "y=a");
    const before = await etcd.keys(prefix);
    want(b, wanted(["x", "1"], ["y", "b"]));
    await a.close();
    await untilStored("x=1", "y=b");
    expect(await leader()).toBe("b");
    // The same lease, and the key that is as both want it has not been written again.
    const [after, keysOf] = [await etcd.keys(prefix), `${prefix}/keys/x`];
    expect(after.find(({ key }) => key === keysOf)).toEqual(before.find(({ key }) => key === keysOf));
    expect(after.map(({ key, lease }) => key !== `${prefix}/place/leader` && lease)).toEqual(
      before.map(({ key, lease }) => key !== `${prefix}/place/leader` && lease),
    );
  });

  test("one that has lost the lead without knowing cannot write", async () => {
    const client = new CountedClient(access());
    const [a, b] = [startRegistrar("a", LEASE_SECONDS, client), startRegistrar("b")];
    want(a, wanted(["x", "1"]));
    await untilStored("x=1");
    want(b, wanted(["x", "1"]));
    // As when etcd takes it for dead: it holds its key no longer.
    await etcd.delete(`${prefix}/place/leader`);
    await until(async () => expect(await leader()).toBe("b"));
    const before = client.transactions;
    // Nobody has changed the key since `a` wrote it.
    want(a, wanted(["x", "a"]));
    await until(async () => expect(client.transactions).toBeGreaterThan(before));
    expect(await stored()).toEqual(["x=1"]);
    expect(await leader()).toBe("b");
  });
});

test("while etcd is away changes wait, and what happened meanwhile is repaired", async () => {
  const registrar = startRegistrar("a");
  want(registrar, wanted(["x", "1"], ["y", "1"]));
  await untilStored("x=1", "y=1");
  await etcd.halt();
  want(registrar, wanted(["y", "2"], ["z", "1"]));
  await etcd.start();
  await etcd.put(`${prefix}/keys/z`, "theirs");
  await untilStored("y=2", "z=theirs");
});

test("an etcd that has lost everything gets everything again", async () => {
  want(startRegistrar("a"), wanted(["x", "1"], ["y", "1"]));
  await untilStored("x=1", "y=1");
  await etcd.halt();
  etcd.wipe();
  await etcd.start();
  await untilStored("x=1", "y=1");
});

test("with an etcd that fails at random, before or after it has done what was asked, all comes right", async () => {
  const seed = Date.now() % 1_000_000;
  let state = seed;
  const random = (): number => (state = (state * 1_103_515_245 + 12_345) % 2 ** 31) / 2 ** 31;
  class FlakyClient extends EtcdClient {
    isFlaky = true;
    requests = 0;

    override async transact(
      ...request: Parameters<EtcdClient["transact"]>
    ): Promise<Awaited<ReturnType<EtcdClient["transact"]>>> {
      this.requests++;
      const isFailing = this.isFlaky && random() < 0.3;
      if (isFailing && random() < 0.5) return { fault: "lost on the way there" };
      const done = await super.transact(...request);
      return isFailing ? { fault: "lost on the way back" } : done;
    }
  }
  const clients = [1, 2].map(() => new FlakyClient(access()));
  const registrars = clients.map((client, i) => startRegistrar(`${i}`, LEASE_SECONDS, client));
  await etcd.put(`${prefix}/keys/foreign`, "theirs");
  // Each is written once, and must not be lost.
  const kept: [name: string, value: string][] = [];
  for (let round = 0; round < 20; round++) {
    const names = ["a", "b", "c"].filter(() => random() < 0.6);
    const requests = (): number => clients.reduce((sum, client) => sum + client.requests, 0);
    const before = requests();
    kept.push([`kept-${String(round).padStart(2, "0")}`, "1"]);
    const all = wanted(...kept, ["d", String(round)], ...names.map((name) => [name, String(round)] as const));
    for (const registrar of registrars) want(registrar, all);
    if (random() < 0.2) await etcd.delete(`${prefix}/place/leader`);
    if (random() < 0.2) await etcd.delete(`${prefix}/keys/a`);
    await until(async () => expect(requests(), `seed ${seed}`).toBeGreaterThan(before));
  }
  for (const client of clients) client.isFlaky = false;
  for (const registrar of registrars) want(registrar, wanted(...kept, ["a", "end"], ["e", "end"]));
  const pairs = ["a=end", "e=end", "foreign=theirs", ...kept.map(([name, value]) => `${name}=${value}`)];
  await until(async () => expect(await stored(), `seed ${seed}`).toEqual(pairs));
});
