// Programs that tests use where a machine has them, and how each proves to be installed in a version that the tests can use.
// A test without its program is skipped with the reason from `whyNot`, which names the program.
import { spawnSync } from "node:child_process";
import { beforeEach } from "vitest";

interface OptionalProgram {
  /** A command line; its output, standard error included, is held against `fits`. */
  readonly probe: string;
  readonly fits: RegExp;
  /** What a program that does not fit lacks. */
  readonly needs: string;
}

const TIMEOUT_MS = 60_000;

/** Builds and runs the shortest program that includes and links what lookup.c does. */
const compiles = (compiler: string): string =>
  `d=$(mktemp -d) && printf '#include <resolv.h>\\nint main(void) { return 0; }\\n' >$d/a.c` +
  ` && ${compiler} -o $d/a $d/a.c -lresolv && $d/a && echo it builds; rm -r $d`;
const DNSPYTHON = `import dns.resolver, dns.version; print(dns.version.version, hasattr(dns.resolver, "resolve_name"))`;
const PYTHON = "import sys; print(sys.version, sys.version_info >= (3, 8))";

const PROGRAMS = {
  bash: { probe: "bash --version", fits: /version ([4-9]|\d\d)\./, needs: "4.0 or newer" },
  buildah: { probe: "buildah --version", fits: /version 1\.(2[4-9]|[3-9]\d)/, needs: "1.24 or newer" },
  chromium: {
    probe: "chromium-headless-shell --version || chromium --version || google-chrome --version",
    fits: /(Chromium|Google Chrome) 1[2-9]\d\./,
    needs: "120 or newer",
  },
  curl: { probe: "curl --version", fits: /\bHTTP2\b/, needs: "HTTP/2" },
  delv: { probe: "delv -v", fits: /9\.(1[1-9]|[2-9]\d)\./, needs: "9.11 or newer" },
  dig: { probe: "dig -v", fits: /9\.(1[89]|[2-9]\d)\./, needs: "9.18 or newer" },
  etcd: { probe: "etcd --version", fits: /etcd Version: 3\.([4-9]|\d\d)\./, needs: "3.4 or newer" },
  "dnssec-keygen": { probe: "dnssec-keygen -V", fits: /9\.(1[1-9]|[2-9]\d)\./, needs: "9.11 or newer" },
  "dnssec-signzone": { probe: "dnssec-signzone -V", fits: /9\.(1[1-9]|[2-9]\d)\./, needs: "9.11 or newer" },
  "dnstap-read": { probe: "dnstap-read -v 2>&1; command -v dnstap-read", fits: /dnstap-read$/m, needs: "BIND" },
  dnspython: { probe: `python3 -c '${DNSPYTHON}'`, fits: /True$/m, needs: "resolve_name, which 2.4 brought" },
  dnsmasq: { probe: "dnsmasq --version", fits: /Dnsmasq version 2\.([89]|\d\d)/, needs: "2.80 or newer" },
  dnsperf: { probe: "dnsperf -h 2>&1", fits: /doh/, needs: "2.6 or newer" },
  drill: { probe: "drill -v", fits: /version 1\.([7-9]|\d\d)/, needs: "1.7 or newer" },
  fish: { probe: "fish --version", fits: /version ([3-9]|\d\d)\./, needs: "3.0 or newer" },
  fstrm_capture: { probe: "fstrm_capture -h; command -v fstrm_capture", fits: /fstrm_capture$/m, needs: "fstrm" },
  gcc: { probe: compiles("gcc"), fits: /it builds/, needs: "the C library's headers" },
  getconf: { probe: "getconf GNU_LIBC_VERSION", fits: /glibc/, needs: "glibc" },
  getent: { probe: "getent --version", fits: /GLIBC|GNU/i, needs: "glibc" },
  git: { probe: "git --version", fits: /version (2\.(2[4-9]|[3-9]\d)|[3-9])/, needs: "2.24 or newer" },
  go: { probe: "go version", fits: /go1\.(1[3-9]|[2-9]\d)/, needs: "1.13 or newer" },
  helm: { probe: "helm version --short", fits: /^v(3\.\d\d|[4-9])/m, needs: "3.10 or newer" },
  ip: { probe: "ip -V", fits: /iproute2/, needs: "iproute2" },
  javac: {
    probe: "javac -version; java -version",
    fits: /javac (\d+)[^]*version "\1[."]/,
    needs: "java of its version",
  },
  kdig: { probe: "kdig -h", fits: /\+\[no\]https\b/, needs: "+https" },
  kubectl: { probe: "kubectl version --client", fits: /v1\.|Minor:/, needs: "version 1" },
  knotd: { probe: "knotd --version", fits: /version ([3-9]|\d\d)\./, needs: "3.0 or newer" },
  kzonecheck: { probe: "kzonecheck --version", fits: /version ([3-9]|\d\d)\./, needs: "3.0 or newer" },
  mandoc: { probe: "mandoc -T ascii /dev/null; command -v mandoc", fits: /mandoc$/m, needs: "mandoc" },
  mmdebstrap: { probe: "mmdebstrap --version", fits: /mmdebstrap \d/, needs: "mmdebstrap" },
  mount: { probe: "mount --version", fits: /util-linux/, needs: "util-linux" },
  "musl-gcc": { probe: compiles("musl-gcc -static"), fits: /it builds/, needs: "musl's headers" },
  "named-checkzone": { probe: "named-checkzone -v", fits: /9\.(1[1-9]|[2-9]\d)\./, needs: "9.11 or newer" },
  nsenter: { probe: "nsenter --version", fits: /util-linux/, needs: "util-linux" },
  nsd: { probe: "nsd -v", fits: /version 4\.([3-9]|\d\d)\./, needs: "4.3 or newer" },
  "nsd-checkzone": { probe: "nsd-checkzone -h", fits: /Usage/, needs: "NSD" },
  openssl: { probe: "openssl version", fits: /OpenSSL (1\.1\.1|[3-9])/, needs: "1.1.1 or newer" },
  prlimit: { probe: "prlimit --version", fits: /util-linux/, needs: "util-linux" },
  prometheus: { probe: "prometheus --version", fits: /prometheus, version ([3-9]|2\.[4-9]\d)/, needs: "2.40 or newer" },
  promtool: { probe: "promtool --version", fits: /promtool, version ([3-9]|2\.[4-9]\d)/, needs: "2.40 or newer" },
  prove: { probe: "prove --version", fits: /TAP::Harness v3\./, needs: "3.0 or newer" },
  python3: { probe: `python3 -c '${PYTHON}'`, fits: /True$/m, needs: "3.8 or newer" },
  runc: { probe: "runc --version", fits: /version 1\.[1-9]/, needs: "1.1 or newer" },
  setcap: { probe: "setcap -h", fits: /usage: setcap/, needs: "libcap" },
  script: {
    probe: "script --version",
    fits: /util-linux (2\.(3[5-9]|[4-9]\d)|[3-9])/,
    needs: "util-linux 2.35 or newer",
  },
  setpriv: { probe: "setpriv --version", fits: /util-linux/, needs: "util-linux" },
  "systemd-analyze": { probe: "systemd-analyze --version", fits: /systemd (25[0-9]|2[6-9]\d)/, needs: "250 or newer" },
  tshark: { probe: "tshark --version", fits: /^TShark.* ([4-9]|\d\d)\./m, needs: "4.0 or newer" },
  unbound: { probe: "unbound -V", fits: /Version 1\.(9|\d\d)/, needs: "1.9 or newer" },
  unshare: { probe: "unshare --version", fits: /util-linux/, needs: "util-linux" },
  xmllint: { probe: "xmllint --version", fits: /using libxml version/, needs: "libxml2" },
  zsh: { probe: "zsh --version", fits: /zsh (5\.[1-9]|[6-9])/, needs: "5.1 or newer" },
} as const satisfies Record<string, OptionalProgram>;

/** A program of the table. */
export type ProgramName = keyof typeof PROGRAMS;

const known = new Map<ProgramName, string | undefined>();

/** Why tests cannot use these programs: the first one that is missing or unfit; undefined: they can. */
export function whyNot(...names: readonly ProgramName[]): string | undefined {
  for (const name of names) {
    if (!known.has(name)) known.set(name, probe(name, PROGRAMS[name]));
    const reason = known.get(name);
    if (reason !== undefined) return reason;
  }
  return undefined;
}

/** Skips every test of the file or `describe` around it, with the reason, where there is one. */
export function skipAll(reason: string | undefined): void {
  beforeEach(({ skip }) => {
    if (reason !== undefined) skip(reason);
  });
}

function probe(name: string, { probe: command, fits, needs }: OptionalProgram): string | undefined {
  const { stdout, stderr } = spawnSync("/bin/sh", ["-c", command], { encoding: "utf8", timeout: TIMEOUT_MS });
  const said = `${stdout ?? ""}${stderr ?? ""}`.trim();
  if (fits.test(said)) return undefined;
  if (/not found|No module named/.test(said)) return `${name} is not installed`;
  return `${name} does not fit: the tests need ${needs} (${said.split("\n").at(-1)})`;
}
