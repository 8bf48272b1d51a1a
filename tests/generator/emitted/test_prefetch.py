"""Work in the background: its result, its error, and its end."""

from __future__ import annotations

import asyncio
import threading
from contextvars import ContextVar

import pytest

from sdkgen.emitted._runtime import prefetch
from sdkgen.emitted._runtime.prefetch import InTask, OnThread

VARIABLE = ContextVar("VARIABLE", default="none")


def fail() -> str:
    raise LookupError("later")


def test_a_thread_returns_or_raises_what_the_call_did() -> None:
    VARIABLE.set("of the caller")
    call = OnThread(VARIABLE.get)
    assert call.result() == "of the caller"
    call.close()
    wrong = OnThread(fail)
    wrong.close()
    with pytest.raises(LookupError, match="later"):
        wrong.result()


def test_closing_waits_for_the_thread_except_on_the_thread_itself() -> None:
    opened, closed_inside = threading.Event(), threading.Event()
    made: list[OnThread[None]] = []

    def work() -> None:
        assert opened.wait(60)
        made[0].close()
        closed_inside.set()

    made.append(OnThread(work))
    opened.set()
    made[0].close()
    assert closed_inside.is_set()


def test_without_a_thread_the_caller_does_the_work(monkeypatch: pytest.MonkeyPatch) -> None:
    class NoThread(threading.Thread):
        def start(self) -> None:
            raise RuntimeError("can't start new thread")

    monkeypatch.setattr(prefetch, "Thread", NoThread)
    call = OnThread(threading.current_thread)
    assert call.result() is threading.current_thread()
    call.close()


async def test_a_task_returns_raises_or_is_cancelled() -> None:
    async def work() -> str:
        return VARIABLE.get()

    async def fails() -> str:
        return fail()

    async def never() -> str:
        await asyncio.Event().wait()
        return ""

    call, wrong, endless = InTask(work()), InTask(fails()), InTask(never())
    assert await call.result() == VARIABLE.get()
    with pytest.raises(LookupError):
        await wrong.result()
    for one in (call, wrong, endless):
        await one.close()
    assert asyncio.all_tasks() == {asyncio.current_task()}


async def test_an_error_that_is_not_asked_for_is_not_reported() -> None:
    reported: list[object] = []
    asyncio.get_running_loop().set_exception_handler(lambda _, context: reported.append(context))

    async def fails() -> str:
        return fail()

    call = InTask(fails())
    await asyncio.sleep(0)
    await call.close()
    del call
    await asyncio.sleep(0)
    assert reported == []
