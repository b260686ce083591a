// The client stacks under test: how each program is built and run, and where its answers differ by design.
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { whyNot } from "../support/optional-programs.ts";
import type { ProgramName } from "../support/optional-programs.ts";
import type { Question } from "./questions.ts";

const HERE = fileURLToPath(new URL(".", import.meta.url));
const BUILD_TIMEOUT_MS = 120_000;

/** An answer that is not what the question wants, and why that is no fault. */
export interface Difference {
  readonly reason: string;
  /** Of these versions only. */
  readonly versions?: RegExp;
  readonly applies: (question: Question) => boolean;
  /** What comes out instead; default: nothing is found. */
  readonly instead?: (outcome: readonly string[], question: Question) => boolean;
}

export interface Stack {
  readonly name: string;
  /** Programs that have to be there. */
  readonly needs: readonly ProgramName[];
  /** Whether it can ask for SRV records. */
  readonly hasServices: boolean;
  /** Its version, as a command that prints it. */
  readonly version: readonly string[];
  /** Makes the program in `folder`. */
  readonly build?: (folder: string) => readonly string[];
  /** The command, of what was built in `folder`. */
  readonly run: (folder: string) => readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  readonly differences: readonly Difference[];
}

const isSearched = ({ kind, name, want }: Question): boolean =>
  !name.endsWith(".") && want.length > 0 && kind !== "external" && kind !== "full" && !/\.(com|local)$/.test(name);

const NO_SEARCH_LIST: Difference = {
  reason: "c-ares as Node calls it asks for names as they are: `dns.resolve` knows no search list, `dns.lookup` does",
  applies: isSearched,
};

const NO_TCP: Difference = {
  reason:
    "musl before 1.2.4 asks over UDP without EDNS, never over TCP: it takes the addresses that fit into 512 bytes, " +
    "which the server fills",
  versions: /^musl (0|1\.[01]|1\.2\.[0-3]$)/,
  applies: ({ kind }) => kind === "large",
  instead: (outcome, { want }) =>
    outcome.length >= 20 && outcome.length < want.length && outcome.every((address) => want.includes(address)),
};

const AT_MOST_48: Difference = {
  reason: "musl since 1.2.4 asks over TCP, and keeps no more than 48 addresses of a name",
  versions: /^musl 1\.2\.([4-9]|\d\d)/,
  applies: ({ want }) => want.length > 48,
  instead: (outcome, { want }) => outcome.length === 48 && outcome.every((address) => want.includes(address)),
};

const python = (mode: readonly string[]): Stack["run"] => {
  return () => ["python3", join(HERE, "lookup.py"), ...mode];
};
const node = (mode: string): Stack["run"] => {
  return () => [process.execPath, join(HERE, "lookup.ts"), mode];
};
const compileC = (compiler: string, name: string, flags: readonly string[]): NonNullable<Stack["build"]> => {
  return (folder) => [compiler, "-O1", "-Wall", ...flags, "-o", join(folder, name), join(HERE, "lookup.c"), "-lresolv"];
};

export const STACKS: readonly Stack[] = [
  {
    name: "glibc",
    needs: ["gcc", "getconf"],
    hasServices: true,
    version: ["getconf", "GNU_LIBC_VERSION"],
    build: compileC("gcc", "lookup-glibc", []),
    run: (folder) => [join(folder, "lookup-glibc")],
    differences: [],
  },
  {
    name: "musl",
    needs: ["musl-gcc"],
    hasServices: true,
    // Its loader tells the version, and calls that a failure.
    version: ["sh", "-c", "/lib/ld-musl-*.so.1 2>&1 | sed -n 's/^Version /musl /p'"],
    build: compileC("musl-gcc", "lookup-musl", ["-static"]),
    run: (folder) => [join(folder, "lookup-musl")],
    differences: [NO_TCP, AT_MOST_48],
  },
  {
    name: "Go",
    needs: ["go"],
    hasServices: true,
    version: ["go", "env", "GOVERSION"],
    build: (folder) => ["go", "build", "-o", join(folder, "lookup-go"), join(HERE, "lookup.go")],
    run: (folder) => [join(folder, "lookup-go")],
    env: { GODEBUG: "netdns=go" },
    differences: [],
  },
  {
    name: "Java",
    needs: ["javac"],
    hasServices: true,
    version: ["javac", "-version"],
    build: (folder) => ["javac", "-d", folder, join(HERE, "Lookup.java")],
    run: (folder) => ["java", "-XX:TieredStopAtLevel=1", "-cp", folder, "Lookup"],
    differences: [],
  },
  {
    name: "Node dns.lookup",
    needs: [],
    hasServices: false,
    version: [process.execPath, "--version"],
    run: node("lookup"),
    differences: [],
  },
  {
    name: "Node dns.resolve (c-ares)",
    needs: [],
    hasServices: true,
    version: [process.execPath, "-p", "process.versions.ares"],
    run: node("resolve"),
    differences: [NO_SEARCH_LIST],
  },
  {
    name: "Python socket",
    needs: ["python3"],
    hasServices: false,
    version: ["python3", "--version"],
    run: python([]),
    differences: [],
  },
  {
    name: "dnspython",
    needs: ["dnspython"],
    hasServices: true,
    version: ["python3", "-c", "import dns.version; print(dns.version.version)"],
    run: python(["dnspython"]),
    differences: [],
  },
];

/** The first line of what a stack says its version is; undefined: it is not installed, or unfit. */
export function versionOf({ needs, version: [program = "", ...args] }: Stack): string | undefined {
  if (whyNot(...needs) !== undefined) return undefined;
  const { stdout, status } = spawnSync(program, args, { encoding: "utf8", timeout: BUILD_TIMEOUT_MS });
  return status === 0 ? stdout.split("\n", 1)[0] : undefined;
}

/** Builds the program in `folder`; throws with what the compiler said. */
export function build(stack: Stack, folder: string): void {
  const [program, ...args] = stack.build?.(folder) ?? [];
  if (program === undefined) return;
  // Nothing is fetched: the programs have no packages but those of their language.
  const env = { ...process.env, CGO_ENABLED: "0", GO111MODULE: "off", GOPROXY: "off", GOTOOLCHAIN: "local" };
  const { status, stderr, error } = spawnSync(program, args, { env, encoding: "utf8", timeout: BUILD_TIMEOUT_MS });
  if (status !== 0) throw new Error(`${program}: ${error?.message ?? stderr}`);
}
