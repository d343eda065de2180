"""The board in words and links, ready for its template."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from dayclear.foundation.parts import Figure
from dayclear.policy.words import disease_name
from dayclear.reporting.links import Choice, board_address, cases_behind, chains_behind
from dayclear.reporting.queries import CHAINS_COUNTED, Asked, Board, LargeChain
from dayclear.reporting.rules import GAPS, Tally, change
from dayclear.reporting.tables import PlacesTable, UnitRow, unit_rows
from dayclear.reporting.texts import (
    GAP_NAMES,
    LEVEL_NAMES,
    day_text,
    number,
    percent,
    period_text,
    place_title,
    short_day,
    within_year,
)


class BoardView:
    """What the template shows of a board. `now` is the cut-off instant."""

    def __init__(self, board: Board, asked: Asked, now: datetime, *, sort: str = "", all_parts: bool = False) -> None:
        self.board, self.asked, self.now, self.sort = board, asked, now, sort
        self.places = PlacesTable(board, asked, sort, all_parts=all_parts)
        self.period = period_text(board.period.first, board.period.last)
        self.disease = disease_name(board.disease)
        self.place = place_title(board)

    # -- the head ---------------------------------------------------------------------------------------------

    def sentence(self) -> SafeString:
        """The board in one sentence, each figure a link to its rows."""
        board, tally = self.board, self.board.total
        zero = board.zero.certain if board.zero else 0
        text = ngettext(
            "{cases} case, {period}: {community} found in the community, {order} under an order; {zero} without a "
            "community case; {unknown} with unknown source.",
            "{cases} cases, {period}: {community} found in the community, {order} under an order; {zero} without a "
            "community case; {unknown} with unknown source.",
            tally.cases,
        )
        return format_html(
            text,
            cases=_link(number(tally.cases), cases_behind(board)),
            period=self.period,
            community=_link(number(tally.community), cases_behind(board, under_order="no")),
            order=_link(number(tally.under_order), cases_behind(board, under_order="yes")),
            zero=_link(ngettext("%(n)s day", "%(n)s days", zero) % {"n": number(zero)}, "#zero"),
            unknown=_link(number(tally.source_unknown), cases_behind(board, source="unknown")),
        )

    def notes(self) -> list[Any]:
        """What the sentence does not say and the reader must know."""
        board, notes = self.board, []
        if board.period.by_default and board.known.last and board.period.last < board.today:
            notes.append(
                _("No new case since %(day)s; showing %(period)s.")
                % {"day": day_text(board.known.last), "period": self.period}
            )
        if board.total.without_order_status:
            notes.append(
                format_html(
                    ngettext(
                        "Of {cases} case it is not known whether it was under an order when found.",
                        "Of {cases} cases it is not known whether they were under an order when found.",
                        board.total.without_order_status,
                    ),
                    cases=_link(number(board.total.without_order_status), cases_behind(board, under_order="unknown")),
                )
            )
        if board.undated:
            notes.append(
                format_html(
                    ngettext(
                        "{cases} case has no day at all and is in none of these figures.",
                        "{cases} cases have no day at all and are in none of these figures.",
                        board.undated,
                    ),
                    cases=_link(number(board.undated), cases_behind(board, missing="day")),
                )
            )
        return notes

    def figures(self) -> list[Figure]:
        board, tally = self.board, self.board.total
        last = board.period.last
        last_day, day_before = (board.days.get(day, Tally()) for day in (last, last - timedelta(days=1)))
        since = _("since the %(days)s days before") % {"days": board.period.days}
        moved = change(tally.cases, board.before.cases if board.before else None)
        open_sources = tally.cases - tally.under_order
        return [
            Figure(
                _("New on %(day)s") % {"day": short_day(last)},
                last_day.cases,
                href=cases_behind(board, first=last, last=last),
                change=last_day.cases - day_before.cases,
                since=_("since the day before"),
            ),
            Figure(
                _("Cases in these days"),
                tally.cases,
                href=cases_behind(board),
                change=moved.difference if moved else None,
                since=since,
                note="" if moved else ngettext("%(n)s day", "%(n)s days", board.period.days) % {"n": board.period.days},
            ),
            Figure(
                _("In the community"),
                tally.community,
                of=tally.cases,
                href=cases_behind(board, under_order="no"),
                note=percent(tally.community / tally.cases) if tally.cases else "",
            ),
            self._zero_figure(),
            Figure(
                _("Source unknown"),
                tally.source_unknown,
                of=open_sources,
                href=cases_behind(board, source="unknown"),
                note=_("not under an order when found"),
            ),
            Figure(_("Deaths"), tally.died, of=tally.cases, href=cases_behind(board, outcome="died")),
        ]

    def _zero_figure(self) -> Figure:
        zero = self.board.zero
        if zero is None:
            return Figure(_("Days without a community case"), None, href="#zero")
        note = _("to %(day)s") % {"day": short_day(zero.as_of)}
        if zero.possible != zero.certain:
            note = _("at most %(days)s, if all unknown were under an order") % {"days": zero.possible}
        return Figure(_("Days without a community case"), zero.certain, href="#zero", note=note)

    def zero_explained(self) -> str:
        """How the days without a community case were counted."""
        zero = self.board.zero
        if zero is None:
            return _("No case has a day, so no day can be called free of them.")
        text = _(
            "Whole days in a row, up to %(day)s, on which no case was found in the community; whoever was found by "
            "screening inside a risk area but under no order counts as community."
        ) % {"day": day_text(zero.as_of)}
        if zero.open_day:
            text += " " + _("Today is not over: it can end the row, and counts for it only from midnight.")
        if zero.possible != zero.certain:
            text += " " + _(
                "Certain are %(certain)s days: before that lie cases of which nobody wrote whether they were under an "
                "order. If all of them were, it is %(possible)s."
            ) % {"certain": zero.certain, "possible": zero.possible}
        return text

    # -- switches ---------------------------------------------------------------------------------------------

    def diseases(self) -> list[Choice]:
        return [
            Choice(
                disease_name(known.code),
                board_address(Asked(place=self.asked.place, disease=known.code)),
                known.code == self.board.disease,
            )
            for known in self.board.diseases
        ]

    def path(self) -> list[Choice]:
        """From the reader's own place down to the one shown."""
        steps = [above for above in self.board.path if above.name or above.number == 0]
        own = self.board.path[0].number
        return [
            Choice(
                above.name or _("Whole installation"),
                self._address(place=None if above.number == own else above.number, level=None),
                above.number == self.board.place,
            )
            for above in steps
        ]

    def levels(self) -> list[Choice]:
        return [
            Choice(LEVEL_NAMES[level], self._address(level=level, sort=self.sort), level == self.board.level)
            for level in self.board.levels
        ]

    def whole_period(self) -> str:
        """The address of all days there are."""
        known = self.board.known
        return self._address(first=known.first, last=known.last)

    def _address(self, *, sort: str = "", **changed: Any) -> str:
        return board_address(replace(self.asked, **changed), sort=sort)

    # -- panels -----------------------------------------------------------------------------------------------

    def chart_address(self, name: str, kind: str) -> str:
        return board_address(self.asked, view="reporting:chart", kwargs={"name": name, "kind": kind})

    def downloads(self) -> dict[str, list[Choice]]:
        return {
            name: [Choice(kind.upper(), self.chart_address(name, kind)) for kind in ("png", "svg", "csv")]
            for name in ("daily", "places")
        }

    def daily_address(self) -> str:
        return self.chart_address("daily", "json")

    def daily_text(self) -> str:
        """What the daily chart shows, for who does not see it."""
        peak = max(
            (day for day in self.board.days if day in self.board.period),
            key=lambda day: (self.board.days[day].cases, day.toordinal()),
            default=None,
        )
        if peak is None:
            return _("No case in these days.")
        return _("Most cases on %(day)s: %(cases)s, %(community)s of them in the community.") % {
            "day": day_text(peak),
            "cases": number(self.board.days[peak].cases),
            "community": number(self.board.days[peak].community),
        }

    def gap_columns(self) -> list[Any]:
        return [GAP_NAMES[fact] for fact in GAPS]

    def unit_rows(self) -> list[UnitRow]:
        return unit_rows(self.board)

    def chain_rows(self) -> list[tuple[str, LargeChain]]:
        """The largest chains. Shape: (its days, the chain)."""
        year = self.board.period.last.year
        return [(within_year(chain.first, chain.last, year), chain) for chain in self.board.chains]

    def chains_address(self) -> str:
        return chains_behind(self.board)

    def chain_count(self) -> str:
        count = self.board.chain_count
        return f"{number(CHAINS_COUNTED)}+" if count > CHAINS_COUNTED else number(count)


def _link(text: str, href: str) -> SafeString:
    return format_html('<a href="{}">{}</a>', href, text)
