import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { flagName, keyName, OPTION_NAMES, optionRow, variableName } from "../../src/config/option-names.ts";
import { parseOptions } from "../../src/config/parse-options.ts";
import type { Environment } from "../../src/config/parse-options.ts";
import type { Options } from "../../src/config/options.ts";

let folder = "";
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "cluster-dns-"));
});
afterAll(() => rmSync(folder, { recursive: true }));

function writeConfig(text: string): string {
  const file = join(folder, "config.yaml");
  writeFileSync(file, text);
  return file;
}

function options(args: readonly string[], env: Environment = {}): Options {
  const parsed = parseOptions(args, env);
  if ("errors" in parsed) throw new Error(parsed.errors.join("\n"));
  return parsed.options;
}

function errors(args: readonly string[], env: Environment = {}): readonly string[] {
  const parsed = parseOptions(args, env);
  return "errors" in parsed ? parsed.errors : [];
}

const KUBERNETES = ["--source=kubernetes"];
/** What an option can't be without. */
const COMPANIONS: Readonly<Record<string, readonly string[]>> = {
  tlsCert: ["--tls-key=other.pem"],
  tlsKey: ["--tls-cert=other.pem"],
  kubeconfig: KUBERNETES,
  context: [...KUBERNETES, "--kubeconfig=config"],
  namespaces: KUBERNETES,
  namespaceSelector: KUBERNETES,
  serviceSelector: KUBERNETES,
  snapshot: KUBERNETES,
};

describe("parseOptions", () => {
  test("operands are paths, in their order", () => {
    const parsed = parseOptions(["b", "--ttl", "5", "a", "-", "--", "--odd"], {});
    expect("paths" in parsed && parsed.paths).toEqual(["b", "a", "-", "--odd"]);
  });

  test.each(OPTION_NAMES)("%s: the same by flag, variable and file", (name) => {
    const { example, form, separator } = optionRow(name);
    const others = COMPANIONS[name] ?? [];
    const byFlag = options([`${flagName(name)}=${example}`, ...others]);
    expect(byFlag, "the example is not the default").not.toEqual(options([]));
    expect(options(others, { [variableName(name)]: example })).toEqual(byFlag);
    const inFile = form === "list" ? JSON.stringify(example.split(separator ?? ",")) : example;
    expect(options(["--config", writeConfig(`${keyName(name)}: ${inFile}\n`), ...others])).toEqual(byFlag);
  });

  test.each([
    ["--kubeconfig", "c", "--kubeconfig needs --source kubernetes"],
    ["--namespaces", "a", "--namespaces needs --source kubernetes"],
    ["--service-selector", "a=b", "--service-selector needs --source kubernetes"],
    ["--namespace-selector", "a in b", '--namespace-selector: "a in b" is not a label selector such as app=web'],
    ["--source", "kubernets", '--source: "kubernets" is not kubernetes'],
  ])("%s %s is refused", (flag, value, message) => {
    expect(errors([flag, value]).join()).toContain(message);
  });

  test("a context needs a kubeconfig", () => {
    expect(errors(["--source", "kubernetes", "--context", "a"])).toEqual(["--context needs --kubeconfig"]);
  });

  test("a flag wins over a variable, and that over the file, option by option", () => {
    const file = writeConfig("ttl: 3\nedns-size: 600\nnamespace: from-file\n");
    const env = { CLUSTER_DNS_TTL: "2", CLUSTER_DNS_EDNS_SIZE: "700", CLUSTER_DNS_CONFIG: file };
    const { ttlSeconds, ednsSize, namespace } = options(["--ttl", "1"], env);
    expect({ ttlSeconds, ednsSize, namespace }).toEqual({ ttlSeconds: 1, ednsSize: 700, namespace: "from-file" });
  });

  test("the file of the flag is read in place of the variable's", () => {
    const file = writeConfig("ttl: 3\n");
    expect(options(["--config", file], { CLUSTER_DNS_CONFIG: join(folder, "none.yaml") }).ttlSeconds).toBe(3);
  });

  test("a switch is on by itself, and can be turned off again", () => {
    expect(options(["--endpoint-pod-names"]).endpointPodNames).toBe(true);
    const env = { CLUSTER_DNS_ENDPOINT_POD_NAMES: "true" };
    expect(options([], env).endpointPodNames).toBe(true);
    expect(options(["--endpoint-pod-names=false"], env).endpointPodNames).toBe(false);
  });

  test("empty variables and those of other programs are ignored", () => {
    expect(options([], { CLUSTER_DNS_TTL: "", CLUSTER_DNSX: "1", TTL: "x", CLUSTER_DNS_DEBUG: "1" }).ttlSeconds).toBe(
      30,
    );
  });

  test("variables that Kubernetes sets for services named cluster-dns… are ignored", () => {
    const env = {
      CLUSTER_DNS_SERVICE_HOST: "10.96.0.10",
      CLUSTER_DNS_SERVICE_PORT: "53",
      CLUSTER_DNS_SERVICE_PORT_DNS_TCP: "53",
      CLUSTER_DNS_PORT: "udp://10.96.0.10:53",
      CLUSTER_DNS_PORT_53_UDP: "udp://10.96.0.10:53",
      CLUSTER_DNS_PORT_53_UDP_PROTO: "udp",
      CLUSTER_DNS_PORT_53_UDP_PORT: "53",
      CLUSTER_DNS_PORT_53_UDP_ADDR: "10.96.0.10",
      CLUSTER_DNS_METRICS_SERVICE_HOST: "10.96.0.11",
      CLUSTER_DNS_METRICS_PORT: "tcp://10.96.0.11:9153",
    };
    expect(errors([], env)).toEqual([]);
    expect(errors([], { CLUSTER_DNS_PORT: "53" })).toEqual([
      expect.stringContaining("unknown environment variable CLUSTER_DNS_PORT"),
    ]);
  });

  test("the errors of all sources are reported at once", () => {
    const file = writeConfig("tll: 1\npods: verifed\n");
    const env = { CLUSTER_DNS_LISEN: "x", CLUSTER_DNS_EDNS_SIZE: "100" };
    expect(errors(["--tt", "5", "--ttl", "1h", "--config", file], env)).toEqual([
      "unknown flag --tt; did you mean --ttl?",
      "unknown environment variable CLUSTER_DNS_LISEN; did you mean CLUSTER_DNS_LISTEN?",
      `${file}:1:1: unknown option "tll"; did you mean ttl?`,
      '--ttl: "1h" is not a whole number from 0 to 3600',
      `${file}:2:1: pods: "verifed" is not one of insecure, verified, disabled; did you mean verified?`,
      'CLUSTER_DNS_EDNS_SIZE: "100" is not a whole number from 512 to 4096',
    ]);
  });

  test.each([
    ["none.yaml", "no such file or directory"],
    [".", "illegal operation on a directory"],
  ])("a configuration file that can't be read: %s", (name, reason) => {
    const file = join(folder, name);
    expect(errors(["--config", file])).toEqual([`cannot read the configuration file ${file}: ${reason}`]);
  });
});
