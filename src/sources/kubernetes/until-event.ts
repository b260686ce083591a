// Waits for an event of a request, a stream or a session, for so long.
// Ends what does not come.
import type { EventEmitter } from "node:events";

interface Sender extends EventEmitter {
  destroy(error: Error): unknown;
}

/** Resolves with the event's arguments; ends the sender and rejects if the event does not come in time. */
export async function untilEvent(sender: Sender, event: string, limitMs: number): Promise<unknown[]> {
  const { promise, resolve, reject } = Promise.withResolvers<unknown[]>();
  const timer = setTimeout(() => {
    sender.destroy(new Error(`the API server sends nothing for ${limitMs / 1000} s`));
  }, limitMs).unref();
  sender.once(event, (...args: unknown[]) => resolve(args));
  sender.on("error", reject);
  sender.once("close", () => reject(new Error("the API server closed the connection")));
  try {
    return await promise;
  } finally {
    clearTimeout(timer);
  }
}
