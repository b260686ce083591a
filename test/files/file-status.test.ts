import { execFileSync } from "node:child_process";
import * as fs from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { isInside, statusOf, FILE_BYTES_MAX, signatureAt, signatureAtSync } from "../../src/files/file-status.ts";

let root: string;

beforeEach(() => (root = fs.realpathSync(fs.mkdtempSync(join(tmpdir(), "read-")))));
afterEach(() => fs.rmSync(root, { recursive: true }));

test("a signature tells whether a file held still", async () => {
  const path = join(root, "a.yaml");
  const signature = async (): Promise<string> => (await statusOf(path, [root])).signature;
  const seen = [await signature()];
  for (const change of [
    () => fs.writeFileSync(path, "a: 1"),
    () => fs.writeFileSync(path, "a: 12"),
    () => fs.utimesSync(path, 1, 1),
    () => (fs.writeFileSync(`${path}.tmp`, "a: 12"), fs.renameSync(`${path}.tmp`, path)),
  ]) {
    change();
    const now = await signature();
    expect(await signature()).toBe(now);
    expect(seen).not.toContain(now);
    seen.push(now);
  }
});

test.each<[string, (path: string) => void, object]>([
  ["nothing", () => {}, { kind: "missing" }],
  ["a folder", (path) => fs.mkdirSync(path), { kind: "missing" }],
  ["a pipe", (path) => execFileSync("mkfifo", [path]), { kind: "refused", problem: { code: "not-a-file" } }],
  ["a device", (path) => fs.symlinkSync("/dev/zero", path), { kind: "refused", problem: { code: "outside-folder" } }],
  [
    "a link out",
    (path) => fs.symlinkSync("/etc/hostname", path),
    { kind: "refused", problem: { code: "outside-folder" } },
  ],
  ["a loop", (path) => fs.symlinkSync(path, path), { kind: "refused", problem: { code: "unreadable" } }],
  ["a link to nothing", (path) => fs.symlinkSync("x", path), { kind: "missing", problem: { code: "dangling-link" } }],
  [
    "a file too large",
    (path) => (fs.writeFileSync(path, ""), fs.truncateSync(path, FILE_BYTES_MAX + 1)),
    { kind: "refused", problem: { code: "file-too-large" } },
  ],
])("a look at %s", async (_title, make, expected) => {
  const path = join(root, "a.yaml");
  make(path);
  expect(await statusOf(path, [root])).toMatchObject(expected);
});

test("the signature of a path is that of its file, also behind a link, or why there is none", async () => {
  const path = join(root, "a.inc");
  const link = join(root, "link.inc");
  fs.symlinkSync("a.inc", link);
  const signatures = async (): Promise<Set<string>> =>
    new Set([await signatureAt(path), await signatureAt(link), signatureAtSync(path), signatureAtSync(link)]);
  expect([...(await signatures())]).toEqual(["ENOENT"]);
  fs.writeFileSync(path, "a");
  expect([...(await signatures())]).toEqual([(await statusOf(path)).signature]);
  expect(await signatureAt(join(path, "b"))).toBe("ENOTDIR");
});

test.each<[path: string, folder: string, inside: boolean]>([
  ["/a/b", "/a", true],
  ["/a", "/a", true],
  ["/ab", "/a", false],
  ["/a", "/", true],
  ["/", "/a", false],
])("%s in %s: %s", (path, folder, inside) => {
  expect(isInside(path, folder)).toBe(inside);
});
