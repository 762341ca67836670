"""How an answer is told: the forms it may have, which one is wanted, how it is packed."""

from perps_stats.api.formats.forms import FORMS, Form
from perps_stats.api.formats.reply import META, form_of, reply

__all__ = ["FORMS", "META", "Form", "form_of", "reply"]
