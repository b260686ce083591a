// dnstap of whole servers: by the test's own receiver, and by fstrm's and BIND's programs.
import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test, vi } from "vitest";
import { startForwarding } from "../support/forwarding.ts";
import type { Forwarding } from "../support/forwarding.ts";
import { askTcp } from "../support/network.ts";
import { skipAll, whyNot } from "../support/optional-programs.ts";
import { DnstapReceiver, readFields } from "../support/query-log/dnstap-receiver.ts";
import { readMessage, writeQuery } from "../support/wire.ts";

const folder = mkdtempSync(join(tmpdir(), "dnstap-"));
afterAll(() => rmSync(folder, { recursive: true }));
const NAME = "kubernetes.default.svc.cluster.local.";

/** A local name over UDP and TCP, and one that the upstream answers. */
async function askAll({ client, endpoint }: Forwarding): Promise<void> {
  await client.ask(NAME);
  await askTcp(endpoint, writeQuery({ name: NAME, type: "AAAA" }));
  await client.ask("www.up.test.");
}

test("each query and its response, of all threads", async () => {
  const path = join(folder, "own.sock");
  const receiver = await DnstapReceiver.open(path);
  const forwarding = await startForwarding({ dnstap: `unix:${path}`, nsid: "dns-1", udpTransport: "auto" });
  await vi.waitFor(() => expect(receiver.controls).toEqual([4, 2]));
  await askAll(forwarding);
  await forwarding.close();
  await receiver.close();
  expect(receiver.controls).toEqual([4, 2, 3]);
  const seen = receiver.frames.map((frame) => {
    const outer = readFields(frame);
    expect(outer[1]).toEqual([Buffer.from("dns-1")]);
    const message = readFields(outer[14]![0] as Buffer);
    const { question, flags, rcode } = readMessage((message[10] ?? message[14])![0] as Buffer);
    return [message[1], message[3], question?.name, question?.type, flags.qr, rcode].join(" ");
  });
  expect(seen.toSorted()).toEqual(
    [
      `5 1 ${NAME} A false NOERROR`,
      `6 1 ${NAME} A true NOERROR`,
      `5 2 ${NAME} AAAA false NOERROR`,
      `6 2 ${NAME} AAAA true NOERROR`,
      "5 1 www.up.test. A false NOERROR",
      "6 1 www.up.test. A true NOERROR",
    ].toSorted(),
  );
});

describe("programs of others", () => {
  skipAll(whyNot("fstrm_capture", "dnstap-read"));

  test("fstrm_capture takes the stream, and dnstap-read reads it", async () => {
    const [path, file] = [join(folder, "fstrm.sock"), join(folder, "captured.dnstap")];
    const capture = spawn("fstrm_capture", ["-t", "protobuf:dnstap.Dnstap", "-u", path, "-w", file, "-dddd"]);
    let said = "";
    capture.stderr.on("data", (data: Buffer) => (said += data.toString()));
    try {
      await vi.waitFor(() => expect(said).toContain("opening Unix socket path"), { timeout: 10_000 });
      const forwarding = await startForwarding({ dnstap: `unix:${path}`, udpTransport: "dgram" });
      await vi.waitFor(() => expect(said).toMatch(/CONTROL_START|wrote|new connection|START/i), { timeout: 10_000 });
      await askAll(forwarding);
      await forwarding.close();
    } finally {
      capture.kill();
      await once(capture, "close");
    }
    const lines = execFileSync("dnstap-read", [file], { encoding: "utf8" }).trim().split("\n");
    // Date and time, and sizes, apart.
    const shown = lines.map((line) =>
      line
        .replace(/^\S+ \S+ /, "")
        .replace(/:\d+ /, ":PORT ")
        .replace(/ \d+b /, " "),
    );
    const name = NAME.slice(0, -1);
    expect(shown).toEqual([
      `CQ 127.0.0.1:PORT -> ? UDP ${name}/IN/A`,
      `CR 127.0.0.1:PORT <- ? UDP ${name}/IN/A`,
      `CQ 127.0.0.1:PORT -> ? TCP ${name}/IN/AAAA`,
      `CR 127.0.0.1:PORT <- ? TCP ${name}/IN/AAAA`,
      "CQ 127.0.0.1:PORT -> ? UDP www.up.test/IN/A",
      "CR 127.0.0.1:PORT <- ? UDP www.up.test/IN/A",
    ]);
  });
});
