// The transport contract for DNS over HTTPS on HTTP/2.
import { openHttps } from "../../src/server/https.ts";
import { TlsIdentity } from "../../src/server/tls-identity.ts";
import { makeCertificate } from "../support/certificates.ts";
import { connectHttps } from "./https-client.ts";
import { describeTransport } from "./transport-suite.ts";

const pem = makeCertificate();
const identity = new TlsIdentity(pem);

describeTransport("HTTPS", {
  // The suite asks 200 queries at once on one connection.
  open: (address, answerer, events) =>
    openHttps({ ...address, scheme: "https" }, answerer, { ...events, identity, limits: { streams: 200 } }),
  connect: (server) => connectHttps(server, pem.cert),
  replySizeMax: 65_535,
});
