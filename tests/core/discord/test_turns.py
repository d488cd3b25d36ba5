"""Turns: a few tasks work at a time, in their order, and none keeps the others from working."""

import asyncio

import pytest

from bot.core.discord import interactions
from bot.core.discord.interactions import Turns


async def test_tasks_take_turns_in_their_order_and_never_more_than_the_count() -> None:
    turns, order, working = Turns(2), list[int](), set[int]()

    async def work(number: int) -> None:
        await turns.take()
        order.append(number)
        working.add(number)
        assert len(working) <= 2
        await asyncio.sleep(0)
        await turns.take()  # it still has its turn
        working.remove(number)
        turns.end(asyncio.current_task())

    await asyncio.gather(*(work(number) for number in range(20)))
    assert order == list(range(20))
    assert not turns.is_busy


async def test_a_task_without_a_turn_ends_nobody_elses() -> None:
    turns = Turns(1)
    await turns.take()
    other = asyncio.create_task(asyncio.sleep(0))
    turns.end(other)
    turns.end(None)
    assert turns.is_busy
    turns.end(asyncio.current_task())
    turns.end(asyncio.current_task())
    await turns.take()
    assert turns.is_busy
    await other


async def test_a_task_that_waits_for_something_else_gives_its_turn_away(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(interactions, "TURN_SECONDS", 0)
    turns = Turns(1)
    waits = asyncio.Event()

    async def wait_long() -> None:
        await turns.take()
        await waits.wait()

    first = asyncio.create_task(wait_long())
    await asyncio.sleep(0)
    await asyncio.wait_for(asyncio.create_task(turns.take()), 10)
    waits.set()
    await first


async def test_nobody_waits_for_a_turn_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(interactions, "WAIT_SECONDS", 0)
    turns = Turns(1)
    await turns.take()
    await asyncio.create_task(turns.take())  # works without one
    assert turns.is_busy
    turns.end(asyncio.current_task())
    assert not turns.is_busy


async def test_a_task_cancelled_while_it_waits_leaves_its_place_to_the_next() -> None:
    turns = Turns(1)
    await turns.take()
    given_up, next_one = (asyncio.create_task(turns.take()) for _ in range(2))
    await asyncio.sleep(0)
    given_up.cancel()
    await asyncio.wait((given_up,))
    turns.end(asyncio.current_task())
    await next_one
    turns.end(next_one)
    assert not turns.is_busy
