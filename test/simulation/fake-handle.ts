// An open file or folder of the simulated process.
import { constants } from "node:fs";
import { systemError } from "./fake-file-system.ts";
import type { FileSystemNode } from "./fake-file-system.ts";
import { delayed } from "./slow-call.ts";
import { world } from "./world.ts";

/** What the code under test reads of `BigIntStats`. */
export interface FakeStats {
  readonly dev: bigint;
  readonly ino: bigint;
  readonly nlink: bigint;
  readonly size: bigint;
  readonly mtimeNs: bigint;
  readonly ctimeNs: bigint;
  readonly birthtimeNs: bigint;
  isFile(): boolean;
  isDirectory(): boolean;
  isSymbolicLink(): boolean;
}

export function statsOf(node: FileSystemNode): FakeStats {
  const { kind } = node;
  return {
    dev: 1n,
    ino: BigInt(node.ino),
    nlink: 1n,
    size: BigInt(kind === "file" ? node.text.length : 0),
    mtimeNs: BigInt(node.mtimeMs) * 1_000_000n,
    ctimeNs: BigInt(node.ctimeMs) * 1_000_000n,
    birthtimeNs: BigInt(node.birthMs) * 1_000_000n,
    isFile: () => kind === "file",
    isDirectory: () => kind === "folder",
    isSymbolicLink: () => kind === "link",
  };
}

export class FakeHandle {
  readonly #path: string;
  readonly #node: FileSystemNode;

  private constructor(path: string, node: FileSystemNode) {
    this.#path = path;
    this.#node = node;
    world().handles.add(this);
  }

  /** Opens what is at the path, or makes a file; throws a system error. */
  static open(path: string, flags: number): FakeHandle {
    const { files, faults } = world();
    if ((flags & constants.O_CREAT) !== 0) {
      if (faults.isDiskFull && !files.has(path)) throw systemError("ENOSPC", path);
      return new FakeHandle(path, files.truncate(path));
    }
    const node = files.find(path);
    if (!node.isReadable) throw systemError("EACCES", path);
    return new FakeHandle(path, node);
  }

  stats(): FakeStats {
    return statsOf(this.#node);
  }

  text(): string {
    if (this.#node.kind !== "file") throw systemError("EISDIR", this.#path);
    return this.#node.text;
  }

  end(): void {
    world().handles.delete(this);
  }

  stat(): Promise<FakeStats> {
    return delayed(this.#path, () => this.stats());
  }

  /** Half of a file that changes meanwhile may be old, the other half new. */
  async readFile(): Promise<Buffer> {
    const half = await delayed(this.#path, () => this.text().slice(0, world().random.below(this.text().length + 1)));
    return delayed(this.#path, () => Buffer.from(half + this.text().slice(half.length)));
  }

  chmod(): Promise<void> {
    return delayed(this.#path, () => undefined);
  }

  writeFile(text: string): Promise<void> {
    return delayed(this.#path, () => {
      const { files, faults } = world();
      if (this.#node.kind !== "file") throw systemError("EISDIR", this.#path);
      files.write(this.#path, this.#node, faults.isDiskFull ? text.slice(0, text.length / 2) : text);
      if (faults.isDiskFull) throw systemError("ENOSPC", this.#path);
    });
  }

  sync(): Promise<void> {
    return delayed(this.#path, () => {
      if (this.#node.kind === "file") this.#node.synced = this.#node.text;
      if (this.#node.kind === "folder") this.#node.synced = new Map(this.#node.entries);
    });
  }

  async close(): Promise<void> {
    const { scheduler } = world();
    await new Promise<void>((resolve) => scheduler.inside(world().upTo(0.2), resolve));
    this.end();
  }
}
