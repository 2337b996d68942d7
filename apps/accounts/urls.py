"""Addresses of people, organizations, workspaces and members. allauth's own lie under /account/ (config.urls)."""

from django.urls import include, path

from apps.accounts.views import invitations, keys, landing, members, notices, organizations, people, teams, workspaces

_workspace = [
    path("", landing.workspace_home, name="workspace_home"),
    path("settings/", workspaces.workspace_settings, name="workspace_settings"),
    path("pause/", workspaces.workspace_pause, name="workspace_pause"),
    path("resume/", workspaces.workspace_resume, name="workspace_resume"),
    path("delete/", workspaces.workspace_delete, name="workspace_delete"),
    path("keep/", workspaces.workspace_keep, name="workspace_keep"),
]

_organization = [
    path("usage/", organizations.usage, name="usage"),
    path("settings/", organizations.organization_settings, name="organization_settings"),
    path("audit/", organizations.audit_list, name="audit_list"),
    path("pause/", organizations.organization_pause, name="organization_pause"),
    path("resume/", organizations.organization_resume, name="organization_resume"),
    path("export/", organizations.organization_export, name="organization_export"),
    path("delete/", organizations.organization_delete, name="organization_delete"),
    path("keep/", organizations.organization_keep, name="organization_keep"),
    path("keys/", keys.key_list, name="key_list"),
    path("keys/new/", keys.key_new, name="key_new"),
    path("keys/<uuid:pk>/revoke/", keys.key_revoke, name="key_revoke"),
    path("workspaces/new/", workspaces.workspace_new, name="workspace_new"),
    path("members/", members.member_list, name="member_list"),
    path("members/<uuid:pk>/", members.member_edit, name="member_edit"),
    path("members/<uuid:pk>/remove/", members.member_remove, name="member_remove"),
    path("members/<uuid:pk>/make-owner/", members.member_transfer, name="member_transfer"),
    path("leave/", members.member_leave, name="member_leave"),
    path("invitations/", invitations.invitation_new, name="invitation_new"),
    path("invitations/<uuid:pk>/resend/", invitations.invitation_resend, name="invitation_resend"),
    path("invitations/<uuid:pk>/take-back/", invitations.invitation_take_back, name="invitation_take_back"),
    path("teams/", teams.team_list, name="team_list"),
    path("teams/new/", teams.team_new, name="team_new"),
    path("teams/<uuid:pk>/", teams.team_edit, name="team_edit"),
    path("teams/<uuid:pk>/delete/", teams.team_delete, name="team_delete"),
]

urlpatterns = [
    path("", landing.home, name="home"),
    path("start/", landing.organization_new, name="organization_new"),
    path("invitations/<str:token>/", invitations.invitation_accept, name="invitation_accept"),
    path("account/demo/", people.login_as, name="login_as"),
    path("account/profile/", people.person_edit, name="person_edit"),
    path("account/security/", people.person_security, name="person_security"),
    path("account/export/", people.person_export, name="person_export"),
    path("account/exports/<str:signed>/", people.export_download, name="export_download"),
    path("account/delete/", people.person_delete, name="person_delete"),
    path("account/notices/", notices.person_notices, name="person_notices"),
    path("notices/", notices.notice_list, name="notice_list"),
    path("notices/read/", notices.notice_read_all, name="notice_read_all"),
    path("notices/<uuid:pk>/", notices.notice_open, name="notice_open"),
    path("w/<slug:workspace>/", include(_workspace)),
    path("o/<slug:organization>/", include(_organization)),
]
