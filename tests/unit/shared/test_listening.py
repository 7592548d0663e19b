"""An address that cannot be listened on is said in a sentence before a server fails in its own words."""

import errno
import select
import socket
import sys
from pathlib import Path

import pytest

from shared.errors import CannotStart
from shared.listening import LONGEST_SOCKET_PATH, hear_no_more, host_and_port, require_free


def test_a_free_port_passes() -> None:
    require_free("127.0.0.1:0")


def test_a_taken_port_is_named() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        address = f"127.0.0.1:{taken.getsockname()[1]}"
        with pytest.raises(CannotStart, match=f"Another process listens on {address}"):
            require_free(address)


@pytest.mark.parametrize("address", ["127.0.0.1", "127.0.0.1:", "127.0.0.1:http", "127.0.0.1:70000", "", "127.0.0.1:²"])
def test_what_is_no_address_is_answered_with_the_form_of_one(address: str) -> None:
    with pytest.raises(CannotStart, match="write host:port"):
        require_free(address)


def test_an_address_of_another_machine_is_named() -> None:
    with pytest.raises(CannotStart, match="no address of this machine"):
        require_free("192.0.2.1:5000")


def test_brackets_around_an_ipv6_address_are_understood() -> None:
    assert host_and_port("[::1]:8080") == ("::1", 8080)


def test_a_socket_path_that_does_not_fit_is_measured(tmp_path: Path) -> None:
    path = tmp_path / ("x" * LONGEST_SOCKET_PATH)
    with pytest.raises(CannotStart, match=f"{len(str(path))} bytes, and {LONGEST_SOCKET_PATH} fit"):
        require_free(f"unix:{path}")


def test_a_socket_in_a_folder_that_is_missing_is_named(tmp_path: Path) -> None:
    with pytest.raises(CannotStart, match="its folder does not exist"):
        require_free(f"unix:{tmp_path}/missing/s.sock")


def test_a_socket_that_another_process_listens_on_is_named(tmp_path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as taken:
        taken.bind(str(tmp_path / "s.sock"))
        taken.listen()
        with pytest.raises(CannotStart, match="Another process listens"):
            require_free(f"unix:{tmp_path}/s.sock")


def test_a_socket_file_that_a_killed_server_left_is_no_obstacle(tmp_path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as left:
        left.bind(str(tmp_path / "s.sock"))
    require_free(f"unix:{tmp_path}/s.sock")


@pytest.mark.skipif(sys.platform != "linux", reason="the filter is Linux's")
@pytest.mark.parametrize(("family", "host"), [(socket.AF_INET, "127.0.0.1"), (socket.AF_INET6, "::1")])
def test_a_listener_that_hears_no_more_lets_go_on_what_has_begun_and_a_successor_gets_the_rest(
    family: socket.AddressFamily, host: str
) -> None:
    with socket.create_server((host, 0), family=family) as listener:
        address = listener.getsockname()[:2]
        with socket.create_connection(address) as early:
            assert hear_no_more(listener)
            late = socket.socket(family)
            late.setblocking(False)
            assert late.connect_ex(address) == errno.EINPROGRESS
            assert not select.select([], [late], [], 0.2)[1], "the connection began"
            early.sendall(b"asked")
            accepted, _ = listener.accept()
            with accepted:
                assert accepted.recv(5) == b"asked"
            listener.setblocking(False)
            with pytest.raises(BlockingIOError):
                listener.accept()
    with socket.create_server(address, family=family) as successor, late:
        assert select.select([], [late], [], 5)[1], "the client sends its first segment again"
        successor.accept()[0].close()
