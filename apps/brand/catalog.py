"""The closed lists of a brand kit, and presets of trades to begin with."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class Voice(TextChoices):
    PROFESSIONAL = "professional", _("Professional")
    CASUAL = "casual", _("Casual")
    HUMOROUS = "humorous", _("Humorous")
    INSPIRING = "inspiring", _("Inspiring")
    EDUCATIONAL = "educational", _("Educational")
    OWN = "own", _("In my own words")


class VisualStyle(TextChoices):
    MODERN = "modern", _("Modern")
    CLASSIC = "classic", _("Classic")
    MINIMALIST = "minimalist", _("Minimalist")
    BOLD = "bold", _("Bold")
    PLAYFUL = "playful", _("Playful")
    LUXURY = "luxury", _("Luxury")


class FactKind(TextChoices):
    PRICE = "price", _("Price")
    HOURS = "hours", _("Opening hours")
    OFFER = "offer", _("Offer")
    PLACE = "place", _("Address")
    OTHER = "other", _("Other")


class AvoidMode(TextChoices):
    """What is done about a word or thing to avoid."""

    BLOCK = "block", _("Stop the post")
    REPLACE = "replace", _("Say it differently")
    NEGATIVE = "negative", _("Keep it out of pictures")
    GUIDE = "guide", _("Do this instead")


FONTS: tuple[str, ...] = (  # what `imaging`'s canvas can set
    "Archivo",
    "Bricolage Grotesque",
    "Cormorant",
    "DM Sans",
    "Figtree",
    "Fraunces",
    "Fredoka",
    "Jost",
    "Playfair Display",
)
DEFAULT_COLOURS = ("#3d3580", "#f3efe8", "#d9772b")  # what the colour wells show before anyone chose

VOICE_WORDS: dict[str, str] = {  # what a writer is told, where the customer has no words of their own
    Voice.PROFESSIONAL: "clear, competent and polite",
    Voice.CASUAL: "relaxed and friendly, like talking across the counter",
    Voice.HUMOROUS: "light and witty, never at anyone's expense",
    Voice.INSPIRING: "warm and encouraging",
    Voice.EDUCATIONAL: "patient and practical, explaining one thing at a time",
}


SAMPLE_WORDS: dict[str, str] = {  # how a card sounds in each voice, before there are words of the brand's own
    Voice.PROFESSIONAL: _("Good work, done properly"),
    Voice.CASUAL: _("Come in, sit down, stay a while"),
    Voice.HUMOROUS: _("Diets start tomorrow anyway"),
    Voice.INSPIRING: _("Make today a good one"),
    Voice.EDUCATIONAL: _("Three things worth knowing"),
    Voice.OWN: _("Good things, made by hand"),
}


@dataclass(frozen=True)
class Preset:
    """A trade's usual beginning. Only what the customer has left open is filled from it."""

    label: str
    voice: str
    audience: str
    pillars: tuple[tuple[str, int], ...]  # topic, share
    colours: tuple[str, str, str]  # primary, secondary, accent
    visual_style: str
    mood: str
    brand_words: tuple[str, ...]
    avoid: tuple[str, ...]  # kept out of pictures


PRESETS: dict[str, Preset] = {
    "restaurant": Preset(
        _("Restaurant or café"),
        Voice.CASUAL,
        _("People nearby who like good food and come back for it"),
        ((_("Today's dishes"), 40), (_("Behind the counter"), 30), (_("Events and offers"), 20), (_("Guests"), 10)),
        ("#7a3b1d", "#f3e3cf", "#c8862b"),
        VisualStyle.CLASSIC,
        _("warm, inviting"),
        (_("fresh"), _("handmade"), _("seasonal")),
        (_("plastic cutlery"), _("half-eaten food")),
    ),
    "law": Preset(
        _("Law firm"),
        Voice.PROFESSIONAL,
        _("People and companies who need clear advice"),
        ((_("Rights explained"), 50), (_("News of the law"), 30), (_("The firm"), 20)),
        ("#1f2f46", "#e9e6df", "#a5854a"),
        VisualStyle.CLASSIC,
        _("calm, trustworthy"),
        (_("clear"), _("reliable"), _("discreet")),
        (_("handcuffs"), _("gavel")),
    ),
    "technology": Preset(
        _("Technology"),
        Voice.EDUCATIONAL,
        _("People who choose and use the product"),
        ((_("How to"), 40), (_("What is new"), 30), (_("Customers"), 20), (_("The team"), 10)),
        ("#2b3ee0", "#eef1ff", "#12b5a6"),
        VisualStyle.MODERN,
        _("bright, precise"),
        (_("simple"), _("fast"), _("secure")),
        (_("robots with faces"), _("floating code")),
    ),
    "healthcare": Preset(
        _("Healthcare"),
        Voice.EDUCATIONAL,
        _("Patients and their families"),
        ((_("Staying well"), 45), (_("How we work"), 30), (_("Times and news"), 25)),
        ("#176b72", "#e4f3f2", "#e58f65"),
        VisualStyle.MINIMALIST,
        _("calm, clean"),
        (_("caring"), _("gentle"), _("careful")),
        (_("blood"), _("needles")),
    ),
    "retail": Preset(
        _("Shop"),
        Voice.CASUAL,
        _("Regulars and people walking by"),
        ((_("New in"), 40), (_("How to use it"), 25), (_("Offers"), 20), (_("The shop"), 15)),
        ("#9b2743", "#fbeaec", "#2f6f5e"),
        VisualStyle.BOLD,
        _("cheerful, bright"),
        (_("new"), _("hand-picked"), _("local")),
        (_("price tags of others"),),
    ),
    "fitness": Preset(
        _("Fitness"),
        Voice.INSPIRING,
        _("People who want to move more, whatever their level"),
        ((_("Exercises"), 40), (_("Members"), 30), (_("Courses and times"), 20), (_("Food"), 10)),
        ("#16324f", "#e6f0ea", "#f26430"),
        VisualStyle.BOLD,
        _("energetic, bright"),
        (_("strong"), _("together"), _("progress")),
        (_("before and after bodies"),),
    ),
    "beauty": Preset(
        _("Hair and beauty"),
        Voice.CASUAL,
        _("People who like to be looked after"),
        ((_("Looks"), 45), (_("Care tips"), 30), (_("Free times and offers"), 25)),
        ("#6d3a5d", "#f7ebf1", "#d99a6c"),
        VisualStyle.LUXURY,
        _("soft, elegant"),
        (_("gentle"), _("personal"), _("natural")),
        (_("scalpels"),),
    ),
    "crafts": Preset(
        _("Trades and crafts"),
        Voice.PROFESSIONAL,
        _("Home owners and builders nearby"),
        ((_("Finished work"), 45), (_("How it is done"), 30), (_("Tips for the home"), 25)),
        ("#33475b", "#efece6", "#d9772b"),
        VisualStyle.MODERN,
        _("honest, solid"),
        (_("solid"), _("on time"), _("by hand")),
        (_("unsafe work"),),
    ),
}
