// Reads a resolv.conf, such as that of a node, from which pods have their search lists.
// A file that can't be read is a value, for the caller to report.
import { readFile } from "node:fs/promises";
import { getSystemErrorMessage } from "node:util";
import type { Problem } from "../objects/problem.ts";
import { parseResolvConf } from "../resolv-conf/resolv-conf.ts";
import type { ResolvConf } from "../resolv-conf/resolv-conf.ts";

/** The file of a node, unless it is said. */
export const NODE_RESOLV_CONF = "/etc/resolv.conf";

/** The contents of a file, and the problems of its text. */
export interface ReadResolvConf {
  readonly conf: ResolvConf;
  readonly problems: readonly Problem[];
}

/** Reads `file`; the fault is the system's message. */
export async function readResolvConf(file: string): Promise<ReadResolvConf | { readonly fault: string }> {
  try {
    return parseResolvConf(await readFile(file, "utf8"), file);
  } catch (error) {
    const errno = (error as NodeJS.ErrnoException).errno;
    return { fault: errno === undefined ? String(error) : getSystemErrorMessage(errno) };
  }
}
