// DNS over HTTPS: HTTP/2 requests a second and their CPU, ours and unbound with one thread beside CoreDNS with as many as
// it likes, by GET and by POST. All answer the same name from memory. Gives Markdown.
import { writeFileSync } from "node:fs";
import { connect } from "node:http2";
import type { IncomingHttpHeaders } from "node:http2";
import { makeCertificate } from "../test/support/certificates.ts";
import { freePort } from "../test/support/process.ts";
import { readMessage, writeQuery } from "../test/support/wire.ts";
import { findFault } from "./check-answers.ts";
import { CLUSTER_DOMAIN, serviceName } from "./cluster.ts";
import type { Question } from "./cluster.ts";
import { ExpectedAnswers, ZONE_TTL_SECONDS } from "./cluster-records.ts";
import { runUnbound } from "./forwarders.ts";
import { runHttpLoad } from "./h2load.ts";
import type { DohMethod, HttpLoadResult } from "./h2load.ts";
import { hasProgram } from "./processes.ts";
import { treeUsage } from "./process-usage.ts";
import { alternate, medianRatio } from "./rounds.ts";
import { newFolder, OURS_ALONE, startOurs, startPeer } from "./servers.ts";
import type { BenchServer } from "./servers.ts";
import { formatNumber, formatTable, median, spread } from "./statistics.ts";
import type { Workload } from "./workload.ts";

const METHODS = ["GET", "POST"] as const;
const CONNECTIONS = 8;
const STREAMS = 50;

/** `port` is that of UDP. */
interface DohServer extends BenchServer {
  readonly httpsPort: number;
}

interface DohMeasured extends HttpLoadResult {
  /** Of the server's whole process tree for each request, microseconds. */
  readonly cpuUs: number;
}

/** `coreDns` is a binary to be measured as well. */
export async function compareDoh(workload: Workload, coreDns: string | undefined): Promise<string> {
  const { bed, settings, services } = workload;
  const expected = new ExpectedAnswers(services);
  const question: Question = {
    name: serviceName(services.find(({ clusterIp }) => clusterIp !== undefined)!),
    type: "A",
  };
  const queryFile = `${bed.folder}/doh-query.bin`;
  writeFileSync(queryFile, writeQuery({ ...question, id: 0 }));
  const servers = await startServers(workload, coreDns, question, expected);
  for (const server of servers) for (const method of METHODS) await check(server, method, question, expected);
  const parts: string[] = [];
  for (const method of METHODS) {
    const samples = await alternate(
      servers,
      settings.rounds,
      async ({ pid, httpsPort: port }): Promise<DohMeasured> => {
        const { seconds } = settings;
        const load = { port, method, file: queryFile, seconds, connections: CONNECTIONS, streams: STREAMS };
        const before = treeUsage(pid).cpuUs;
        const result = await runHttpLoad(bed.processes, load, `${bed.folder}/h2load.txt`);
        return { ...result, cpuUs: (treeUsage(pid).cpuUs - before) / result.completed };
      },
    );
    parts.push(formatMethod(method, servers, samples));
  }
  await Promise.all(servers.map((server) => server.stop()));
  return `## DNS over HTTPS, ${CONNECTIONS} connections of ${STREAMS} streams (at least 1.0 of CoreDNS)\n
The answers of each are right.\n\n${parts.join("\n")}`;
}

function formatMethod(
  method: DohMethod,
  servers: readonly DohServer[],
  samples: ReadonlyMap<DohServer, readonly DohMeasured[]>,
): string {
  const ours = samples.get(servers[0]!)!;
  const rows = servers.map((server) => {
    const own = samples.get(server)!;
    const rates = own.map(({ requestsPerSecond }) => requestsPerSecond);
    return [
      server.name,
      formatNumber(median(rates)),
      formatNumber(spread(rates)),
      formatNumber(median(own.map(({ cpuUs }) => cpuUs)), 1),
      formatNumber(
        medianRatio(ours, own, ({ requestsPerSecond }) => requestsPerSecond),
        2,
      ),
      formatNumber(
        medianRatio(ours, own, ({ cpuUs }) => cpuUs),
        2,
      ),
    ];
  });
  const head = [method, "requests/s", "spread", "CPU µs/request", "ours to it: requests/s", "CPU"];
  return formatTable(head, rows);
}

