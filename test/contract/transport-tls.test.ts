// The transport contract for DNS over TLS.
import { TlsIdentity } from "../../src/server/tls-identity.ts";
import { openTls } from "../../src/server/tls.ts";
import { makeCertificate } from "../support/certificates.ts";
import { connectTls } from "./transport-clients.ts";
import { describeTransport } from "./transport-suite.ts";

const pem = makeCertificate();
const identity = new TlsIdentity(pem);

describeTransport("TLS", {
  open: (address, answerer, events) => openTls({ ...address, scheme: "tls" }, answerer, { ...events, identity }),
  connect: (server) => connectTls(server, { ca: pem.cert, ALPNProtocols: ["dot"] }),
  replySizeMax: 65_535,
});
