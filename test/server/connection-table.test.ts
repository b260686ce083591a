// Which connection a full table evicts.
import { describe, expect, test } from "vitest";
import { ConnectionTable, type Evictable } from "../../src/server/connection-table.ts";

class Named implements Evictable {
  readonly name: string;
  isBusy = false;

  constructor(name: string) {
    this.name = name;
  }
}

/** A table whose connections are named after their clients: `a1` is one of client `a`. */
function tableOf(names: readonly string[], busy: readonly string[] = []) {
  const table = new ConnectionTable<Named>({ connections: 4, connectionsPerClient: 2 });
  const byName = new Map(names.map((name) => [name, new Named(name)]));
  for (const [name, connection] of byName) {
    connection.isBusy = busy.includes(name);
    table.add(connection, name[0]!);
  }
  return {
    evictionCandidate: (client: string): string | undefined => table.evictionCandidate(client)?.name,
    touch: (name: string): void => table.touch(byName.get(name)!),
    delete: (name: string): void => table.delete(byName.get(name)!),
    names: (): string[] => [...table.connections()].map((each) => each.name),
  };
}

const full = ["a1", "b1", "b2", "c1"];

describe("ConnectionTable", () => {
  test.each([
    ["below all limits", full.slice(0, 3), [], "c", undefined],
    ["full: the least recently used of all", full, [], "d", "a1"],
    ["full, and the client at its own limit: its own", full, [], "b", "b1"],
    ["below the limit, but the client at its own: its own", full.slice(0, 3), [], "b", "b1"],
    ["full: the least recently used that is not busy", full, ["a1", "b1"], "d", "b2"],
    ["the client at its own limit: its own that is not busy", full, ["a1", "b1"], "b", "b2"],
    ["all are busy: the least recently used all the same", full, full, "d", "a1"],
    ["all of a client are busy: its own all the same", full, ["b1", "b2"], "b", "b1"],
  ])("%s", (_name, names, busy, client, expected) => {
    expect(tableOf(names, busy).evictionCandidate(client)).toBe(expected);
  });

  test("using a connection makes it the last to be evicted", () => {
    const table = tableOf(full);
    table.touch("a1");
    table.touch("b1");
    expect(table.names()).toEqual(["b2", "c1", "a1", "b1"]);
    expect([table.evictionCandidate("d"), table.evictionCandidate("b")]).toEqual(["b2", "b2"]);
  });

  test("a deleted connection is forgotten, and touching it does not bring it back", () => {
    const table = tableOf(full);
    for (const name of full) table.delete(name);
    table.delete("a1");
    table.touch("a1");
    expect(table.names()).toEqual([]);
    expect(table.evictionCandidate("b")).toBeUndefined();
  });
});
