"""Reads messages, one in hexadecimal a line, and prints what dnspython makes of each as a line of JSON."""

import json
import re
import string
import sys

import dns.flags
import dns.message

PLAIN = (string.ascii_letters + string.digits + "_*/-").encode()
A, NS, CNAME, SOA, PTR, HINFO, MX, TXT, AAAA, SRV = 1, 2, 5, 6, 12, 13, 15, 16, 28, 33


def format_byte(byte):
    if byte in PLAIN:
        return chr(byte)
    return "\\" + chr(byte) if byte in b".\\" else f"\\{byte:03}"


def format_name(name):
    return ".".join("".join(map(format_byte, label)) for label in name.labels[:-1]) + "."


def format_string(data):
    return '"' + data.decode("latin1").replace("\\", "\\\\").replace('"', '\\"') + '"'


def format_ipv6(text):
    def hexadecimal(match):
        first, second, third, fourth = map(int, match.groups())
        return f"{first << 8 | second:x}:{third << 8 | fourth:x}"

    return re.sub(r"(\d+)\.(\d+)\.(\d+)\.(\d+)$", hexadecimal, text)


def format_rdata(rdata):
    kind = rdata.rdtype
    if kind == A:
        return rdata.address
    if kind == AAAA:
        return format_ipv6(rdata.address)
    if kind in (NS, CNAME, PTR):
        return format_name(rdata.target)
    if kind == SRV:
        return f"{rdata.priority} {rdata.weight} {rdata.port} {format_name(rdata.target)}"
    if kind == MX:
        return f"{rdata.preference} {format_name(rdata.exchange)}"
    if kind == HINFO:
        return f"{format_string(rdata.cpu)} {format_string(rdata.os)}"
    if kind == TXT:
        return " ".join(map(format_string, rdata.strings))
    if kind == SOA:
        numbers = (rdata.serial, rdata.refresh, rdata.retry, rdata.expire, rdata.minimum)
        return " ".join([format_name(rdata.mname), format_name(rdata.rname), *map(str, numbers)])
    data = rdata.to_wire()
    return f"\\# {len(data)} {data.hex()}"


def format_section(section):
    return [
        f"{format_name(records.name)} {int(records.rdclass)} {int(records.rdtype)} {records.ttl} {format_rdata(records[0])}"
        for records in section
    ]


def read(wire):
    # It holds no keys either, so a TSIG is the one thing that it may stumble at.
    message = dns.message.from_wire(wire, one_rr_per_rrset=True, continue_on_error=True)
    faults = [each.exception for each in message.errors]
    for fault in faults:
        if not isinstance(fault, dns.message.UnknownTSIGKey):
            raise fault
    reading = {
        "id": message.id,
        "flags": message.flags & 0xFFF0,
        "rcode": int(message.rcode()),
        "answer": format_section(message.sections[1]),
        "authority": format_section(message.sections[2]),
        "additional": format_section(message.sections[3]),
    }
    for asked in message.question:
        reading["question"] = f"{format_name(asked.name)} {int(asked.rdclass)} {int(asked.rdtype)}"
    if message.opt is not None:
        options = [f"{int(option.otype)} {option.to_wire().hex()}" for option in message.options]
        flags = message.ednsflags & 0xFFFF
        reading["opt"] = [f"{message.payload} {message.edns} {flags}", *options]
    return reading


for line in sys.stdin:
    try:
        result = read(bytes.fromhex(line))
    except Exception as fault:
        result = {"fault": f"{type(fault).__name__}: {fault}"}
    print(json.dumps(result))
