// Looks names up as a Node program does (see lookup.c for what goes in and out): `lookup`, which is the C library's
// resolver, or `resolve`, which is c-ares.
import { lookup, resolve4, resolve6, resolveSrv } from "node:dns/promises";
import { createInterface } from "node:readline";

const ABSENT = ["ENOTFOUND", "ENODATA"];

async function resolve(name: string): Promise<string[]> {
  const found = await Promise.allSettled([resolve4(name), resolve6(name)]);
  if (found.every(({ status }) => status === "rejected")) throw (found[0] as PromiseRejectedResult).reason;
  return found.flatMap((each) => (each.status === "fulfilled" ? each.value : []));
}

async function find(kind: string, name: string): Promise<readonly string[]> {
  if (process.argv[2] === "lookup") {
    return kind === "services" ? ["n/a"] : (await lookup(name, { all: true })).map(({ address }) => address);
  }
  if (kind !== "services") return resolve(name);
  return (await resolveSrv(name)).map((record) => `${record.port}:${record.name}`);
}

for await (const line of createInterface(process.stdin)) {
  const [kind = "", name = ""] = line.split(" ");
  const text = await find(kind, name).then(
    (found) => found.join(" "),
    (fault: NodeJS.ErrnoException) => (ABSENT.includes(fault.code ?? "") ? "-" : `!${fault.code}`),
  );
  process.stdout.write(`${text}\n`);
}
