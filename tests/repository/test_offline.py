"""The tests need no network."""

import socket

import pytest


def test_a_test_that_reaches_out_is_stopped() -> None:
    with socket.socket() as out, pytest.raises(PermissionError, match="Tests use this machine only"):
        out.connect(("192.0.2.1", 80))
