"""Messages in the reader's language, and the base class of errors shown to people.

To add a message: 1. Choose a key that begins with the room, `quality.range`. 2. Add it to
`locale/id/<room>.po`, next to similar keys: msgctxt is the key, msgid the English, msgstr the Indonesian, both
with the same `{placeholders}`. 3. Write `Message("quality.range", expected=...)` where the language is not
known yet, or `say("quality.range", ...)` with `say = speak_in(lang)` where it is. 4. Raise errors as
`SomeError(Message(key, ...))`, a class that derives from `UserError`. 5. Write keys in full, never assembled
from parts: tests search the code for them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from . import translations
from .vocabulary import LANGUAGES, SOURCE_LANGUAGE

DATA_REFUSED, USAGE, ENVIRONMENT = 1, 2, 3
"""Exit codes besides 0."""


class Text(Mapping[str, str]):
    """A text in every language: `text["id"]`, or `text.in_language("id")`. It can be sent between processes."""

    def in_language(self, lang: str) -> str:
        """The text in one language."""
        raise NotImplementedError

    def __getitem__(self, lang: str) -> str:
        if lang not in LANGUAGES:
            raise KeyError(lang)
        return self.in_language(lang)

    def __iter__(self) -> Iterator[str]:
        return iter(LANGUAGES)

    def __len__(self) -> int:
        return len(LANGUAGES)

    def __str__(self) -> str:
        return self.in_language(SOURCE_LANGUAGE)


class Message(Text):
    """A message of the catalogue with its values; a value may itself be a Text."""

    def __init__(self, key: str, /, **values: Any) -> None:
        self.key = key
        self.values_given = values

    def in_language(self, lang: str) -> str:
        return fill(lang, self.key, self.values_given)

    def __repr__(self) -> str:
        return f"Message({self.key!r}, {self.values_given!r})"


class Given(Text):
    """Words from the data or a declaration in some languages; English, or else any of them, fills the gaps."""

    def __init__(self, words: Mapping[str, str]) -> None:
        self.words = dict(words)

    def in_language(self, lang: str) -> str:
        return given(self.words, lang)


class Joined(Text):
    """Several texts joined in order, without the empty ones."""

    def __init__(self, *parts: Mapping[str, str] | str, separator: str = " ") -> None:
        self.parts, self.separator = parts, separator

    def in_language(self, lang: str) -> str:
        return self.separator.join(filter(None, (given(part, lang) for part in self.parts)))


def given(words: Mapping[str, str] | str, lang: str) -> str:
    """Return the words in `lang` if present, else in English."""
    if isinstance(words, str):
        return words
    if isinstance(words, Text) and lang in LANGUAGES:
        return words.in_language(lang)  # `in` would say the text a first time, and every text inside it
    if lang in words:
        return words[lang]
    return words.get(SOURCE_LANGUAGE, next(iter(words.values()), ""))


def fill(lang: str, key: str, values: Mapping[str, Any]) -> str:
    """Return a message of the catalogue in `lang` with its values filled in."""
    text = translations.translations(lang).text(key, values.get("n"))
    return text.format(**{k: given(v, lang) if isinstance(v, Mapping) else v for k, v in values.items()})


def speak_in(lang: str) -> Callable[..., str]:
    """Return a function for the messages of one language: `say =
    speak_in("en")`, then `say("cli.done", release=...)`."""

    def say(key: str, /, **values: Any) -> str:
        return fill(lang, key, values)

    return say


class UserError(Exception):
    """An error shown to the user: what happened and what to do, in every language, with an exit code.

    Args:
        message: what happened and, where it fits into one sentence, what to do.
        exit_code: 1 data refused, 2 usage, 3 environment; default: that of the class.
        hint: what to do, as a separate sentence.
    """

    exit_code = DATA_REFUSED

    def __init__(
        self,
        message: Mapping[str, str] | str,
        exit_code: int | None = None,
        hint: Mapping[str, str] | str = "",
    ) -> None:
        super().__init__(
            message, exit_code, hint
        )  # all arguments: an error must survive pickling between processes
        self.message: Text = message if isinstance(message, Text) else Joined(message)
        self.hint = hint
        if exit_code is not None:
            self.exit_code = exit_code

    def said(self, lang: str) -> str:
        """Return the whole error in one language."""
        return Joined(self.message, self.hint)[lang]

    def __str__(self) -> str:
        return self.said(SOURCE_LANGUAGE)
