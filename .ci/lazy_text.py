"""mypy: a lazily translated sentence is text to whoever takes it.

django-stubs gives `gettext_lazy` a type of its own, which is true and helps nobody: labels, messages and sentences of
errors are stated as `str`, and turning one into text early is what the lazy kind exists to avoid.
"""

from collections.abc import Callable

from mypy.plugin import FunctionContext, Plugin
from mypy.types import Type

LAZY = {
    f"django.utils.translation.{name}" for name in ("gettext_lazy", "pgettext_lazy", "ngettext_lazy", "npgettext_lazy")
}


class LazyText(Plugin):
    def get_function_hook(self, fullname: str) -> Callable[[FunctionContext], Type] | None:
        return _as_text if fullname in LAZY else None


def _as_text(context: FunctionContext) -> Type:
    return context.api.named_generic_type("builtins.str", [])


def plugin(version: str) -> type[Plugin]:
    return LazyText
