"""What is said of one condition on one deal, and how a demand is put. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from gatekeeper.language.explain.wording import sentence


@dataclass(frozen=True, slots=True)
class Words:
    """The words of one condition on one deal.

    Attributes:
        saying: What is: `Amount is 42,000.00`.
        demand: What must be: `it must be at least 50,000.00`.
        lasting: The whole without anything that time alone changes; None where
            saying and demand hold nothing of the kind.
        observed: The value alone.
        expected: What it must be, alone.
        details: Further lines.
    """

    saying: str
    demand: str = ""
    lasting: str | None = None
    observed: str = ""
    expected: str = ""
    details: tuple[str, ...] = ()

    @property
    def text(self) -> str:
        """One sentence."""
        return sentence((self.saying, self.demand))

    @property
    def lasting_text(self) -> str:
        """One sentence that stays true as long as the deal stays as it is."""
        return self.text if self.lasting is None else sentence((self.lasting,))


def must(phrase: str, *, negated: bool) -> str:
    """Demand something, or its opposite."""
    return f"it must not {phrase}" if negated else f"it must {phrase}"


def asked(phrase: str, *, negated: bool) -> str:
    """Say alone what a value must be."""
    plain = phrase.removeprefix("be ")
    return f"not {plain}" if negated else plain
