"""Connections to a port of ours send small answers at once, however the port was made."""

import socket

from core.api.promptly import answer_promptly


def test_connections_to_a_port_that_was_made_without_a_protocol_number_do_not_wait() -> None:
    with socket.socket(socket.AF_INET) as port:
        port.bind(("127.0.0.1", 0))
        port.listen()
        assert answer_promptly() >= 1
        with socket.create_connection(port.getsockname()), port.accept()[0] as ours:
            assert ours.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)


def test_ports_stay_open_and_other_files_are_left_alone() -> None:
    left, right = socket.socketpair()
    with left, right, socket.socket(socket.AF_INET) as port:
        port.bind(("127.0.0.1", 0))
        port.listen()
        answer_promptly()
        left.sendall(b"still here")
        assert right.recv(10) == b"still here"
        assert port.getsockopt(socket.SOL_SOCKET, socket.SO_ACCEPTCONN)
