// The next turn of a simulated process's event loop.
import { world } from "../world.ts";

const setImmediatePromise = (): Promise<void> => new Promise((resolve) => world().scheduler.next(resolve));

export { setImmediatePromise as setImmediate };
