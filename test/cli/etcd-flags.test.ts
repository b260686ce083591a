import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { ETCD_FLAGS, readEtcdFlags } from "../../src/cli/etcd-flags.ts";
import { parseFlags } from "../../src/config/parse-flags.ts";

const folder = mkdtempSync(join(tmpdir(), "etcd-flags-"));
const path = (name: string): string => join(folder, name);
beforeAll(() => {
  for (const name of ["ca", "cert", "key"]) writeFileSync(path(name), name.toUpperCase());
  writeFileSync(path("password"), "secret word\n");
});
afterAll(() => rmSync(folder, { recursive: true }));

function read(...args: readonly string[]): { target: ReturnType<typeof readEtcdFlags>; faults: readonly string[] } {
  const { values, errors } = parseFlags(args, ETCD_FLAGS);
  const faults = [...errors];
  return { target: readEtcdFlags(values, faults), faults };
}

test("without flags etcd is on this machine", () => {
  expect(read()).toEqual({
    target: { prefix: "/skydns", access: { endpoints: [new URL("http://127.0.0.1:2379")], tls: {} } },
    faults: [],
  });
});

test("all of them", () => {
  const endpoints = ["https://a.example:2379", "https://[2001:db8::1]:2379/"];
  const files = ["ca", "cert", "key"].flatMap((name) => [`--etcd-${name}`, path(name)]);
  const login = ["--etcd-user", "dns", "--etcd-password-file", path("password")];
  const { target, faults } = read(
    ...endpoints.flatMap((each) => ["--etcd-endpoint", each]),
    "--etcd-prefix=/dns/a/",
    ...files,
    ...login,
  );
  expect(faults).toEqual([]);
  expect(target).toEqual({
    prefix: "/dns/a",
    access: {
      endpoints: endpoints.map((each) => new URL(each)),
      tls: { ca: "CA", cert: "CERT", key: "KEY" },
      login: { user: "dns", password: "secret word" },
    },
  });
});

test.each<[what: string, args: readonly string[], fault: string]>([
  ["no URL", ["--etcd-endpoint", "10.0.0.1:2379"], '--etcd-endpoint: "10.0.0.1:2379" is not a URL such as '],
  ["a path", ["--etcd-endpoint", "http://a/v3"], '--etcd-endpoint: "http://a/v3" is not a URL such as '],
  ["another scheme", ["--etcd-endpoint", "ftp://a"], '--etcd-endpoint: "ftp://a" is not a URL such as '],
  [
    "a password in the URL",
    ["--etcd-endpoint", "http://u:p@a"],
    '--etcd-endpoint: "http://u:p@a" is not a URL such as ',
  ],
  ["a prefix", ["--etcd-prefix", "skydns"], '--etcd-prefix: "skydns" is not a path such as /skydns'],
  ["the root", ["--etcd-prefix", "/"], '--etcd-prefix: "/" is not a path such as /skydns'],
  ["a file that is not there", ["--etcd-ca", "/none"], '--etcd-ca: cannot read "/none" (ENOENT)'],
  ["a folder", ["--etcd-ca", folder], `--etcd-ca: cannot read "${folder}" (not-a-file)`],
  ["a certificate alone", ["--etcd-cert", path("cert")], "--etcd-cert and --etcd-key go together"],
  ["a user alone", ["--etcd-user", "x"], "--etcd-user and --etcd-password-file go together"],
  ["an authority without TLS", ["--etcd-ca", path("ca")], "--etcd-ca needs an --etcd-endpoint with https"],
])("%s", (_, args, fault) => {
  const { target, faults } = read(...args);
  expect(target).toBeUndefined();
  expect(faults).toEqual([expect.stringContaining(fault)]);
});
