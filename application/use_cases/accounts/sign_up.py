"""Sign up: open an account."""

import logging
from datetime import datetime
from hashlib import sha256

from attrs import evolve, field, frozen

from application.identity.sign_in_throttle import SignInThrottle
from application.identity.token_service import SignedIn, TokenService
from application.ports.clock import Clock
from application.ports.common_passwords import CommonPasswords
from application.ports.passwords import Passwords
from application.ports.storage.idempotency import StoredResult
from application.ports.storage.stores import Stores
from application.ports.storage.unit_of_work import UnitOfWork
from application.use_cases.accounts.log_in import LogIn, LogInCommand
from domain.account import (
    Account,
    Role,
    check_invite_code,
    check_phone_number,
    check_site_id,
)
from domain.constraints import ShortText
from domain.errors import Conflict
from domain.ledger import LedgerEntry, LedgerReason
from domain.passwords import check_new_password
from domain.player import STARTING_GOLD, Player, check_nickname

logger = logging.getLogger("synchub.sign_in")


@frozen(kw_only=True)
class SignUpCommand:
    """The data of a new account; the rules of each field are in `domain.account`."""

    site_id: ShortText
    nickname: ShortText
    password: ShortText = field(repr=False)
    invite_code: ShortText | None = None
    phone_number: ShortText | None = None


def add_account(
    stores: Stores, command: SignUpCommand, password_hash: str, role: Role, now: datetime
) -> Account:
    """Insert the account and its player with 1,000 gold. The command has been validated. Conflict
    (`site_id_taken`) if the site id exists, ignoring case."""
    user_id = stores.accounts.add(
        site_id=command.site_id,
        password_hash=password_hash,
        role=role,
        invite_code=command.invite_code,
        phone_number=command.phone_number,
        created_at=now,
    )
    stores.players.add(Player(user_id=user_id, nickname=command.nickname, gold=STARTING_GOLD))
    entry = LedgerEntry(STARTING_GOLD, STARTING_GOLD, LedgerReason.SIGNUP)
    stores.players.add_ledger_entries(user_id, [entry], now)
    return Account(user_id=user_id, site_id=command.site_id, password_hash=password_hash, role=role)


@frozen
class SignUp:
    """Open an account and sign in.

    - The site id is unique, ignoring case. Anybody can thus find out whether a site id is taken,
      and is delayed after many attempts (`application.identity.sign_in_throttle`).
    - The password is none that an attacker would try first (`domain.passwords`).
    - A new player starts with 1,000 gold.
    - A repeated request (same Idempotency-Key, same fields) signs in to the account that the first
      one opened: tokens are not stored, so the first answer cannot be given again. Its password has
      to be right like that of any sign-in.
    """

    _unit_of_work: UnitOfWork
    _passwords: Passwords
    _common_passwords: CommonPasswords
    _throttle: SignInThrottle
    _token_service: TokenService
    _clock: Clock
    _log_in: LogIn

    async def execute(
        self,
        command: SignUpCommand,
        role: Role = Role.PLAYER,
        address: str = "",
        key: str | None = None,
    ) -> SignedIn:
        """Open the account and its first login. InvalidInput or Conflict if a field violates its
        rules; see `LogIn` for TooManyRequests and Overloaded. `role` is set by our code only, never
        from a request; `key` is the Idempotency-Key."""
        check_site_id(command.site_id)
        check_invite_code(command.invite_code)
        check_phone_number(command.phone_number)
        valid = evolve(command, nickname=check_nickname(command.nickname))
        names = (valid.site_id, valid.nickname)
        check_new_password(command.password, names, self._common_passwords.contain)

        def open_account(stores: Stores) -> SignedIn:
            now = self._clock.now()
            account = add_account(stores, valid, password_hash, role, now)
            if key is not None:
                stored = StoredResult(_fingerprint(valid), b"")
                stores.idempotency.save(account.user_id, key, stored, now)
            return self._token_service.open(stores, account)

        async with self._throttle.sign_up(address):
            password_hash = await self._passwords.hash(command.password, address)
            try:
                return await self._unit_of_work.write(open_account)
            except Conflict:
                if key is None or not await self._has_opened(valid, key):
                    raise
        logger.debug("a repeated sign-up signs in", extra={"site_id": valid.site_id})
        credentials = LogInCommand(site_id=valid.site_id, password=valid.password)
        return await self._log_in.execute(credentials, address)

    async def _has_opened(self, command: SignUpCommand, key: str) -> bool:
        """Whether the account was opened by this command with this key."""

        def read(stores: Stores) -> bool:
            account = stores.accounts.by_site_id(command.site_id)
            if account is None:
                return False
            stored = stores.idempotency.find(account.user_id, key)
            return stored is not None and stored.fingerprint == _fingerprint(command)

        return await self._unit_of_work.read(read)


def _fingerprint(command: SignUpCommand) -> str:
    """A hash of all fields but the password, which a fast hash would not protect."""
    return sha256(repr(command).encode()).hexdigest()
