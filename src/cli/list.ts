// `cluster-dns list`: the services of manifests, or of a running server by its admin server, as a table or as JSON.
// Arguments and output only; overview/ makes the rows.
import { existsSync } from "node:fs";
import { parseNamespaceName } from "../config/option-values.ts";
import type { Options } from "../config/options.ts";
import { optionHelpRows } from "../config/options-page.ts";
import { PAGE_SIZE_MAX, ServiceList } from "../overview/service-list.ts";
import type { ServicePage, ServiceSearch } from "../overview/service-list.ts";
import type { ServiceRow } from "../overview/service-row.ts";
import { didYouMean } from "../std/nearest.ts";
import { SERVER_FLAG, serverUnlessPaths } from "./admin-client.ts";
import type { AdminClient } from "./admin-client.ts";
import { CLUSTER_OPTIONS } from "./cluster-options.ts";
import { readArguments } from "./command-arguments.ts";
import type { CommandIo } from "./command-io.ts";
import type { Failure } from "./failure.ts";
import { writeFailure } from "./failure.ts";
import { flagReader, formatFlag, readFormat } from "./flag-reader.ts";
import type { CommandHelp } from "./help.ts";
import { loadClusterLazily, loadReported } from "./load-reported.ts";
import { formatTable } from "./text-table.ts";

const FORMATS = ["text", "json"] as const;
type Format = (typeof FORMATS)[number];

export const HELP: CommandHelp = {
  name: "list",
  usage: "[NAMESPACE] [PATH...] [FLAGS]",
  about: [
    "Lists services with their addresses, ports and ready endpoints: those of manifests, or without a PATH",
    "those of a running server. PATH is a manifest file, a folder (recursive) or - for standard input. The",
    "first argument is the NAMESPACE if no file has that name.",
  ],
  flags: [SERVER_FLAG, formatFlag(FORMATS), ...optionHelpRows(CLUSTER_OPTIONS)],
  examples: [
    "cluster-dns list manifests",
    "cluster-dns list shop manifests --format json",
    "cluster-dns list shop --server 9153",
  ],
};

/** Prints the services; resolves with the exit code: 0, 1 (no such namespace or path, no server), 2 (usage). */
export async function run(args: readonly string[], io: CommandIo): Promise<number> {
  const parsed = parseArguments(args, io.env);
  if ("faults" in parsed) return writeFailure(HELP, io, parsed);
  const { namespace } = parsed;
  const from = await openList(parsed, io);
  if ("faults" in from) return writeFailure(HELP, io, from);
  const services = await readAll(from, namespace);
  if ("faults" in services) return writeFailure(HELP, io, withNote(services, parsed));
  if (services.length === 0 && namespace !== undefined) {
    const all = await readAll(from, undefined);
    return writeFailure(HELP, io, "faults" in all ? all : unknownNamespace(namespace, all));
  }
  io.stdout.write(parsed.format === "json" ? `${JSON.stringify(services, undefined, 2)}\n` : formatServices(services));
  return 0;
}

interface ListArguments {
  readonly namespace: string | undefined;
  readonly paths: readonly string[];
  /** Undefined: paths are given. */
  readonly server: AdminClient | undefined;
  readonly isServerNamed: boolean;
  readonly options: Options;
  readonly format: Format;
}

function parseArguments(args: readonly string[], env: CommandIo["env"]): ListArguments | Failure {
  const own = { "--server": "value", "--format": "value" } as const;
  const { values, operands, faults, options } = readArguments(args, env, own, CLUSTER_OPTIONS);
  const format = readFormat(flagReader(values, faults), FORMATS);
  const [first, ...rest] = operands;
  const isNamespace = first !== undefined && !("fault" in parseNamespaceName(first)) && !existsSync(first);
  const paths = isNamespace ? rest : operands;
  const server = serverUnlessPaths(paths, values.get("--server"), env, faults);
  if (faults.length > 0 || options === undefined || format === undefined) return { faults, exitCode: 2 };
  return {
    namespace: isNamespace ? first : undefined,
    paths,
    server,
    isServerNamed: values.has("--server"),
    options,
    format,
  };
}

/** Where a server was asked because no file has the name that was meant. */
function withNote(failure: Failure, { namespace, paths, isServerNamed }: ListArguments): Failure {
  if (namespace === undefined || paths.length > 0 || isServerNamed) return failure;
  return { ...failure, faults: [...failure.faults, `there is no file ${namespace}, so it is taken for a namespace`] };
}

/** Gives a page of the services that are asked for. */
type List = { readonly find: (search: ServiceSearch) => Promise<ServicePage | Failure> };

async function openList({ paths, server, options }: ListArguments, io: CommandIo): Promise<List | Failure> {
  if (server !== undefined) {
    return { find: (search) => server.get<ServicePage>(`services?${parametersOf(search)}`, ["services", "pages"]) };
  }
  const loaded = await loadReported(paths, options, io, loadClusterLazily);
  if ("faults" in loaded) return loaded;
  const list = new ServiceList([{ domain: options.clusterDomain, registry: loaded.cluster.registry }]);
  return { find: (search) => Promise.resolve(list.find(search)) };
}

function parametersOf({ namespace, page, pageSize }: ServiceSearch): string {
  const parameters = { ...(namespace !== undefined && { namespace }), page: String(page), size: String(pageSize) };
  return new URLSearchParams(parameters).toString();
}

async function readAll({ find }: List, namespace: string | undefined): Promise<readonly ServiceRow[] | Failure> {
  const services: ServiceRow[] = [];
  for (let page = 1; ; page++) {
    const found = await find({ ...(namespace !== undefined && { namespace }), page, pageSize: PAGE_SIZE_MAX });
    if ("faults" in found) return found;
    services.push(...found.services);
    if (page >= found.pages) return services;
  }
}

function unknownNamespace(namespace: string, all: readonly ServiceRow[]): Failure {
  const others = [...new Set(all.map((service) => service.namespace))];
  const known = others.length === 0 ? "there are no services at all" : `namespaces with services: ${others.join(", ")}`;
  return { faults: [`no services in namespace ${namespace}; ${known}${didYouMean(namespace, others)}`], exitCode: 1 };
}

/** With a column for the cluster where there are several. */
function formatServices(services: readonly ServiceRow[]): string {
  const hasSeveral = new Set(services.map(({ domain }) => domain)).size > 1;
  const rows = services.map(({ domain, namespace, name, type, addresses, externalName, ports, endpoints }) => [
    ...(hasSeveral ? [domain] : []),
    namespace,
    name,
    type,
    externalName ?? (addresses.join(",") || "-"),
    ports.map((port) => `${port.name === "" ? "" : `${port.name}:`}${port.port}/${port.protocol}`).join(",") || "-",
    type === "ExternalName" ? "-" : `${endpoints.ready}/${endpoints.total}`,
  ]);
  const head = [...(hasSeveral ? ["CLUSTER"] : []), "NAMESPACE", "NAME", "TYPE", "ADDRESS", "PORTS", "READY"];
  return formatTable([head, ...rows])
    .map((line) => `${line}\n`)
    .join("");
}
