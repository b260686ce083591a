// Certificates and keys of upstreams: files that are read, followed and refused, with real upstreams over TLS.
import { mkdtempSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { optionsFromSettings } from "../../src/config/settings.ts";
import type { Upstream } from "../../src/net/upstream.ts";
import type { Logger } from "../../src/observe/log.ts";
import { trustedFile, UpstreamFiles } from "../../src/planes/upstream-files.ts";
import { makeCertificate } from "../support/certificates.ts";

const [first, second] = [makeCertificate(), makeCertificate()];
const cleanUp: (() => Promise<void> | void)[] = [];
let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "upstream-files-"));
  cleanUp.push(() => rmSync(folder, { recursive: true }));
});
afterEach(async () => {
  for (const step of cleanUp.splice(0).reverse()) await step();
});

function write(name: string, text: string): string {
  const path = join(folder, name);
  writeFileSync(`${path}.new`, text);
  renameSync(`${path}.new`, path);
  return path;
}

function filesOf(upstreams: readonly Upstream[], caFile?: string) {
  const warnings: string[] = [];
  const log = { warn: (text: string) => void warnings.push(text) } as unknown as Logger;
  const onChange = vi.fn();
  const files = new UpstreamFiles({ upstreams, caFile, log, onChange });
  cleanUp.push(() => files.close());
  return { files, warnings, onChange };
}

const upstream = (more: Partial<Upstream> = {}): Upstream => ({
  text: "tls://127.0.0.1",
  protocol: "tls",
  host: "127.0.0.1",
  port: 853,
  ...more,
});

test("an upstream has its own file, or that of all, and its client's certificate", async () => {
  const [site, own] = [write("site.pem", first.cert), write("own.pem", second.cert)];
  const client = { cert: write("client.pem", first.cert), key: write("client.key", first.key) };
  const [plain, special] = [upstream(), upstream({ caFile: own, clientFiles: client })];
  const { files } = filesOf([plain, special], site);
  await files.open();
  expect(files.tlsOf(plain)).toEqual({ ca: first.cert });
  expect(files.tlsOf(special)).toEqual({ ca: second.cert, cert: first.cert, key: first.key });
});

test("without an upstream by TLS, no file is read", async () => {
  const { files } = filesOf([upstream({ protocol: "udp" })], join(folder, "missing.pem"));
  await files.open();
});

describe("at the start, a file is refused", () => {
  test.each([
    ["that is missing", undefined, /can't be read/],
    ["without a certificate", "no PEM", /has no certificate: name a PEM file/],
    ["with a key instead", first.key, /has no certificate/],
    ["that is cut", first.cert.replace(/(.{80})$/s, "-----END CERTIFICATE-----"), /can't be read: write it anew/],
  ])("%s", async (_, text, message) => {
    const path = text === undefined ? join(folder, "missing.pem") : write("a.pem", text);
    await expect(filesOf([upstream({ caFile: path })]).files.open()).rejects.toThrow(message);
  });

  test("with a key that is none", async () => {
    const client = { cert: write("c.pem", first.cert), key: write("k.pem", first.cert) };
    await expect(filesOf([upstream({ clientFiles: client })]).files.open()).rejects.toThrow("has no private key");
  });
});

test("a key and a certificate that do not belong together are refused, and later told and not used", async () => {
  const client = { cert: write("c.pem", first.cert), key: write("k.pem", second.key) };
  const message = /k\.pem is not the key of .*c\.pem: name those of one pair/;
  await expect(filesOf([upstream({ clientFiles: client })]).files.open()).rejects.toThrow(message);
  write("c.pem", second.cert);
  const { files, warnings } = filesOf([upstream({ clientFiles: client })]);
  await files.open();
  write("c.pem", first.cert);
  await files.reload();
  await vi.waitFor(() => expect(warnings.join()).toMatch(message));
  expect(files.tlsOf(upstream({ clientFiles: client }))).toEqual({ cert: second.cert, key: second.key });
});

test("a file that changes is used from then on; a bad one is told, and changes nothing", async () => {
  const path = write("site.pem", first.cert);
  const { files, warnings, onChange } = filesOf([upstream()], path);
  await files.open();
  write("site.pem", second.cert);
  await files.reload();
  await vi.waitFor(() => expect(files.tlsOf(upstream())).toEqual({ ca: second.cert }));
  expect(onChange).toHaveBeenCalled();
  write("site.pem", "cut");
  await files.reload();
  await vi.waitFor(() => expect(warnings.join()).toMatch(/site\.pem has no certificate.*stay in use/));
  expect(files.tlsOf(upstream())).toEqual({ ca: second.cert });
});

test("SSL_CERT_FILE counts where no option does", () => {
  vi.stubEnv("SSL_CERT_FILE", "/etc/site.pem");
  cleanUp.push(() => void vi.unstubAllEnvs());
  expect(trustedFile(optionsFromSettings({}))).toBe("/etc/site.pem");
  expect(trustedFile(optionsFromSettings({ upstreamCa: "/etc/own.pem" }))).toBe("/etc/own.pem");
  vi.stubEnv("SSL_CERT_FILE", "");
  expect(trustedFile(optionsFromSettings({}))).toBeUndefined();
});
