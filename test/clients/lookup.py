"""Looks names up as a Python program does (see lookup.c for what goes in and out): `socket`, or `dnspython`."""

import socket
import sys


def by_socket(kind, name):
    if kind == "services":
        return "n/a"
    try:
        found = socket.getaddrinfo(name, None, type=socket.SOCK_STREAM)
        return " ".join(address[0] for *_, address in found)
    except socket.gaierror as fault:
        absent = (socket.EAI_NONAME, getattr(socket, "EAI_NODATA", None))
        return "-" if fault.errno in absent else f"!{fault}"


def by_dnspython(kind, name):
    import dns.exception
    import dns.resolver

    try:
        if kind == "services":
            found = dns.resolver.resolve(name, "SRV", search=True)
            return " ".join(f"{record.port}:{record.target}" for record in found)
        return " ".join(dns.resolver.resolve_name(name, search=True).addresses())
    except (dns.resolver.NXDOMAIN, dns.resolver.NoAnswer):
        return "-"
    except dns.exception.DNSException as fault:
        return f"!{fault}"


lookup = by_dnspython if sys.argv[1:] == ["dnspython"] else by_socket
for line in sys.stdin:
    print(lookup(*line.split()), flush=True)
