"""What a writer is given and gives back."""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from dataclasses import dataclass

from django.utils.functional import Promise

from apps.brand.vault import Fact, StyleVault
from apps.core.networks import NETWORKS

_FIGURE = re.compile(r"\d+(?:[.,:]\d+)*")


@dataclass(frozen=True)
class Brief:
    """A topic for one network in the name of a brand; `facts` are what may be claimed on the day it is for."""

    topic: str
    network: str
    brand: str
    vault: StyleVault
    facts: tuple[Fact, ...] = ()

    def fits(self, text: str) -> bool:
        """Whether the network takes a text of this length."""
        network = NETWORKS[self.network]
        too_many_bytes = network.max_bytes is not None and len(text.encode()) > network.max_bytes
        return network.count(text) <= network.max_characters and not too_many_bytes

    def unfounded(self, text: str) -> tuple[str, ...]:
        """Figures (prices, times, shares) in a text that neither the topic nor a fact states, in order."""
        known = set(_FIGURE.findall(" ".join([self.topic, *(fact.text for fact in self.facts)])))
        return tuple(dict.fromkeys(figure for figure in _FIGURE.findall(text) if figure not in known))


class Writer(ABC):
    """Turns a brief into words. Raises the vendor errors of `core.errors`."""

    key: str
    label: str | Promise

    def __str__(self) -> str:
        return str(self.label)

    @abstractmethod
    def is_offered(self) -> bool:
        """Whether it is set up here."""

    @abstractmethod
    def write(self, brief: Brief) -> str:
        """One post of at most the network's length, in the language of the topic."""
