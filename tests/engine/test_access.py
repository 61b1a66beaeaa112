"""A sign-in as a process holds it: renewed in time, shared by the processes of a machine, over when it is over."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from sqlalchemy import text

from agentiq_core.domain.errors import (
    Forbidden,
    SignedOut,
    SignInDelayed,
    SignInNeeded,
    StoreUnavailable,
    WrongPassword,
)
from agentiq_core.engine.access import LIFE_SECONDS, REFRESH, RENEW_AFTER, Access
from agentiq_core.engine.opening import one_at_a_time
from agentiq_core.identity import passwords
from agentiq_core.identity.plain_file import PlainFile
from agentiq_core.identity.secret_store import SecretStore
from agentiq_core.store import accounts
from agentiq_core.store.accounts import HashParameters
from agentiq_core.store.database import Door, Store
from agentiq_core.store.owner import first_owner
from tests.signed import owners_transaction

EMAIL, PASSWORD = "anna@example.org", "чайник на плите 7"
WEAKEST = HashParameters(b"0123456789abcdef", time_cost=1, memory_kib=19456)
"""The least that the database takes, so that tests are quick."""


@dataclass
class Machine:
    """A home and its processes; time passes when the test says so."""

    dsn: str
    home: Path
    now: float = 1000.0
    _open: list[Door] = field(default_factory=list)

    @property
    def secrets(self) -> SecretStore:
        return PlainFile(self.home / "secrets.json")

    def process(self) -> Access:
        """A fresh process of this machine: it knows only what the secret store keeps."""
        door = Door(self.dsn, pool_size=2)
        self._open.append(door)
        return Access(door, keep=self.secrets, turn=one_at_a_time(self.home), clock=lambda: self.now)

    def store(self, access: Access) -> Store:
        return Store(self._open[-1], access)

    async def aclose(self) -> None:
        for door in self._open:
            await door.aclose()


@pytest.fixture
async def machine(dsn: str, tmp_path: Path) -> AsyncIterator[Machine]:
    """A machine of a team whose owner has a password."""
    proof = passwords.proof(
        PASSWORD,
        salt=WEAKEST.salt,
        time_cost=WEAKEST.time_cost,
        memory_kib=WEAKEST.memory_kib,
        lanes=WEAKEST.lanes,
    )
    await asyncio.to_thread(first_owner, dsn, EMAIL, WEAKEST, proof)
    machine = Machine(dsn, tmp_path)
    yield machine
    await machine.aclose()


async def test_nobody_has_signed_in_yet(machine: Machine) -> None:
    with pytest.raises(SignInNeeded):
        await machine.process().token()


async def test_a_sign_in_is_kept_for_the_next_process(machine: Machine) -> None:
    who = await machine.process().sign_in(f"  {EMAIL.upper()} ", PASSWORD)
    assert (who.email, who.role) == (EMAIL, "owner")
    later = machine.process()
    await later.token()
    assert later.who == who


async def test_a_wrong_password_and_an_unknown_e_mail_read_alike(machine: Machine) -> None:
    said = []
    for email in (EMAIL, "nobody@example.org"):
        with pytest.raises(WrongPassword) as refused:
            await machine.process().sign_in(email, "не тот пароль")
        said.append(str(refused.value))
    assert said[0] == said[1]
    assert machine.secrets.get(REFRESH) is None


async def test_ten_wrong_passwords_slow_that_account_and_no_other(machine: Machine) -> None:
    access = machine.process()
    outcomes: list[type[Exception]] = []
    for _ in range(10):
        with pytest.raises((WrongPassword, SignInDelayed)) as refused:
            await access.sign_in("nobody@example.org", "не тот пароль")
        outcomes.append(refused.type)
    # a delay grows from one second, which a slow machine may have let pass
    assert outcomes[:6] == [WrongPassword] * 5 + [SignInDelayed]
    assert outcomes.count(SignInDelayed) >= 3
    assert (await access.sign_in(EMAIL, PASSWORD)).email == EMAIL


async def test_a_token_is_renewed_in_the_background_before_it_ends(machine: Machine) -> None:
    access = machine.process()
    await access.sign_in(EMAIL, PASSWORD)
    first, kept = await access.token(), machine.secrets.get(REFRESH)
    machine.now += RENEW_AFTER + 1
    assert await access.token() == first
    assert machine.secrets.get(REFRESH) == kept, "the old one still works, and nobody waits"
    await access.renewal()
    assert machine.secrets.get(REFRESH) != kept


async def test_a_machine_that_slept_too_long_gets_a_token_before_it_goes_on(machine: Machine) -> None:
    access = machine.process()
    await access.sign_in(EMAIL, PASSWORD)
    kept = machine.secrets.get(REFRESH)
    machine.now += 10 * LIFE_SECONDS
    await access.token()
    assert machine.secrets.get(REFRESH) != kept


async def test_two_processes_of_a_machine_renew_one_sign_in_in_turn(machine: Machine) -> None:
    await machine.process().sign_in(EMAIL, PASSWORD)
    processes = [machine.process() for _ in range(4)]
    for _ in range(3):
        machine.now += 2 * LIFE_SECONDS
        await asyncio.gather(*(process.token() for process in processes))
    assert all(process.who is not None for process in processes)


async def test_a_process_that_died_before_it_kept_the_next_token_may_ask_again(machine: Machine) -> None:
    await machine.process().sign_in(EMAIL, PASSWORD)
    kept = machine.secrets.get(REFRESH)
    assert kept is not None
    for _ in range(2):
        await machine.process().token()
        machine.secrets.set(REFRESH, kept)
    # the first renewal's token was never used, so the kept one is not a stolen one
    await machine.process().token()


async def test_a_stolen_token_ends_the_sign_in_of_both(machine: Machine) -> None:
    access = machine.process()
    await access.sign_in(EMAIL, PASSWORD)
    stolen = machine.secrets.get(REFRESH)
    assert stolen is not None
    for _ in range(2):
        machine.now += 2 * LIFE_SECONDS
        await access.token()
    async with machine.store(access).transaction() as session:
        assert await session.scalar(text("select count(*) from operators")) == 1
    thief = Door(machine.dsn, pool_size=1)
    async with thief.anonymous() as session:
        said = await accounts.refresh(session, stolen)
    await thief.aclose()
    assert said["status"] == "revoked"
    with pytest.raises(SignedOut):
        async with machine.store(access).transaction():
            pass
    with pytest.raises(SignedOut):
        await access.token()


async def test_a_disabled_operator_is_out_at_the_next_statement(machine: Machine) -> None:
    access = machine.process()
    await access.sign_in(EMAIL, PASSWORD)
    store = machine.store(access)
    async with owners_transaction(machine.dsn) as session:
        await session.execute(text("update operators set disabled_at = now()"))
    with pytest.raises(SignedOut):
        async with store.transaction():
            pass


async def test_signing_out_everywhere_ends_the_other_machine_too(machine: Machine, tmp_path: Path) -> None:
    other = Machine(machine.dsn, tmp_path / "other")
    there = other.process()
    await there.sign_in(EMAIL, PASSWORD)
    here = machine.process()
    await here.sign_in(EMAIL, PASSWORD)
    assert await here.sign_out(everywhere=True) == 2
    assert machine.secrets.get(REFRESH) is None
    with pytest.raises(SignedOut):
        async with other.store(there).transaction():
            pass
    await other.aclose()


async def test_signing_out_forgets_the_token_even_without_a_database(tmp_path: Path) -> None:
    nowhere = Machine("postgresql://somebody@127.0.0.1:1/nowhere", tmp_path)
    nowhere.secrets.set(REFRESH, "kept")
    with pytest.raises(StoreUnavailable):
        await nowhere.process().sign_out()
    assert nowhere.secrets.get(REFRESH) is None


async def test_a_changed_password_ends_the_other_sign_ins(machine: Machine, tmp_path: Path) -> None:
    other = Machine(machine.dsn, tmp_path / "other")
    there, here = other.process(), machine.process()
    await there.sign_in(EMAIL, PASSWORD)
    await here.sign_in(EMAIL, PASSWORD)
    with pytest.raises(WrongPassword):
        await here.change_password("не тот пароль", "совсем другой 8")
    await here.change_password(PASSWORD, "совсем другой 8")
    async with machine.store(here).transaction() as session:
        assert await accounts.is_owner(session)
    with pytest.raises(SignedOut):
        async with other.store(there).transaction():
            pass
    with pytest.raises(WrongPassword):
        await machine.process().sign_in(EMAIL, PASSWORD)
    await machine.process().sign_in(EMAIL, "совсем другой 8")
    await other.aclose()


async def test_what_a_role_may_not_do_is_said_as_such(machine: Machine) -> None:
    owner = machine.process()
    await owner.sign_in(EMAIL, PASSWORD)
    store = machine.store(owner)
    async with store.transaction() as session:
        await accounts.add_operator(session, "viewer@example.org", "Вера", "viewer", [])
        code = await accounts.invite_operator(session, "viewer@example.org")
    viewer = machine.process()
    who = await viewer.accept(code, "просто смотрю 9")
    assert not who.may_write
    with pytest.raises(Forbidden):
        async with machine.store(viewer).transaction() as session:
            await accounts.add_operator(session, "x@example.org", "", "viewer", [])
    with pytest.raises(WrongPassword):
        await machine.process().accept(code, "ещё раз то же 9")
