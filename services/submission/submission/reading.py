"""Reading a form: every field by its rule, and all that is wrong with them said at once."""

from collections.abc import Callable, Mapping

from shared.refusal import Refusal
from submission.texts import read_reason


class FormRefused(Exception):
    """Fields of a form were refused; `errors` says by which refusal, in the form's order."""

    def __init__(self, errors: Mapping[str, Refusal]) -> None:
        super().__init__(", ".join(errors))
        self.errors = errors

    @property
    def first(self) -> Refusal:
        """What a program is told."""
        return next(iter(self.errors.values()))


class Reader:
    """The fields of one form. `done` at its end raises what was refused meanwhile."""

    def __init__(self, data: Mapping[str, str]) -> None:
        self._data = data
        self._errors: dict[str, Refusal] = {}

    def read[T](self, name: str, rule: Callable[[str], T], instead: T) -> T:
        """A field as its rule reads it; `instead` where it is refused, for the rest to go on."""
        try:
            return rule(self._data.get(name, ""))
        except Refusal as refused:
            self._errors[name] = refused
            return instead

    def check(self, name: str, rule: Callable[[], object]) -> None:
        """Check what several fields make together; it is said at the field of this name."""
        if name not in self._errors:
            self.read(name, lambda _: rule(), None)

    def refuse(self, name: str, refused: Refusal) -> None:
        """What was refused elsewhere is said at the field of this name, unless something is."""
        self._errors.setdefault(name, refused)

    def ticked(self, prefix: str) -> tuple[str, ...]:
        """The boxes that were ticked, named `prefix-name`, in the form's order."""
        start = f"{prefix}-"
        return tuple(
            n.removeprefix(start) for n, v in self._data.items() if n.startswith(start) and v
        )

    def done(self) -> None:
        """Raises `FormRefused`."""
        if self._errors:
            raise FormRefused(self._errors)


def reason_of(data: Mapping[str, str]) -> str:
    """Why, where a form asks for nothing else. Raises `FormRefused`."""
    reader = Reader(data)
    reason = reader.read("reason", read_reason, "")
    reader.done()
    return reason
