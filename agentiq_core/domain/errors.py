"""One tree of errors. Each says what happened, what was kept and what to do.

AgentIQError
├── Misconfigured            settings or a file cannot be used
├── NotFound                 no such seller, chat, message or reply
│   └── NoFile               a message has no such file, or the marketplace does not hand it out
├── Rejected                 a request that may not be carried out as it stands
│   ├── EmptyReply           nothing to send
│   ├── NoReplyThere         a conversation that cannot be answered from here
│   ├── WindowClosed         the marketplace takes no reply to it any more
│   ├── TextTooLong          longer than the marketplace takes
│   ├── FileTooLarge         a file larger than the marketplace takes
│   ├── FileNotTaken         a kind of file that the marketplace does not take
│   ├── GuardrailBlocked     the text breaks a guardrail
│   ├── DuplicateReply       the same text went to this chat minutes ago
│   ├── StaleConversation    the conversation moved on since the operator looked
│   ├── NoWorkingHours       a calendar by which nothing is ever due
│   ├── NoModel              the seller has no language model, or this machine no key for it
│   ├── BadFilter            a word of a filter that means nothing
│   ├── DuplicateAccount     this marketplace account is already connected
│   ├── Forbidden            the operator's role does not allow it
│   ├── WrongPassword        e-mail and password do not belong together, or an invitation is spent
│   └── SignInDelayed        too many wrong passwords: wait
├── SignInNeeded             nobody has signed in on this machine
│   └── SignedOut            the sign-in ended: expired, signed out, or the operator was disabled
├── StoreUnavailable         no database
│   ├── Insecure             the server did not prove who it is
│   ├── SchemaTooNew         the database belongs to a newer program
│   └── SchemaTooOld         the database needs its owner to upgrade it
├── TookTooLong              a question over years of messages was given up
├── Unheard                  a language model that was asked gave no answer
├── VaultLocked              the team key is missing or does not open a secret
└── MarketplaceError         a marketplace's answer, see `connectors.errors`

`code` names the message in the catalogue of a front end; `params` fill it. `str(error)` is a plain English line
for logs. Neither ever holds a secret or a buyer's phone.
"""

from __future__ import annotations

from typing import ClassVar


class AgentIQError(Exception):
    """The root: something AgentIQ can explain in one line."""

    code: ClassVar[str] = "error"

    def __init__(self, message: str, **params: object) -> None:
        super().__init__(message)
        self.params = params


class Misconfigured(AgentIQError):
    """Settings, an address or a file on this machine cannot be used."""

    code = "misconfigured"


class NotFound(AgentIQError):
    """The seller, chat or reply that was named does not exist for this operator."""

    code = "not_found"


class NoFile(NotFound):
    """A message has no file of that number, or the marketplace named none that could be fetched."""

    code = "no_file"


class Rejected(AgentIQError):
    """The request was understood and refused; nothing was changed."""

    code = "rejected"


class GuardrailBlocked(Rejected):
    """The text breaks a guardrail; `violations` says where. An explicit second word overrides it."""

    code = "guardrail_blocked"


class EmptyReply(Rejected):
    """There is nothing to send."""

    code = "empty_reply"


class NoReplyThere(Rejected):
    """The channel takes no such thing from here: a claim is decided in the marketplace's cabinet."""

    code = "no_reply_there"


class WindowClosed(Rejected):
    """The marketplace's time for a reply is over, or it closed the conversation (Ozon: 48 hours after the buyer's last
    message)."""

    code = "window_closed"


class TextTooLong(Rejected):
    """The text is longer than the marketplace takes; `length` and `limit` are characters."""

    code = "text_too_long"


class FileTooLarge(Rejected):
    """A file is larger than what can be sent; `size` and `limit` are megabytes."""

    code = "file_too_large"


class FileNotTaken(Rejected):
    """The marketplace takes no files of this kind; `kinds` are those it takes."""

    code = "file_not_taken"


class DuplicateReply(Rejected):
    """The same normalised text went to this chat within ten minutes (docs/delivery.md, rule 8)."""

    code = "duplicate_reply"


class StaleConversation(Rejected):
    """The buyer or a colleague wrote after the operator looked (docs/delivery.md, rule 9); `news` is the newest of it."""

    code = "stale_conversation"


class NoWorkingHours(Rejected):
    """A calendar has no working hours, so that no deadline can be counted by it."""

    code = "no_working_hours"


class NoModel(Rejected):
    """The seller has no language model that is turned on, or this machine has no key for it (`reason`)."""

    code = "no_model"


class BadFilter(Rejected):
    """A filter has a word that means nothing; `word` names it."""

    code = "bad_filter"


class DuplicateAccount(Rejected):
    """Another seller is connected with the same marketplace account."""

    code = "duplicate_account"


class Forbidden(Rejected):
    """The operator's role does not allow this (docs/security.md)."""

    code = "forbidden"


class WrongPassword(Rejected):
    """E-mail and password do not belong together, or an invitation is spent or too old."""

    code = "wrong_password"


class SignInDelayed(Rejected):
    """Too many wrong passwords for this e-mail; `seconds` must pass before the next try."""

    code = "sign_in_delayed"


class SignInNeeded(AgentIQError):
    """Nobody has signed in on this machine; nothing can be seen until somebody does."""

    code = "sign_in_needed"


class SignedOut(SignInNeeded):
    """The sign-in ended: it expired, was ended elsewhere, or the operator was disabled. What was typed is kept."""

    code = "signed_out"


class StoreUnavailable(AgentIQError):
    """The database cannot be reached or started; nothing that was queued is lost."""

    code = "store_unavailable"


class TookTooLong(AgentIQError):
    """A question that may take minutes was given up after so many `minutes`; the database is there."""

    code = "took_too_long"


class Insecure(StoreUnavailable):
    """The database's server did not prove who it is (TLS); nothing was said to it, no password either."""

    code = "insecure"


class SchemaTooNew(StoreUnavailable):
    """The database was upgraded by a newer AgentIQ; this one must not touch it."""

    code = "schema_too_new"


class SchemaTooOld(StoreUnavailable):
    """The schema is behind and this database user may not upgrade it."""

    code = "schema_too_old"


class Unheard(AgentIQError):
    """A language model gave no answer; `failure` is a word of `ai.model.Failure`."""

    code = "unheard"


class VaultLocked(AgentIQError):
    """The team key is missing here, or it does not open a stored secret."""

    code = "vault_locked"


class MarketplaceError(AgentIQError):
    """A marketplace refused, failed or could not be reached."""

    code = "marketplace_error"
