"""One verification neither takes the time of other answers nor outlives the one who asked."""

import asyncio
import threading

import pytest
from table_scene import table_scene

from vls_core.vlm.judge import Judge
from vls_core.vlm.layout import pick_and_place

SCENE = table_scene()
PROGRAM = pick_and_place('red cube', 'plate', ('bottle',), inside=False)
LONG = 20.0


def test_the_loop_goes_on_while_something_is_verified():
    seen = threading.Event()

    async def work(judge):
        verifying = asyncio.ensure_future(judge(PROGRAM, SCENE))
        await asyncio.sleep(0)
        seen.set()  # in the same thread as a verifier in the loop, this would come too late
        return await verifying

    with Judge(lambda _program, _scene: seen.wait(LONG)) as judge:
        assert asyncio.run(work(judge)) is True


def test_programs_are_verified_one_at_a_time():
    meeting = threading.Barrier(2)
    met = []

    def verify(_program, _scene):
        try:
            meeting.wait(0.05)
        except threading.BrokenBarrierError:
            meeting.reset()
        else:
            met.append(True)

    async def work(judge):
        await asyncio.gather(*(judge(PROGRAM, SCENE) for _ in range(3)))

    with Judge(verify) as judge:
        asyncio.run(work(judge))
    assert met == []


def test_a_verification_nobody_waits_for_is_over_when_the_block_ends():
    started, released = threading.Event(), threading.Event()
    finished = []

    def verify(_program, _scene):
        started.set()
        finished.append(released.wait(LONG))

    async def work(judge):
        tasks = [asyncio.ensure_future(judge(PROGRAM, SCENE)) for _ in range(2)]
        while not started.is_set():
            await asyncio.sleep(0)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    with Judge(verify) as judge:
        asyncio.run(work(judge))
        assert finished == []
        released.set()
    assert finished == [True]


def test_what_the_verifier_raises_is_raised():
    def fail(_program, _scene):
        raise ValueError('no worker')

    with Judge(fail) as judge, pytest.raises(ValueError, match='no worker'):
        asyncio.run(judge(PROGRAM, SCENE))
