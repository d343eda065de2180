"""The sentences behind the foundation's reason codes, and the names of roles and rights.

A package's `reasons.py` holds `REASONS`: code → sentence. The frame collects them (`config.refusals`).
"""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from dayclear.foundation.rules import Right, Role

ROLE_NAMES = {
    Role.COMMUNITY_WORKER: _("Community worker"),
    Role.OFFICER: _("Officer"),
    Role.COMMANDER: _("Commander"),
    Role.ADMINISTRATOR: _("Administrator"),
    Role.AUDITOR: _("Auditor"),
    Role.LAB_WORKER: _("Laboratory worker"),
}

RIGHT_NAMES = {
    Right.SEE_BOARD: _("see the board"),
    Right.SEE_PEOPLE: _("see people"),
    Right.SEE_IDENTITY: _("see identity numbers and phones"),
    Right.SEE_CASES: _("see cases"),
    Right.WRITE_CASES: _("change cases"),
    Right.IMPORT: _("import lists"),
    Right.REVIEW_MATCHES: _("decide whether two records are one person"),
    Right.MANAGE_ACCOUNTS: _("manage accounts"),
    Right.SEE_HEALTH: _("see the health of the installation"),
    Right.TEND_INSTALLATION: _("tend the installation"),
    Right.READ_AUDIT: _("read the audit trail"),
    Right.PROPOSE_AREAS: _("propose risk areas"),
    Right.DECIDE_AREAS: _("decide on risk areas and measures"),
    Right.SEE_ORDERS: _("see orders"),
    Right.RECORD_CHECKS: _("record checks and deliveries"),
    Right.PROPOSE_ORDERS: _("propose orders"),
    Right.SIGN_ORDERS: _("sign orders"),
    Right.SEE_FINDINGS: _("see findings of over-reach and slackness"),
    Right.ANSWER_FINDINGS: _("answer findings"),
    Right.CHECK_FINDINGS: _("check findings again and close them"),
    Right.TAKE_COMPLAINTS: _("take complaints down"),
    Right.SEE_LABS: _("see laboratories and their results"),
    Right.MANAGE_LABS: _("manage laboratories, assays and quality alarms"),
    Right.WORK_IN_LAB: _("receive tubes, make up plates and enter results"),
    Right.RELEASE_RESULTS: _("release and correct results"),
    Right.SEE_SAMPLING: _("see rounds, points, devices and boxes"),
    Right.RUN_SAMPLING: _("plan rounds, enrol devices and move boxes"),
    Right.SEE_MEMBERS: _("see whose swabs are in a tube"),
    Right.ISSUE_CODES: _("print residents' codes for testing"),
    Right.TRACE_TUBES: _("go after the people of positive tubes"),
}

REASONS = {
    "right_missing": _(
        "Your role here (%(role)s) does not include the right to %(right)s. Choose another of your places in the top "
        "bar, or ask your administrator for a grant."
    ),
    "token_read_only": _("This token may only read. Writing needs a token made with the right to write."),
    "token_invalid": _("The token is unknown, has ended or was revoked. Make a new one under Accounts."),
    "sign_in_needed": _("Sign in, or send a token: Authorization: Bearer …"),
    "password_to_change": _("Your password has to be changed first. Open any page to do so."),
    "no_grant": _("Your account has no role at present. Ask your administrator for one."),
    "second_factor_owed": _("Your role needs a second factor. Open any page to set it up."),
    "writes_need_token": _("Through the API, a signed-in browser may only read. Writing needs a token."),
    "grant_outside_area": _(
        "You may give grants only inside your own place. Ask the administrator of the place above."
    ),
    "grant_too_long": _("A grant lasts at most one year. Choose an earlier last day."),
    "grant_in_past": _("The last day has already passed. Choose a later one."),
    "grant_exists": _("This person already holds this role for this place, until %(until)s. Revoke that grant first."),
    "own_grant": _("Nobody gives or revokes their own grants. Ask a second administrator."),
    "username_taken": _("There is already an account named %(username)s. Choose another name."),
    "username_bad": _("A user name has 3 to 60 letters, digits, dots, dashes or underscores."),
    "user_unknown": _("There is no account named %(username)s."),
    "user_outside_area": _(
        "This person holds grants outside your own place. Ask the administrator of the place above."
    ),
    "token_too_long": _("A token lasts at most %(days)s days, and never longer than its grant."),
    "token_name_missing": _("Give the token a name that says which program uses it."),
    "changed_meanwhile": _(
        "Somebody changed this while you were looking at it. Nothing of yours was saved: read what is new, then decide."
    ),
    "key_used_otherwise": _("The key of this request was used for another request within the past day. Use a new key."),
    "key_too_long": _("The key of a request has at most %(most)s characters."),
    "not_found": _("It does not exist, or lies outside your places."),
    "standing_ended": _(
        "%(who)s no longer holds the grant under which this was started, or the account was closed. Start it again as "
        "somebody who may."
    ),
    "whole_installation_only": _("Only somebody who acts for the whole installation can do this."),
    "invalid_input": _("%(where)s: %(what)s"),
    "bad_request": _("The request cannot be read: %(what)s"),
    "bad_cursor": _("The link to this part of the list is damaged. Start again from the first rows."),
    "place_unknown": _("There is no place with this number. Search for it by name."),
}

EVENT_NAMES = {
    "foundation.list_exported": _("A list of people taken out as a file"),
    "foundation.deadline_escalated": _("Deadline passed: escalated"),
    "foundation.user_created": _("Account made"),
    "foundation.password_reset": _("One-time password given"),
    "foundation.second_factor_reset": _("Second factor taken off"),
    "foundation.account_closed": _("Account closed"),
    "foundation.account_opened": _("Account opened again"),
    "foundation.grant_given": _("Grant given"),
    "foundation.grant_revoked": _("Grant revoked"),
    "foundation.token_made": _("Token made"),
    "foundation.token_revoked": _("Token revoked"),
    "foundation.job_retried": _("Failed work tried again"),
}
