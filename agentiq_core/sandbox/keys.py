"""The keys that a marketplace issued: whose they are, and which of them were withdrawn."""

from __future__ import annotations


class Keys:
    """An account may have several keys at a time; a withdrawn one is still known as its own."""

    def __init__(self) -> None:
        self._owners: dict[str, str] = {}
        self._revoked: set[str] = set()

    def issue(self, account: str, key: str) -> str:
        """Another key of the account."""
        self._owners[key] = account
        return key

    def owner(self, key: str) -> str | None:
        """The account whose key it is, or was."""
        return self._owners.get(key)

    def revoke(self, account: str) -> None:
        """The account's keys issued so far open nothing any more; one issued later does."""
        self._revoked |= {key for key, owner in self._owners.items() if owner == account}

    def is_revoked(self, key: str) -> bool:
        """Whether the key was withdrawn."""
        return key in self._revoked
