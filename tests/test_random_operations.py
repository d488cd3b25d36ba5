"""Whatever members and moderators do at the same time, through several processes, what is stored is consistent."""

import asyncio
from collections.abc import Coroutine
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, rule, run_state_machine_as_test
from sqlalchemy import delete

from bot.cli.verify import CONSISTENCY_CHECKS
from bot.core.database.columns import metadata
from bot.core.database.consistency import find_problems
from bot.core.database.engine import Database
from tests import random_process
from tests.command_line import PROCESSES
from tests.consistency import find_inconsistencies
from tests.operations import (
    ARGUMENTS,
    MEMBERS,
    NamedOperation,
    Operations,
    adds_nothing_about,
    by,
    count_rows_of,
    run_at_once,
)

PROCESS_COUNT, BATCHES = 3, 8
TIMEOUT = 240
"""Seconds that the processes may take."""
KEPT_TABLES = {"moderation_log", "key_values"}
"""Not emptied between examples: the log can only be added to."""


def _of_name(name: str) -> st.SearchStrategy[NamedOperation]:
    return st.tuples(st.just(name), st.tuples(*map(st.sampled_from, ARGUMENTS[name])))


# Ratings more often than the rest.
OPERATIONS = st.sampled_from([*ARGUMENTS, *["rate"] * len(ARGUMENTS)]).flatmap(_of_name)


async def check_consistency(database: Database) -> None:
    assert await find_inconsistencies(database) == []
    problems = await find_problems(database, CONSISTENCY_CHECKS)
    assert [(check.name, keys) for check, keys in problems] == []


async def empty(database: Database) -> None:
    async with database.write() as connection:
        for table in reversed(metadata.sorted_tables):
            if table.name not in KEPT_TABLES:
                await connection.execute(delete(table))


def test_two_processes_stay_consistent_whatever_happens_at_once(database_url: str) -> None:
    with asyncio.Runner() as runner:
        databases = [runner.run(Database.open(database_url)) for _ in range(2)]
        processes = [Operations(each) for each in databases]

        def run(work: Coroutine[Any, Any, None]) -> None:
            runner.run(work)

        class Server(RuleBasedStateMachine):
            def __init__(self) -> None:
                super().__init__()
                run(empty(databases[0]))
                run(processes[0].prepare())

            @rule(operations=st.lists(OPERATIONS, min_size=1, max_size=8))
            def act(self, operations: list[NamedOperation]) -> None:
                run(run_at_once(processes, operations))
                run(check_consistency(databases[0]))

            @rule(member=st.sampled_from(MEMBERS), operations=st.lists(OPERATIONS, min_size=3, max_size=8))
            def act_while_deleting(self, member: int, operations: list[NamedOperation]) -> None:
                own = [by(member, operation) for operation in operations]
                run(run_at_once(processes, [own[0], ("delete_data", (member,)), *own[1:]]))
                run(check_consistency(databases[0]))

            @rule(member=st.sampled_from(MEMBERS), operations=st.lists(OPERATIONS, max_size=8))
            def delete_data(self, member: int, operations: list[NamedOperation]) -> None:
                others = [each for each in operations if adds_nothing_about(member, each)]
                run(run_at_once(processes, [*others, ("delete_data", (member,))]))
                run(check_consistency(databases[0]))
                assert runner.run(count_rows_of(databases[0], member)) == {}

        try:
            run_state_machine_as_test(
                Server,
                settings=settings(
                    max_examples=4,
                    stateful_step_count=8,
                    deadline=None,
                    derandomize=True,
                    # A race that was lost once may be won the next time, so that nothing can be made smaller.
                    phases=[Phase.generate],
                    suppress_health_check=list(HealthCheck),
                ),
            )
        finally:
            for each in databases:
                runner.run(each.close())


@pytest.mark.long
async def test_real_processes_stay_consistent(database_url: str) -> None:
    database = await Database.open(database_url)
    try:
        await Operations(database).prepare()
        processes = [
            PROCESSES.Process(target=random_process.main, args=(database_url, seed, BATCHES))
            for seed in range(PROCESS_COUNT)
        ]
        for process in processes:
            process.start()
        for process in processes:
            await asyncio.to_thread(process.join, TIMEOUT)
        assert [process.exitcode for process in processes] == [0] * PROCESS_COUNT
        await check_consistency(database)
        for member in MEMBERS:
            await Operations(database).delete_data(member)
            assert await count_rows_of(database, member) == {}
        await check_consistency(database)
    finally:
        await database.close()
