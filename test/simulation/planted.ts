// Faults to plant in src/, one at a time, which the simulator must find: each is a piece of a file and what takes its
// place. Those at the end are faults that it once found.

export interface Plant {
  readonly name: string;
  /** Below src/. */
  readonly file: string;
  /** Once in that file. */
  readonly code: string;
  readonly fault: string;
  /** A seed from which on it is soon found; default: 1. */
  readonly from?: number;
}

export const PLANTS: readonly Plant[] = [
  {
    name: "a late result of an older version overwrites a newer one",
    file: "sources/manifests/manifest-file.ts",
    code: "if (this.#isClosed || this.#following !== undefined) return;",
    fault: "if (this.#isClosed) return;",
    from: 540,
  },
  {
    name: "the names of a removed file stay",
    file: "sources/manifests/manifest-file.ts",
    code: "...(isRemoved ? EMPTY_CONTENTS : this.contents)",
    fault: "...this.contents",
  },
  {
    name: "a file that can't be parsed loses its names",
    file: "sources/manifests/file-contents.ts",
    code: "parsed.isBroken ? before.objects.keys() : [...parsed.invalidKeys, ...kept]",
    fault: "[...parsed.invalidKeys, ...kept]",
  },
  {
    name: "names are denied before everything is loaded",
    file: "planes/control-plane.ts",
    code: "return ![...this.#syncing].some(({ feeds, isRemote }) => feeds[what] && isRemote !== true);",
    fault: "return this.#syncing.size >= 0 && what !== undefined;",
  },
  {
    name: "changes that come during a publication are forgotten",
    file: "planes/control-plane.ts",
    code: "if (withheld === undefined) this.#changes.push(change);",
    fault: "if (withheld === undefined) { if (this.#publishing === undefined) this.#changes.push(change); }",
  },
  {
    name: "the state file is renamed before it is on the disk",
    file: "files/write-file.ts",
    code: "await handle.writeFile(text);\n    await handle.sync();",
    fault: "await handle.writeFile(text);",
  },
  {
    name: "a reply to another question is believed",
    file: "forward/udp-port.ts",
    code: `if (pending !== undefined && match === "reply")`,
    fault: `if (pending !== undefined && match !== "malformed")`,
  },
  {
    name: "questions of names of one length share an answer",
    file: "forward/resolver.ts",
    code: "const outstanding = this.#outstanding.get(cacheKeyText(key));",
    fault:
      "const outstanding = this.#outstanding.get([...this.#outstanding.keys()]" +
      ".find((each) => each.length === cacheKeyText(key).length) ?? ``);",
  },
  {
    name: "a question gets no reply when all upstreams fail",
    file: "forward/upstream-group.ts",
    code: "if (this.#outstanding === 0) this.#finish(this.#last);",
    fault: `if (this.#outstanding === 0 && "reply" in this.#last) this.#finish(this.#last);`,
  },
  {
    name: "a socket stays open after its last question",
    file: "forward/udp-port.ts",
    code: "this.#socket.close();",
    fault: "if (!(`fault` in result)) this.#socket.close();",
  },
  {
    name: "an upstream that was down is never up again",
    file: "forward/upstream-health.ts",
    code: "this.#misses = 0;\n    this.#isRefusing = false;",
    fault: "this.#isRefusing = this.#misses >= MISSES_MAX;",
  },
  {
    name: "a stale answer that is served lasts longer each time",
    file: "cache/answer-cache.ts",
    code: "const validUntilMs = entry[CACHE_ENTRY.VALID_UNTIL_MS]!;",
    fault: "const validUntilMs = this.#clock.upMs + STALE_TTL * 1000;",
  },
  {
    name: "answers are cached for four times their TTL",
    file: "cache/answer-cache.ts",
    code: "const answer = this.#encode(key, content, ttl);\n    if (ttl > 0)",
    fault: "const answer = this.#encode(key, content, ttl * 4);\n    if (ttl > 0)",
  },
  {
    name: "a question waits longer than its client",
    file: "forward/resolver.ts",
    code: "await this.#fetchLink(link, endMs - performance.now())",
    fault: "await this.#fetchLink(link, endMs - performance.now() + 3_000)",
  },
  {
    name: "a watch that is closed early never counts as ready",
    file: "files/watch-directory.ts",
    code: "// A watcher that is closed says nothing any more.\n      resolve();",
    fault: "",
  },
  {
    name: "a folder with the inode of the one before counts as that one",
    file: "sources/manifests/watched-path.ts",
    code: "return `${dev}:${ino}:${birthtimeNs}`;",
    fault: "return birthtimeNs === 0n ? `` : `${dev}:${ino}`;",
  },
  {
    name: "a file counts as removed while its folder is filled again",
    file: "sources/manifests/watched-folder.ts",
    code: "return Math.max(MISSING_MS, this.#returnedAtMs + REFILL_MS - sinceMs);",
    fault: "return Math.max(MISSING_MS, -sinceMs);",
  },
  {
    name: "a folder that could not be listed counts as empty",
    file: "sources/manifests/watched-directory.ts",
    code: `if (this.#listedNs === undefined || (isThorough && stats.mtimeNs !== this.#listedNs)) return "stale";`,
    fault: "",
  },
  {
    name: "what gives no event is never looked at again",
    file: "sources/manifests/folder-files.ts",
    code: "next.value.hint();",
    fault: "",
  },
  {
    name: "two that add a folder do not wait for each other",
    file: "sources/manifests/watched-folder.ts",
    code: "while (this.#adding.has(path)) await this.#adding.get(path);",
    fault: "",
  },
  {
    name: "a file that went while its folder could not be looked at stays",
    file: "sources/manifests/manifest-file.ts",
    code: "this.#settle(isRemoved ? status.signature : undefined, {",
    fault: "this.#settle(status.signature, {",
    from: 660,
  },
];
