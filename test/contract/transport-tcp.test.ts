// The transport contract for TCP.
import { openTcp } from "../../src/server/tcp.ts";
import { connectTcp } from "./transport-clients.ts";
import { describeTransport } from "./transport-suite.ts";

describeTransport("TCP", { open: openTcp, connect: connectTcp, replySizeMax: 65_535 });
