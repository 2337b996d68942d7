"""From a posted form to a service and back."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.forms import BaseForm

from apps.core.errors import Invalid


def submit(form: BaseForm, service: Callable[..., Any], **arguments: Any) -> Any:
    """Call `service` with the arguments and the form's cleaned fields, if the form was posted and is right.

    Returns what the service returned, True where that is None, and None where nothing was done: the form was not
    posted, or has errors, the service's own `Invalid` among them. Other errors of the service pass.
    """
    if not form.is_valid():
        return None
    try:
        result = service(**arguments, **form.cleaned_data)
    except Invalid as error:
        if not error.fields:
            form.add_error(None, str(error))
        for name, sentences in error.fields.items():
            form.add_error(name if name in form.fields else None, sentences)
        return None
    return True if result is None else result


def page_status(form: BaseForm) -> int:
    """422 for a page that shows a form with errors, else 200."""
    return 422 if form.is_bound and form.errors else 200
