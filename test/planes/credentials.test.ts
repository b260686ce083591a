// Certificates and cookie secrets of a whole server: files that are read, followed, and refused.
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PassThrough } from "node:stream";
import { connect } from "node:tls";
import { startEngine } from "../support/engine.ts";
import { SettingsError } from "../../src/config/settings.ts";
import { startServer } from "../../src/planes/server.ts";
import type { Server, EngineSettings } from "../support/engine.ts";
import { pino } from "pino";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { parseOptions } from "../../src/config/parse-options.ts";
import { makeCertificate } from "../support/certificates.ts";
import { service } from "../support/cluster.ts";
import { UdpClient } from "../support/network.ts";
import { readMessage, writeQuery } from "../support/wire.ts";

const WITHIN = { timeout: 15_000, interval: 50 };
const SECRETS = ["00112233445566778899aabbccddeeff", "e5e973e5a6b2a43f48e7dc849e37bfcf"] as const;

let folder: string;
let servers: Server[];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "credentials-"));
  servers = [];
});
afterEach(async () => {
  await Promise.all(servers.map((server) => server.close()));
  rmSync(folder, { recursive: true });
});

function file(name: string, text: string): string {
  writeFileSync(join(folder, name), text);
  return join(folder, name);
}

async function start(settings: EngineSettings): Promise<Server> {
  const server = startEngine({ objects: [service("web", "10.96.0.80")], ...settings });
  servers.push(server);
  await server.ready;
  return server;
}

/** The common name of the certificate that the server shows. */
function shownCertificate(server: Server): Promise<string> {
  const { host, port } = server.addresses[0]!;
  return new Promise((resolve, reject) => {
    const socket = connect({ host, port, rejectUnauthorized: false, ALPNProtocols: ["dot"] }, () => {
      resolve(socket.getPeerCertificate().subjectaltname ?? "");
      socket.destroy();
    });
    socket.on("error", reject);
  });
}

async function cookieOf(server: Server, cookie: string): Promise<string> {
  const client = await UdpClient.open(server.addresses[0]!);
  const value = Buffer.from(cookie, "hex");
  const options = Buffer.concat([Buffer.from([0, 10, 0, value.length]), value]);
  try {
    const reply = await client.ask(
      writeQuery({ name: "web.default.svc.cluster.local.", type: "A", opt: { size: 1232, options } }),
    );
    return Buffer.from(readMessage(reply).opt!.options[0]!.data).toString("hex");
  } finally {
    client.close();
  }
}

const NEW = "0102030405060708";

describe("the certificate", () => {
  test("is shown, and replaced while the server runs; an invalid one leaves it in force", async () => {
    const [first, second] = ["first.example", "second.example"].map((name) => makeCertificate({ names: [name] }));
    const [tlsCert, tlsKey] = [file("tls.crt", first!.cert), file("tls.key", first!.key)];
    const server = await start({ listen: "tls://127.0.0.1:0", tlsCert, tlsKey });
    expect(await shownCertificate(server)).toContain("first.example");
    file("tls.crt", "nonsense");
    file("tls.key", second!.key);
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect(await shownCertificate(server)).toContain("first.example");
    file("tls.crt", second!.cert);
    await vi.waitFor(async () => expect(await shownCertificate(server)).toContain("second.example"), WITHIN);
  });

  test.each([
    ["a key of another certificate", "key", /the key does not match/],
    ["no certificate", "cert", /no PEM certificate/],
  ])("%s: the server does not start", async (_, bad, message) => {
    const [own, other] = [makeCertificate(), makeCertificate()];
    const tlsCert = file("tls.crt", bad === "cert" ? "nonsense" : own.cert);
    const tlsKey = file("tls.key", bad === "key" ? other.key : own.key);
    const server = startEngine({ listen: "tls://127.0.0.1:0", tlsCert, tlsKey });
    servers.push(server);
    await expect(server.ready).rejects.toThrow(SettingsError);
    await expect(server.ready).rejects.toThrow(message);
  });

  test("a file that is not there: the server does not start", async () => {
    const server = startEngine({
      listen: "tls://127.0.0.1:0",
      tlsCert: join(folder, "none"),
      tlsKey: join(folder, "none"),
    });
    servers.push(server);
    await expect(server.ready).rejects.toThrow(/none can't be read \(ENOENT\)/);
  });
});

describe("the secrets of cookies", () => {
  test("without a file each server has its own", async () => {
    const [one, two] = [await start({}), await start({})];
    const cookie = await cookieOf(one, NEW);
    expect(await cookieOf(one, cookie)).toBe(cookie);
    expect(await cookieOf(two, cookie)).not.toBe(cookie);
  });

  test("replicas share them by file, and rotate them", async () => {
    const cookieSecret = file("secret", SECRETS[0]);
    const [one, two] = [await start({ cookieSecret }), await start({ cookieSecret })];
    const cookie = await cookieOf(one, NEW);
    expect(await cookieOf(two, cookie)).toBe(cookie);
    // A cookie of the old secret is taken, and replaced by one of the new secret.
    file("secret", `${SECRETS[1]}\n${SECRETS[0]}\n`);
    await vi.waitFor(async () => expect(await cookieOf(one, cookie)).not.toBe(cookie), WITHIN);
    const next = await cookieOf(one, cookie);
    await vi.waitFor(async () => expect(await cookieOf(two, next)).toBe(next), WITHIN);
  });

  test("an invalid file is logged with its line and without its secrets", async () => {
    const cookieSecret = file("secret", `${SECRETS[0]}\n12345678\n`);
    const refused = startEngine({ cookieSecret });
    servers.push(refused);
    await expect(refused.ready).rejects.toThrow(/--cookie-secret .*secret: line 2 is not 32 hexadecimal digits/);

    file("secret", SECRETS[0]);
    const output = new PassThrough();
    const parsed = parseOptions(
      ["--listen", "127.0.0.1:0", "--cookie-secret", cookieSecret, "--udp-transport", "dgram", "--upstream", "none"],
      {},
    );
    if (!("options" in parsed)) throw new Error(parsed.errors.join());
    const server = startServer(parsed.options, { paths: [], log: pino({ level: "info" }, output) });
    servers.push(server);
    await server.ready;
    const cookie = await cookieOf(server, NEW);
    let logged = "";
    output.on("data", (chunk) => (logged += String(chunk)));
    file("secret", "12345678");
    await vi.waitFor(() => expect(logged).toContain("the contents before stay in force"), WITHIN);
    expect(logged).not.toContain("12345678");
    expect(await cookieOf(server, cookie)).toBe(cookie);
  });
});
