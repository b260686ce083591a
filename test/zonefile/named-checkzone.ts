// BIND's reading of a zone file as the bytes of each record, so that ours can be held against it. Its raw format: a
// header, then for each set of records a length, class, type, covered type, TTL, count, owner and data.
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { lowerName } from "../../src/dns/name.ts";
import type { ZoneRecord } from "../../src/zonefile/zone-record.ts";
import { showRecord } from "./zone-text.ts";

const HEADER_SIZE = 24;
const TIMEOUT_MS = 60_000;
/** Sanity checks beyond what makes a zone: ours warn of other things. */
const CHECKS = ["-k", "-n", "-m", "-r", "-M", "-S", "-T", "-W"].flatMap((flag) => [flag, "ignore"]);

/** The zone's records in the form of `showRecord`, sorted; or what the program complains of. */
export function compileWithNamed(origin: string, text: string): readonly string[] | string {
  const folder = mkdtempSync(join(tmpdir(), "zone-file-"));
  try {
    const [from, to] = [join(folder, "zone"), join(folder, "raw")];
    writeFileSync(from, text);
    const args = [...CHECKS, "-i", "none", "-F", "raw", "-o", to, origin, from];
    const options = { cwd: folder, timeout: TIMEOUT_MS, encoding: "utf8" } as const;
    const { status, stdout, stderr } = spawnSync("named-checkzone", args, options);
    return status === 0 ? readRaw(readFileSync(to)).map(showRecord).sort() : stdout + stderr;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** Whether `nsd-checkzone` takes the zone; what it complains of when it does not. */
export function checkWithNsd(origin: string, text: string): string | undefined {
  const folder = mkdtempSync(join(tmpdir(), "zone-file-"));
  try {
    writeFileSync(join(folder, "zone"), text);
    const options = { cwd: folder, timeout: TIMEOUT_MS, encoding: "utf8" } as const;
    const { status, stdout, stderr } = spawnSync("nsd-checkzone", [origin, join(folder, "zone")], options);
    return status === 0 ? undefined : stdout + stderr;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function readRaw(raw: Buffer): ZoneRecord[] {
  const records: ZoneRecord[] = [];
  for (let set = HEADER_SIZE; set < raw.length; set += raw.readUint32BE(set)) {
    const type = raw.readUint16BE(set + 6);
    const ttl = raw.readUint32BE(set + 10);
    const count = raw.readUint32BE(set + 14);
    const ownerSize = raw.readUint16BE(set + 18);
    const owner = lowerName(raw.subarray(set + 20, set + 20 + ownerSize));
    let at = set + 20 + ownerSize;
    for (let i = 0; i < count; i++) {
      const size = raw.readUint16BE(at);
      records.push({ owner, type, ttl, rdata: raw.subarray(at + 2, at + 2 + size), file: "", line: 0 });
      at += 2 + size;
    }
  }
  return records;
}
