import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Worker } from "node:worker_threads";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { ResolvConfFolder } from "../../src/cli/resolv-conf-folder.ts";
import { OWN_FILE_LINE } from "../../src/resolv-conf/resolv-conf-files.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "cluster-dns-folder-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

const text = (nameserver: string): string => `${OWN_FILE_LINE}nameserver ${nameserver}\n`;

async function open(path = folder): Promise<ResolvConfFolder> {
  const opened = await ResolvConfFolder.open(path);
  if ("fault" in opened) throw new Error(opened.fault);
  return opened;
}

function contents(): Record<string, string> {
  const names = readdirSync(folder, { recursive: true, encoding: "utf8" }).filter(
    (name) => !statSync(join(folder, name)).isDirectory(),
  );
  return Object.fromEntries(names.toSorted().map((name) => [name, readFileSync(join(folder, name), "utf8")]));
}

describe("a folder of resolv.conf files", () => {
  it("is created with its subfolders, readable by all users whatever the umask", async () => {
    const path = join(folder, "a/b");
    const files = new Map([
      ["shop.conf", text("192.0.2.1")],
      ["shop/web-0.conf", text("192.0.2.2")],
    ]);
    const umask = process.umask(0o077);
    try {
      expect(await (await open(path)).write(files)).toEqual({ written: 2, removed: 0, faults: [] });
    } finally {
      process.umask(umask);
    }
    expect(contents()).toEqual({ "a/b/shop.conf": text("192.0.2.1"), "a/b/shop/web-0.conf": text("192.0.2.2") });
    expect(statSync(join(path, "shop/web-0.conf")).mode & 0o777).toBe(0o644);
  });

  it("writes only files that differ", async () => {
    const opened = await open();
    await opened.write(new Map(["a", "b"].map((name) => [`${name}.conf`, text("192.0.2.1")])));
    const inode = statSync(join(folder, "a.conf")).ino;
    const files = new Map([
      ["a.conf", text("192.0.2.1")],
      ["b.conf", text("192.0.2.2")],
    ]);
    expect(await opened.write(files)).toEqual({ written: 1, removed: 0, faults: [] });
    expect(statSync(join(folder, "a.conf")).ino).toBe(inode);
    expect(await (await open()).write(files)).toEqual({ written: 0, removed: 0, faults: [] });
  });

  it("removes obsolete files, of earlier runs too, and empty subfolders", async () => {
    const files = ["shop.conf", "shop/a.conf", "data.conf", "data/b.conf"].map((name) => [name, text("::1")] as const);
    await (await open()).write(new Map(files));
    writeFileSync(join(folder, "data/notes.txt"), "mine");
    const rest = files.filter(([name]) => name === "shop.conf");
    expect(await (await open()).write(new Map(rest))).toEqual({ written: 0, removed: 3, faults: [] });
    expect(Object.keys(contents())).toEqual(["data/notes.txt", "shop.conf"]);
    expect(existsSync(join(folder, "shop"))).toBe(false);
  });

  it("keeps and reports files of others", async () => {
    const mine = "nameserver 192.0.2.9\n";
    writeFileSync(join(folder, "a.conf"), mine);
    writeFileSync(join(folder, "other.conf"), mine);
    symlinkSync("other.conf", join(folder, "b.conf"));
    mkdirSync(join(folder, "c.conf"));
    const opened = await open();
    const wanted = new Map(["a", "b", "c", "d"].map((name) => [`${name}.conf`, text("192.0.2.1")]));
    const { written, removed, faults } = await opened.write(wanted);
    expect({ written, removed }).toEqual({ written: 1, removed: 0 });
    const says = (name: string): string =>
      `${join(folder, name)}: exists and was not written by cluster-dns; ` + "move it away, or write to another folder";
    expect(faults).toEqual(["a.conf", "b.conf", "c.conf"].map(says));
    expect(await opened.write(new Map())).toEqual({ written: 0, removed: 1, faults: [] });
    expect(contents()).toEqual({ "a.conf": mine, "b.conf": mine, "other.conf": mine });
  });

  it("keeps a file of others in the place of its own", async () => {
    const opened = await open();
    await opened.write(new Map([["a.conf", text("192.0.2.1")]]));
    writeFileSync(join(folder, "a.conf"), "search example.com\n");
    expect((await opened.write(new Map([["a.conf", text("192.0.2.2")]]))).faults).toHaveLength(1);
    await opened.write(new Map());
    expect(contents()).toEqual({ "a.conf": "search example.com\n" });
  });

  it("reports a file that can't be written, and writes it the next time", async () => {
    const opened = await open();
    // A file where a folder has to be.
    writeFileSync(join(folder, "shop"), "");
    const files = new Map([
      ["shop/web-0.conf", text("192.0.2.1")],
      ["shop.conf", text("192.0.2.1")],
    ]);
    const path = join(folder, "shop/web-0.conf");
    expect(await opened.write(files)).toEqual({
      written: 1,
      removed: 0,
      faults: [`${path}: can't be written (EEXIST); check the permissions and free space of the folder`],
    });
    rmSync(join(folder, "shop"));
    expect(await opened.write(files)).toEqual({ written: 1, removed: 0, faults: [] });
  });

  it("can't be a file", async () => {
    const path = join(folder, "x");
    writeFileSync(path, "");
    const opened = await ResolvConfFolder.open(path);
    expect("fault" in opened ? opened.fault : "").toMatch(
      /x: can't be used as a folder \((ENOTDIR|EEXIST)\); use a folder that this user can write$/,
    );
  });

  it("never shows a reader half a file", async () => {
    const opened = await open();
    const path = join(folder, "a.conf");
    const long = text(Array.from({ length: 500 }, (_, i) => `192.0.2.${i % 250}`).join("\nnameserver "));
    const texts = [text("192.0.2.1"), long];
    await opened.write(new Map([["a.conf", texts[0]!]]));
    const seen = { reads: 0, halves: 0 };
    const reader = new Worker(
      `const { readFileSync } = require("node:fs");
       const { parentPort, workerData: { path, texts } } = require("node:worker_threads");
       let stop = false;
       parentPort.on("message", () => (stop = true));
       const seen = { reads: 0, halves: 0 };
       const read = () => {
         for (let i = 0; i < 100; i++, seen.reads++) if (!texts.includes(readFileSync(path, "utf8"))) seen.halves++;
         if (stop) parentPort.postMessage(seen), parentPort.close(); else setImmediate(read);
       };
       read();`,
      { eval: true, workerData: { path, texts } },
    );
    const ended = new Promise<void>((resolve) =>
      reader.on("message", (counts: typeof seen) => {
        Object.assign(seen, counts);
        resolve();
      }),
    );
    for (let i = 1; i <= 60; i++) await opened.write(new Map([["a.conf", texts[i % 2]!]]));
    reader.postMessage("stop");
    await ended;
    expect(seen.halves).toBe(0);
    expect(seen.reads).toBeGreaterThan(60);
  });
});
