"""What the desk asks before it opens: where conversations are kept, who is there, the passphrase of this machine's secrets."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from agentiq_core.domain.errors import Rejected, SignInNeeded, VaultLocked
from agentiq_tui.locale import _

if TYPE_CHECKING:
    from agentiq_core.config import Settings
    from agentiq_core.engine.access import Access, SignedIn
    from agentiq_core.engine.desk import Desk
    from agentiq_core.identity.secret_store import SecretStore
    from agentiq_tui.app import AgentIQApp


class Doorkeeper:
    """Puts the questions of `Desk.open` on the screen of the app that it was given to."""

    def __init__(self) -> None:
        self.app: AgentIQApp | None = None
        self._known: str | None = None
        """The passphrase that opened this machine's secrets at the first question."""
        self._greeted = False

    async def welcome(self, settings: Settings) -> None:
        """On a machine where nothing is set up: an own database, or a team's? Whoever leaves instead leaves the app.

        Raises `SignInNeeded` then.
        """
        from agentiq_core.engine import team
        from agentiq_core.identity.addresses import SCHEMES, ambiguous
        from agentiq_core.identity.invitation import Invitation
        from agentiq_core.identity.secret_store import open_secret_store
        from agentiq_tui.screens.where import Ways, WhereScreen

        app = self._app()

        async def secrets() -> SecretStore:
            given: list[str] = []

            def ask(new: bool) -> str:
                given.append(self.passphrase(new))
                return given[-1]

            kept = await asyncio.to_thread(open_secret_store, settings, embedded=False, ask_passphrase=ask)
            self._known = given[-1] if given else None
            return kept

        async def join(invitation: str, password: str) -> None:
            unpacked = Invitation.unpack(invitation)
            await team.join(settings, await secrets(), unpacked, password)
            self._greeted = True

        async def enter(address: str, email: str, password: str) -> None:
            if not address.startswith(SCHEMES):
                raise Rejected(_("the address begins with postgresql://"), rule="address")
            if ambiguous(address):
                said = _("special characters of the password must be percent-encoded (@ is %40, / is %2F)")
                raise Rejected(said, rule="address")
            await team.enter(settings, await secrets(), address, email, password)
            self._greeted = True

        answered: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
        app.push_screen(WhereScreen(Ways(join, enter)), lambda on: answered.set_result(bool(on)))
        if not await answered:
            app.leave_now()
            raise SignInNeeded("nobody said where the conversations are kept")

    async def sign_in(self, access: Access, needed: SignInNeeded) -> None:
        """Ask until somebody is signed in; whoever leaves instead leaves the app. Raises `needed` then."""
        # forms are imported when first needed: the first frame does not need them
        from agentiq_tui.screens.sign_in import SignInScreen

        app = self._app()

        async def attempt(email: str, password: str) -> SignedIn:
            return await access.sign_in(email, password)

        async def accept(invitation: str, password: str) -> SignedIn:
            from agentiq_core.identity.invitation import Invitation

            return await access.accept(Invitation.unpack(invitation).code, password)

        signed_in: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
        screen = SignInScreen(attempt, accept=accept, why=needed)
        app.push_screen(screen, lambda done: signed_in.set_result(bool(done)))
        if not await signed_in:
            app.leave_now()
            raise needed
        self._greeted = True

    async def team_key(self, desk: Desk) -> None:
        """Ask who has just signed in for the team key that this machine lacks; nobody needs to have it."""
        if not (self._greeted and desk.keyless and desk.who.may_write):
            return
        from agentiq_tui.screens.team_key import TeamKeyScreen

        answered: asyncio.Future[object] = asyncio.get_running_loop().create_future()
        self._app().push_screen(TeamKeyScreen(desk.keep_team_key, missing=True), answered.set_result)
        await answered

    def passphrase(self, new: bool) -> str:
        """Ask for the passphrase, once; called in a thread. Raises `VaultLocked` when none is given."""
        if self._known is not None:
            return self._known
        from agentiq_tui.screens.passphrase import PassphraseScreen

        app = self._app()

        async def ask() -> str | None:
            given: asyncio.Future[str | None] = asyncio.get_running_loop().create_future()
            app.push_screen(PassphraseScreen(new=new), given.set_result)
            return await given

        passphrase: str | None = app.call_from_thread(ask)  # type: ignore[arg-type]
        if not passphrase:
            raise VaultLocked(
                "no passphrase was given: the secrets of this machine stay closed", reason="passphrase"
            )
        return passphrase

    def _app(self) -> AgentIQApp:
        assert self.app is not None, "the app takes its doorkeeper when it is made"
        return self.app