async function startServers(
  workload: Workload,
  coreDns: string | undefined,
  question: Question,
  expected: ExpectedAnswers,
): Promise<readonly DohServer[]> {
  const { bed, manifests } = workload;
  const { cert, key } = makeCertificate();
  const [certFile, keyFile] = [`${bed.folder}/doh-cert.pem`, `${bed.folder}/doh-key.pem`];
  writeFileSync(certFile, cert);
  writeFileSync(keyFile, key);
  const identity = { certFile, keyFile };
  const httpsPort = await freePort();
  const listen = ["--listen", `https://127.0.0.1:${httpsPort}`, "--tls-cert", certFile, "--tls-key", keyFile];
  const servers = [{ ...(await startOurs(bed, "cluster-dns", manifests, [...OURS_ALONE, ...listen])), httpsPort }];
  if (hasProgram("unbound")) servers.push(await startUnboundDoh(workload, identity, question, expected));
  if (coreDns === undefined) return servers;
  servers.push(await startCoreDnsDoh(workload, coreDns, identity, question, expected));
  return servers;
}

/** Files of a server's certificate and key. */
interface IdentityFiles {
  readonly certFile: string;
  readonly keyFile: string;
}

async function startUnboundDoh(
  { bed }: Workload,
  { certFile, keyFile }: IdentityFiles,
  question: Question,
  expected: ExpectedAnswers,
): Promise<DohServer> {
  const httpsPort = await freePort();
  const data = expected
    .to(question)
    .records.map((record) => `local-data: '${record.replace(/^(\S+ \d+) /, "$1 IN ")}'`);
  const server = [
    `interface: 127.0.0.1@${httpsPort}`,
    `https-port: ${httpsPort}`,
    `tls-service-pem: "${certFile}"`,
    `tls-service-key: "${keyFile}"`,
    `local-zone: "${CLUSTER_DOMAIN}" static`,
    ...data,
  ];
  return { ...(await runUnbound(bed, "unbound-doh", question, server)), httpsPort };
}

async function startCoreDnsDoh(
  { bed }: Workload,
  binary: string,
  { certFile, keyFile }: IdentityFiles,
  question: Question,
  expected: ExpectedAnswers,
): Promise<DohServer> {
  const folder = newFolder(bed, "coredns-doh");
  const [port, httpsPort] = [await freePort(), await freePort()];
  // Its fastest plugin for a name that does not change.
  const lines = expected.to(question).records.map((record) => `        ${record.split(" ").at(-1)} ${question.name}`);
  const hosts = `hosts {\n${lines.join("\n")}\n        ttl ${ZONE_TTL_SECONDS}\n    }`;
  writeFileSync(
    `${folder}/Corefile`,
    `${CLUSTER_DOMAIN}:${port} {
    bind 127.0.0.1
    ${hosts}
}
https://${CLUSTER_DOMAIN}:${httpsPort} {
    bind 127.0.0.1
    tls ${certFile} ${keyFile}
    ${hosts}
}
`,
  );
  const args = ["-conf", `${folder}/Corefile`];
  return { ...(await startPeer(bed, { name: "CoreDNS", command: binary, args, port, question })), httpsPort };
}

/** Throws where the server's answer is wrong. */
async function check(
  { name, httpsPort }: DohServer,
  method: DohMethod,
  question: Question,
  expected: ExpectedAnswers,
): Promise<void> {
  const { status, body } = await askHttps(httpsPort, method, writeQuery({ ...question, id: 0 }));
  const fault = status === 200 ? findFault(question, readMessage(body), expected) : `status ${status}`;
  if (fault !== undefined) throw new Error(`${name} answers wrongly by ${method}: ${fault}`);
}

/** One request; any certificate will do. */
async function askHttps(
  port: number,
  method: DohMethod,
  query: Uint8Array,
): Promise<{ readonly status: number; readonly body: Buffer }> {
  const session = connect(`https://127.0.0.1:${port}`, { rejectUnauthorized: false });
  try {
    const path = "/dns-query";
    const request = session.request(
      method === "GET"
        ? { ":method": "GET", ":path": `${path}?dns=${Buffer.from(query).toString("base64url")}` }
        : { ":method": "POST", ":path": path, "content-type": "application/dns-message" },
    );
    request.end(method === "POST" ? query : undefined);
    const status = new Promise<number>((resolve, reject) => {
      request.once("response", (headers: IncomingHttpHeaders) => resolve(Number(headers[":status"])));
      request.once("error", reject);
      session.once("error", reject);
    });
    const body = Buffer.concat((await request.toArray()) as Buffer[]);
    return { status: await status, body };
  } finally {
    session.close();
  }
}
