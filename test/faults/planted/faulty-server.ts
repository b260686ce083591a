// A server that is planted to show that the fault list finds what is wrong: it answers the list's own cluster, and does
// one thing badly once it has been ready for a while. Takes the arguments of `serve`; FLAW names what it does badly.
import { createSocket } from "node:dgram";
import { address, writeReply } from "../../support/scripted-upstream.ts";
import { readMessage } from "../../support/wire.ts";
import { FaultCluster } from "../fault-cluster.ts";

const SERVICES = 100;
/** Every so many queries it does it. */
const EVERY = 20;

const port = Number(process.argv.find((arg) => arg.startsWith("127.0.0.1:"))?.split(":")[1]);
const flaw = process.env["FLAW"] ?? "";
const right = new Map(new FaultCluster(SERVICES).known.map(({ name, right: [answer] }) => [name, answer!]));
const socket = createSocket("udp4");
let count = 0;

socket.on("message", (query, from) => {
  const reply = answer(query, ++count % EVERY === 0 ? flaw : "");
  if (reply !== undefined) socket.send(reply, from.port, from.address);
});
socket.bind(port, "127.0.0.1");

function answer(query: Buffer, doing: string): Buffer | undefined {
  if (doing === "silence") return undefined;
  if (doing === "SERVFAIL") return writeReply(query, { rcode: 2 });
  if (doing === "exit" && count > 200) process.exit(3);
  const owner = readMessage(query).question!.name;
  const isForwarded = owner.endsWith(".fwd.example.");
  const gist = isForwarded ? "NOERROR A 192.0.2.1" : (right.get(owner) ?? "NXDOMAIN");
  if (gist === "NXDOMAIN") return writeReply(query, { rcode: doing === "wrong" ? 0 : 3 });
  const addresses = doing === "wrong" ? ["192.0.2.99"] : gist.split(" ").filter((word) => /^\d/.test(word));
  return writeReply(query, { answer: addresses.map((each) => ({ owner, type: "A", rdata: address(each) })) });
}
