// Which connection has to go when there is no room.
import { describe, expect, test } from "vitest";
import { ConnectionTable } from "../../src/server/connection-table.ts";

function tableOf(entries: readonly (readonly [string, string])[]): ConnectionTable<string> {
  const table = new ConnectionTable<string>({ connections: 4, connectionsPerClient: 2 });
  for (const [connection, client] of entries) table.add(connection, client);
  return table;
}

const full = [
  ["a1", "a"],
  ["b1", "b"],
  ["b2", "b"],
  ["c1", "c"],
] as const;

describe("ConnectionTable", () => {
  test.each([
    ["room for all", full.slice(0, 3), "c", undefined],
    ["full: the longest idle of all", full, "d", "a1"],
    ["full, and the client at its own limit: its own", full, "b", "b1"],
    ["room, but the client at its own limit: its own", full.slice(0, 3), "b", "b1"],
  ])("%s", (_name, entries, client, expected) => {
    expect(tableOf(entries).mustGo(client)).toBe(expected);
  });

  test("use makes a connection the last to go", () => {
    const table = tableOf(full);
    table.touch("a1");
    table.touch("b1");
    expect([...table.connections()]).toEqual(["b2", "c1", "a1", "b1"]);
    expect([table.mustGo("d"), table.mustGo("b")]).toEqual(["b2", "b2"]);
  });

  test("what has gone is forgotten, and touching it does not bring it back", () => {
    const table = tableOf(full);
    for (const [connection] of full) table.delete(connection);
    table.delete("a1");
    table.touch("a1");
    expect([...table.connections()]).toEqual([]);
    expect(table.mustGo("b")).toBeUndefined();
  });
});
