"""Several requests at once: the order of the results, the first failure, an interrupt."""

from __future__ import annotations

import signal
import threading
from typing import TYPE_CHECKING, NoReturn

import pytest

from pages_deploy.errors import Interrupted
from pages_deploy.net.threads import Beside, Stopped, in_threads

if TYPE_CHECKING:
    from types import FrameType


def test_the_results_come_in_the_order_of_the_tasks() -> None:
    second_is_done = threading.Event()

    def work(task: int) -> int:
        if task == 0:
            assert second_is_done.wait(20)
        if task == 1:
            second_is_done.set()
        return task * 10

    assert in_threads(work, range(5), threads=2) == [0, 10, 20, 30, 40]


def test_without_a_task_there_is_no_result() -> None:
    assert in_threads(str, [], threads=3) == []


def test_no_more_tasks_than_threads_are_under_way() -> None:
    lock, running, most = threading.Lock(), 0, 0

    def work(_task: int) -> None:
        nonlocal running, most
        with lock:
            running += 1
            most = max(most, running)
        with lock:
            running -= 1

    in_threads(work, range(200), threads=3)
    assert 1 <= most <= 3


def test_the_first_failure_is_raised_while_another_task_hangs_and_no_new_one_begins() -> None:
    stop, begun = threading.Event(), list[int]()
    hanging, let_go = threading.Event(), threading.Event()

    def work(task: int) -> None:
        begun.append(task)
        if task == 0:
            hanging.set()
            let_go.wait(20)
        else:
            assert hanging.wait(20)
            raise ValueError(task)

    try:
        with pytest.raises(ValueError, match="1"):
            in_threads(work, range(9), threads=2, stop=stop)
        assert stop.is_set()
        assert sorted(begun) == [0, 1]
    finally:
        let_go.set()


def test_a_task_that_goes_no_further_hides_no_failure() -> None:
    stop = threading.Event()

    def work(task: int) -> NoReturn:
        if task == 0:
            assert stop.wait(20)
            raise Stopped
        raise ValueError("the cause")

    with pytest.raises(ValueError, match="the cause"):
        in_threads(work, range(2), threads=2, stop=stop)


def test_an_interrupt_waits_for_nobody_and_stops_the_others() -> None:
    stop, let_go = threading.Event(), threading.Event()

    def interrupt(_number: int, _frame: FrameType | None) -> NoReturn:
        raise Interrupted

    def work(_task: int) -> None:
        signal.raise_signal(signal.SIGUSR1)
        let_go.wait(20)

    before = signal.signal(signal.SIGUSR1, interrupt)
    try:
        with pytest.raises(Interrupted):
            in_threads(work, range(3), threads=1, stop=stop)
        assert stop.is_set()
    finally:
        let_go.set()
        signal.signal(signal.SIGUSR1, before)


def test_work_that_goes_on_beside_gives_its_result_as_often_as_it_is_asked() -> None:
    started, go_on = threading.Event(), threading.Event()

    def work() -> int:
        started.set()
        go_on.wait()
        return 7

    beside = Beside(work)
    started.wait()
    go_on.set()
    assert (beside.result(), beside.result()) == (7, 7)


def test_what_work_beside_raises_is_raised_where_its_result_is_wanted() -> None:
    def work() -> None:
        raise LookupError("not there")

    beside = Beside(work)
    for _ in range(2):
        with pytest.raises(LookupError, match="not there"):
            beside.result()
