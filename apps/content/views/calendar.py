"""The calendar: a month and a day."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from apps.accounts.catalog import Permission
from apps.accounts.decorators import member_required
from apps.content import agenda
from apps.content.forms import MonthForm, read_day
from apps.core.htmx import answer


@member_required(Permission.WORKSPACE_VIEW)
def calendar(request: HttpRequest) -> HttpResponse:
    """A month of posts; `?month=2026-12` another one."""
    first = MonthForm(request.GET).first(otherwise=agenda.today(request.workspace))
    context = {"month": agenda.month(request.workspace, first), "today": agenda.today(request.workspace)}
    return answer(request, "content/calendar.html", context, partial="month")


@member_required(Permission.WORKSPACE_VIEW)
def calendar_day(request: HttpRequest, year: int, month: int, day: int) -> HttpResponse:
    """Every post of one day: where "+ 7 more" leads. Raises NotFound for a day that does not exist."""
    shown = agenda.day(request.workspace, read_day(year, month, day))
    return render(request, "content/calendar_day.html", {"day": shown})
