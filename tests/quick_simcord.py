"""The simulated Discord, in a fraction of the time.

After each thing a member does, SimCord looks at all tasks and timers of the bot until none can go on by itself.
Ours has some twenty tasks that sleep, each with a timer, and SimCord compares each task with each timer several
times, which was a third of the processor time of all tests that use it. What is here returns the same; what holds
for nearly all tasks and timers is looked at first.

It also copies messages and requests whenever they are sent or read, with `deepcopy`, which is made for any object.
They are JSON.
"""

import asyncio
from copy import deepcopy
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any

from simcord import _dpy_internals, _runtime, _settlement, components, gateway, results
from simcord import env as simcord_env
from simcord.backend import serializers
from simcord.http import router

_recognized_wait, _park_reason = _settlement._recognized_wait, _settlement._park_reason


@dataclass(slots=True)
class SettlementState:
    """SimCord's class of this name, not frozen: a frozen one takes several times as long to create."""

    work: Any
    bot: Any
    loop: asyncio.AbstractEventLoop | None
    virtual_time: float
    advancing: bool
    generation: int
    last_dispatch: str | None


def _list_timers_waking(state: Any, task: asyncio.Task[Any], waiter: Any) -> list[Any]:
    """Return the records of the timers that do nothing but wake the task from what it waits for."""
    found = []
    now = state.virtual_time
    for record in state.work.callbacks:
        if record.when is None or record.when <= now or record.handle is None or record.handle._cancelled:
            continue
        for argument in record.handle._args:
            if argument is waiter and waiter is not None:
                found.append(record)
                break
        else:
            callback = _dpy_internals._original_callback(record.handle._callback)
            if getattr(callback, "__self__", None) is not None and _dpy_internals.is_wakeup_callback(
                callback, (), waiter, task
            ):
                found.append(record)
    return found


def _is_recognized_wait(state: Any, task: asyncio.Task[Any], waiter: Any) -> bool:
    """Return whether the task waits for what is not the bot's work; most are loops between two rounds."""
    return _dpy_internals.tasks_loop_sleep(task, waiter) or _recognized_wait(state, task, waiter)


def _get_park_reason(
    state: Any, task: asyncio.Task[Any], deadline: float, seen: set[int] | None = None
) -> str | None:
    """Return why the task can't go on by itself, None if it can; most are loops between two rounds."""
    waiter: Any = getattr(task, "_fut_waiter", None)
    if (
        seen is None
        and not task.done()
        and _dpy_internals.tasks_loop_sleep(task, waiter)
        and _list_timers_waking(state, task, waiter)
    ):
        return "discord.ext.tasks loop interval"
    return _park_reason(state, task, deadline, seen)


def _read_clock() -> float:
    """Return the simulated time to the bot, and the real one to everybody else."""
    scope = _runtime._BOT_SCOPE.get()
    if scope is not None:
        env, generation = scope
        if env._started and env._runtime is not None and generation == env._generation:
            return float(env._virtual_time)
    return _dpy_internals._REAL_MONOTONIC()


def copy_json(value: Any) -> Any:
    """Return a copy of the value in which no dict or list is the same; of what is no JSON, as `deepcopy` does."""
    kind = type(value)
    if kind is dict:
        return {key: copy_json(each) for key, each in value.items()}
    if kind is list:
        return [copy_json(each) for each in value]
    return value if kind is str or kind is int else deepcopy(value)


def install() -> None:
    """Let SimCord settle and copy this way in this process."""
    for module in (results, components, serializers):
        module.deepcopy = copy_json  # type: ignore[attr-defined]
    for module in (gateway, router):
        module.copy = SimpleNamespace(deepcopy=copy_json)  # type: ignore[attr-defined]
    # Two records are the same only if they are one; to compare their fields took longer than all else on the list.
    _runtime._CallbackRecord.__eq__ = object.__eq__  # type: ignore[method-assign]
    _settlement._timer_records_waking = _list_timers_waking
    _settlement._recognized_wait = _is_recognized_wait
    _settlement._park_reason = _get_park_reason
    _dpy_internals._clock_monotonic = _read_clock
    simcord_env._SettlementState = SettlementState  # type: ignore[misc, assignment]
