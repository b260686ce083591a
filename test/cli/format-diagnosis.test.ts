// The forms of a diagnosis: text with the worst finding first, and JSON.
import { expect, test } from "vitest";
import { formatDiagnosis, formatDiagnosisAsJson, makeDiagnosis } from "../../src/cli/format-diagnosis.ts";
import { observe, situationOf } from "../doctor/situation.ts";

const situation = situationOf({ names: ["example.com"] });

test("a healthy server: the first line says so, then hints, then what was asked", () => {
  const diagnosis = makeDiagnosis(situation, observe(situation));
  expect(diagnosis.isHealthy).toBe(true);
  const step = (name: string, pad: number, what: string): string =>
    `example.com   ${name.padEnd(pad)}10.96.0.10:53   ${what}`;
  expect(formatDiagnosis(diagnosis).split("\n")).toEqual([
    "healthy: 10.96.0.10:53",
    "hint: a lookup of example.com costs 8 queries (A and AAAA of 4 names), 8 ms; " +
      "example.com. with its final dot costs 2 [ndots-cost]",
    "    example.com.shop.svc.cluster.local. NXDOMAIN in 2 ms",
    "    example.com.svc.cluster.local. NXDOMAIN in 2 ms",
    "    example.com.cluster.local. NXDOMAIN in 2 ms",
    "    example.com. records in 2 ms",
    "    to do: write example.com. with its final dot, which saves 6 queries, " +
      "or set ndots to 1 in dnsConfig options",
    "",
    "SERVER          UDP REPLIES   TCP REPLIES   MEDIAN",
    "10.96.0.10:53   37/37         3/3           2 ms",
    "",
    `LOOKUP        ${"STEP".padEnd(38)}SERVER          A                             AAAA`,
    step("example.com.shop.svc.cluster.local.", 38, "NXDOMAIN in 2 ms              NXDOMAIN in 2 ms"),
    step("example.com.svc.cluster.local.", 38, "NXDOMAIN in 2 ms              NXDOMAIN in 2 ms"),
    step("example.com.cluster.local.", 38, "NXDOMAIN in 2 ms              NXDOMAIN in 2 ms"),
    step("example.com.", 38, "NOERROR, 192.0.2.80 in 2 ms   NOERROR, no records in 2 ms"),
    "",
  ]);
});

test("a broken server: the first line is the worst finding; a lookup without replies is left out", () => {
  const diagnosis = makeDiagnosis(
    situation,
    observe(situation, () => ({ kind: "timeout", ms: 3000 })),
  );
  expect(diagnosis.isHealthy).toBe(false);
  expect(formatDiagnosis(diagnosis).split("\n")).toEqual([
    "error: 10.96.0.10:53 answers neither over UDP nor over TCP [no-reply]",
    "    10.96.0.10:53 UDP: kubernetes.default.svc.cluster.local. A: no reply in 3000 ms",
    "    10.96.0.10:53 TCP: kubernetes.default.svc.cluster.local. A: no reply in 3000 ms",
    expect.stringMatching(/^ {4}to do: check that it runs/),
    "",
    "SERVER          UDP REPLIES   TCP REPLIES   MEDIAN",
    "10.96.0.10:53   0/37          0/3           -",
    "",
  ]);
});

test("JSON has all of it", () => {
  const document = JSON.parse(formatDiagnosisAsJson(makeDiagnosis(situation, observe(situation)))) as object;
  expect(document).toMatchObject({
    healthy: true,
    findings: [{ code: "ndots-cost", severity: "hint" }],
    servers: [
      { address: "10.96.0.10:53", udp: { asked: 37, replies: 37 }, tcp: { asked: 3, replies: 3 }, medianMs: 2 },
    ],
  });
  expect(document).toHaveProperty("lookups.length", 4);
});
