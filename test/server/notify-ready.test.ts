// NOTIFY_SOCKET: a server says on it that it answers, by every UDP transport and to both kinds of socket names.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { DescriptorChannel } from "../../src/server/descriptor-channel.ts";
import { LINUX } from "../../src/server/libc.ts";
import { notifyReady } from "../../src/server/notify-ready.ts";
import { needLibc, reasonAgainstBatches } from "../support/batch/open-batch.ts";
import { skipAll } from "../support/optional-programs.ts";
import { ROOT } from "../support/process.ts";
import { startServed } from "../support/served.ts";
import type { Served } from "../support/served.ts";

/** The end of the service manager, at a path or an abstract name. */
function openManager(name: string): DescriptorChannel {
  const libc = needLibc();
  const fd = libc.socket(LINUX.AF_UNIX, LINUX.SOCK_DGRAM | LINUX.SOCK_CLOEXEC, 0);
  const address = Buffer.concat([Uint8Array.of(LINUX.AF_UNIX, 0), Buffer.from(name.replace(/^@/, "\0"))]);
  expect(libc.bind(fd, address, address.length)).toBe(0);
  return new DescriptorChannel(libc, fd);
}

describe("the socket of a service manager", () => {
  skipAll(reasonAgainstBatches());
  let folder = "";
  let served: Served;
  beforeEach(() => void (folder = mkdtempSync(join(tmpdir(), "cluster-dns-notify-"))));
  afterEach(() => {
    served.child.kill("SIGKILL");
    rmSync(folder, { recursive: true });
  });

  test.each([
    ["a path", "batch", ""],
    ["a path", "dgram", ""],
    ["an abstract name", "batch", "@"],
  ])("%s gets a message when the server answers (%s)", async (_, transport, prefix) => {
    const name = `${prefix}${join(folder, "notify")}`;
    const manager = openManager(name);
    const env = { ...process.env, NOTIFY_SOCKET: name };
    const args = [join(ROOT, "zones"), "--listen=127.0.0.1:0", `--udp-transport=${transport}`];
    served = startServed(args, { env });
    await served.address;
    expect(manager.receive()).toEqual({ text: "READY=1", descriptor: undefined });
    manager.close();
    served.child.kill("SIGTERM");
    expect(await served.ended).toEqual({ code: 0, err: "" });
  });

  test("where nobody listens, the server goes on, with a warning", async () => {
    const env = { ...process.env, NOTIFY_SOCKET: join(folder, "missing") };
    served = startServed([join(ROOT, "zones"), "--listen=127.0.0.1:0"], { env });
    await served.address;
    expect(served.log.find(({ msg }) => String(msg).startsWith("can't tell"))).toMatchObject({
      reason: `${join(folder, "missing")}: ENOENT`,
    });
    served.child.kill("SIGTERM");
    expect(await served.ended).toEqual({ code: 0, err: "" });
  });
});

test.each([[{}], [{ NOTIFY_SOCKET: "" }]])("nothing is said with %j", (env) => {
  expect(notifyReady(env)).toBeUndefined();
});
