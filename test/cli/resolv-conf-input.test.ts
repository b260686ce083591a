import { describe, expect, it } from "vitest";
import { parseNameservers, readNodeResolvConf } from "../../src/cli/resolv-conf-input.ts";

describe("--nameserver", () => {
  it("a text has one or several addresses", () => {
    expect(parseNameservers(["192.0.2.7, 192.0.2.8", "FD00:0::7"])).toEqual(["192.0.2.7", "192.0.2.8", "fd00::7"]);
    expect(parseNameservers(["192.0.2.7:53"])).toMatchObject({ exitCode: 2 });
  });
});

describe("the node's file", () => {
  it("is a fault if it is given and can't be read", async () => {
    expect(await readNodeResolvConf("no/such.conf")).toEqual({
      faults: ["--node-resolv-conf: can't read no/such.conf: no such file or directory"],
      exitCode: 1,
    });
  });

  it("is parsed", async () => {
    expect(await readNodeResolvConf("/dev/null")).toEqual({
      conf: { nameservers: [], searches: [], options: [] },
      problems: [],
    });
  });
});
