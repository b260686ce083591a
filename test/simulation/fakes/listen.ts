// Listeners without sockets: questions come from the simulation. A listener that closes waits for its answers.
import type { LateAnswerer } from "../../../src/answer/answerer.ts";
import type { ListenAddress } from "../../../src/net/listen-address.ts";
import type { Listeners } from "../../../src/server/listen.ts";
import { world } from "../world.ts";

const UNSENT_MS = 700;
const STEP_MS = 10;

export function openListeners(
  addresses: readonly ListenAddress[],
  answerer: LateAnswerer,
): Promise<Pick<Listeners, "addresses" | "close">> {
  const listener = { answerer, isOpen: true, waiting: 0 };
  world().listener = listener;
  const close = async (): Promise<void> => {
    for (let ms = 0; listener.waiting > 0 && ms < UNSENT_MS; ms += STEP_MS)
      await new Promise((resolve) => setTimeout(resolve, STEP_MS));
    listener.isOpen = false;
  };
  return Promise.resolve({ addresses, close });
}
