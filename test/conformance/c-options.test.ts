// Section C, options: cookies, NSID, keepalive, client subnet, extended errors. RFC 7873, 9018, 5001, 7828, 7871, 8914.
import { spawn } from "node:child_process";
import { writeFileSync, rmSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { freePort, LAUNCHER } from "../support/process.ts";
import {
  readMessage,
  writeOpt,
  writeQuery,
  type Message,
  type Query,
  writeOption,
  writeQuestion,
} from "../support/wire.ts";
import { testName, type CheckId } from "./catalog.ts";
import { faultsOf, rcodeOf } from "./judge.ts";
import { askFor, askUdp, linkTo, type Link } from "./links.ts";
import { CLIENT_COOKIE, COOKIE, hex, ID, KUBERNETES, message, OPTION, soaQuery, SUBNET, ZONE } from "./packets.ts";
import { NSID } from "./peers.ts";
import { isCookieUnder, sipHash24 } from "./siphash.ts";
import { temporaryFolder } from "./started.ts";
import { checkOurs, conformanceSuite, notApplicable } from "./suite.ts";
import { IS_OURS, startOurs } from "./target.ts";

const { over } = conformanceSuite();
const EDE = { NOT_READY: 14, PROHIBITED: 18, NOT_AUTHORITATIVE: 20, NOT_SUPPORTED: 21 };
const FOREIGN = "www.up.test.";
const CHAOS = 3;
const HESIOD = 4;

const edns = (
  options: Buffer = Buffer.alloc(0),
  more: Partial<NonNullable<Query["opt"]>> = {},
): Pick<Query, "opt"> => ({
  opt: { size: 1232, options, ...more },
});

function optionData({ opt }: Message, code: number): Buffer | undefined {
  return opt?.options.find((each) => each.code === code)?.data;
}

/** The info code of the extended error, where there is one. */
function extendedError(reply: Message): number | undefined {
  return optionData(reply, OPTION.EDE)?.readUInt16BE(0);
}

over("all", ({ check }) => {
  check("C07", async (link) => {
    const query = soaQuery({
      opt: { size: 4096, version: 255, flags: 0x8000, options: Buffer.concat([COOKIE, SUBNET]) },
    });
    expect(faultsOf("badvers", query, await link.ask(query))).toEqual([]);
  });

  check("C09", async (link) => {
    for (const name of ["id.server.", "hostname.bind.", "version.bind.", "version.server."]) {
      const reply = await askFor(link, { name, type: "TXT", class: CHAOS, ...edns() });
      expect(reply, name).toMatchObject({ rcode: "REFUSED", answer: [], flags: { aa: false } });
      expect(extendedError(reply), name).toBe(EDE.PROHIBITED);
    }
  });

  check("C10", async (link) => {
    const reply = await askFor(link, { name: FOREIGN, type: "A", ...edns() });
    expect(reply).toMatchObject({ rcode: "REFUSED", answer: [], authority: [], flags: { aa: false } });
    expect(extendedError(reply)).toBe(EDE.NOT_AUTHORITATIVE);
    const odd = await askFor(link, { name: KUBERNETES, type: "A", class: HESIOD, ...edns() });
    expect({ rcode: odd.rcode, error: extendedError(odd) }).toEqual({ rcode: "REFUSED", error: EDE.NOT_SUPPORTED });
  });

  check("C12", async (link) => {
    const reply = await askFor(link, { name: FOREIGN, type: "A" });
    expect(reply).toMatchObject({ rcode: "REFUSED", opt: undefined, answer: [] });
  });

  check("C13", async (link) => {
    const reply = await askFor(link, { name: KUBERNETES, type: "A", ...edns(COOKIE) });
    const cookie = optionData(reply, OPTION.COOKIE);
    expect(rcodeOf(reply)).toBe("NOERROR");
    expect(cookie?.length).toBe(24);
    expect(cookie!.subarray(0, 9).toString("hex")).toBe(`${CLIENT_COOKIE}01`);
  });

  check("C17", async (link) => {
    for (const length of [1, 2, 3, 4, 5, 6, 7, 9, 10, 11, 12, 13, 14, 15, 41, 42, 100]) {
      const query = soaQuery(edns(writeOption(OPTION.COOKIE, Buffer.alloc(length, 7))));
      expect(faultsOf("formerr", query, await link.ask(query)), `${length} bytes`).toEqual([]);
    }
    for (const length of [8, 16, 24, 40]) {
      const query = soaQuery(edns(writeOption(OPTION.COOKIE, Buffer.alloc(length, 7))));
      expect(readMessage(await link.ask(query)).rcode, `${length} bytes`).not.toBe("FORMERR");
    }
  });

  check("C24", async (link) => {
    const query = soaQuery(edns(SUBNET));
    const reply = await link.ask(query);
    expect(faultsOf("edns", query, reply)).toEqual([]);
    expect(optionData(readMessage(reply), OPTION.ECS)).toBeUndefined();
  });

  check("C25", async (link) => {
    const expire = optionData(
      await askFor(link, { name: ZONE, type: "SOA", ...edns(writeOption(OPTION.EXPIRE)) }),
      OPTION.EXPIRE,
    );
    expect(IS_OURS ? [undefined] : [undefined, 4]).toContain(expire?.length);
  });

  check("C26", async (link) => {
    const inAnswer = readMessage(
      await link.ask(message(0, [1, 1, 0, 0], writeQuestion(ZONE, 6), writeOpt({ size: 1232 }))),
    );
    expect(inAnswer).toMatchObject({ id: ID, rcode: "NOERROR" });
    const withError = soaQuery(edns(writeOption(OPTION.EDE, "0012")));
    expect(faultsOf("edns", withError, await link.ask(withError))).toEqual([]);
  });

  check("C27", async (link) => {
    const reply = await askFor(link, { name: KUBERNETES, type: "A", ...edns(undefined, { flags: 0x8000 }) });
    expect(reply).toMatchObject({ rcode: "NOERROR", opt: { flags: 0x8000 }, flags: { ad: false } });
    expect([...reply.answer, ...reply.authority].map(({ type }) => type)).not.toContain("RRSIG");
  });
});

over("udp", ({ check }) => {
  check("C21", async (link) => {
    const query = soaQuery(edns(writeOption(OPTION.KEEPALIVE)));
    expect(faultsOf("edns", query, await link.ask(query))).toEqual([]);
  });
});

over("tcp", ({ check }) => {
  check("C22", async (link) => {
    const reply = await askFor(link, { name: ZONE, type: "SOA", ...edns(writeOption(OPTION.KEEPALIVE)) });
    const time = optionData(reply, OPTION.KEEPALIVE);
    expect(time?.length).toBe(2);
    expect(time!.readUInt16BE(0)).toBeGreaterThan(0);
    expect(optionData(await askFor(link, { name: ZONE, type: "SOA", ...edns() }), OPTION.KEEPALIVE)).toBeUndefined();
  });

  check("C23", async (link) => {
    const query = soaQuery(edns(writeOption(OPTION.KEEPALIVE, "0064")));
    expect(faultsOf("formerr", query, await link.ask(query))).toEqual([]);
  });
});

/** Starts ours with more flags, for what is not on by itself. */
async function withOurs(flags: readonly string[], use: (link: Link) => Promise<void>): Promise<void> {
  const target = await startOurs(flags);
  try {
    await use(linkTo("udp", target.v4!));
  } finally {
    await target.stop();
  }
}

over("each server", ({ check }) => {
  check("C08", async ({ ask, way }, context) => {
    const asksFor = async (link: Pick<Link, "ask">, more: Partial<Query>): Promise<string | undefined> =>
      optionData(readMessage(await link.ask(soaQuery(more))), OPTION.NSID)?.toString();
    const asked = edns(writeOption(OPTION.NSID));
    const badVersion = edns(writeOption(OPTION.NSID), { version: 1 });
    if (!IS_OURS) {
      if (way.kind === "other" && (await asksFor({ ask }, asked)) === undefined)
        notApplicable(context, "no NSID is set");
      expect(await asksFor({ ask }, asked)).toBe(NSID);
      expect(await asksFor({ ask }, badVersion)).toBe(NSID);
      expect(await asksFor({ ask }, edns())).toBeUndefined();
      return;
    }
    expect(await asksFor({ ask }, asked)).toBeUndefined();
    await withOurs(["--nsid", NSID, "--udp-transport", way.kind], async (link) => {
      expect(await asksFor(link, asked)).toBe(NSID);
      expect(await asksFor(link, badVersion)).toBe(NSID);
      expect(await asksFor(link, edns())).toBeUndefined();
      const identity = await askFor(link, { name: "id.server.", type: "TXT", class: CHAOS });
      expect(identity.answer.map(({ rdata }) => rdata)).toEqual([`"${NSID}"`]);
      expect((await askFor(link, { name: "version.bind.", type: "TXT", class: CHAOS })).rcode).toBe("REFUSED");
    });
  });
});

describe("C11 and C18", () => {
  checkOurs("C11", async () => {
    const port = await freePort();
    // Its manifests come from standard input, which stays open: nothing is loaded yet.
    const child = spawn(LAUNCHER, ["serve", "-", "--upstream", "none", "--listen", `127.0.0.1:${port}`], {
      stdio: ["pipe", "ignore", "ignore"],
    });
    try {
      const query = writeQuery({ name: KUBERNETES, type: "A", id: ID, ...edns() });
      const ask = (): Promise<Buffer | undefined> => askUdp({ host: "127.0.0.1", port }, query, 200);
      await expect.poll(ask, { timeout: 40_000 }).toBeDefined();
      const reply = readMessage((await ask())!);
      expect(reply).toMatchObject({ rcode: "SERVFAIL", answer: [], authority: [], flags: { aa: false } });
      expect(extendedError(reply)).toBe(EDE.NOT_READY);
    } finally {
      child.kill("SIGKILL");
    }
  });

  checkOurs("C18", async () => {
    const [first, second] = ["e5e973e5a6b2a43f48e7dc849e37bfcf", "445536bcd2513298075a5d379663c962"];
    const folder = temporaryFolder();
    const fileOf = (name: string, ...secrets: string[]): string => {
      writeFileSync(`${folder}/${name}`, `${secrets.join("\n")}\n`);
      return `${folder}/${name}`;
    };
    const cookieBack = async (link: Link, sent: Buffer): Promise<Buffer> => {
      const reply = await askFor(link, { name: KUBERNETES, type: "A", ...edns(writeOption(OPTION.COOKIE, sent)) });
      expect(rcodeOf(reply)).toBe("NOERROR");
      return optionData(reply, OPTION.COOKIE)!;
    };
    const under = (secret: string, cookie: Buffer): boolean => isCookieUnder(hex(secret), cookie, "127.0.0.1");
    let made: Buffer = Buffer.alloc(0);
    try {
      await withOurs(["--cookie-secret", fileOf("one", first)], async (link) => {
        made = await cookieBack(link, hex(CLIENT_COOKIE));
        expect(under(first, made)).toBe(true);
      });
      // Another replica of the same secret takes it; after the change it still does, and gives one of the new secret.
      await withOurs(["--cookie-secret", fileOf("same", first)], async (link) => {
        expect(under(first, await cookieBack(link, made))).toBe(true);
      });
      await withOurs(["--cookie-secret", fileOf("rolled", second, first)], async (link) => {
        expect(under(second, await cookieBack(link, made))).toBe(true);
      });
      await withOurs(["--cookie-secret", fileOf("other", second)], async (link) => {
        const back = await cookieBack(link, made);
        expect({ isFresh: under(second, back), isSame: back.equals(made) }).toEqual({ isFresh: true, isSame: false });
      });
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });
});

describe("RFC 9018's examples", () => {
  // They have a clock and clients' addresses of their own, which no server takes from outside.
  for (const id of ["C14", "C15", "C16"] satisfies CheckId[])
    test(testName(id), (context) => notApplicable(context, "needs the RFC's clock; shown in test/answer"));

  test("the suite's own hash makes the cookie of A.1", () => {
    const cookie = hex("2464c4abcf10c957 01000000 5cf79f11 1f8130c3eee29480");
    expect(isCookieUnder(hex("e5e973e5a6b2a43f48e7dc849e37bfcf"), cookie, "198.51.100.100")).toBe(true);
    expect(isCookieUnder(hex("e5e973e5a6b2a43f48e7dc849e37bfcf"), cookie, "198.51.100.101")).toBe(false);
  });

  test("the suite's own hash is SipHash-2-4", () => {
    const key = Buffer.from(Array.from({ length: 16 }, (_, n) => n));
    expect(sipHash24(key, key.subarray(0, 15)).toString("hex")).toBe("e545be4961ca29a1");
  });
});
