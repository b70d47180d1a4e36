"""Functions that the tests of ``bounded`` run in its child process."""

import os
import time


def repeat(payload: bytes, times: int) -> str:
    return payload.decode() * times


def sleep(payload: bytes, times: int) -> None:
    time.sleep(60)


def fill_memory(payload: bytes, times: int) -> int:
    return len(payload * (100 * 2**20))


def break_down(payload: bytes, times: int) -> None:
    os._exit(3)


def fail(payload: bytes, times: int) -> None:
    raise RuntimeError("as a parser would on a case its authors never met")


def surroundings(payload: bytes, times: int) -> list[str]:
    return sorted(os.environ)
