// A folder of manifests with what `cluster-dns check` reports on it (`expected.txt`) and what is served from it
// (`questions.txt`): reads such a folder, runs `check` on it, and asks a server that serves it.
//
// `expected.txt` has a line `FILE:LINE:COLUMN SEVERITY CODE` for each problem, files relative to the folder; lines that
// begin with `#` are comments. `settings.json` (keys of `EngineSettings`) and `questions.txt` are optional, and as in
// test/scenarios.test.ts.
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { EngineSettings } from "./engine.ts";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { run as runCheck } from "../../src/cli/check.ts";
import { capture } from "../cli/captured-io.ts";
import { startServer } from "./cluster.ts";
import { askTcp, UdpClient } from "./network.ts";
import type { ScenarioQuestion, ZoneSettings } from "./scenario.ts";
import { differences, parseQuestions, readSettings, writeQueries, zoneSettings } from "./scenario.ts";

export interface CheckedFolder {
  readonly name: string;
  readonly path: string;
  /** The lines of `expected.txt`. */
  readonly lines: readonly string[];
  /** The problems among the lines. */
  readonly problems: readonly string[];
  readonly settings: EngineSettings;
  readonly zone: ZoneSettings;
  readonly questions: readonly ScenarioQuestion[];
}

/** Reads the folder; `moreQuestions` is text of the form of `questions.txt`. */
export function readCheckedFolder(folder: URL, moreQuestions = ""): CheckedFolder {
  const settings = readSettings(folder);
  const zone = zoneSettings(settings);
  const lines = readFileSync(new URL("expected.txt", folder), "utf8").trimEnd().split("\n");
  return {
    name: folder.pathname.split("/").at(-2)!,
    path: fileURLToPath(folder),
    lines,
    problems: lines.filter((line) => line !== "" && !line.startsWith("#")),
    settings,
    zone,
    questions: parseQuestions(readIfThere(new URL("questions.txt", folder)) + moreQuestions, zone),
  };
}

/** What `check` reports on the folder, in the form of `expected.txt`, and how it ended. */
export async function checkFolder({ path, settings }: CheckedFolder): Promise<{
  readonly problems: readonly string[];
  readonly stderr: string;
  readonly exitCode: number;
}> {
  const { stdout, stderr, exitCode } = await capture((io) => runCheck([path, ...toFlags(settings)], io));
  const problems = stdout.split("\n").flatMap((line) => {
    const [, place, severity, code] = /^(\S+:\d+:\d+): (error|warning|hint): .* \[([\w-]+)\]$/.exec(line) ?? [];
    return place === undefined ? [] : [`${place.slice(path.length)} ${severity} ${code}`];
  });
  return { problems, stderr, exitCode };
}

/** Tests that each question is answered by a server of the folder as it says. */
export function testWhatIsServed(folder: CheckedFolder): void {
  describe("what is served", () => {
    let server: FolderServer;
    beforeAll(async () => {
      server = await serveFolder(folder);
    });
    afterAll(() => server.close());

    test.each(folder.questions)("$name $type (line $line)", async (question) => {
      expect(await server.ask(question)).toEqual([]);
    });
  });
}

/** Asks questions of a server of the folder. */
interface FolderServer {
  /** Every way in which an answer is not what the question expects. */
  ask(question: ScenarioQuestion): Promise<readonly string[]>;
  close(): Promise<void>;
}

async function serveFolder({ path, settings, zone }: CheckedFolder): Promise<FolderServer> {
  const { server, endpoint } = await startServer({ ...settings, paths: [path] });
  const client = await UdpClient.open(endpoint);
  return {
    ask: async (question) => {
      const found: string[] = [];
      for (const { transport, query, opt } of writeQueries(question)) {
        const reply = transport === "TCP" ? await askTcp(endpoint, query) : await client.ask(query);
        found.push(...differences(question, query, opt, reply, zone));
      }
      return found;
    },
    close: async () => {
      client.close();
      await server.close();
    },
  };
}

function readIfThere(file: URL): string {
  try {
    return readFileSync(file, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return "";
    throw error;
  }
}

/** `--service-cidr=…` of `serviceCidr`. */
function toFlags(settings: object): string[] {
  return Object.entries(settings).map(
    ([key, value]) => `--${key.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}=${String(value)}`,
  );
}
