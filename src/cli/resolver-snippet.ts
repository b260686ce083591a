// Makes a system's resolver ask the server for the cluster's names: files, commands and hints, a row a system.
// Pure: nothing is written or run. resolver(5) of macOS, resolved.conf(5), dnsmasq(8) --server, wsl.conf.
import { formatListenAddress } from "../net/listen-address.ts";
import type { ListenAddress } from "../net/listen-address.ts";

/** Files as an administrator would write them, then the commands to run. */
export interface ResolverSnippet {
  readonly files: readonly { readonly path: string; readonly lines: readonly string[] }[];
  readonly commands: readonly string[];
  readonly hints: readonly string[];
}

interface SystemRow {
  /** Whether it can send queries to another port than 53. */
  readonly hasPorts: boolean;
  readonly snippet: (server: ListenAddress, domains: readonly [string, ...string[]]) => ResolverSnippet;
}

const ASKED_FOR_ALL = [
  "This system asks one server for all names. Start it with --upstream ADDRESS, the nameserver that",
  "/etc/resolv.conf has now: the default, /etc/resolv.conf, would lead back to it",
];

const SYSTEMS = {
  macos: {
    hasPorts: true,
    snippet: ({ host, port }, [domain, ...reverse]) => ({
      files: [{ path: `/etc/resolver/${domain}`, lines: [`nameserver ${host}`, `port ${port}`] }],
      commands: [
        ...reverse.map((zone) => `sudo cp /etc/resolver/${domain} /etc/resolver/${zone}`),
        `dscacheutil -q host -a name kubernetes.default.svc.${domain}`,
      ],
      hints: ["dig and nslookup do not read /etc/resolver; applications do"],
    }),
  },
  "systemd-resolved": {
    hasPorts: true,
    snippet: (server, domains) => ({
      files: [
        {
          path: "/etc/systemd/resolved.conf.d/cluster-dns.conf",
          lines: [
            "[Resolve]",
            `DNS=${formatListenAddress(server)}`,
            `Domains=${domains.map((domain) => `~${domain}`).join(" ")}`,
          ],
        },
      ],
      commands: [
        "sudo systemctl restart systemd-resolved",
        `resolvectl query --legend=no kubernetes.default.svc.${domains[0]}`,
      ],
      hints: [
        "Start the server on another port than 53 with --upstream /run/systemd/resolve/resolv.conf: the default,",
        "/etc/resolv.conf, would lead back to it, as systemd-resolved may ask this server for other names, too",
      ],
    }),
  },
  networkmanager: {
    hasPorts: true,
    snippet: ({ host, port }, domains) => ({
      files: [
        { path: "/etc/NetworkManager/conf.d/cluster-dns.conf", lines: ["[main]", "dns=dnsmasq"] },
        {
          path: "/etc/NetworkManager/dnsmasq.d/cluster-dns.conf",
          lines: domains.map((domain) => `server=/${domain}/${host}#${port}`),
        },
      ],
      commands: ["sudo systemctl restart NetworkManager", `getent ahosts kubernetes.default.svc.${domains[0]}`],
      hints: ["NetworkManager starts dnsmasq itself: install the package dnsmasq-base, and no service dnsmasq"],
    }),
  },
  resolvconf: {
    hasPorts: false,
    snippet: ({ host }, [domain]) => ({
      files: [{ path: "/etc/resolvconf/resolv.conf.d/head", lines: [`nameserver ${host}`] }],
      commands: ["sudo resolvconf -u", `getent ahosts kubernetes.default.svc.${domain}`],
      hints: ASKED_FOR_ALL,
    }),
  },
  wsl: {
    hasPorts: false,
    snippet: ({ host }, [domain]) => ({
      files: [
        { path: "/etc/wsl.conf", lines: ["[network]", "generateResolvConf=false"] },
        { path: "/etc/resolv.conf", lines: [`nameserver ${host}`] },
      ],
      commands: ["wsl.exe --shutdown", `getent ahosts kubernetes.default.svc.${domain}`],
      hints: [
        ...ASKED_FOR_ALL,
        "/etc/resolv.conf may be a link: remove it before you write the file. Programs of Windows ask Windows. In",
        "its PowerShell, as administrator, if Windows reaches the server at this address:",
        `Add-DnsClientNrptRule -Namespace ".${domain}" -NameServers "${host}"`,
      ],
    }),
  },
} as const satisfies Readonly<Record<string, SystemRow>>;

/** A system whose resolver is known. */
export type ResolverSystem = keyof typeof SYSTEMS;
export const RESOLVER_SYSTEMS = Object.keys(SYSTEMS) as readonly ResolverSystem[];

/** Whether the resolver of a system can ask a server on another port than 53. */
export function hasPorts(system: ResolverSystem): boolean {
  return SYSTEMS[system].hasPorts;
}

/** `domains`: the cluster domain, then reverse zones; all are sent to `server`, which is no wildcard. */
export function resolverSnippet(
  system: ResolverSystem,
  server: ListenAddress,
  domains: readonly [string, ...string[]],
): ResolverSnippet {
  const row: SystemRow = SYSTEMS[system];
  return row.snippet(server, domains);
}

/** The snippet as text: the path of each file as a comment above it, then commands, then hints as comments. */
export function formatResolverSnippet({ files, commands, hints }: ResolverSnippet): string {
  const blocks = [
    ...files.map(({ path, lines }) => [`# ${path}`, ...lines]),
    ["# Then run:", ...commands],
    hints.map((hint) => `# ${hint}`),
  ];
  return blocks.map((lines) => lines.map((line) => `${line}\n`).join("")).join("\n");
}

/** What tells systems apart: of node:os and the file system. */
export interface SystemTraits {
  readonly platform: string;
  /** The release of the kernel. */
  readonly release: string;
  readonly exists: (path: string) => boolean;
}

/** The system that has these traits; undefined if none is known. */
export function detectSystem({ platform, release, exists }: SystemTraits): ResolverSystem | undefined {
  if (platform === "darwin") return "macos";
  if (platform !== "linux") return undefined;
  // Under WSL, systemd-resolved may run while /etc/resolv.conf is made by WSL.
  if (/microsoft/i.test(release)) return "wsl";
  if (exists("/run/systemd/resolve/resolv.conf")) return "systemd-resolved";
  if (exists("/run/NetworkManager")) return "networkmanager";
  return ["/sbin/resolvconf", "/usr/sbin/resolvconf"].some(exists) ? "resolvconf" : undefined;
}
