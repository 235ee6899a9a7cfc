"""What operators do, by REST and on the command line."""

from dependency_injector import containers, providers

from application.transactions.player_transactions import PlayerTransactions
from application.use_cases.accounts.account_administration import AccountAdministration
from application.use_cases.accounts.block_account import BlockAccount
from application.use_cases.accounts.change_role import ChangeRole
from application.use_cases.accounts.delete_account import DeleteAccount
from application.use_cases.audit.read_audit_log import ReadAuditLog
from application.use_cases.audit.verify_audit_log import VerifyAuditLog
from application.use_cases.operations.check_health import CheckHealth
from application.use_cases.operations.create_admin import CreateAdmin
from application.use_cases.operations.renew_epoch import RenewEpoch
from application.use_cases.operations.send_notice import SendNotice
from application.use_cases.operations.set_password import SetPassword
from application.use_cases.users.adjust_balance import AdjustBalance
from application.use_cases.users.disconnect_user import DisconnectUser
from application.use_cases.users.find_users import FindUsers
from application.use_cases.users.inspect_user import InspectUser
from application.use_cases.users.revoke_logins import RevokeLogins
from bootstrap.container.cluster import Cluster
from bootstrap.container.core import Core
from bootstrap.container.identity import Identity
from bootstrap.container.realtime import Realtime
from bootstrap.container.storage import Storage


class OperatorUseCases(containers.DeclarativeContainer):
    """Acts with an entry in the audit log, and the log itself."""

    operators_transactions = providers.Singleton(
        PlayerTransactions,
        Storage.operators_unit_of_work,
        Cluster.event_publisher,
        Core.codec,
        Core.clock,
        Core.ids,
    )
    create_admin = providers.Singleton(
        CreateAdmin,
        Storage.operators_unit_of_work,
        Identity.passwords,
        Identity.common_passwords,
        Core.clock,
        Realtime.authority_news,
    )
    set_password = providers.Singleton(
        SetPassword,
        Storage.operators_unit_of_work,
        Identity.passwords,
        Identity.common_passwords,
        Core.clock,
        Realtime.authority_news,
    )
    account_administration = providers.Singleton(
        AccountAdministration, Storage.operators_unit_of_work, Core.clock, Realtime.authority_news
    )
    change_role = providers.Singleton(ChangeRole, account_administration)
    block_account = providers.Singleton(BlockAccount, account_administration)
    delete_account = providers.Singleton(DeleteAccount, account_administration)
    send_notice = providers.Singleton(
        SendNotice,
        Storage.operators_unit_of_work,
        Cluster.broadcaster,
        Core.codec,
        Core.clock,
        Core.ids,
    )
    find_users = providers.Singleton(FindUsers, Storage.operators_unit_of_work)
    inspect_user = providers.Singleton(
        InspectUser, Storage.operators_unit_of_work, Realtime.session_directory
    )
    disconnect_user = providers.Singleton(
        DisconnectUser, Storage.operators_unit_of_work, Realtime.session_directory
    )
    revoke_logins = providers.Singleton(
        RevokeLogins, Storage.operators_unit_of_work, Core.clock, Realtime.authority_news
    )
    adjust_balance = providers.Singleton(AdjustBalance, operators_transactions)
    read_audit_log = providers.Singleton(ReadAuditLog, Storage.operators_unit_of_work)
    verify_audit_log = providers.Singleton(
        VerifyAuditLog, Storage.unit_of_work, Storage.audit_chain
    )
    renew_epoch = providers.Singleton(RenewEpoch, Storage.operators_unit_of_work, Core.ids)
    check_health = providers.Singleton(
        CheckHealth, Storage.unit_of_work, Cluster.broadcaster, Realtime.drain
    )
