// A page of docs/ that starts a server and shows what commands print: the server runs as the page says, on free ports.
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { LAUNCHER, ROOT } from "./process.ts";
import { startServed } from "./served.ts";
import type { Served } from "./served.ts";

/** The ports that pages show: of DNS, and of the admin server. */
const PORTS = /\b(?:5300|9153)\b/g;

export interface ServedPage {
  readonly text: string;
  /** Each command of a console block, and the lines after it. */
  readonly steps: readonly (readonly [command: string, output: string])[];
  /** Starts the server of the page. */
  start(): Promise<StartedPage>;
}

export interface StartedPage {
  readonly served: Served;
  /** A text of the page with the ports of this server. */
  readonly toActual: (shown: string) => string;
  /** Runs a command of the page; resolves with what it prints. */
  readonly run: (command: string) => Promise<string>;
}

/** Reads `docs/NAME`. */
export function readServedPage(name: string): ServedPage {
  const text = readFileSync(`${ROOT}docs/${name}`, "utf8");
  const [, serve] = /^```sh\ncluster-dns serve (.*)\n```$/m.exec(text)!;
  const steps = [...text.matchAll(/^```console\n(.*?)^```$/gms)].flatMap(([, block]) =>
    [...block!.matchAll(/^\$ (.*)\n((?:(?!\$ ).*\n)*)/gm)].map(([, command, output]) => [command!, output!] as const),
  );
  return { text, steps, start: () => start(serve!) };
}

async function start(serve: string): Promise<StartedPage> {
  const served = startServed([...serve.replace(PORTS, "0").split(/ +/), "--udp-workers", "1"], { cwd: ROOT });
  const address = await served.address;
  const [admin] = served.log.find(({ msg }) => msg === "serving")!["admin"] as [string];
  const ports: Readonly<Record<string, string>> = { 5300: address.split(":")[1]!, 9153: new URL(admin).port };
  const toActual = (shown: string): string => shown.replace(PORTS, (port) => ports[port]!);
  return { served, toActual, run: (command) => run(toActual(command)) };
}

async function run(command: string): Promise<string> {
  // Not every machine has curl.
  const url = /^curl -s '(.*)'$/.exec(command)?.[1];
  if (url !== undefined) return (await fetch(url)).text();
  const actual = command.replace(/^cluster-dns /, `${LAUNCHER} `);
  const { stdout, stderr } = spawnSync("/bin/sh", ["-c", actual], { cwd: ROOT, encoding: "utf8", timeout: 60_000 });
  if (stderr !== "") throw new Error(stderr);
  return stdout;
}
