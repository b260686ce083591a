// The descriptor of a socket of node:net, to give it to another process. Node.js has it on a property that it does not
// document; where the property is absent, the socket can't be given away.
import type { Server, Socket } from "node:net";

/** As `Transport.descriptors` has it: none where `descriptorOf` has none. */
export function descriptorsOf(server: Server): readonly number[] {
  const descriptor = descriptorOf(server);
  return descriptor === undefined ? [] : [descriptor];
}

/** The descriptor; undefined where the system or this version of Node.js has none. */
export function descriptorOf(owner: Server | Socket): number | undefined {
  const fd = (owner as { readonly _handle?: { readonly fd?: unknown } | null })._handle?.fd;
  return typeof fd === "number" && fd >= 0 ? fd : undefined;
}
