// A side of `diff`: a file or folder, standard input, a revision of git, or a server that is asked by DNS. Tells them
// apart, and loads the records of manifests.
import { existsSync } from "node:fs";
import { Writable } from "node:stream";
import type { Options } from "../config/options.ts";
import { parseUpstream } from "../config/upstream-value.ts";
import { TYPE } from "../dns/constants.ts";
import type { Upstream } from "../net/upstream.ts";
import type { RecordSide } from "../records/compare-records.ts";
import type { CommandIo } from "./command-io.ts";
import type { Failure } from "./failure.ts";
import { readGitFiles } from "./git-files.ts";
import { loadRecords } from "./load-records.ts";

const DNS = "dns:";

export type DiffSide =
  | { readonly kind: "path"; readonly path: string }
  | { readonly kind: "git"; readonly revision: string; readonly path: string }
  | { readonly kind: "dns"; readonly server: Upstream };

/** `PATH`, `-`, `REVISION:PATH` or `dns:ADDRESS[:PORT]`; a file with that name comes first. */
export function parseDiffSide(text: string): DiffSide | { readonly fault: string } {
  if (text === "-" || existsSync(text)) return { kind: "path", path: text };
  if (text.startsWith(DNS)) {
    const server = parseUpstream(text.slice(DNS.length));
    return "fault" in server
      ? { fault: `${JSON.stringify(text)} ${server.fault}` }
      : { kind: "dns", server: server.value };
  }
  const colon = text.indexOf(":");
  if (colon <= 0) return { kind: "path", path: text };
  return { kind: "git", revision: text.slice(0, colon), path: text.slice(colon + 1) };
}

/** Loads the records of manifests and zone files; errors of these go to stderr. */
export async function loadSide(
  side: Exclude<DiffSide, { kind: "dns" }>,
  options: Options,
  io: CommandIo,
): Promise<RecordSide | Failure> {
  if (side.kind === "path")
    return sideOf(
      [side.path],
      options,
      withErrorsAlone(io, (line) => line),
    );
  const { revision, path } = side;
  const files = await readGitFiles(revision, path, options.kustomize);
  if ("fault" in files) return { faults: [files.fault], exitCode: 2 };
  const place = options.kustomize || files.path !== files.root ? "" : path.replace(/\/?$/, "/").replace(/^\/$/, "");
  const named = (line: string): string => line.replaceAll(`${files.root}/`, `${revision}:${place}`);
  try {
    return await sideOf([files.path], options, withErrorsAlone(io, named));
  } finally {
    await files.remove();
  }
}

async function sideOf(paths: readonly string[], options: Options, io: CommandIo): Promise<RecordSide | Failure> {
  const loaded = await loadRecords(paths, options, io);
  if ("faults" in loaded) return { ...loaded, exitCode: 2 };
  const { zones, hosts } = loaded.list;
  const named = zones.filter(({ isBare }) => !isBare);
  const own = named.flatMap(({ records, origin }) =>
    // Each other zone has the same SOA and name server, and is there with its first name.
    origin === "file" ? records : records.filter(({ type }) => type !== TYPE.SOA && type !== TYPE.NS),
  );
  return { records: [...own, ...hosts], assigned: loaded.assigned };
}

/** What is only a warning on both sides is no news; an error leaves names out. */
function withErrorsAlone(io: CommandIo, named: (line: string) => string): CommandIo {
  const stderr = new Writable({
    decodeStrings: false,
    write(line, _encoding, done) {
      if (String(line).startsWith("error:")) io.stderr.write(named(String(line)));
      done();
    },
  });
  return {
    stdout: io.stdout,
    env: io.env,
    stderr,
    // Reading the property opens standard input.
    get stdin() {
      return io.stdin;
    },
  };
}
