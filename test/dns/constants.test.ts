import { expect, test } from "vitest";
import { TYPE } from "../../src/dns/constants.ts";

/** IANA's registry of RR types. */
const REGISTRY = [
  "A 1, NS 2, MD 3, MF 4, CNAME 5, SOA 6, MB 7, MG 8, MR 9, PTR 12, HINFO 13, MINFO 14, MX 15, TXT 16, RP 17, AFSDB 18",
  "RT 21, SIG 24, PX 26, AAAA 28, LOC 29, NXT 30, SRV 33, NAPTR 35, KX 36, DNAME 39, OPT 41, DS 43, SSHFP 44, RRSIG 46",
  "NSEC 47, DNSKEY 48, NSEC3 50, NSEC3PARAM 51, TLSA 52, SMIMEA 53, CDS 59, CDNSKEY 60, OPENPGPKEY 61, SVCB 64",
  "HTTPS 65, SPF 99, EUI48 108, EUI64 109, TSIG 250, IXFR 251, AXFR 252, ANY 255, URI 256, CAA 257",
];

test("types have the registry's codes", () => {
  const codes = Object.entries(TYPE).map(([mnemonic, code]) => `${mnemonic} ${code}`);
  expect(codes).toEqual(REGISTRY.join(", ").split(", "));
});
