import { describe, expect, test } from "vitest";
import { parseOptions } from "../../src/config/parse-options.ts";
import { optionsFromSettings, SettingsError } from "../../src/config/settings.ts";

describe("optionsFromSettings", () => {
  test("nothing set: the defaults of the flags, except for a free port, no upstream and no log", () => {
    const changed = ["--listen=127.0.0.1:0", "--log-level=silent", "--udp-transport=dgram"];
    const flags = parseOptions([...changed, "--upstream=none", "--cache-size=4"], {});
    expect(optionsFromSettings({})).toEqual("options" in flags && flags.options);
  });

  test("every setting means what its flag means", () => {
    const settings = {
      listen: ["127.0.0.1:5300", "[::1]:5300"],
      clusterDomain: "Example.COM.",
      ttl: 5,
      negativeTtl: 0,
      pods: "verified",
      endpointPodNames: true,
      ednsSize: 4096,
      namespace: "shop",
      upstream: ["10.0.0.53", "tls://192.0.2.53#dns.example"],
      stubDomain: "consul.local=10.150.0.1:8600",
      cacheSize: 8,
      serviceCidr: "10.96.0.0/12,fd00::/108",
      podCidr: ["10.244.0.0/16"],
      udpTransport: "batch",
      udpWorkers: 3,
      logLevel: "debug",
    };
    const flags = [
      "--listen=127.0.0.1:5300,[::1]:5300",
      "--cluster-domain=example.com",
      "--ttl=5",
      "--negative-ttl=0",
      "--pods=verified",
      "--endpoint-pod-names",
      "--edns-size=4096",
      "--namespace=shop",
      "--upstream=10.0.0.53,tls://192.0.2.53#dns.example",
      "--stub-domain=consul.local=10.150.0.1:8600",
      "--cache-size=8",
      "--service-cidr=10.96.0.0/12,fd00::/108",
      "--pod-cidr=10.244.0.0/16",
      "--udp-transport=batch",
      "--udp-workers=3",
      "--log-level=debug",
    ];
    const parsed = parseOptions(flags, {});
    expect(optionsFromSettings(settings)).toEqual("options" in parsed && parsed.options);
  });

  test("undefined is not given", () => {
    expect(optionsFromSettings({ ttl: undefined, nonsense: undefined })).toEqual(optionsFromSettings({}));
  });

  test.each<[Record<string, unknown>, string]>([
    [{ tll: 5 }, 'unknown setting "tll"; did you mean ttl?'],
    [{ "edns-size": 512 }, 'unknown setting "edns-size"; did you mean ednsSize?'],
    [{ ttl: "5" }, "ttl: expected a number"],
    [{ ttl: -1 }, 'ttl: "-1" is not a whole number from 0 to 3600'],
    [{ ttl: Number.NaN }, 'ttl: "NaN" is not a whole number'],
    [{ ttl: 1.5 }, 'ttl: "1.5" is not a whole number'],
    [{ ttl: null }, "ttl: expected a number"],
    [{ endpointPodNames: "true" }, "endpointPodNames: expected true or false"],
    [{ pods: true }, "pods: expected a string"],
    [{ pods: "off" }, 'pods: "off" is not one of'],
    [{ clusterDomain: ["a", "b"] }, "clusterDomain: expected a string"],
    [{ listen: [] }, "listen: expected a string or an array of strings, not empty"],
    [{ listen: [53] }, "listen: expected a string or an array of strings"],
    [{ listen: "localhost" }, 'listen: "localhost" is not an address'],
    [{ ttl: -1, pods: 3 }, "pods: expected a string; ttl: "],
  ])("%j is refused: %s", (settings, message) => {
    expect(() => optionsFromSettings(settings)).toThrow(SettingsError);
    expect(() => optionsFromSettings(settings)).toThrow(message);
  });
});
