// An option needs no more than its row: a made-up row shows up everywhere. tsc checks the types.
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { serve } from "../../src/main.ts";
import { afterAll, describe, expect, expectTypeOf, test, vi } from "vitest";
import { runCli } from "../../src/cli/cli.ts";
import type { OptionFields, OptionRow, OptionSettings, OptionValues } from "../../src/config/option-row.ts";
import { formatOptionsPage } from "../../src/config/options-page.ts";
import type { Options } from "../../src/config/options.ts";
import { optionForms, parseOptions } from "../../src/config/parse-options.ts";
import { optionsFromSettings } from "../../src/config/settings.ts";
import type { UpstreamPolicy } from "../../src/net/upstream.ts";
import { memoryIo } from "../cli/memory-io.ts";

const ROW = vi.hoisted(
  () =>
    ({
      field: "dailyTeas",
      form: "number",
      placeholder: "CUPS",
      default: "3",
      embeddedDefault: "1",
      help: "Cups of tea a day",
      example: "5",
      parse: (text: string) => (/^\d$/.test(text) ? { value: Number(text) } : { fault: "is not a digit" }),
    }) as const satisfies OptionRow<number>,
);

vi.mock(import("../../src/config/option-table.ts"), async (original) => {
  const table = await original();
  return { ...table, OPTION_TABLE: { ...table.OPTION_TABLE, teaSize: ROW } };
});

const folder = mkdtempSync(join(tmpdir(), "cluster-dns-"));
afterAll(() => rmSync(folder, { recursive: true }));

function parsed(args: readonly string[], env: Readonly<Record<string, string>> = {}): object {
  const result = parseOptions(args, env);
  return "errors" in result ? result.errors : result.options;
}

describe("a made-up row", () => {
  test("is a flag, a variable, a key of the file and a setting, with its defaults", () => {
    const file = join(folder, "config.yaml");
    writeFileSync(file, "tea-size: 7\n");
    expect(parsed([])).toMatchObject({ dailyTeas: 3 });
    expect(parsed(["--tea-size=5"])).toMatchObject({ dailyTeas: 5 });
    expect(parsed([], { CLUSTER_DNS_TEA_SIZE: "6" })).toMatchObject({ dailyTeas: 6 });
    expect(parsed(["--config", file])).toMatchObject({ dailyTeas: 7 });
    expect(optionsFromSettings({ teaSize: 8 })).toMatchObject({ dailyTeas: 8 });
    expect(optionsFromSettings({})).toMatchObject({ dailyTeas: 1 });
  });

  test("is parsed by its own grammar in every source", () => {
    expect(parsed(["--tea-size=x"])).toEqual(['--tea-size: "x" is not a digit']);
    expect(() => optionsFromSettings({ teaSize: 10 })).toThrow('teaSize: "10" is not a digit');
    expect(() => optionsFromSettings({ teaSize: "5" })).toThrow("teaSize: expected a number");
  });

  test("is suggested for a mistyped name", () => {
    const file = join(folder, "mistyped.yaml");
    writeFileSync(file, "tea-sise: 7\n");
    expect(parsed(["--tea-sise=5"])).toEqual(["unknown flag --tea-sise; did you mean --tea-size?"]);
    expect(parsed([], { CLUSTER_DNS_TEA_SISE: "5" })).toEqual([
      "unknown environment variable CLUSTER_DNS_TEA_SISE; did you mean CLUSTER_DNS_TEA_SIZE?",
    ]);
    expect(parsed(["--config", file])).toEqual([`${file}:1:1: unknown option "tea-sise"; did you mean tea-size?`]);
    expect(() => optionsFromSettings({ teaSise: 5 })).toThrow('unknown setting "teaSise"; did you mean teaSize?');
  });

  test("is in the help and on the options page", async () => {
    const io = memoryIo();
    await runCli(["serve", "--help"], io);
    expect(io.out()).toMatch(/^ {2}--tea-size CUPS +Cups of tea a day \(default 3\)$/m);
    const page = formatOptionsPage().split("\n");
    expect(page).toContain("| `--tea-size CUPS` | `3` | Cups of tea a day |");
    expect(page).toContain("| `--tea-size` | `CLUSTER_DNS_TEA_SIZE` | `tea-size` | `teaSize` |");
    expect(page).toContain("tea-size: 5");
    expect(page.find((line) => line.includes("other defaults"))).toContain("`teaSize` `1`");
  });
});

describe("types", () => {
  test("of one row: its value, its field and its setting", () => {
    type Rows = { readonly teaSize: typeof ROW; readonly cups: Omit<typeof ROW, "default" | "field"> };
    expectTypeOf<OptionValues<Rows>>().toEqualTypeOf<{
      readonly teaSize: number;
      readonly cups: number | undefined;
    }>();
    expectTypeOf<OptionFields<Rows>>().toExtend<{ readonly dailyTeas: number; readonly cups?: number }>();
    expectTypeOf<keyof OptionFields<Rows>>().toEqualTypeOf<"dailyTeas" | "cups">();
    expectTypeOf<OptionSettings<Rows>>().toEqualTypeOf<{ teaSize?: number; cups?: number }>();
  });

  test("of the settings of serve()", async () => {
    type Settings = NonNullable<Parameters<typeof serve>[0]>;
    expectTypeOf({ fallbackPort: 5300, simulatePods: false, clusterDomain: "a.b" }).toExtend<Settings>();
    expectTypeOf<Settings["fallbackPort"]>().toEqualTypeOf<number | undefined>();
    expectTypeOf<Settings["pods"]>().toEqualTypeOf<"insecure" | "verified" | "disabled" | undefined>();
    expectTypeOf<Settings["upstreamPolicy"]>().toEqualTypeOf<UpstreamPolicy | undefined>();
    expectTypeOf<Settings["listen"]>().toEqualTypeOf<string | readonly string[] | undefined>();
    expectTypeOf<Settings["nsid"]>().toEqualTypeOf<string | undefined>();
    // @ts-expect-error: a misspelt setting
    await expect(serve({ falbackPort: 5300 })).rejects.toThrow("did you mean fallbackPort?");
    // @ts-expect-error: a value of the wrong form
    await expect(serve({ fallbackPort: "5300" })).rejects.toThrow("expected a number");
    // @ts-expect-error: none of the choices
    await expect(serve({ pods: "of" })).rejects.toThrow("is not one of");
  });

  test("of Options", () => {
    expectTypeOf<Options["ttlSeconds"]>().toEqualTypeOf<number>();
    expectTypeOf<Options["fallbackPort"]>().toEqualTypeOf<number | undefined>();
    expectTypeOf<Options["logLevel"]>().toEqualTypeOf<"silent" | "error" | "warn" | "info" | "debug">();
    expectTypeOf<Options>().not.toHaveProperty("ttl");
    expectTypeOf<Options>().not.toHaveProperty("upstream");
    // @ts-expect-error: not the name of an option
    expect(() => optionForms(["fallback-port"])).toThrow(TypeError);
  });
});
