"""Dated, sourced rule packs: which number applied where, on which day, by which text.

Knows no person. Every other package asks `calendar.policy_at` and stores the
version it got with the decision it took.
"""
