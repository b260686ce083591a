import { execFileSync } from "node:child_process";
import * as fs from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { statusOf, signatureAt } from "../../../src/files/file-status.ts";
import { joinSignatures, readManifest } from "../../../src/sources/manifests/read-manifest.ts";

let root: string;

beforeEach(() => (root = fs.realpathSync(fs.mkdtempSync(join(tmpdir(), "read-")))));
afterEach(() => fs.rmSync(root, { recursive: true }));

test("what is read has the signature that a look finds", async () => {
  const path = join(root, "a.yaml");
  fs.writeFileSync(path, "a: 12");
  const { signature } = await statusOf(path);
  expect(await readManifest({ path, namespace: "n", roots: [] })).toMatchObject({
    kind: "parsed",
    signature,
    isBlank: false,
  });
});

test.each<[string, (path: string) => void, string]>([
  ["a pipe put in its place", (path) => execFileSync("mkfifo", [path]), "unreadable"],
  ["nothing any more", () => {}, "unreadable"],
  ["no UTF-8", (path) => fs.writeFileSync(path, Uint8Array.of(0x61, 0xff)), "not-utf8"],
])("reading what is %s", async (_title, make, code) => {
  const path = join(root, "a.yaml");
  make(path);
  expect(await readManifest({ path, namespace: "n", roots: [] })).toMatchObject({
    kind: "refused",
    problem: { code },
  });
});

const ZONE = "$TTL 60\n@ SOA ns admin 1 2 3 4 5\n@ NS ns\nns A 10.0.0.1\n$INCLUDE a.inc\n";

test("a zone file has the signatures of what it includes too, once that stands still", async () => {
  const [path, included] = [join(root, "example.org.zone"), join(root, "a.inc")];
  fs.writeFileSync(path, ZONE);
  fs.writeFileSync(included, "a A 10.0.0.2\n");
  const request = { path, namespace: "n", roots: [root] };
  fs.utimesSync(included, new Date(), new Date());
  expect(await readManifest(request)).toMatchObject({ signature: undefined, parsed: { isBroken: false } });
  fs.utimesSync(included, 1, 1);
  const signature = joinSignatures((await statusOf(path)).signature, [await signatureAt(included)]);
  const zone = { kind: "zone", zone: { records: { length: 4 } } };
  expect(await readManifest(request)).toMatchObject({
    signature,
    parsed: { isBroken: false, objects: [], problems: [], included: [included], zone },
  });
});

test("a broken zone file holds nothing", async () => {
  const path = join(root, "example.org.zone");
  fs.writeFileSync(path, ZONE);
  const content = await readManifest({ path, namespace: "n", roots: [root] });
  expect(content).toMatchObject({ kind: "parsed", parsed: { isBroken: true, problems: [{ code: "zone-include" }] } });
  expect(content.kind === "parsed" && content.parsed.zone).toBe(undefined);
});
