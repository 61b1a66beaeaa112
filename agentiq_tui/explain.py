"""Every error of the core as one clear line: what happened, and what to do about it."""

from __future__ import annotations

import math
from collections.abc import Mapping
from string import Formatter

from agentiq_core.domain.errors import AgentIQError
from agentiq_core.domain.text import inert_line
from agentiq_tui.locale import _, mark
from agentiq_tui.wording import KEY_PROBLEMS, MODEL_FAILURES, said

SENTENCES: Mapping[str, tuple[str, ...]] = {
    "error": (mark("Something unforeseen happened ({detail}); please report it"),),
    "misconfigured": (
        mark("The settings cannot be used: {fields}"),
        mark("A rule's expression may have at most {longest} characters"),
        mark("A rule's expression may repeat without limit at most {most} times"),
        mark("A rule's expression is not valid: {why}"),
        mark("“{phrase}” is not a phrase; docs/guardrails.md shows how one is written"),
        mark("There is no family {family}; there are {known}"),
        mark("There is no grammeme “{grammeme}”; docs/guardrails.md names the useful ones"),
        mark("There is no time zone {zone}"),
        mark("These are no working hours: {hours}; write “mon-fri 09:00-13:00,14:00-18:00; sat 10:00-16:00”"),
        mark("The hours name {twice} twice"),
        mark("This is not a date: {day}; write 2026-12-31"),
        mark("{keyless} needs a key: agentiq model key --seller ID --stdin"),
        mark("The key of {odd_key_of} has characters that no key has"),
        mark("{folder_of} needs the id of a folder: --folder"),
        mark("There is no provider of models called {provider}: choose one of {providers}"),
        mark("{ca_file} holds no root certificate that can be read"),
        mark("No holidays are known of {country}: give a code of two letters, as RU"),
    ),
    "not_found": (
        mark("There is no note {note}"),
        mark("There is no view {view} that you may change"),
        mark("There is no conversation {chat}; agentiq chats list shows their numbers"),
        mark("There is no seller {seller}; agentiq seller list shows their numbers"),
        mark("There is no reply {reply}"),
        mark("There is no template or knowledge {snippet}; agentiq templates list shows their numbers"),
        mark("No reply to conversation {undecided_in} waits for a decision"),
        mark("There is no item {item} in quarantine; agentiq quarantine list shows their numbers"),
        mark("There is no marketplace {marketplace}"),
        mark("There is no suggestion {suggestion} in this conversation"),
        mark(
            "There is no message {message_id} in this conversation; agentiq chats show --json has their ids"
        ),
    ),
    "no_file": (
        mark("This message has no file {number}: it has {count}"),
        mark("The marketplace does not hand this file out"),
    ),
    "file_too_large": (mark("{name} has {size} MB, at most {limit} MB can be sent; nothing was sent"),),
    "file_not_taken": (
        mark("{name} is not a kind of file the marketplace takes ({kinds}); nothing was sent"),
    ),
    "duplicate_account": (
        mark(
            "This marketplace account is already connected as “{name}” (agentiq seller rotate replaces its key)"
        ),
        mark("This marketplace account is already connected by a colleague"),
    ),
    "forbidden": (
        mark("Your role does not allow this: an owner or admin of the team can (agentiq operator role)"),
    ),
    "wrong_password": (mark("Wrong e-mail or password"),),
    "sign_in_delayed": (
        mark("Too many wrong passwords for this e-mail: wait {seconds} seconds before the next try"),
    ),
    "sign_in_needed": (mark("Nobody has signed in on this machine: agentiq login"),),
    "signed_out": (
        mark("The sign-in has ended: it expired, was ended elsewhere, or you were disabled: agentiq login"),
    ),
    "rejected": (
        mark("This is not an e-mail address: {email}"),
        mark("A password needs at least {least} characters"),
        mark("This key belongs to another account than “{name}”; the old key stays"),
        mark("A conversation is put off for at most {days} days, and not into the past"),
        mark("A calendar has at most {most} own days"),
        mark("There is no such colour: {colour}"),
        mark("A note has between 1 and {longest_note} characters"),
        mark("A claim lasts between 1 and {longest_claim} minutes"),
        mark("A view's name has between 1 and {longest_name} characters"),
        mark("At most {most_at_once} conversations at once"),
        mark("The rule {rule} says something else than before: give it a version above {version}"),
        mark("This name is taken: {name}"),
        mark("There is no such word here; choose one of {known}"),
        mark("A tone of voice has at most {longest_tone} characters"),
        mark("A wish has at most {longest_wish} characters"),
        mark("Words about a suggestion have at most {longest_reason} characters"),
        mark("Figures are told for 1 to {most_days} days"),
        mark("Only people answer this: {only_people}"),
        mark("A day's limit is 0 to {largest_cap}, a confidence 0 to 1"),
        mark("1 to {most_per_chat} replies may leave by themselves in a conversation and day"),
        mark("A model is asked 1 to {at_once} questions at once"),
        mark("This invitation names a file of this machine ({chosen}), so it was not followed"),
    ),
    "unheard": (mark("No answer: {why}"),),
    "no_model": (
        mark("This seller has no language model: agentiq model set --seller ID --profile deepseek"),
    ),
    "text_too_long": (
        mark("The reply has {length} characters, the marketplace takes {limit}; nothing was sent"),
    ),
    "no_reply_there": (mark("This is decided in the marketplace's cabinet: no reply can be sent from here"),),
    "window_closed": (mark("The marketplace takes no reply here any more; nothing was sent"),),
    "channel_closed": (
        mark(
            "The account has no right to this channel ({detail}): a subscription or a right of the key is missing"
        ),
        mark("The account has no right to this channel: a subscription or a right of the key is missing"),
    ),
    "several_accounts": (mark("The key opens several accounts, choose one with --account: {choices}"),),
    "empty_reply": (mark("There is nothing to send"),),
    "guardrail_blocked": (
        mark("The reply breaks a rule; nothing was sent (--override sends it on your word):"),
    ),
    "duplicate_reply": (
        mark("The same text went to this buyer minutes ago; nothing was sent (--repeat sends it)"),
    ),
    "bad_filter": (mark("This word means nothing in a filter: {word}"),),
    "no_working_hours": (mark("The calendar has no working hours: nothing would ever be due by it"),),
    "stale_conversation": (
        mark("A new message came since you looked; nothing was sent (--anyway sends it)"),
    ),
    "store_unavailable": (
        mark(
            "No connection to the database ({cause}): check the server, the network and AGENTIQ_DATABASE_URL; what was"
            " queued is kept"
        ),
    ),
    "took_too_long": (
        mark(
            "This took longer than {minutes} minutes and was given up: ask for less, fewer days or a narrower filter"
        ),
    ),
    "insecure": (
        mark(
            "The database's server did not prove who it is, so nothing was sent to it ({reason}): check the address, or name"
            " its certificate with sslrootcert"
        ),
    ),
    "schema_too_new": (mark("The database belongs to a newer AgentIQ (schema {found}): update this one"),),
    "schema_too_old": (
        mark("The database needs an upgrade that its owner makes: agentiq init with the owner's address"),
    ),
    "unreachable": (
        mark("The marketplace cannot be reached at {host}: check the address and the network"),
        mark("The marketplace cannot be reached: check the address and the network"),
    ),
    "insecure_connection": (
        mark("No secure connection to {host}: its certificate is not trusted here; nothing was sent to it"),
        mark("No secure connection to the marketplace: its certificate is not trusted here"),
    ),
    "rate_limited": (
        mark("The marketplace asks to wait {wait} s: too many requests"),
        mark("The marketplace asks to wait: too many requests"),
    ),
    "no_answer": (mark("The marketplace did not answer; try again later"),),
    "server_failed": (
        mark("The marketplace's server failed (status {status}); try again later"),
        mark("The marketplace's server failed; try again later"),
    ),
    "unintelligible": (
        mark("The marketplace answered with something that is not its format; try again later"),
    ),
    "refused": (mark("The marketplace refused: {detail}"), mark("The marketplace refused")),
    "key_refused": (
        mark("The marketplace refused the key ({detail}): make a new one in its cabinet"),
        mark("The marketplace refused the key: make a new one in its cabinet"),
    ),
    "vault_locked": (
        mark("{path} cannot be used: it must be yours alone, and writable"),
        mark(
            "The team key is missing here or does not open the stored key: agentiq team-key set, or AGENTIQ_TEAM_KEY"
        ),
    ),
}
"""By code; the first sentence whose placeholders the error fills."""
LOCKED: Mapping[str, str] = {
    "passphrase": mark(
        "This machine has no keyring, and its secrets need a passphrase: set AGENTIQ_VAULT_PASSPHRASE, or run this in a"
        " terminal"
    ),
    "wrong passphrase": mark(
        "The passphrase does not open this machine's secrets: check AGENTIQ_VAULT_PASSPHRASE, or what you typed"
    ),
    "another key": mark(
        "This key does not open what your team has stored: it is a former one, or another team's. Nothing was changed"
    ),
    "no team key": mark(
        "This machine has no team key: agentiq team-key set, with the key that agentiq team-key show prints on another one"
    ),
    "keyring": mark("The system's keyring does not answer: unlock it and try again"),
    "damaged": mark("{path} is damaged: move it away to begin anew"),
    "newer": mark("{path} was written by a newer AgentIQ: update this one"),
}
"""Why this machine's secrets stay closed, by the error's reason."""
PLAIN = (
    mark("a seller needs a name"),
    mark("the marketplace's address is not a URL"),
    mark("the marketplace's address must begin with http:// or https:// and name a host"),
    mark("the key does not say whose account it is"),
    mark("the team key is not a valid key: 44 characters, as `agentiq init` made it"),
    mark("only the owner of the database may do this: use the owner's address"),
    mark(
        "this database user may not create users: let the server's administrator create one in the role agentiq_app"
    ),
    mark(
        "this machine uses the address of the database's owner; invitations need the team's: agentiq init made it"
    ),
    mark("this machine has lost the address of its team: take a new invitation"),
    mark("only an owner rotates the team key"),
    mark("the old password is wrong"),
    mark("this e-mail is taken"),
    mark("the last owner stays"),
    mark("this operator is disabled"),
    mark("a machine works as an operator or a viewer"),
    mark("no such operator"),
    mark("no such seller"),
    mark("this password is one that is guessed first"),
    mark("this is no whole invitation: copy all of it, from agentiq- to its end"),
    mark("this invitation is of a newer AgentIQ: update this one"),
    mark("this invitation leads to no Postgres"),
    mark("a password holds only characters that are text"),
    mark("nobody disables themselves"),
    mark("weak password hash"),
    mark("only a reply that was refused or has not left can be taken back"),
    mark("this reply was settled meanwhile"),
    mark("nobody waits for an answer there"),
    mark("a note is its writer's"),
    mark("a conversation has at most twenty tags"),
    mark("this person may not be given conversations of this seller"),
    mark("this person does not work for this seller"),
    mark("a tag is one word of at most forty characters"),
    mark("stars go from 1 to 5"),
    mark("this filter was kept by another version"),
    mark("a colleague works on this"),
    mark("the marketplace would take no reply any more by then"),
    mark("one rule must match everything: without it a message would have no deadline"),
    mark("two rules cannot have one position"),
    mark("a calendar's week has seven days"),
    mark("working hours begin within their day and last at most 24 hours"),
    mark("a rule's expression may not refer back to its own groups"),
    mark("a rule's expression may not repeat what is itself repeated"),
    mark("a budget and prices are sums of money from 0"),
    mark("a price for what is read needs one for what is written"),
    mark("a budget of money needs prices: say what a million tokens cost, or set no budget"),
    mark("name a model"),
    mark("the model's address is not a URL"),
    mark("the model's address must begin with http:// or https:// and name a host"),
    mark("the model's address must hold no key, question mark or #: the key has its own field"),
    mark("the model's address must begin with https:// unless it is in your own network"),
    mark("this machine keeps no secrets: set AGENTIQ_MODEL_KEY"),
    mark("this machine keeps no secrets: set AGENTIQ_TEAM_KEY"),
    mark("a name has 1 to 80 characters"),
    mark("a text has 1 to 5000 characters"),
    mark("no reply leaves by itself here"),
    mark("a rule's expression may repeat only a character or a class without limit"),
)
"""Lines of the core that carry no values and need only be translated."""


