// Which files of the simulated file system a program has open for writing.
import { world } from "../world.ts";

export class OpenWriters {
  has(path: string): boolean {
    const { files } = world();
    const node = files.has(path) ? files.find(path, { isFree: true }) : undefined;
    return node?.kind === "file" && node.writers > 0;
  }
}
