"""What users do with their accounts."""

from dependency_injector import containers, providers

from application.use_cases.accounts.change_password import ChangePassword
from application.use_cases.accounts.issue_ticket import IssueTicket
from application.use_cases.accounts.log_in import LogIn
from application.use_cases.accounts.log_out import LogOut
from application.use_cases.accounts.redeem_ticket import RedeemTicket
from application.use_cases.accounts.refresh_login import RefreshLogin
from application.use_cases.accounts.sign_up import SignUp
from bootstrap.container.core import Core
from bootstrap.container.identity import Identity
from bootstrap.container.realtime import Realtime
from bootstrap.container.storage import Storage


class AccountUseCases(containers.DeclarativeContainer):
    """Sign-up, sign-in, sign-out, passwords and tickets."""

    log_in = providers.Singleton(
        LogIn,
        Storage.unit_of_work,
        Identity.passwords,
        Identity.token_service,
        Identity.sign_in_throttle,
        Core.telemetry,
    )
    sign_up = providers.Singleton(
        SignUp,
        Storage.unit_of_work,
        Identity.passwords,
        Identity.common_passwords,
        Identity.sign_in_throttle,
        Identity.token_service,
        Core.clock,
        log_in,
    )
    change_password = providers.Singleton(
        ChangePassword,
        Storage.unit_of_work,
        Identity.passwords,
        Identity.common_passwords,
        Identity.sign_in_throttle,
        Core.clock,
        Realtime.authority_news,
        Core.telemetry,
    )
    refresh_login = providers.Singleton(
        RefreshLogin,
        Storage.unit_of_work,
        Identity.token_service,
        Core.clock,
        Realtime.authority_news,
        Core.telemetry,
    )
    issue_ticket = providers.Singleton(
        IssueTicket, Storage.unit_of_work, Core.codec, Core.clock, Core.ids
    )
    redeem_ticket = providers.Singleton(
        RedeemTicket,
        Storage.unit_of_work,
        Core.codec,
        Core.clock,
        Identity.authenticator,
        Core.telemetry,
    )
    log_out = providers.Singleton(LogOut, Storage.unit_of_work, Core.clock, Realtime.authority_news)