def explain(error: AgentIQError) -> str:
    """One line in the language of the screen; an error without a sentence of its own says its own text."""
    text = inert_line(str(error))
    if text in PLAIN:
        return _(text)
    params = dict(error.params)
    if error.code == "store_unavailable" and "reason" not in params:
        # "the database cannot be reached: <what the driver says>"; the embedded server's own lines are whole
        params["cause"] = text.partition(": ")[2] or text
    delay = params.get("retry_after")
    if isinstance(delay, float | int):
        params["wait"] = str(math.ceil(delay))
    return _sentence(error.code, params) or text


def explain_trouble(code: str, detail: str) -> str:
    """The same for the trouble that a seller's line is in, from what was stored of it."""
    return _sentence(code, {"detail": detail}) or inert_line(detail or code)


def _sentence(code: str, params: Mapping[str, object]) -> str:
    shown = {name: inert_line(str(value)) for name, value in params.items() if value not in (None, "")}
    locked = LOCKED.get(shown.get("reason", "")) if code == "vault_locked" else None
    if locked is not None:
        return _(locked).format(**shown)
    if code == "unheard":
        shown["why"] = said(MODEL_FAILURES, shown.get("failure", "unreachable"))
    if code == "no_model" and shown.get("reason") == "over budget":
        return _("The day's money for the model is spent: agentiq model set --budget")
    if code == "no_model" and shown.get("reason") == "no key":
        return _("This machine has no key for this seller's model: agentiq model key --seller ID --stdin")
    if code == "key_refused" and shown.get("detail") in KEY_PROBLEMS:
        return _("The key cannot be used: {why}").format(why=_(KEY_PROBLEMS[shown["detail"]]))
    for sentence in SENTENCES.get(code, ()):
        if {name for _text, name, _spec, _how in Formatter().parse(sentence) if name} <= shown.keys():
            return _(sentence).format(**shown)
    return ""
