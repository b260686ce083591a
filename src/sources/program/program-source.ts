// The source of objects that an embedding program passes in. They are parsed like manifests, and controllers act on
// them. No files, no timers.
import type { Origin } from "../../objects/origin.ts";
import { parseObject } from "../../objects/parse-object.ts";
import { MemoryRoom } from "../../std/memory-room.ts";
import { costOfObjects, noMemory } from "../content-cost.ts";
import type { Source, SourceSink, SourceStatus } from "../source.ts";

export class ProgramSource implements Source {
  readonly id = "program";
  /** Before manifests: a test that passes an object wants that one. */
  readonly precedence = 0;
  readonly feeds = { cluster: true, zoneFiles: false };
  readonly #namespace: string;
  readonly #room: MemoryRoom;
  readonly #origin: Origin = { source: this.id, precedence: this.precedence, order: 0, name: "", isControlled: true };
  #objects: readonly unknown[];
  #sink: SourceSink | undefined;

  /** `namespace`: the default for objects that name none. Objects that do not fit `room` are refused. */
  constructor(objects: readonly unknown[], namespace: string, room = new MemoryRoom()) {
    this.#room = room;
    this.#objects = objects;
    this.#namespace = namespace;
  }

  get status(): SourceStatus {
    return { state: this.#sink === undefined ? "syncing" : "synced" };
  }

  /** Replaces all objects. */
  setObjects(objects: readonly unknown[]): void {
    this.#objects = objects;
    if (this.#sink !== undefined) this.#passObjects(this.#sink);
  }

  async start(sink: SourceSink): Promise<void> {
    this.#sink = sink;
    this.#passObjects(sink);
    sink.setStatus(this.status);
  }

  describe(): Readonly<Record<string, unknown>> {
    return this.#objects.length === 0 ? {} : { objects: this.#objects.length };
  }

  async close(): Promise<void> {
    this.#sink = undefined;
  }

  #passObjects(sink: SourceSink): void {
    const context = { namespace: this.#namespace, locate: () => undefined };
    const parsed = this.#objects.map((object) => parseObject(object, context));
    const objects = parsed.flatMap(({ object }) => (object === undefined ? [] : [object]));
    const bytes = costOfObjects(objects);
    if (!this.#room.take(this.id, bytes)) return sink.setProblems("objects", [noMemory(bytes, this.#room.free)]);
    sink.setProblems(
      "objects",
      parsed.flatMap(({ problems }) => problems),
    );
    sink.change([{ type: "replace", origin: this.#origin, objects }]);
  }
}
