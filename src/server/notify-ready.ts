// Tells a service manager that the server answers (sd_notify(3)): one datagram to the Unix socket that NOTIFY_SOCKET
// names. A unit of Type=notify counts as started only then.
import { connectToPath } from "./descriptor-channel.ts";
import { LINUX, loadLibc } from "./libc.ts";
import { SystemError } from "./system-error.ts";

/** Says that the server answers, where somebody wants to know. Returns the reason if it can't be said. */
export function notifyReady(env: Readonly<Record<string, string | undefined>>): string | undefined {
  const path = env["NOTIFY_SOCKET"];
  if (path === undefined || path === "") return undefined;
  const loaded = loadLibc();
  if ("reason" in loaded) return loaded.reason;
  try {
    // An abstract name begins with a zero byte, which no variable can hold.
    const channel = connectToPath(loaded.libc, path.replace(/^@/, "\0"), LINUX.SOCK_DGRAM);
    const isSent = channel.send("READY=1");
    channel.close();
    return isSent ? undefined : `nobody reads ${path}`;
  } catch (error) {
    if (!(error instanceof SystemError)) throw error;
    return `${path}: ${error.code}`;
  }
}
