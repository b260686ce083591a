import { describe, expect, test } from "vitest";
import { parseOptions } from "../../src/config/parse-options.ts";
import type { Options } from "../../src/config/options.ts";
import { formatCidr } from "../../src/net/ip.ts";

const TLS = ["--tls-cert=a", "--tls-key=b"];

function joined(...flags: string[]): Options {
  const parsed = parseOptions(flags, {});
  if ("errors" in parsed) throw new Error(parsed.errors.join("\n"));
  return parsed.options;
}

describe("conflicts", () => {
  test.each<[string[], string]>([
    [["--listen=tls://127.0.0.1"], "--listen: tls:// needs --tls-cert and --tls-key"],
    [["--listen=https://[::1]"], "--listen: https:// needs --tls-cert and --tls-key"],
    [["--tls-cert=a"], "--tls-cert is given alone: --tls-cert and --tls-key go together"],
    [["--tls-key=a"], "--tls-key is given alone: --tls-cert and --tls-key go together"],
    [["--upstream=none", "--upstream=10.0.0.53"], "--upstream: none excludes all other upstreams"],
    [["--upstream=/a,./b"], "--upstream: only one file is possible"],
    [["--listen=[::1]:53", "--listen=[0::1]"], "--listen: [::1]:53 is given twice"],
    [["--listen=tls://[::1],[::1]:853,tls://[::1]:853", ...TLS], "--listen: tls://[::1]:853 is given twice"],
    [["--admin=9153,9153"], "--admin: 127.0.0.1:9153 is an address of --admin already"],
    [["--admin=[::1]:9153", "--health=[0::1]:9153"], "--health: [::1]:9153 is an address of --admin already"],
    [["--health=8080", "--ready=127.0.0.1:8080"], "--ready: 127.0.0.1:8080 is an address of --health already"],
    [["--listen=tls://[::1]", "--ready=[::1]:853", ...TLS], "--ready: [::1]:853 is an address of --listen already"],
  ])("%j: %s", (flags, error) => {
    expect(parseOptions(flags, {})).toEqual({ errors: [error] });
  });

  test("all are reported at once", () => {
    const parsed = parseOptions(["--listen=[::1],[::1]", "--tls-key=a", "--upstream=/a,./b"], {});
    expect("errors" in parsed && parsed.errors).toHaveLength(3);
  });

  test("port 0 may repeat", () => {
    expect(joined("--listen=127.0.0.1:0,127.0.0.1:0").listen).toHaveLength(2);
    expect(joined("--admin=0,0", "--health=0").admin).toHaveLength(2);
  });
});

test("the TLS files", () => {
  const { listen, tlsFiles } = joined("--listen=tls://127.0.0.1,https://[::]:8443", ...TLS);
  expect(listen).toEqual([
    { scheme: "tls", host: "127.0.0.1", port: 853 },
    { scheme: "https", host: "::", port: 8443 },
  ]);
  expect(tlsFiles).toEqual({ cert: "a", key: "b" });
});

test("upstreams, their file and none", () => {
  expect(joined("--upstream=none")).toMatchObject({ upstreams: [] });
  expect("upstreamFile" in joined("--upstream=none")).toBe(false);
  expect(joined("--upstream=10.0.0.53, ./resolv.conf")).toMatchObject({
    upstreams: [{ protocol: "udp", host: "10.0.0.53", port: 53 }],
    upstreamFile: "./resolv.conf",
  });
});

test("pods and services may recurse whatever --allow-recursion says", () => {
  const options = joined("--allow-recursion=192.0.2.0/24", "--pod-cidr=11.0.0.0/8");
  expect(options.allowRecursion.map(formatCidr)).toEqual(["192.0.2.0/24", "11.0.0.0/8", "10.96.0.0/12"]);
});

test("the negative TTL follows the TTL unless it is given", () => {
  expect(joined("--ttl=7").negativeTtlSeconds).toBe(7);
  expect(joined("--ttl=7", "--negative-ttl=0").negativeTtlSeconds).toBe(0);
});
