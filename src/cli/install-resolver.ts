// `cluster-dns install-resolver --print`: prints what makes this machine's resolver ask the server for the cluster's
// names. Changes nothing: the files belong to the system, and its administrator decides.
import { existsSync } from "node:fs";
import { platform, release } from "node:os";
import { zonesOfCidr } from "../compile/reverse-zones.ts";
import { rangesOf } from "../config/cluster-value.ts";
import type { OptionName } from "../config/option-names.ts";
import { optionHelpRows } from "../config/options-page.ts";
import type { Options } from "../config/options.ts";
import { parseChoice } from "../config/option-values.ts";
import { parseFlags } from "../config/parse-flags.ts";
import { optionForms, optionsFromFlags } from "../config/parse-options.ts";
import { dialHost } from "../net/listen-address.ts";
import type { ListenAddress } from "../net/listen-address.ts";
import type { CommandIo } from "./command-io.ts";
import { refuseUsage } from "./help.ts";
import type { CommandHelp } from "./help.ts";
import {
  detectSystem,
  formatResolverSnippet,
  hasPorts,
  RESOLVER_SYSTEMS,
  resolverSnippet,
} from "./resolver-snippet.ts";
import type { ResolverSystem, SystemTraits } from "./resolver-snippet.ts";

const OPTIONS: readonly OptionName[] = ["listen", "clusterDomain", "serviceCidr", "podCidr", "cluster"];
const DNS_PORT = 53;
const EXIT_FAILURE = 1;

export const HELP: CommandHelp = {
  name: "install-resolver",
  usage: "--print [FLAGS]",
  about: [
    "Prints files and commands that make the resolver of this machine ask the server for the cluster's names.",
    "It changes nothing. docs/laptop.md explains the systems.",
  ],
  flags: [
    { flag: "--print", help: "Print; the command does nothing else" },
    {
      flag: "--system SYSTEM",
      help: `One of ${RESOLVER_SYSTEMS.join(", ")} (default: that of this machine)`,
      choices: RESOLVER_SYSTEMS,
    },
    ...optionHelpRows(OPTIONS),
  ],
  examples: [
    "cluster-dns install-resolver --print --listen 127.0.0.1:5300",
    "cluster-dns install-resolver --print --system macos --cluster-domain k8s.test",
  ],
};

const THIS_MACHINE: SystemTraits = { platform: platform(), release: release(), exists: existsSync };

/** Prints the snippet; resolves with the exit code: 0, 1 (the system is not known), 2 (usage). */
export function run(args: readonly string[], io: CommandIo, traits: SystemTraits = THIS_MACHINE): Promise<number> {
  return Promise.resolve(printSnippet(args, io, traits));
}

function printSnippet(args: readonly string[], io: CommandIo, traits: SystemTraits): number {
  const flags = parseFlags(args, { "--print": "switch", "--system": "value", ...optionForms(OPTIONS) });
  const built = optionsFromFlags(flags.values, io.env);
  const systemText = flags.values.get("--system")?.at(-1);
  const chosen = systemText === undefined ? undefined : parseChoice(systemText, RESOLVER_SYSTEMS);
  const errors = [
    ...flags.errors,
    ...("errors" in built ? built.errors : []),
    ...flags.operands.map((operand) => `unexpected argument ${JSON.stringify(operand)}`),
    ...(chosen !== undefined && "fault" in chosen ? [`--system: ${JSON.stringify(systemText)} ${chosen.fault}`] : []),
    ...(flags.values.get("--print")?.at(-1) === "true" ? [] : ["it only prints, and changes nothing: give --print"]),
  ];
  if (errors.length > 0 || "errors" in built || (chosen !== undefined && "fault" in chosen)) {
    return refuseUsage(HELP.name, errors, io);
  }
  const system = chosen?.value ?? detectSystem(traits);
  if (system === undefined) {
    const systems = RESOLVER_SYSTEMS.join(", ");
    io.stderr.write(
      `cluster-dns ${HELP.name}: this machine has no resolver that is known; give --system: ${systems}\n`,
    );
    return EXIT_FAILURE;
  }
  const server = serverAddress(built.options, system);
  if ("fault" in server) return refuseUsage(HELP.name, [server.fault], io);
  const { clusterDomain, serviceCidrs, podCidrs, clusters } = built.options;
  const others = clusters.map((cluster) => cluster.clusterDomain);
  const reverse = [...serviceCidrs, ...podCidrs, ...rangesOf(clusters)].flatMap(zonesOfCidr);
  const domains = [clusterDomain, ...new Set([...others, ...reverse])] as const;
  io.stdout.write(formatResolverSnippet(resolverSnippet(system, server, domains)));
  return 0;
}

/** The first address of --listen that speaks plain DNS, as this machine reaches it. */
function serverAddress({ listen }: Options, system: ResolverSystem): ListenAddress | { readonly fault: string } {
  const plain = listen.filter(({ scheme }) => scheme === undefined);
  const address = plain.find(({ port }) => port === DNS_PORT || (port !== 0 && hasPorts(system))) ?? plain[0];
  if (address === undefined)
    return { fault: "--listen: give an address without a scheme; resolvers of systems ask it" };
  const { host, port } = address;
  if (port === 0) return { fault: "--listen: give the port that the server has" };
  if (port !== DNS_PORT && !hasPorts(system)) {
    return { fault: `--listen: ${system} asks port 53 only, not ${port}: give an address with port 53` };
  }
  return { host: dialHost(host), port };
}
