"""People who use Dayclear: accounts, grants, tokens."""

from __future__ import annotations

from django.contrib.auth.models import AbstractUser
from django.db import models
from django.db.models import F, Q

from dayclear.foundation.rules import Role

ROLE_CHOICES = [(role.value, role.value) for role in Role]


class User(AbstractUser):
    """An account. What it may do is in its grants, never in flags."""

    display_name = models.CharField(max_length=80, blank=True)
    language = models.CharField(max_length=8, blank=True)
    must_change_password = models.BooleanField(default=False)
    # Who looks after it while it holds no grant. 0: the whole installation, as for those a provider vouches for.
    made_in = models.BigIntegerField(default=0, help_text="number of the place of whoever made the account")

    class Meta:
        db_table = "foundation_user"


class Grant(models.Model):
    """A role held for a place, until an instant."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="grants")
    role = models.CharField(max_length=24, choices=ROLE_CHOICES)
    place = models.BigIntegerField(help_text="number of the place; 0 is the whole installation")
    granted_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", null=True)
    granted_at = models.DateTimeField()
    expires_at = models.DateTimeField()

    class Meta:
        db_table = "foundation_grant"
        constraints = [
            models.UniqueConstraint(fields=["user", "role", "place"], name="grant_once"),
            models.CheckConstraint(condition=Q(expires_at__gt=F("granted_at")), name="grant_ends_after_start"),
        ]


class ApiToken(models.Model):
    """A secret for programs: acts as one grant, never longer than the grant, and ends by itself."""

    grant = models.ForeignKey(Grant, on_delete=models.CASCADE, related_name="tokens")
    name = models.CharField(max_length=80)
    digest = models.BinaryField(unique=True, max_length=32)
    may_write = models.BooleanField(default=False)
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True)
    last_used_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "foundation_api_token"
        constraints = [
            models.CheckConstraint(condition=Q(expires_at__gt=F("created_at")), name="token_ends_after_start"),
        ]
