"""Roles and their rights."""

from __future__ import annotations

import pytest

from dayclear.foundation.rules import Right, Role, may, owes_second_factor


@pytest.mark.parametrize(
    ("role", "right", "answer"),
    [
        pytest.param(Role.COMMUNITY_WORKER, Right.SEE_PEOPLE, True, id="a village worker sees people"),
        pytest.param(Role.COMMUNITY_WORKER, Right.SEE_CASES, False, id="a village worker sees no diagnosis"),
        pytest.param(Role.COMMUNITY_WORKER, Right.SEE_IDENTITY, False, id="a village worker sees no identity number"),
        pytest.param(Role.OFFICER, Right.IMPORT, True, id="an officer imports"),
        pytest.param(Role.OFFICER, Right.MANAGE_ACCOUNTS, False, id="an officer manages no accounts"),
        pytest.param(Role.AUDITOR, Right.SEE_PEOPLE, False, id="an auditor sees nobody"),
        pytest.param(Role.AUDITOR, Right.READ_AUDIT, True, id="an auditor reads the trail"),
    ],
)
def test_a_role_holds_its_rights_and_no_more(role: Role, right: Right, answer: bool) -> None:
    assert may(role, right) is answer


@pytest.mark.parametrize(
    ("role", "level", "owed"),
    [
        pytest.param(Role.OFFICER, 3, True, id="a county officer"),
        pytest.param(Role.OFFICER, 5, False, id="an officer of a single village"),
        pytest.param(Role.COMMUNITY_WORKER, 5, False, id="a village worker"),
        pytest.param(Role.ADMINISTRATOR, 0, True, id="the administrator"),
        pytest.param(Role.AUDITOR, 1, False, id="an auditor, who sees nobody"),
    ],
)
def test_a_second_factor_is_owed_where_persons_outside_a_village_are_in_reach(
    role: Role, level: int, owed: bool
) -> None:
    assert owes_second_factor(role, level) is owed
