import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import type { LiveSection } from "../../src/status-page/live-section.ts";
import { LiveStreams, SentSections } from "../../src/status-page/live-streams.ts";
import type { SectionChange } from "../../src/status-page/live-streams.ts";
import { markup } from "../../src/status-page/markup.ts";
import { onFault } from "./scripted-status.ts";

/** Of keys that are their own HTML, unless `key=html`. */
function section(name: string, ...items: readonly string[]): LiveSection {
  return {
    name,
    items: items.map((item) => {
      const [key = "", html = key] = item.split("=");
      return { key, html: markup`${html}` };
    }),
  };
}

describe("what is sent", () => {
  const sent = (...steps: readonly LiveSection[]): readonly SectionChange[] => {
    const all = new SentSections();
    return steps.map((step) => all.changesTo([step])).at(-1)!;
  };

  test.each<
    [what: string, before: readonly string[] | undefined, after: readonly string[], changes: object | undefined]
  >([
    ["everything at first", undefined, ["a", "b"], { keys: ["a", "b"], items: { a: "a", b: "b" } }],
    ["an empty section at first", undefined, [], { keys: [], items: {} }],
    ["nothing where nothing changed", ["a", "b"], ["a", "b"], undefined],
    ["only what changed", ["a", "b"], ["a", "b=2"], { items: { b: "2" } }],
    ["what is new, and the order", ["a", "b"], ["c", "a", "b"], { keys: ["c", "a", "b"], items: { c: "c" } }],
    ["the order where something went", ["a", "b"], ["b"], { keys: ["b"], items: {} }],
    ["the order where it changed", ["a", "b"], ["b", "a"], { keys: ["b", "a"], items: {} }],
  ])("is %s", (_, before, after, changes) => {
    const steps = [...(before === undefined ? [] : [section("s", ...before)]), section("s", ...after)];
    expect(sent(...steps)).toEqual(changes === undefined ? [] : [{ name: "s", ...changes }]);
  });
});

describe("streams", () => {
  beforeEach(() => {
    vi.useFakeTimers({ toFake: ["setInterval", "clearInterval"] });
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  type Stream = ReadableStream<Uint8Array<ArrayBuffer>>;
  const reading = (stream: Stream): (() => Promise<string>) => {
    const reader = stream.getReader();
    return async () => new TextDecoder().decode((await reader.read()).value);
  };

  test("send everything at once, then what has changed, once a second", async () => {
    let value = 1;
    const read = reading(new LiveStreams(onFault).open(() => [section("s", `a=${value}`, "b")]));
    expect(await read()).toBe(`retry: 1000\ndata: [{"name":"s","keys":["a","b"],"items":{"a":"1","b":"b"}}]\n\n`);
    const next = read();
    value = 2;
    vi.advanceTimersByTime(1_000);
    expect(await next).toBe(`data: [{"name":"s","items":{"a":"2"}}]\n\n`);
  });

  test("a reader that does not read costs nothing, and gets the newest state when it does", async () => {
    let renders = 0;
    const stream = new LiveStreams(onFault).open(() => [section("s", `a=${++renders}`)]);
    vi.advanceTimersByTime(60_000);
    expect(renders).toBe(1);
    const read = reading(stream);
    expect(await read()).toContain(`"a":"1"`);
    const next = read();
    vi.advanceTimersByTime(1_000);
    expect(await next).toContain(`"a":"2"`);
    expect(renders).toBe(2);
  });

  test("a fault ends its own stream, and is reported", async () => {
    const faults: unknown[] = [];
    const streams = new LiveStreams((fault) => faults.push(fault.message));
    let value = 1;
    const render = (): readonly LiveSection[] => {
      if (value === 2) throw new Error("broken");
      return [section("s", `a=${value}`)];
    };
    const read = reading(streams.open(render));
    const readOther = reading(streams.open(() => [section("s", `a=${value}`)]));
    await Promise.all([read(), readOther()]);
    const [next, nextOther] = [read(), readOther()];
    value = 2;
    vi.advanceTimersByTime(1_000);
    await expect(next).rejects.toThrow("broken");
    expect(await nextOther).toContain(`"a":"2"`);
    expect(faults).toEqual(["broken"]);
  });

  test("say now and then that they are still there", async () => {
    const read = reading(new LiveStreams(onFault).open(() => [section("s", "a")]));
    await read();
    const next = read();
    vi.advanceTimersByTime(15_000);
    expect(await next).toBe(": still here\n\n");
  });

  test("are limited in number; one that ends makes room, and the last one ends the clock", async () => {
    const streams = new LiveStreams(onFault);
    let ended = 0;
    const open = (): Stream =>
      streams.open(
        () => [],
        () => ended++,
      );
    const all: Stream[] = [];
    while (!streams.isFull) all.push(open());
    expect(all).toHaveLength(16);
    expect(vi.getTimerCount()).toBe(1);
    await all[3]!.cancel();
    expect(streams.isFull).toBe(false);
    for (const each of all) await each.cancel();
    expect(ended).toBe(16);
    expect(vi.getTimerCount()).toBe(0);
  });
});
