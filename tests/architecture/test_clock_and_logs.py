"""One clock, civil dates apart from instants, and nothing about people in what operations read."""

import ast
import re
from urllib.parse import urlsplit

from tests.architecture.sources import PRODUCT, calls, imports, python_files, texts, where

READINGS = re.compile(r"(^|\.)((date(time)?\.(today|now|utcnow))|time\.(time|time_ns|localtime|gmtime))$")
SQL_DATES = re.compile(r"\bcurrent_date\b|\blocaltimestamp\b|\bnow\(\)\s*(::|at time zone)", re.IGNORECASE)
LOG_CALLS = {"debug", "info", "warning", "error", "exception", "critical"}
PERSONAL = re.compile(
    r"(^|_)(name|forename|surname|address|postcode|email|phone|birth|dob|upn|body|reason|text|payload|parameters)($|_)", re.IGNORECASE
)


def test_only_the_clock_reads_the_clock():
    readings = [
        where(path, call)
        for path in python_files(*PRODUCT)
        if path.parts[-2:] != ("shared", "clock.py")
        for name, call in calls(path)
        if READINGS.search(name)
    ]

    assert not readings, "take the day as an argument, or ask shared/clock.py"


def test_no_module_imports_a_clock_under_another_name():
    hidden = [
        where(path, node) for path in python_files(*PRODUCT) for name, node in imports(path) if name in {"time.time", "time.localtime"}
    ]

    assert not hidden, "ask shared/clock.py"


def test_the_database_is_never_asked_for_the_civil_date():
    asked = [where(path, node) for path in python_files(*PRODUCT) for text, node in texts(path) if SQL_DATES.search(text)]

    assert not asked, "the database's date is not that of Europe/London: give the day as a parameter"


def test_logs_name_no_person_and_quote_no_body():
    personal = [
        f"{where(path, call)} {keyword.arg}"
        for path in python_files("shared", "services")
        for name, call in calls(path)
        if name.startswith("log.") and name.removeprefix("log.") in LOG_CALLS
        for keyword in call.keywords
        if keyword.arg and PERSONAL.search(keyword.arg)
    ]

    assert not personal, "logs carry ids, types and counts"


def test_a_log_line_is_a_fixed_text_with_fields_beside_it():
    built = [
        where(path, call)
        for path in python_files("shared", "services")
        for name, call in calls(path)
        if name.startswith("log.") and name.removeprefix("log.") in LOG_CALLS
        if not (call.args and isinstance(call.args[0], ast.Constant | ast.Name))
    ]

    assert not built, "what is put into the sentence cannot be looked for, nor kept out"


def test_no_secret_and_no_foreign_host_is_written_into_the_code():
    allowed = ("legislation.gov.uk", "gov.uk", "127.0.0.1", "localhost")
    foreign = [
        f"{where(path, node)} {text}"
        for path in python_files("shared", "services")
        if "testing" not in path.parts
        for text, node in texts(path)
        if re.match(r"https?://[^\s{]", text) and not (urlsplit(text).hostname or "").endswith(allowed)
    ]

    assert not foreign, "addresses come from the environment"
