"""Asks a server in a network namespace of its own, where packets can be sent that no socket sends: from port 0, from
addresses that belong to nobody, from the server's own. Prints one JSON object of what came back.

Arguments: the port, then the server's command. It is to listen on every address; it is started here and ended here.
"""

import json
import socket
import struct
import subprocess
import sys
import time

PORT = int(sys.argv[1])
COMMAND = sys.argv[2:]
START_SECONDS = 40
LISTEN_SECONDS = 0.5
V4_ADDRESSES = ["127.0.0.1", "127.0.1.5", "10.96.0.10"]
V6_ADDRESSES = ["::1", "fd00::53"]
NAME = b"\x0akubernetes\x07default\x03svc\x07cluster\x05local\x00"


def query(number):
    return struct.pack("!HHHHHH", number, 0, 1, 0, 0, 0) + NAME + struct.pack("!HH", 1, 1)


def checksum(data):
    words = struct.unpack("!%dH" % (len(data) // 2), data)
    total = sum(words)
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF


def datagram(source, source_port, payload):
    """An IPv4 packet to 127.0.0.1; a checksum of UDP may be left out."""
    udp = struct.pack("!HHHH", source_port, PORT, 8 + len(payload), 0) + payload
    addresses = socket.inet_aton(source) + socket.inet_aton("127.0.0.1")
    head = struct.pack("!BBHHHBBH", 0x45, 0, 20 + len(udp), 1, 0, 64, 17, 0) + addresses
    return head[:10] + struct.pack("!H", checksum(head)) + head[12:] + udp


def ask_connected(address, number):
    """The first address of the answer, by a socket that takes answers from `address` alone."""
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    with socket.socket(family, socket.SOCK_DGRAM) as client:
        client.settimeout(10)
        # From another address than the one asked: a server that lets the system choose answers from this one.
        client.bind(("::1" if family == socket.AF_INET6 else "127.0.0.1", 0))
        client.connect((address, PORT))
        client.send(query(number))
        try:
            reply = client.recv(4096)
        except OSError:
            return None
        return socket.inet_ntoa(reply[-4:]) if reply[:2] == struct.pack("!H", number) else None


def ask_stream(address, number):
    try:
        with socket.create_connection((address, PORT), 1) as client:
            client.settimeout(10)
            message = query(number)
            client.sendall(struct.pack("!H", len(message)) + message)
            reply = client.recv(4096)
            return socket.inet_ntoa(reply[-4:]) if reply[2:4] == struct.pack("!H", number) else None
    except OSError:
        return None


def from_server(source, source_port):
    """Packets that the server sends in a while after one query with that sender."""
    sniffer = socket.socket(socket.AF_PACKET, socket.SOCK_DGRAM, socket.htons(3))
    sniffer.bind(("lo", 3))
    raw = socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_RAW)
    packet = datagram(source, source_port, query(7))
    raw.sendto(packet, ("127.0.0.1", 0))
    count = 0
    deadline = time.monotonic() + LISTEN_SECONDS
    while (left := deadline - time.monotonic()) > 0:
        sniffer.settimeout(left)
        try:
            seen, address = sniffer.recvfrom(65536)
        except OSError:
            break
        # Over loopback each packet is seen as it goes out and as it comes in; PACKET_OUTGOING is 4.
        is_udp = len(seen) > 28 and seen[9] == 17 and address[2] == 4
        if is_udp and struct.unpack("!H", seen[20:22])[0] == PORT and seen[30] & 0x80:
            count += 1
    sniffer.close()
    raw.close()
    return count


def main():
    for command in (
        "ip link set lo up",
        "ip addr add 10.96.0.10/32 dev lo",
        "ip -6 addr add fd00::53/128 dev lo nodad",
    ):
        subprocess.run(command.split(), check=True)
    server = subprocess.Popen(COMMAND, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        deadline = time.monotonic() + START_SECONDS
        while ask_connected("127.0.0.1", 1) is None:
            if time.monotonic() > deadline or server.poll() is not None:
                raise SystemExit("the server does not answer")
            time.sleep(0.02)
        result = {
            "portZero": from_server("127.0.0.1", 0),
            "broadcast": from_server("255.255.255.255", 5353),
            "multicast": from_server("224.0.0.1", 5353),
            "itself": from_server("127.0.0.1", PORT),
            "control": from_server("127.0.0.1", 5353),
        }
        result["udp"] = {address: ask_connected(address, 9) for address in V4_ADDRESSES + V6_ADDRESSES}
        result["tcp"] = {address: ask_stream(address, 9) for address in V4_ADDRESSES + V6_ADDRESSES}
        result["isRunning"] = server.poll() is None
        print(json.dumps(result))
    finally:
        server.terminate()
        server.wait(10)


main()
