"""What people intend with organizations, workspaces, members, invitations and themselves.

Every function checks what its rule needs under a lock of the organization's row, which is taken before any other.
Permissions of the page are the view's business; rules between people (nobody touches a role above their own, an
organization keeps an owner) are checked here.
"""

from apps.accounts.services.invitations import (
    INVITATIONS_A_DAY,
    accept_invitation,
    find_invitation,
    invite_member,
    resend_invitation,
    take_back_invitation,
)
from apps.accounts.services.keys import create_key, revoke_key
from apps.accounts.services.mails import post_mail
from apps.accounts.services.members import (
    change_role,
    delete_team,
    expel_member,
    leave_organization,
    remove_member,
    save_team,
    transfer_ownership,
)
from apps.accounts.services.notices import choose_ways, read_notice, read_notices
from apps.accounts.services.organizations import (
    create_organization,
    delete_organization,
    keep_organization,
    pause_organization,
    resume_organization,
    update_organization,
)
from apps.accounts.services.people import (
    close_account,
    delete_person,
    open_account,
    request_export,
    update_person,
)
from apps.accounts.services.workspaces import (
    create_workspace,
    delete_workspace,
    keep_workspace,
    pause_workspace,
    resume_workspace,
    update_workspace,
)

__all__ = [
    "INVITATIONS_A_DAY",
    "accept_invitation",
    "change_role",
    "choose_ways",
    "close_account",
    "create_key",
    "create_organization",
    "create_workspace",
    "delete_organization",
    "delete_person",
    "delete_team",
    "delete_workspace",
    "expel_member",
    "find_invitation",
    "invite_member",
    "keep_organization",
    "keep_workspace",
    "leave_organization",
    "open_account",
    "pause_organization",
    "pause_workspace",
    "post_mail",
    "read_notice",
    "read_notices",
    "remove_member",
    "request_export",
    "resend_invitation",
    "resume_organization",
    "resume_workspace",
    "revoke_key",
    "save_team",
    "take_back_invitation",
    "transfer_ownership",
    "update_organization",
    "update_person",
    "update_workspace",
]
