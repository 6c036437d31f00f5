"""Ports: all different, the same again where they are free, and out of everybody's way."""

import socket

from comptoir.ports import RANGE, free_ports


def test_every_name_gets_a_port_of_its_own() -> None:
    names = {str(number): None for number in range(50)}
    assert len(set(free_ports(names).values())) == 50


def test_a_free_port_is_had_again_and_one_that_is_taken_is_not() -> None:
    first = free_ports({"a": None, "b": None})
    with socket.create_server(("127.0.0.1", first["a"])):
        again = free_ports(first)
    assert again["b"] == first["b"]
    assert again["a"] not in first.values()


def test_two_names_do_not_share_a_port_they_both_had() -> None:
    [port] = free_ports({"a": None}).values()
    found = free_ports({"a": port, "b": port})
    assert found["a"] != found["b"]


def test_no_outgoing_connection_takes_a_servers_port() -> None:
    [port] = free_ports({"a": None}).values()
    assert port in RANGE
    assert RANGE.stop < 32768  # where Linux begins to pick
