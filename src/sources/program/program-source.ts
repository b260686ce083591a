// The source of objects that an embedding program passes in. They are parsed like manifests, and controllers act on
// them. No files, no timers.
import type { SourceChange } from "../../cluster/change.ts";
import type { KubeObject } from "../../objects/kube-object.ts";
import { objectsByKey } from "../../objects/kube-object.ts";
import type { Origin } from "../../objects/origin.ts";
import { parseObject } from "../../objects/parse-object.ts";
import type { Problem } from "../../objects/problem.ts";
import { MemoryRoom } from "../../std/memory-room.ts";
import { costOfObjects, noMemory } from "../content-cost.ts";
import type { Source, SourceSink, SourceStatus } from "../source.ts";

/** Before manifests: a test that passes an object wants that one. */
const PRECEDENCE = 0;

/** The origin of all objects of a program. */
export const PROGRAM_ORIGIN: Origin = {
  source: "program",
  precedence: PRECEDENCE,
  order: 0,
  name: "",
  isControlled: true,
};

export class ProgramSource implements Source {
  readonly id = PROGRAM_ORIGIN.source;
  readonly precedence = PRECEDENCE;
  readonly feeds = { cluster: true, zoneFiles: false };
  readonly #namespace: string;
  readonly #room: MemoryRoom;
  #objects: ReadonlyMap<string, KubeObject> = new Map();
  #problems: readonly Problem[] = [];
  #sink: SourceSink | undefined;

  /** `namespace`: the default for objects that name none. Objects that do not fit `room` are refused. */
  constructor(objects: readonly unknown[], namespace: string, room = new MemoryRoom()) {
    this.#room = room;
    this.#namespace = namespace;
    this.setObjects(objects);
  }

  get status(): SourceStatus {
    return { state: this.#sink === undefined ? "syncing" : "synced" };
  }

  /** Replaces all objects. One that is not valid is a problem. */
  setObjects(objects: readonly unknown[]): void {
    const context = { namespace: this.#namespace, locate: () => undefined };
    const parsed = objects.map((object) => parseObject(object, context));
    this.#problems = parsed.flatMap(({ problems }) => problems);
    this.#hold(objectsByKey(parsed.flatMap(({ object }) => object ?? [])));
  }

  /** Holds these objects beside the others, each in place of its namesake; then removes those with `removedKeys`. */
  update(objects: readonly KubeObject[], removedKeys: readonly string[] = []): void {
    const all = new Map([...this.#objects, ...objectsByKey(objects)]);
    for (const key of removedKeys) all.delete(key);
    const origin = PROGRAM_ORIGIN;
    this.#hold(all, [
      ...objects.map((object) => ({ type: "put", origin, object }) as const),
      ...removedKeys.map((key) => ({ type: "remove", origin, key }) as const),
    ]);
  }

  async start(sink: SourceSink): Promise<void> {
    this.#sink = sink;
    this.#hold(this.#objects);
    sink.setStatus(this.status);
  }

  describe(): Readonly<Record<string, unknown>> {
    return this.#objects.size === 0 ? {} : this.counts();
  }

  counts(): { readonly objects: number } {
    return { objects: this.#objects.size };
  }

  async close(): Promise<void> {
    this.#sink = undefined;
  }

  /** Holds exactly these objects, if there is memory for them; `changes` are what is new about them. */
  #hold(objects: ReadonlyMap<string, KubeObject>, changes?: readonly SourceChange[]): void {
    const sink = this.#sink;
    // They are counted when they are passed on.
    if (sink === undefined) return void (this.#objects = objects);
    const bytes = costOfObjects(objects.values());
    if (!this.#room.take(this.id, bytes)) return sink.setProblems("objects", [noMemory(bytes, this.#room.free)]);
    this.#objects = objects;
    sink.setProblems("objects", this.#problems);
    sink.change(changes ?? [{ type: "replace", origin: PROGRAM_ORIGIN, objects: [...objects.values()] }]);
  }
}
