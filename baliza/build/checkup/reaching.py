"""Whether PNCP can be reached from here, and whether the clock here is right."""

from __future__ import annotations

from datetime import timedelta

from baliza.build.checkup.finding import Finding, State
from baliza.build.period import today
from baliza.language import marked, number
from baliza.pncp.probe import Outcome, Probe, probe

_MOST_SKEW = timedelta(minutes=2)
_WRONG_DAY = timedelta(hours=1)

_TOLD: dict[Outcome, tuple[State, str, str]] = {
    "answered": ("ok", marked("{url} answered in {seconds} s ({reason})."), ""),
    "no_name": (
        "fail",
        marked("The name of {url} has no address here (DNS): {reason}"),
        marked("Check the network and its DNS: getent hosts {host}; or another address with --pncp-url"),
    ),
    "no_trust": (
        "fail",
        marked("The certificate of {url} is not trusted (TLS): {reason}"),
        marked("If a proxy of your network signs it, name its certificates: export SSL_CERT_FILE=PATH"),
    ),
    "no_connection": (
        "fail",
        marked("No connection to {url}: {reason}"),
        marked("Check the network, its firewall and HTTPS_PROXY: curl -I {url}"),
    ),
    "silent": (
        "warn",
        marked("{url} gave no answer within {seconds} s: it hangs like that on bad days."),
        marked("Try again later; a build goes on where it stopped."),
    ),
    "too_fast": (
        "warn",
        marked("{url} refuses: too many requests from this address ({reason})."),
        marked("Wait some minutes, and set BALIZA_MAX_RPS to 0.5; does another program here ask it too?"),
    ),
    "forbidden": (
        "fail",
        marked("{url} refuses this network ({reason})."),
        marked("Try from another network; PNCP is said to refuse some addresses outside Brazil."),
    ),
    "broken": (
        "warn",
        marked("{url} answers with an error of its own ({reason})."),
        marked("Try again later; a build goes on where it stopped."),
    ),
    "stranger": (
        "fail",
        marked("{url} answers, but not as PNCP does ({reason}): a portal or proxy may stand in between."),
        marked("Open it in a browser: {url}/api/consulta/swagger-ui/index.html; check BALIZA_PNCP_URL"),
    ),
}


def reaching(url: str) -> list[Finding]:
    """One request, and what it says."""
    answer = probe(url, today() - timedelta(days=1))
    return [_reached(url, answer), *([_clock(answer.skew)] if answer.skew is not None else [])]


def _reached(url: str, answer: Probe) -> Finding:
    state, found, remedy = _TOLD[answer.outcome]
    host = url.partition("//")[2].partition(":")[0].partition("/")[0]
    facts = {"url": url, "host": host, "reason": answer.reason, "seconds": number(answer.seconds, 1)}
    if answer.outcome == "answered" and answer.is_simulator:
        found = marked("{url} answered in {seconds} s ({reason}): a simulator, whose data are invented.")
    return Finding("PNCP", state, found, remedy, facts)


def _clock(skew: timedelta) -> Finding:
    facts = {"seconds": number(abs(skew).total_seconds())}
    if abs(skew) <= _MOST_SKEW:
        return Finding("clock", "ok", marked("Within {seconds} s of PNCP's."), facts=facts)
    return Finding(
        "clock",
        "fail" if abs(skew) >= _WRONG_DAY else "warn",
        marked("{seconds} s ahead of PNCP's: which days are over would be told wrongly.")
        if skew > timedelta(0)
        else marked("{seconds} s behind PNCP's: which days are over would be told wrongly."),
        marked("Set it by the network: sudo timedatectl set-ntp true"),
        facts,
    )
