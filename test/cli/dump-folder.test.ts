import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { writeDump } from "../../src/cli/dump-folder.ts";
import { Workspace } from "../support/workspace.ts";

const workspace = new Workspace();
afterAll(() => workspace.remove());
const file = (name: string, text: string): { name: string; text: string } => ({
  name,
  text: `; zone ${name}, by cluster-dns dump\n${text}\n`,
});

test("files of an earlier dump are replaced and removed, and no others", async () => {
  const folder = join(workspace.folder, "new/zones");
  expect(await writeDump(folder, [file("a.zone", "1"), file("b.zone", "1")])).toBeUndefined();
  for (const name of ["mine.zone", "README", "hosts"]) writeFileSync(join(folder, name), "mine\n");
  expect(await writeDump(folder, [file("a.zone", "2"), file("c.zone", "1")])).toBeUndefined();
  expect(readdirSync(folder).toSorted()).toEqual(["README", "a.zone", "c.zone", "hosts", "mine.zone"]);
  expect(readFileSync(join(folder, "a.zone"), "utf8")).toBe(file("a.zone", "2").text);
});

test("a file of somebody else stays, and nothing is written", async () => {
  const folder = join(workspace.folder, "theirs");
  mkdirSync(folder);
  writeFileSync(join(folder, "b.zone"), "; mine\n");
  expect(await writeDump(folder, [file("a.zone", "1"), file("b.zone", "1")])).toBe(
    `${folder}/b.zone was not made by cluster-dns dump: remove it, or name another folder`,
  );
  expect(readdirSync(folder)).toEqual(["b.zone"]);
});

test("what can't be a folder is a fault", async () => {
  workspace.write("file", "");
  const path = join(workspace.folder, "file");
  expect(await writeDump(path, [])).toBe(`cannot write ${path}: file already exists`);
});
