// Common mistakes in manifests: what `cluster-dns check` reports, and what is served nevertheless. Each folder of
// test/mistakes/ is one case: manifests as a user would write them, and `expected.txt`:
//
//   # What Kubernetes does with it.
//   # Source: the documentation that says so
//   web.yaml:7:9 error invalid-field        a problem: `FILE:LINE:COLUMN SEVERITY CODE`, files relative to the folder
//
// `settings.json` (keys of `ServeSettings`) and `questions.txt` are as in test/scenarios.test.ts. Every folder also has
// a service `good`, which must be served in spite of the mistake.
import { lstatSync, readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { Server } from "cluster-dns";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { run as runCheck } from "../src/cli/check.ts";
import { CODES } from "../src/diagnostics/codes.ts";
import { capture } from "./cli/captured-io.ts";
import { startServer } from "./support/cluster.ts";
import { askTcp, UdpClient, type Endpoint } from "./support/network.ts";
import { differences, parseQuestions, readSettings, writeQueries, zoneSettings } from "./support/scenario.ts";

const GOOD = "# row: svc-a\n? good.default.svc A\n; NOERROR\ngood.default.svc A 10.96.0.77\n";

const mistakes = new URL("mistakes/", import.meta.url);
const cases = readdirSync(mistakes).map((name) => {
  const folder = new URL(`${name}/`, mistakes);
  const settings = readSettings(folder);
  const zone = zoneSettings(settings);
  const lines = readFileSync(new URL("expected.txt", folder), "utf8").trimEnd().split("\n");
  const questions = parseQuestions(readIfThere(new URL("questions.txt", folder)) + GOOD, zone);
  return { name, path: fileURLToPath(folder), lines, settings, zone, questions };
});

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

function problemsOf(lines: readonly string[]): readonly string[] {
  return lines.filter((line) => !line.startsWith("#"));
}

describe.each(cases)("$name", ({ path, lines, settings, zone, questions }) => {
  test("check reports code and place", async () => {
    const { stdout, stderr, exitCode } = await capture((io) => runCheck([path, ...toFlags(settings)], io));
    const found = stdout.split("\n").flatMap((line) => {
      const [, place, severity, code] = /^(\S+:\d+:\d+): (error|warning|hint): .* \[([\w-]+)\]$/.exec(line) ?? [];
      return place === undefined ? [] : [`${place.slice(path.length)} ${severity} ${code}`];
    });
    expect({ found, stderr }).toEqual({ found: problemsOf(lines), stderr: "" });
    expect(exitCode).toBe(found.some((line) => line.includes(" error ")) ? 1 : 0);
  });

  describe("what is served", () => {
    let server: Server;
    let client: UdpClient;
    let endpoint: Endpoint;
    beforeAll(async () => {
      ({ server, endpoint } = await startServer({ ...settings, paths: [path] }));
      client = await UdpClient.open(endpoint);
    });
    afterAll(async () => {
      client.close();
      await server.close();
    });

    test.each(questions)("$name $type (line $line)", async (question) => {
      const found: string[] = [];
      for (const { transport, query, opt } of writeQueries(question)) {
        const reply = transport === "TCP" ? await askTcp(endpoint, query) : await client.ask(query);
        found.push(...differences(question, query, opt, reply, zone));
      }
      expect(found).toEqual([]);
    });
  });
});

describe("the cases", () => {
  test("are many, and each has Kubernetes' behaviour and the source", () => {
    expect(cases.length).toBeGreaterThanOrEqual(60);
    const mute = cases.filter(({ lines }) => !/^# .+\.$/.test(lines[0]!) || !/^# Source: .+/.test(lines[1] ?? ""));
    expect(mute.map(({ name }) => name)).toEqual([]);
  });

  test("cover every code that check can report for a manifest", () => {
    // A repository can't hold these: pipes, sizes, permissions, link cycles; test/sources/ creates them.
    const elsewhere = [
      "empty-file",
      "file-too-large",
      "link-loop",
      "not-a-file",
      "too-many-links",
      "too-many-problems",
      "unreadable",
      "zone-limit",
    ];
    const reported = Object.entries(CODES).filter(([, { reportedBy }]) =>
      (reportedBy as readonly string[]).includes("check"),
    );
    const shown = new Set(cases.flatMap(({ lines }) => problemsOf(lines)).map((line) => line.split(" ").at(-1)));
    expect(
      reported
        .map(([code]) => code)
        .filter((code) => !shown.has(code))
        .toSorted(),
    ).toEqual(elsewhere);
  });

  test("are folders with regular files, except where a link is the mistake", () => {
    const links = cases.flatMap(({ name, path }) =>
      readdirSync(path)
        .filter((file) => lstatSync(path + file).isSymbolicLink())
        .map((file) => `${name}/${file}`),
    );
    expect(links).toEqual(["dangling-link/web.yaml", "link-to-elsewhere/web.yaml"]);
  });
});
